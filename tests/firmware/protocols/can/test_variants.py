"""What sets the other CAN protocols apart from Pylontech; tests/host/test_can_*.py check the
numbers and alarms of them all."""

from firmware import fault_ids as f
from firmware.settings.registry import IMPLEMENTED
from tests.fakes.can import Bench


# req: COM-04
def test_deye_and_goodwe_are_pylontech_with_extremes():
    deye, goodwe = Bench("deye"), Bench("goodwe")
    for bench in (deye, goodwe):
        bench.set(measured_max_mv=3573, measured_min_mv=3571, measured_min_cell=2)
        bench.set(measured_temp_max=304, measured_temp_min=287)
        bench.state.measured.temp_dc[:4] = (291, 290, 287, 304)
    assert deye.frame(0x370) == "1e001d00f50df30d"
    assert deye.frame(0x371) == "0400030001000300"
    assert deye.frames() == goodwe.frames()
    assert deye.protocol.period_ms(0) == 800


# req: COM-04
def test_inverters_without_a_public_layout_get_pylontech_s():
    modules = {row[1]: row[2] for row in IMPLEMENTED if row[0] == 1}
    assert modules[7] == modules[10] == modules[2] == "can.pylontech"


# req: COM-04
def test_seplos_has_its_own_alarms_and_extremes():
    bench = Bench("seplos")
    bench.set(measured_temp_max=-5, measured_temp_min=-123)
    assert bench.frame(0x370) == "fbff85ff00000000"
    assert bench.frame(0x359) == "0000000001504e01"
    bench.fault(f.CELL_IMPLAUSIBLE)
    assert bench.frame(0x359) == "0000001801504e01"
    bench.set(charging_full_charge=True)
    assert bench.frame(0x35C) == "0000000000000000"  # it knows no such request
    assert bench.frame(0x35E) == "5348456e65726779"  # "SHEnergy"


# req: COM-04, COM-10
def test_megarevo_is_answered_when_it_asks():
    bench = Bench("seplos")
    bench.set(charging_cvl_mv=57_600, charging_dvl_mv=44_800, charging_ccl_ma=38_000)
    bench.set(charging_dcl_ma=190_000, charging_charge_enable=True)
    for id in (0x1F000100, 0x0001001F):
        assert bench.frame(0x1F000300, True) is None
        assert bench.hear(id, "0000000000000000", True)
        asked = [i for i in range(bench.protocol.frames) if bench.protocol.due >> i & 1]
        assert [bench.protocol.id(i) for i in asked] == [0x1F000300 + n for n in range(5)]
        bench.protocol.due = 0
        assert bench.frame(0x1F000300, True) == "4002c0017c016c07"
        assert bench.frame(0x1F000303, True) == "0000000002000000"
        for n in (1, 2, 4):
            assert bench.frame(0x1F000300 + n, True) is not None
        assert bench.frame(0x1F000300, True) is None
    assert not bench.hear(0x1F000100, "0000000000000000", False)


# req: COM-04
def test_growatt_counts_from_the_other_end_and_answers():
    bench = Bench("growatt", cells=8)
    bench.set(charging_cvl_mv=57_600, charging_ccl_ma=38_000, charging_dcl_ma=190_000)
    bench.set(charging_charge_enable=True, charging_discharge_enable=True, balance_active=True)
    assert bench.frame(0x311) == "0240017c076c0069"
    bench.set(measured_shown_ma=-1500, balance_active=False)
    assert bench.frame(0x311) == "0240017c076c0063"
    bench.fault(f.CELL_UVP)
    assert bench.frame(0x311) == "0240017c076c0067"
    assert bench.frame(0x320) == "4754010100000000"
    assert bench.frame(0x316) is not None and bench.frame(0x317) is None
    assert bench.hear(0x301, "0b16212c37424d58")
    assert bench.protocol.due == (1 << bench.protocol.frames) - 1
    assert bench.frame(0x317) is None  # asking makes no cells


# req: COM-04
def test_growatt_s_capacity_ends_at_655_ah():
    bench = Bench("growatt")
    bench.set(gauge_remaining_mah=655_360, gauge_capacity_mah=20_000_000)
    assert bench.frame(0x314) == "ffffffff00000000"


# req: COM-04
def test_victron_names_cells_and_texts():
    bench = Bench("victron")
    bench.set(measured_min_cell=15, measured_max_cell=8)
    bench.state.measured.temp_dc[:4] = (None, 310, 250, 309)
    assert bench.frame(0x374) == "30303a3a31360000"  # "00::16"
    assert bench.frame(0x375) == "30303a3a30390000"
    assert bench.frame(0x376) == "30303a3a30330000"
    assert bench.frame(0x377) == "30303a3a30320000"
    bench.parameter("device_name", b"Cellar-Rack-12")
    assert bench.frame(0x370) == "43656c6c61722d52"
    assert bench.frame(0x371) == "61636b2d31320000"
    bench.parameter("device_name", b"Rack")
    assert bench.frame(0x370) == "5261636b00000000"
    assert bench.frame(0x371) == "0000000000000000"
    assert bench.frame(0x372) == "0100010001000000"
    bench.set(charging_charge_enable=True, charging_force_charge=True)
    assert bench.frame(0x372) == "0100000001000000"
    assert bench.frame(0x360) == "ff00000000000000"


# req: COM-04
def test_victron_s_alarms_are_pairs():
    bench = Bench("victron")
    assert bench.frame(0x35A) == "aaaaaa00a8008002"
    bench.fault(f.CELL_OVP)
    assert bench.frame(0x35A) == "a6aaaa00a8008002"
    bench.fault(f.CELL_OVP, False)
    assert bench.frame(0x35A) == "aaaaaa00a8008002"


# req: COM-04
def test_sma_gets_nothing_outside_its_ranges_and_no_invented_temperature():
    bench = Bench("sma")
    bench.set(charging_cvl_mv=67_000, charging_dvl_mv=52_000, charging_ccl_ma=2_000_000)
    assert bench.frame(0x351) == "7602e02e0000e001"  # 63.0 V, 1200.0 A, 0 A, 48.0 V
    assert bench.frame(0x356) == "0000000000800000"
    assert bench.frame(0x35E) == "534d412020202020"
    for i in range(bench.protocol.frames):
        assert bench.protocol.period_ms(i) >= 200 * bench.protocol.frames


# req: COM-04, COM-10
def test_sma_s_inverter_shows_itself_in_three_frames():
    bench = Bench("sma")
    for id in (0x305, 0x306, 0x307):
        assert bench.hear(id, "f401ceff0901e803")
        assert not bench.hear(id, "f401ceff0901e8")
    assert not bench.hear(0x308, "0000000000000000")


# req: COM-04
def test_deye_s_own_protocol_turns_the_current_and_repeats_the_limits():
    bench = Bench("deye_pcs")
    bench.set(measured_shown_ma=-1500, charging_ccl_ma=38_000, charging_dcl_ma=190_000)
    assert bench.frame(0x356) == "00000f0000000000"
    assert bench.frame(0x371) == "7c016c0700000000"
    assert bench.frame(0x110) == "0000000000000001"
    bench.set(mosfets_discharge_on=True)
    assert bench.frame(0x110) == "0000000000000021"
    assert bench.frame(0x35E) == "445930303103e803"  # "DY" "001", 100.0 Ah
    assert bench.frame(0x364) == "0101010001000000"


# req: COM-04, COM-10
def test_luxpower_may_switch_the_battery_off():
    from firmware import requests as r
    from firmware.parameters import Refused
    from firmware.state import OFF, ON

    bench = Bench("luxpower")
    bench.state.power.mode = ON
    for data in ("00" * 8, "03" + "00" * 7, "ff" * 8, "01", "0100000000000000000"[:14]):
        assert not bench.hear(0x300, data)
    assert bench.requests.submitted == []
    assert not bench.hear(0x300, "0100000000000000")  # an order is no sign of life
    assert bench.requests.submitted == [(5, r.POWER_OFF, None)]
    bench.requests.refuses = Refused("no")
    assert not bench.hear(0x300, "0100000000000000")
    bench.state.power.mode = OFF
    bench.requests.refuses = ValueError("must not be asked again")
    assert not bench.hear(0x300, "0100000000000000")
    assert bench.hear(0x305, "0000000000000000")
