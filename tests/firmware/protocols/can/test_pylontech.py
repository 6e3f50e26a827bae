"""Pylontech LV V1.2 against frames of captures and of its document (docs/protocols.md, CAN)."""

from firmware import fault_ids as f
from tests.fakes.can import Bench


def pack():
    """The pack of a captured set: 57.08 V, 0 A, 99 %, charging to 67.0 V."""
    bench = Bench("pylontech")
    bench.set(
        charging_cvl_mv=67_040,
        charging_ccl_ma=38_000,
        charging_dcl_ma=190_000,
        charging_dvl_mv=45_400,
        charging_charge_enable=True,
        charging_discharge_enable=True,
        measured_pack_mv=57_080,
        gauge_soc_dpct=987,
    )
    bench.state.measured.temp_dc[:2] = (310, 306)
    return bench


# req: COM-04
def test_the_set_of_a_captured_pack():
    bench = pack()
    assert bench.frame(0x351) == "9e027c016c07c601"
    assert bench.frame(0x355) == "6300640000000000"
    assert bench.frame(0x356) == "4c16000034010000"
    assert bench.frame(0x359) == "0000000001504e00"
    assert bench.frame(0x35C) == "c000000000000000"
    assert bench.frame(0x35E) == "50594c4f4e202020"  # "PYLON   ", as the document has it


# req: COM-04
def test_identifiers_periods_and_rate():
    protocol = Bench("pylontech").protocol
    ids = [protocol.id(i) for i in range(protocol.frames)]
    assert sorted(ids) == [0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E]
    assert not any(protocol.extended(i) for i in range(protocol.frames))
    assert {protocol.period_ms(i) for i in range(protocol.frames)} == {1000}
    assert protocol.bitrate == 500_000


# req: COM-04, CHG-01
def test_requests_are_single_bits():
    bench = Bench("pylontech")
    assert bench.frame(0x35C) == "0000000000000000"
    for field, byte in (
        ("charge_enable", "80"),
        ("discharge_enable", "40"),
        ("force_charge", "20"),
        ("full_charge", "08"),
    ):
        setattr(bench.state.charging, field, True)
        assert bench.frame(0x35C) == byte + "00" * 7
        setattr(bench.state.charging, field, False)


# req: COM-04
def test_the_sign_of_the_current():
    bench = Bench("pylontech")
    bench.set(measured_shown_ma=-1500)
    assert bench.frame(0x356) == "0000f1ff00000000"
    bench.set(measured_shown_ma=1500)
    assert bench.frame(0x356) == "00000f0000000000"


# req: COM-04
def test_limits_are_never_rounded_towards_danger():
    bench = Bench("pylontech")
    bench.set(charging_cvl_mv=57_699, charging_ccl_ma=99, charging_dcl_ma=199)
    bench.set(charging_dvl_mv=44_801)
    assert bench.frame(0x351) == "400200000100c101"  # 57.6 V, 0.0 A, 0.1 A, 44.9 V


# req: COM-04
def test_what_does_not_fit_is_clamped():
    bench = Bench("pylontech")
    bench.set(charging_ccl_ma=600_000_000, charging_cvl_mv=67_000_000, measured_pack_mv=400_000)
    assert bench.frame(0x351) == "ffffff7f00000000"
    assert bench.frame(0x356) == "ff7f000000000000"


# req: COM-04
def test_what_is_not_known_is_zero():
    bench = Bench("pylontech")
    assert bench.state.gauge.soc_dpct is None
    assert bench.frame(0x355) == "0000640000000000"
    assert bench.frame(0x356) == "0000000000000000"


# req: COM-04
def test_bits_come_and_go():
    bench = Bench("pylontech")
    quiet = "0000000001504e00"
    for fault, shown in (
        (f.CELL_OVP, "0200000001504e00"),
        (f.AFE_CELL_UV, "0400000001504e00"),
        (f.MOS_OTP, "0800000001504e00"),
        (f.CHARGE_UTP, "1000000001504e00"),
        (f.DISCHARGE_SHORT, "8000000001504e00"),
        (f.CHARGE_OCP2, "0001000001504e00"),
        (f.AFE_LOST, "0008000001504e00"),
        (f.PACK_OV_ALARM, "0000020001504e00"),
        (f.PACK_UV_ALARM, "0000040001504e00"),
        (f.BATTERY_HOT, "0000080001504e00"),
        (f.STORAGE, "0000000801504e00"),
        (f.PASSWORD_DEFAULT, quiet),
    ):
        bench.fault(fault)
        assert bench.frame(0x359) == shown, fault
        bench.fault(fault, False)
        assert bench.frame(0x359) == quiet, fault


# req: COM-04
def test_another_brand():
    bench = Bench("pylontech")
    bench.parameter("can_brand", b"JK-BMS")
    assert bench.frame(0x35E) == "4a4b2d424d530000"  # as captured
    bench.parameter("can_brand", b"PYTES   ")
    assert bench.frame(0x35E) == "5059544553202020"
    bench.parameter("can_brand", b"")
    assert bench.frame(0x35E) == "50594c4f4e202020"


# req: COM-04, COM-10
def test_the_inverter_s_keep_alive():
    bench = Bench("pylontech")
    assert bench.protocol.silence_matters
    assert bench.hear(0x305, "0000000000000000") is True
    for id, data, extended in (
        (0x305, "00000000000000", False),
        (0x305, "", False),
        (0x305, "0000000000000000", True),
        (0x351, "0000000000000000", False),
        (0x7FF, "ffffffffffffffff", False),
        (0, "", False),
    ):
        assert bench.hear(id, data, extended) is False
    assert bench.protocol.due == 0
    assert bench.requests.submitted == []
