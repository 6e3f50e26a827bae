"""Every protection is shown by every protocol that has a field for it, in its own bit."""

import pytest

from host_sim import tables
from tests.fakes.inverter import Bench
from tests.fakes.serial_protocols import PROTOCOLS, pylon
from tests.host import rs485_decoder as decoder
from tests.host.test_rs485_values import registers

SEVERE = [
    row["key"]
    for row in tables.fault_rows().values()
    if row["severity"] in ("protection", "latched")
]


def shown(key, *faults):
    """All alarm bits of a pack with these faults, as one number."""
    ours = Bench(PROTOCOLS[key][0])
    ours.cells(3300, 3310, 3290, 3305)
    ours.temperatures(200, 210, 190, 205, 300)
    for fault in faults:
        ours.faults.put(tables.fault_id(fault), True)
    if key == "growatt":
        got = decoder.growatt(registers(ours, ((0x10, 0x29), (0x70, 0x80))))
        return got["faults"] << 16 | got["warnings"]
    if key == "voltronic":
        got = decoder.voltronic(registers(ours, ((0x10, 0x77),), wide=True))
        return got["alarms"] << 32 | got["charge_faults"] << 16 | got["discharge_faults"]
    if key == "pace":
        got = decoder.pace(registers(ours, ((0, 36), (60, 114))))
        return got["status"] << 32 | got["protections"] << 16 | got["warnings"]
    return int.from_bytes(decoder.pylon(ours.ask(pylon(0x62)))[1], "big")


# req: COM-05
@pytest.mark.parametrize("key", ["growatt", "voltronic", "pace", "pylontech"])
def test_no_protection_is_kept_quiet(key):
    assert shown(key) == 0
    quiet = [fault for fault in SEVERE if not shown(key, fault)]
    assert quiet == []


BITS = [
    # protocol, fault, bits (Growatt: 0x14, 0x22; Voltronic: alarm, charge, discharge;
    # PACE: status, protection, warning; Pylontech: alarm 1, 2, protection 1, 2)
    ("growatt", "discharge_ocp", 1 << 16),
    ("growatt", "discharge_short", 1 << 17),
    ("growatt", "cell_ovp", 1 << 18),
    ("growatt", "pack_uvp", 1 << 19),
    ("growatt", "discharge_otp", 1 << 20),
    ("growatt", "charge_otp", 1 << 21),
    ("growatt", "discharge_utp", 1 << 22),
    ("growatt", "charge_utp", 1 << 23),
    ("growatt", "precharge_failed", 1 << 24 | 1 << 25),
    ("growatt", "afe_lost", 1 << 25),
    ("growatt", "charge_ocp", 1 << 27),
    ("growatt", "mos_otp", 1 << 28),
    ("growatt", "pack_ov_alarm", 1 << 2),
    ("growatt", "pack_uv_alarm", 1 << 3),
    ("growatt", "battery_hot", 1 << 6 | 1 << 8),
    ("voltronic", "charge_ocp2", 1 << 35 | 1 << 31),
    ("voltronic", "cell_ovp", 1 << 33 | 1 << 26),
    ("voltronic", "charge_utp", 1 << 34 | 1 << 25),
    ("voltronic", "charge_otp", 1 << 32 | 1 << 24),
    ("voltronic", "mos_otp", 1 << 34 | 1 << 22 | 1 << 10),
    ("voltronic", "afe_lost", 1 << 18 | 1),
    ("voltronic", "discharge_otp", 1 << 32 | 1 << 14),
    ("voltronic", "discharge_utp", 1 << 33 | 1 << 13),
    ("voltronic", "discharge_ocp", 1 << 12),
    ("voltronic", "cell_uvp", 1 << 35 | 1 << 11),
    ("voltronic", "discharge_short", 1 << 4 | 1 << 1),
    ("pace", "cell_ovp", 1 << 16 | 1),
    ("pace", "cell_uvp", 1 << 17 | 1 << 1),
    ("pace", "pack_ovp", 1 << 18 | 1 << 2),
    ("pace", "pack_uvp", 1 << 19 | 1 << 3),
    ("pace", "charge_ocp", 1 << 20 | 1 << 4),
    ("pace", "discharge_ocp", 1 << 21 | 1 << 5),
    ("pace", "discharge_short", 1 << 22),
    ("pace", "charge_otp", 1 << 24 | 1 << 8),
    ("pace", "discharge_otp", 1 << 25 | 1 << 9),
    ("pace", "charge_utp", 1 << 26 | 1 << 10),
    ("pace", "discharge_utp", 1 << 27 | 1 << 11),
    ("pace", "mos_otp", 1 << 28 | 1 << 14),
    ("pace", "low_soc", 1 << 15),
    ("pace", "charge_mos_stuck", 1 << 32),
    ("pace", "discharge_mos_failed", 1 << 33),
    ("pace", "temp_sensor", 1 << 34),
    ("pace", "cell_implausible", 1 << 36),
    ("pace", "afe_lost", 1 << 37),
    ("pylontech", "pack_ovp", 0x80008000),
    ("pylontech", "pack_uvp", 0x40004000),
    ("pylontech", "cell_ovp", 0x20002000),
    ("pylontech", "cell_uvp", 0x10001000),
    ("pylontech", "charge_otp", 0x08000800),
    ("pylontech", "discharge_utp", 0x04000400),
    ("pylontech", "mos_otp", 0x02000200),
    ("pylontech", "charge_ocp", 0x00400040),
    ("pylontech", "discharge_ocp", 0x00200020),
    ("pylontech", "afe_lost", 0x00100008),
    ("pylontech", "cell_difference", 0x01000000),
]


# req: COM-05
@pytest.mark.parametrize("key, fault, bits", BITS)
def test_a_fault_stands_in_the_document_s_bit(key, fault, bits):
    assert shown(key, fault) == bits, f"{shown(key, fault):x}"


# req: COM-05
def test_states_tell_which_cell_and_sensor():
    for fault, cells, temps in (
        ("cell_ovp", [0, 2, 0, 0], [0] * 5),
        ("cell_uvp", [0, 0, 1, 0], [0] * 5),
        ("charge_otp", [0] * 4, [0, 0, 2, 0, 0]),
        ("discharge_utp", [0] * 4, [0, 0, 0, 1, 0]),
        ("mos_otp", [0] * 4, [2, 0, 0, 0, 0]),
    ):
        for key in ("voltronic", "pylontech"):
            ours = Bench(PROTOCOLS[key][0])
            ours.cells(3300, 3310, 3290, 3305)
            ours.temperatures(200, 210, 190, 205, 300)
            ours.faults.put(tables.fault_id(fault), True)
            if key == "voltronic":
                got = decoder.voltronic(registers(ours, ((0x10, 0x77),), wide=True))
                assert (got["cell_states"], got["temp_states"]) == (cells, temps), fault
            else:
                got = decoder.pylon_alarm(decoder.pylon(ours.ask(pylon(0x44, "02")))[1])
                assert (got["cells"], got["temps"]) == (cells, temps), fault


# req: COM-05
def test_pylontech_status_bytes_and_what_is_unread():
    ours = Bench(PROTOCOLS["pylontech"][0])
    ours.cells(3300, 3300, 3300)
    read = lambda: decoder.pylon_alarm(decoder.pylon(ours.ask(pylon(0x44, "02")))[1])  # noqa: E731
    assert read()["flag"] == 0x11 and read()["flag"] == 0
    mosfets, measured, power = ours.state.mosfets, ours.state.measured, ours.state.power
    mosfets.charge_on = mosfets.discharge_on = mosfets.precharging = True
    assert read()["flag"] == 0x10
    assert read()["status"] == (0, 0x0F, 0, 0, 0)
    measured.shown_ma, power.heating, ours.state.gauge.full = -100, True, True
    assert read()["status"] == (0, 0x0F, 0x68, 0, 0)
    measured.shown_ma = 100
    assert read()["status"][2] == 0xA8
    ours.faults.put(tables.fault_id("cell_implausible"), True)
    ours.state.measured.cell_mv[1] = 60
    assert decoder.pylon(ours.ask(pylon(0x42, "02")))[1][0] == 0x01
    got = read()
    assert got["flag"] == 1 and got["cells"] == [0, 0xF0, 0] and got["status"][3:] == (2, 0)
    assert (got["in"], got["out"]) == (0xF0, 0xF0)
