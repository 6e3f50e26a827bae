"""The trigger sources of the dry contacts (PNL-06, PRT-24). DRY1 is bit 1, DRY2 bit 2.

Source numbers, units and directions are literals of the JK trigger list, not read from the table.
"""

from firmware import fault_ids, state
from tests.firmware.panel.rig import Rig, follow, follow_soc, on_dry2


# req: PNL-06
def test_source_0_off_never_closes_whatever_happens():
    rig = on_dry2(0, -2_000_000, -2_000_000)
    rig.faults.put(fault_ids.TRIP_OUTPUT, True)
    rig.faults.put(fault_ids.CELL_OVP, True)
    rig.panel.set_remote(3, True)
    assert rig.contacts() == 0


# req: PNL-06
def test_source_0_off_opens_a_contact_that_another_source_closed():
    rig = on_dry2(13, 40, 30)
    assert rig.contacts() == 2
    rig.set(dry2_trigger=0)
    assert rig.contacts() == 0


# req: PNL-06
def test_source_1_low_soc_in_percent():
    rig = on_dry2(1, 20, 25)
    assert follow_soc(rig, (300, 201, 200, 249, 250, 201)) == [0, 0, 2, 2, 0, 0]


# req: PNL-06
def test_source_2_battery_over_voltage_in_mv():
    rig = on_dry2(2, 28_800, 28_400)
    values = (28_799, 28_800, 28_401, 28_400, 28_799)
    assert follow(rig, "pack_mv", values) == [0, 2, 2, 0, 0]


# req: PNL-06
def test_source_3_battery_under_voltage_in_mv():
    rig = on_dry2(3, 20_800, 21_200)
    values = (20_801, 20_800, 21_199, 21_200, 20_801)
    assert follow(rig, "pack_mv", values) == [0, 2, 2, 0, 0]


# req: PNL-06
def test_source_4_cell_over_voltage_in_mv():
    rig = on_dry2(4, 3600, 3550)
    rig.state.measured.min_mv = 3700  # not the one that counts
    assert follow(rig, "max_mv", (3599, 3600, 3551, 3550)) == [0, 2, 2, 0]


# req: PNL-06
def test_source_5_cell_under_voltage_in_mv():
    rig = on_dry2(5, 2600, 2650)
    rig.state.measured.max_mv = 2500
    assert follow(rig, "min_mv", (2601, 2600, 2649, 2650)) == [0, 2, 2, 0]


# req: PNL-06
def test_source_6_charge_over_current_in_ma():
    rig = on_dry2(6, 100_000, 90_000)
    values = (-150_000, 99_999, 100_000, 90_001, 90_000)
    assert follow(rig, "current_ma", values) == [0, 0, 2, 2, 0]


# req: PNL-06
def test_source_7_discharge_over_current_in_ma():
    rig = on_dry2(7, 100_000, 90_000)
    values = (150_000, -99_999, -100_000, -90_001, -90_000)
    assert follow(rig, "current_ma", values) == [0, 0, 2, 2, 0]


# req: PNL-06
def test_source_8_battery_over_temperature_in_whole_degrees():
    rig = on_dry2(8, 60, 50)
    rig.state.measured.temp_dc[4] = 900
    assert follow(rig, "temp_max", (599, 600, 501, 500)) == [0, 2, 2, 0]


# req: PNL-06
def test_source_9_mos_over_temperature_in_whole_degrees():
    rig = on_dry2(9, 100, 95)
    rig.state.measured.temp_max = 1200
    seen = []
    for value in (999, 1000, 951, 950):
        rig.state.measured.temp_dc[4] = value
        seen.append(rig.contacts())
    assert seen == [0, 2, 2, 0]


# req: PNL-06
def test_source_10_system_alarm_is_a_standing_protection():
    rig = on_dry2(10, 1, 0)
    assert rig.contacts() == 0
    for fault in (fault_ids.CELL_OVP, fault_ids.AFE_LOST, fault_ids.SHORT_LATCHED):
        rig.faults.put(fault, True)
        assert rig.contacts() == 2
        rig.faults.put(fault, False)
        assert rig.contacts() == 0


# req: PNL-06
def test_source_11_battery_low_temperature_in_whole_degrees_below_zero():
    rig = on_dry2(11, -10, -5)
    rig.state.measured.temp_dc[4] = -300
    assert follow(rig, "temp_min", (-99, -100, -51, -50)) == [0, 2, 2, 0]


# req: PNL-06
def test_source_12_remote_control_moves_the_commanded_output_only():
    rig = Rig()
    rig.set(dry1_trigger=12, dry2_trigger=12)
    assert rig.contacts() == 0
    rig.panel.set_remote(2, True)
    assert rig.contacts() == 2
    rig.panel.set_remote(1, True)
    assert rig.contacts() == 3
    rig.panel.set_remote(2, False)
    assert rig.contacts() == 1


# req: PNL-06
def test_source_12_remote_control_holds_although_alarms_pulse():
    rig = on_dry2(12)
    rig.set(dry_intermittent=1)
    rig.panel.set_remote(2, True)
    assert [rig.contacts() for _ in range(40)] == [2] * 40


# req: PNL-06
def test_source_13_above_soc_in_percent():
    rig = on_dry2(13, 90, 80)
    assert follow_soc(rig, (899, 900, 801, 800)) == [0, 2, 2, 0]


# req: PNL-06
def test_source_14_mos_abnormal():
    rig = on_dry2(14, 1, 0)
    rig.faults.put(fault_ids.MOS_OTP, True)
    assert rig.contacts() == 0
    for fault in (
        fault_ids.CHARGE_MOS_STUCK,
        fault_ids.DISCHARGE_MOS_STUCK,
        fault_ids.CHARGE_MOS_FAILED,
        fault_ids.DISCHARGE_MOS_FAILED,
        fault_ids.PRECHARGE_FAILED,
    ):
        rig.faults.put(fault, True)
        assert rig.contacts() == 2
        rig.faults.put(fault, False)
        assert rig.contacts() == 0


# req: PRT-24
def test_source_15_trip_output_closes_for_the_shunt_trip_and_holds():
    rig = on_dry2(15)
    rig.set(dry_intermittent=1)
    rig.faults.put(fault_ids.CELL_OVP, True)
    assert rig.contacts() == 0
    rig.faults.put(fault_ids.TRIP_OUTPUT, True)
    assert [rig.contacts() for _ in range(60)] == [2] * 60


# req: PRT-24
def test_source_16_protecting_is_closed_while_healthy():
    rig = on_dry2(16)
    rig.set(dry_intermittent=1)
    assert [rig.contacts() for _ in range(60)] == [2] * 60
    rig.state.power.mode = state.SLEEP
    assert rig.contacts() == 2
    rig.faults.put(fault_ids.CELL_OVP, True)  # a protection at work is no failure
    assert rig.contacts() == 2


# req: PRT-24
def test_source_16_protecting_opens_when_nothing_protects():
    for mode in (state.OFF, state.STARTING, state.SAFE):
        rig = on_dry2(16)
        assert rig.contacts() == 2
        rig.state.power.mode = mode
        assert rig.contacts() == 0, mode
    for fault in (
        fault_ids.AFE_LOST,
        fault_ids.FROZEN_DATA,
        fault_ids.OFF_PATH,
        fault_ids.CHARGE_MOS_STUCK,
        fault_ids.DISCHARGE_MOS_STUCK,
        fault_ids.TRIP_OUTPUT,
        fault_ids.CONTROL_EXCEPTION,
        fault_ids.SETTINGS_INVALID,
        fault_ids.SETTINGS_CORRUPT,
    ):
        rig = on_dry2(16)
        assert rig.contacts() == 2
        rig.faults.put(fault, True)
        assert rig.contacts() == 0, fault
    rig = on_dry2(16)
    assert rig.contacts() == 2
    rig.state.measured.valid = False
    assert rig.contacts() == 0


# req: PNL-06
def test_an_unknown_source_never_closes():
    rig = on_dry2(17, -2_000_000, -2_000_000)
    assert rig.contacts() == 0
