"""The fault table, row by row, as literals: what each reason switches off, shows and reports."""

from firmware import fault_ids as ids
from firmware import fault_table as table

INFO, WARNING, PROTECTION, LATCHED = 0, 1, 2, 3
NO_JK = 255
ALM = True


def has(mask, id):
    return mask[id // 30] >> id % 30 & 1 == 1


def row(key, id, severity, off="", alm=False, jk=NO_JK, emergency=False):
    """One row: its permanent id and everything derived from it."""
    assert getattr(ids, key.upper()) == id, key
    assert table.SEVERITY[id] == severity, key
    assert has(table.CHARGE, id) == ("C" in off), key
    assert has(table.DISCHARGE, id) == ("D" in off), key
    assert has(table.BALANCE, id) == ("B" in off), key
    assert has(table.BOTH, id) == ("C" in off and "D" in off), key
    assert has(table.ALM, id) == alm, key
    assert has(table.LATCHED, id) == (severity == LATCHED), key
    assert has(table.EMERGENCY, id) == emergency, key
    assert table.JK_BIT[id] == jk, key


# req: PRT-02
def test_rows_of_prt_02():
    row("cell_ovp", 1, PROTECTION, "C", ALM, 4)


# req: PRT-01
def test_rows_of_prt_01():
    row("cell_uvp", 2, PROTECTION, "D", ALM, 11, emergency=True)


# req: PRT-13
def test_rows_of_prt_13():
    row("pack_ovp", 3, PROTECTION, "C", ALM, 5)
    row("pack_uvp", 4, PROTECTION, "D", ALM, 12, emergency=True)
    row("pack_ov_alarm", 5, WARNING)
    row("pack_uv_alarm", 6, WARNING)


# req: MEA-07
def test_rows_of_mea_07():
    row("cell_difference", 7, WARNING)
    row("low_soc", 8, WARNING)
    row("cell_count", 31, PROTECTION, "CDB", ALM, 2)


# req: PRT-26
def test_rows_of_prt_26():
    row("deep_discharge", 9, WARNING)
    row("deep_charge_ocp", 10, PROTECTION, "C", ALM, 6)
    row("cell_damaged", 11, LATCHED, "CB", ALM)


# req: PRT-03
def test_rows_of_prt_03():
    row("power_off_voltage", 12, INFO)


# req: PRT-04
def test_rows_of_prt_04():
    row("charge_ocp", 13, PROTECTION, "C", ALM, 6)


# req: PRT-05
def test_rows_of_prt_05():
    row("discharge_ocp", 14, PROTECTION, "D", ALM, 13)


# req: PRT-23
def test_rows_of_prt_23():
    row("charge_ocp2", 15, PROTECTION, "C", ALM, 6)
    row("discharge_ocp2", 16, PROTECTION, "D", ALM, 25)


# req: PRT-06
def test_rows_of_prt_06():
    row("discharge_short", 17, PROTECTION, "CD", ALM, 14)
    row("charge_short", 18, PROTECTION, "CD", ALM, 7)
    row("short_latched", 19, LATCHED, "CD", ALM, 24)
    row("brown_out", 57, INFO)


# req: PRT-12
def test_rows_of_prt_12():
    row("limiting", 20, INFO)


# req: PRT-07
def test_rows_of_prt_07():
    row("charge_otp", 21, PROTECTION, "C", ALM, 8)


# req: PRT-08
def test_rows_of_prt_08():
    row("charge_utp", 22, PROTECTION, "C", ALM, 9)
    row("discharge_utp", 24, PROTECTION, "D", ALM, 27)


# req: PRT-09
def test_rows_of_prt_09():
    row("discharge_otp", 23, PROTECTION, "D", ALM, 15)


# req: PRT-10
def test_rows_of_prt_10():
    row("mos_otp", 25, PROTECTION, "CDB", ALM, 1)


# req: PRT-11
def test_rows_of_prt_11():
    row("battery_hot", 26, WARNING, "", jk=21)


# req: MEA-03
def test_rows_of_mea_03():
    row("temp_sensor", 27, PROTECTION, "CB", ALM, 22)
    row("mos_sensor", 28, PROTECTION, "CDB", ALM, 22)
    row("no_temp_sensor", 29, PROTECTION, "CB", ALM, 22)


# req: MEA-09
def test_rows_of_mea_09():
    row("current_sensor", 30, PROTECTION, "CDB", ALM, 3)
    row("settings_corrupt", 59, PROTECTION, "CDB", ALM)


# req: MEA-06
def test_rows_of_mea_06():
    row("cell_implausible", 32, PROTECTION, "CDB", ALM, 10)
    row("pack_sum", 33, PROTECTION, "CDB", ALM, 10)
    row("frozen_data", 34, PROTECTION, "CDB", ALM, 10)
    row("afe_lost", 36, PROTECTION, "CDB", ALM, 10)


# req: MEA-05
def test_rows_of_mea_05():
    row("balance_lead", 35, WARNING, "B", jk=0)


# req: PRT-22
def test_rows_of_prt_22():
    row("afe_config", 37, PROTECTION, "CDB", ALM, 10)
    row("afe_cell_ov", 38, PROTECTION, "C", ALM, 4)
    row("afe_cell_uv", 39, PROTECTION, "D", ALM, 11)
    row("afe_charge_oc", 40, PROTECTION, "C", ALM, 6)
    row("afe_discharge_oc", 41, PROTECTION, "D", ALM, 26)


# req: PRT-21
def test_rows_of_prt_21():
    row("afe_watchdog", 42, PROTECTION, "CDB", ALM, 10)
    row("off_path", 43, LATCHED, "CDB", ALM, 17)


# req: PRT-16
def test_rows_of_prt_16():
    row("charge_mos_stuck", 44, LATCHED, "CDB", ALM, 16)
    row("discharge_mos_stuck", 45, LATCHED, "CDB", ALM, 17)
    row("charge_mos_failed", 46, LATCHED, "C", ALM, 16)
    row("discharge_mos_failed", 47, LATCHED, "D", ALM, 17)


# req: PRT-19
def test_rows_of_prt_19():
    row("precharge_failed", 48, LATCHED, "D", ALM, 20)


# req: MEA-08
def test_rows_of_mea_08():
    row("port_voltage", 49, INFO)


# req: PRT-24
def test_rows_of_prt_24():
    row("trip_output", 50, LATCHED, "CDB", ALM)


# req: PRT-15
def test_rows_of_prt_15():
    row("starting", 51, INFO, "CDB")
    row("control_exception", 52, PROTECTION, "CDB", ALM)
    row("service_exception", 53, WARNING)
    row("gauge_exception", 54, WARNING, "B")
    row("cycle_late", 55, WARNING)
    row("watchdog_reset", 56, INFO)
    row("settings_invalid", 58, PROTECTION, "CDB", ALM)
    row("storage", 61, WARNING)


# req: PRF-01
def test_rows_of_prf_01():
    row("unsafe_setting", 60, WARNING)


# req: HAL-01
def test_rows_of_hal_01():
    row("clock_not_set", 62, INFO)
    row("serial_noise", 63, WARNING)
    row("can_bus_off", 64, WARNING)
    row("protocol_unavailable", 67, WARNING)


# req: COM-10
def test_rows_of_com_10():
    row("inverter_silent", 65, WARNING)


# req: COM-16
def test_rows_of_com_16():
    row("can_conflict", 79, WARNING)


# req: PNL-05
def test_rows_of_pnl_05():
    row("address_conflict", 66, WARNING)


# req: PRT-14
def test_rows_of_prt_14():
    row("charge_switched_off", 68, INFO, "C")
    row("discharge_switched_off", 69, INFO, "D")
    row("balance_switched_off", 73, INFO, "B")


# req: PWR-01
def test_rows_of_pwr_01():
    row("powered_off", 70, INFO, "CDB")


# req: PNL-08
def test_rows_of_pnl_08():
    row("safe_mode", 71, INFO, "CDB", ALM)


# req: PRT-17
def test_rows_of_prt_17():
    row("emergency", 72, INFO)


# req: PWR-04
def test_rows_of_pwr_04():
    row("heater", 74, WARNING)


# req: PNL-01
def test_rows_of_pnl_01():
    row("password_default", 75, INFO, "", ALM, 19)


# req: SEC-03
def test_rows_of_sec_03():
    row("port_open", 78, WARNING)
