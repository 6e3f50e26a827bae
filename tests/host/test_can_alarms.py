"""Every fault sets the bits that the documents mean, in every CAN protocol, and clears them."""

import pytest

from host_sim import tables
from tests.fakes.can import Bench
from tests.host import can_decoder

CELL_OV = {"cell_ovp", "afe_cell_ov"}
CELL_UV = {"cell_uvp", "afe_cell_uv"}
CHARGE_OC = {"charge_ocp", "charge_ocp2", "deep_charge_ocp", "afe_charge_oc"}
DISCHARGE_OC = {"discharge_ocp", "discharge_ocp2", "afe_discharge_oc"}
SHORT = {"discharge_short", "short_latched"}
MOSFETS = {"charge_mos_stuck", "discharge_mos_stuck", "charge_mos_failed",
           "discharge_mos_failed", "off_path"}  # fmt: skip
TEMPERATURE = {"temp_sensor", "mos_sensor", "no_temp_sensor"}
VOLTAGE = {"cell_implausible", "pack_sum", "frozen_data", "cell_count"}
FRONT_END = {"afe_lost", "afe_config", "afe_watchdog"}
SETTINGS = {"settings_invalid", "settings_corrupt"}
INTERNAL = {"service_exception", "gauge_exception", "storage", "balancer", "balance_lead"}
BATTERY = (CELL_OV | CELL_UV | CHARGE_OC | DISCHARGE_OC | SHORT | {
    "pack_ovp", "pack_uvp", "charge_short", "charge_otp", "charge_utp", "discharge_otp",
    "discharge_utp", "mos_otp"})  # fmt: skip
PROTECTIONS = {
    row["key"]
    for row in tables.fault_rows().values()
    if row["severity"] in ("protection", "latched")
}
OWN = PROTECTIONS - BATTERY  # what the controller finds wrong with itself
REST = OWN - MOSFETS - TEMPERATURE - VOLTAGE - FRONT_END - SETTINGS - {"precharge_failed"}
WARNINGS = INTERNAL | {"pack_ov_alarm", "pack_uv_alarm", "deep_discharge", "battery_hot",
                       "cell_difference", "low_soc", "power_off_voltage", "heater"}  # fmt: skip
# signal of the hand-written files: faults that set it
MEANS = {
    "A_OV": CELL_OV | {"pack_ovp"},
    "A_UV": CELL_UV | {"pack_uvp"},
    "A_OT": {"charge_otp", "discharge_otp", "mos_otp"},
    "A_UT": {"charge_utp", "discharge_utp"},
    "A_DOC": DISCHARGE_OC | SHORT,
    "A_COC": CHARGE_OC | {"charge_short"},
    "A_System": OWN,
    "A_SystemCritical": OWN,
    "X_SystemOrInternal": OWN | INTERNAL,
    "X_RestOrInternal": REST | INTERNAL,
    "A_Any": PROTECTIONS,
    "A_CellOV": CELL_OV,
    "A_CellUV": CELL_UV,
    "A_PackOV": {"pack_ovp"},
    "A_PackUV": {"pack_uvp"},
    "A_DOCbare": DISCHARGE_OC,
    "A_COCbare": CHARGE_OC,
    "A_Short": SHORT | {"charge_short"},
    "A_SoftStart": {"precharge_failed"},
    "A_DOT": {"discharge_otp"},
    "A_COT": {"charge_otp"},
    "A_DUT": {"discharge_utp"},
    "A_CUT": {"charge_utp"},
    "A_DOTorMos": {"discharge_otp", "mos_otp"},
    "A_COTorMos": {"charge_otp", "mos_otp"},
    "A_MosOT": {"mos_otp"},
    "A_General": REST | SETTINGS,
    "A_Contactor": MOSFETS | {"precharge_failed"},
    "A_Inner": TEMPERATURE | VOLTAGE | FRONT_END | REST,
    "A_FrontEnd": FRONT_END,
    "A_Voltages": VOLTAGE,
    "A_Temps": TEMPERATURE,
    "A_Mos": MOSFETS,
    "A_Settings": SETTINGS,
    "W_HV": {"pack_ov_alarm"},
    "W_LV": {"pack_uv_alarm", "deep_discharge"},
    "W_HT": {"battery_hot"},
    "W_HTcharge": {"battery_hot"},
    "W_Internal": INTERNAL,
    "W_Delta": {"cell_difference"},
    "W_TurningOff": {"power_off_voltage"},
    "W_Heater": {"heater"},
}
# signals with levels: (level, faults), the first that stands counts
LEVELS = {
    "L_Any2": ((2, PROTECTIONS), (1, WARNINGS)),
    "L_CellOV": ((1, CELL_OV),),
    "L_CellUV": ((1, CELL_UV), (3, {"power_off_voltage"})),
    "L_PackOV": ((1, {"pack_ovp"}), (3, {"pack_ov_alarm"})),
    "L_PackUV": ((1, {"pack_uvp"}), (3, {"pack_uv_alarm", "deep_discharge"})),
    "L_Delta": ((3, {"cell_difference"}),),
    "L_DOC": ((1, DISCHARGE_OC | SHORT),),
    "L_COC": ((1, CHARGE_OC | {"charge_short"}),),
    "L_OT": ((1, {"charge_otp", "discharge_otp", "mos_otp"}), (3, {"battery_hot"})),
    "L_UT": ((1, {"charge_utp", "discharge_utp"}),),
    "L_LowSOC": ((3, {"low_soc"}),),
    "L_Internal": ((1, OWN), (3, INTERNAL)),
}
KEYS = sorted(can_decoder.FILES)


def wanted(signal, standing):
    """The count of an alarm signal while the faults stand."""
    if signal.name in LEVELS:
        for level, faults in LEVELS[signal.name]:
            if faults & standing:
                return level
        return 0
    active = bool(MEANS[signal.name] & standing)
    if signal.length == 2:
        return 1 if active else 2
    return int(active)


def compare(bench, key, standing):
    """All alarm signals are as they must be; the names of those that are set."""
    active = set()
    for _, signal, count in can_decoder.raw(bench, key):
        if signal.name in MEANS or signal.name in LEVELS:
            assert count == wanted(signal, standing), (key, signal.name, standing)
            if count != (2 if signal.length == 2 and signal.name in MEANS else 0):
                active.add(signal.name)
    return active


# req: COM-04
@pytest.mark.parametrize("key", KEYS)
def test_every_fault_comes_and_goes(key):
    bench = Bench(key)
    for fault in tables.fault_rows().values():
        assert compare(bench, key, set()) == set()
        bench.fault(fault["id"])
        active = compare(bench, key, {fault["key"]})
        assert active or fault["key"] not in PROTECTIONS, fault["key"]
        bench.fault(fault["id"], False)
    assert compare(bench, key, set()) == set()


# req: COM-04
@pytest.mark.parametrize("key", KEYS)
def test_all_faults_at_once(key):
    bench = Bench(key)
    rows = tables.fault_rows()
    for id in rows:
        bench.fault(id)
    compare(bench, key, {row["key"] for row in rows.values()})
    for id in rows:
        bench.fault(id, False)
    assert compare(bench, key, set()) == set()


# req: COM-04
def test_the_jk_alarm_bits_are_those_of_the_modbus_word():
    bench = Bench("jk250")
    for fault in tables.fault_rows().values():
        bench.fault(fault["id"])
        bit = fault.get("jk", 99)
        word = 1 << bit if bit < 18 else 0
        assert bench.frame(0x18F328F4, True) == word.to_bytes(8, "little").hex()
        bench.fault(fault["id"], False)


# req: COM-04
def test_jk_alarms_are_sent_while_there_are_any():
    bench = Bench("jk500")
    assert bench.frame(0x7F4) is None
    bench.fault(tables.fault_id("cell_ovp"))
    assert bench.frame(0x7F4) == "0100000000000000"
    bench.fault(tables.fault_id("low_soc"))
    assert bench.frame(0x7F4) == "0100300000000000"
    bench.fault(tables.fault_id("cell_ovp"), False)
    bench.fault(tables.fault_id("low_soc"), False)
    assert bench.frame(0x7F4) is None


# req: COM-04
def test_every_alarm_signal_has_a_meaning():
    for key in KEYS:
        for message in can_decoder.messages(key).values():
            for signal in message.signals:
                if signal.name[:2] in ("A_", "W_", "L_", "X_"):
                    assert signal.name in MEANS or signal.name in LEVELS
