"""Captured frames of real packs: our encoder makes the same bytes from the decoded values.

tests/data/can_frames.json names the source of each; `bytes` lists those that are compared where a
frame also carries something of its maker's own, and `why`.
"""

import json

import pytest

from host_sim import tables
from tests.fakes.can import Bench
from tools import runtimes

FRAMES = json.loads((runtimes.ROOT / "tests" / "data" / "can_frames.json").read_text())
# decoded name: state field, and how many of its units make one
NUMBERS = {
    "CVL_V": ("charging_cvl_mv", 1000),
    "CCL_A": ("charging_ccl_ma", 1000),
    "DCL_A": ("charging_dcl_ma", 1000),
    "DVL_V": ("charging_dvl_mv", 1000),
    "charge_enable": ("charging_charge_enable", 1),
    "discharge_enable": ("charging_discharge_enable", 1),
    "full_charge_request": ("charging_full_charge", 1),
    "V": ("measured_pack_mv", 1000),
    "I_A": ("measured_shown_ma", 1000),
    "SOC_pct": ("gauge_soc_dpct", 10),
    "SOC_hires_pct": ("gauge_soc_mpct", 1000),
    "SOH_pct": ("gauge_soh_pct", 1),
    "Tmax_raw": ("measured_temp_max", 10),
    "Tmin_raw": ("measured_temp_min", 10),
    "Tmax_C": ("measured_temp_max", 10),
    "Tmin_C": ("measured_temp_min", 10),
    "cell_max_mV": ("measured_max_mv", 1),
    "cell_min_mV": ("measured_min_mv", 1),
    "deltaV_mV": ("measured_difference_mv", 1),
    "total_cells": ("measured_cell_count", 1),
    "cell_count": ("measured_cell_count", 1),
    "RM_Ah": ("gauge_remaining_mah", 1000),
    "FCC_Ah": ("gauge_capacity_mah", 1000),
    "available_Ah": ("gauge_remaining_mah", 1000),
    "cycles": ("gauge_cycles", 1),
    "charged_raw_u32": ("gauge_energy_in_wh", 100),
    "discharged_raw_u32": ("gauge_energy_out_wh", 100),
    "balance": ("balance_active", 1),
    "charge_mos": ("mosfets_charge_on", 1),
    "discharge_mos": ("mosfets_discharge_on", 1),
}
CELL_NUMBERS = {"cell_max_id": "max_cell", "cell_max_no": "max_cell",
                "cell_min_id": "min_cell", "cell_min_no": "min_cell"}  # fmt: skip
HOT = ("Tmax_id", "T_max_id", "sensor_max")
COLD = ("Tmin_id", "T_min_id", "sensor_min")


def number(value):
    """The number of a cell or sensor, also from a text as "00::03"."""
    return int(value[4:]) if isinstance(value, str) else value


def prepare(bench, decoded, second_half):
    """Put decoded values into the state."""
    measured = bench.state.measured
    for name, (field, factor) in NUMBERS.items():
        if name in decoded:
            bench.set(**{field: round(decoded[name] * factor)})
    for name, field in CELL_NUMBERS.items():
        if name in decoded:
            setattr(measured, field, decoded[name] - 1)
    for name, field in (("T_max_K", "temp_max"), ("T_min_K", "temp_min")):
        if name in decoded:
            setattr(measured, field, (decoded[name] - 273) * 10)
    sensors(measured, decoded)
    for cell in range(16):
        if f"cell_{cell + 1}_mV" in decoded:
            measured.cell_mv[cell] = decoded[f"cell_{cell + 1}_mV"]
    texts(bench, decoded, second_half)


def sensors(measured, decoded):
    """Battery sensors that have the mean and the extremes where they were."""
    for name in ("T_C", "T_mean_C"):
        if name in decoded:
            measured.temp_dc[:4] = [round(decoded[name] * 10)] * 4
    base = round(decoded.get("T_mean_C", 30) * 10)
    for names, step in ((HOT, 1), (COLD, -1)):
        for name in names:
            if name in decoded:
                measured.temp_dc[:4] = [base if t is None else t for t in measured.temp_dc[:4]]
                measured.temp_dc[number(decoded[name]) - 1] = base + step


def texts(bench, decoded, second_half):
    """Names, serial number and settings of the captured pack."""
    for name, key in (("name", "can_brand"), ("maker", "can_brand"), ("product", "model")):
        if name in decoded:
            bench.parameter(key, decoded[name].encode())
    for name, key in (("name_part", "device_name"), ("serial_part", "serial_number")):
        if name in decoded:
            bench.parameter(key, (b"12345678" if second_half else b"") + decoded[name].encode())
    for name in ("installed_Ah", "design_Ah"):
        if name in decoded:
            bench.parameter("design_capacity_mah", round(decoded[name] * 1000))
    if "chemistry" in decoded:
        bench.parameter("chemistry", decoded["chemistry"])


def bench_of(row):
    bench = Bench(row["protocol"])
    decoded = dict(row["decoded"])
    if row["protocol"] == "sma" and "available_Ah" in decoded:
        decoded["FCC_Ah"] = decoded.pop("available_Ah")  # its field is the whole capacity
    if "cycle_Ah" in decoded:
        tenths = round(decoded["cycle_Ah"] * 10)
        bench.set(gauge_cycle_ah=tenths // 10, gauge_cycle_mah=tenths % 10 * 100)
    if "modules_total" in decoded:
        decoded["charge_enable"] = not decoded["modules_charge_forbidden"]
        decoded["discharge_enable"] = not decoded["modules_discharge_forbidden"]
    prepare(bench, decoded, row["id"] in ("0x371", "0x381"))
    return bench


def name_of(row):
    return f"{row['protocol']}-{row['id']}-{row['hex']}"


# req: COM-04
@pytest.mark.parametrize("row", [r for r in FRAMES if r["id"] != "0x35A"], ids=name_of)
def test_a_captured_frame_is_made_again(row):
    bench = bench_of(row)
    captured = bytes.fromhex(row["hex"])
    made = bytes.fromhex(bench.frame(int(row["id"], 16), row.get("extended", False)))
    compared = row.get("bytes", range(len(captured)))
    assert [made[i] for i in compared] == [captured[i] for i in compared]
    assert not any(made[len(captured) :])  # a short frame is padded with zeros


ALARMS = [row for row in FRAMES if row["id"] == "0x35A"]
SHOWN = {
    "warning.low_voltage": "pack_uv_alarm", "warning.high_voltage": "pack_ov_alarm",
    "warning.high_temp": "battery_hot", "alarm.high_temp_charge": "charge_otp",
    "alarm.low_temp_charge": "charge_utp", "alarm.low_voltage": "cell_uvp",
    "alarm.high_temp": "discharge_otp", "alarm.high_charge_current": "charge_ocp",
    "alarm.high_current": "discharge_ocp",
}  # fmt: skip
# no fault of ours means these
NOT_OURS = {"warning.low_temp_charge", "warning.high_charge_current", "alarm.cell_imbalance"}


def pairs(data):
    """{number of the pair: 1 active, 2 inactive} of those that are supported."""
    found = {}
    for at, byte in enumerate(data):
        for k in range(4):
            if byte >> 2 * k & 3 in (1, 2):
                found[4 * at + k] = byte >> 2 * k & 3
    return found


# req: COM-04
@pytest.mark.parametrize("row", ALARMS, ids=name_of)
def test_alarm_pairs_stand_where_venus_os_and_captured_packs_have_them(row):
    bench = Bench("victron")
    active = [name for name, state in row["decoded"].items() if state == "active"]
    captured = pairs(bytes.fromhex(row["hex"]))
    for name in active:
        if name in NOT_OURS:
            assert [pair for pair, state in captured.items() if state == 1]
            return
        bench.fault(tables.fault_id(SHOWN[name]))
    ours = pairs(bytes.fromhex(bench.frame(0x35A)))
    for pair, state in captured.items():
        if pair in ours:
            assert ours[pair] == state, (pair, row["source"])
    assert {p for p, s in ours.items() if s == 1} == {p for p, s in captured.items() if s == 1}


# req: COM-04
def test_the_frames_come_from_every_captured_protocol():
    assert {row["protocol"] for row in FRAMES} >= {
        "pylontech", "deye", "goodwe", "growatt", "victron", "sma", "jk250", "deye_pcs",
    }  # fmt: skip
    assert len(FRAMES) >= 90 and len({name for row in ALARMS for name in row["decoded"]}) > 12
