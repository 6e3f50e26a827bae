"""Lamps (PNL-01..PNL-04). LED bits as wired: ON/OFF 1, RUN 2, ALM 4, Link 8, L1..L6 16..512."""

from firmware import fault_ids, state
from firmware.panel.leds import Lamps
from tests.firmware.panel.rig import Rig

ALL_ALARMS = (
    fault_ids.CHARGE_OCP,
    fault_ids.CHARGE_OTP,
    fault_ids.CELL_OVP,
    fault_ids.CHARGE_MOS_FAILED,
    fault_ids.DISCHARGE_OCP,
    fault_ids.DISCHARGE_OTP,
    fault_ids.CELL_UVP,
    fault_ids.DISCHARGE_MOS_FAILED,
    fault_ids.PASSWORD_DEFAULT,
    fault_ids.DISCHARGE_SHORT,
    fault_ids.TEMP_SENSOR,
)


# req: PNL-01
def test_shutdown_is_all_dark():
    rig = Rig(mode=state.OFF)
    rig.faults.put(fault_ids.CELL_OVP, True)
    rig.state.panel.link_frames += 1
    assert rig.leds() == 0
    assert rig.leds() == 0


# req: PNL-01
def test_normal_shows_on_run_and_the_bar_in_every_direction_of_current():
    rig = Rig()
    for current_ma in (0, 50_000, -50_000):
        rig.state.measured.current_ma = current_ma
        rig.state.balance.active = current_ma == 0
        assert rig.leds() == 1 + 2 + 16 + 32 + 64 + 128


# req: PNL-01
def test_each_alarm_of_the_lamp_table_flickers_and_keeps_the_bar():
    for fault in ALL_ALARMS:
        rig = Rig()
        rig.faults.put(fault, True, 1)
        seen = [rig.leds(250) for _ in range(4)]
        assert seen == [0xF7, 0xF3, 0xF7, 0xF3], (fault, seen)
        rig.faults.put(fault, False)
        assert rig.leds() == 0xF3


# req: PNL-01
def test_alm_flickers_at_2_hz():
    rig = Rig()
    rig.faults.put(fault_ids.CELL_OVP, True)
    alm = [rig.leds(50) >> 2 & 1 for _ in range(21)]
    assert alm == [1] * 5 + [0] * 5 + [1] * 5 + [0] * 5 + [1]


# req: PNL-02
def test_warnings_and_user_defined_alarms_leave_alm_dark():
    rig = Rig()
    rig.set(dry1_trigger=13, dry1_on=40, dry1_off=30, buzzer_trigger=13, buzzer_on=40)
    for fault in (
        fault_ids.LOW_SOC,
        fault_ids.BATTERY_HOT,
        fault_ids.CELL_DIFFERENCE,
        fault_ids.CYCLE_LATE,
        fault_ids.CHARGE_SWITCHED_OFF,
    ):
        rig.faults.put(fault, True)
    assert [rig.leds(125) & 4 for _ in range(8)] == [0] * 8
    assert rig.state.panel.contacts == 1
    assert rig.state.panel.buzzer


# req: PNL-06
def test_lamps_are_dark_until_the_start_is_done():
    rig = Rig(mode=state.STARTING, healthy=0)
    rig.faults.put(fault_ids.PASSWORD_DEFAULT, True)
    assert rig.leds() == 0
    rig.state.power.mode = state.ON
    assert rig.leds() & 7 == 7


# req: PNL-01
def test_a_start_that_does_not_end_shows_its_alarm():
    rig = Rig(mode=state.STARTING, healthy=0)
    rig.faults.put(fault_ids.AFE_LOST, True)
    rig.run(4900)
    assert rig.io.leds == 0
    rig.run(100)
    assert rig.io.leds & 7 == 7


# req: PNL-08
def test_recovery_flickers_without_run_and_bar():
    rig = Rig(mode=state.SAFE)
    assert [rig.leds(250) for _ in range(4)] == [5, 1, 5, 1]
    rig.faults.put(fault_ids.CELL_OVP, True)
    assert rig.leds(10) & ~4 == 1


# req: PNL-01
def test_sleep_shows_on_alone_but_an_alarm_shows_as_always():
    rig = Rig(mode=state.SLEEP)
    assert rig.leds() == 1
    rig.faults.put(fault_ids.CELL_UVP, True)
    assert rig.leds() == 0xF7


# req: PNL-03
def test_bar_of_one_lamp():
    assert [Lamps(0).bar(soc) for soc in (0, 1, 165, 166)] == [1, 1, 1, 1]


# req: PNL-03
def test_bar_of_two_lamps():
    assert [Lamps(0).bar(soc) for soc in (167, 250, 332)] == [2, 2, 2]


# req: PNL-03
def test_bar_of_three_lamps():
    assert [Lamps(0).bar(soc) for soc in (333, 400, 498)] == [3, 3, 3]


# req: PNL-03
def test_bar_of_four_lamps():
    assert [Lamps(0).bar(soc) for soc in (499, 600, 664)] == [4, 4, 4]


# req: PNL-03
def test_bar_of_five_lamps():
    assert [Lamps(0).bar(soc) for soc in (665, 700, 830)] == [5, 5, 5]


# req: PNL-03
def test_bar_of_six_lamps():
    assert [Lamps(0).bar(soc) for soc in (831, 999, 1000)] == [6, 6, 6]


# req: PNL-03
def test_bar_lights_the_lamps_from_l1_upwards():
    rig = Rig()
    words = (0x10, 0x30, 0x70, 0xF0, 0x1F0, 0x3F0)
    for i, soc in enumerate((100, 300, 450, 600, 800, 900)):
        rig.state.gauge.soc_dpct = soc
        assert rig.leds() == 3 + words[i], soc


# req: PNL-03
def test_bar_does_not_flutter_at_a_boundary():
    lamps = Lamps(0)
    assert [lamps.bar(soc) for soc in (498, 499, 498, 490, 489, 488, 489, 498)] == [
        3, 4, 4, 4, 4, 3, 3, 3,
    ]  # fmt: skip
    assert lamps.bar(499) == 4
    assert lamps.bar(100) == 1


# req: PNL-03
def test_bar_is_dark_while_the_soc_is_unknown():
    rig = Rig()
    rig.state.gauge.soc_dpct = None
    assert rig.leds() == 3
    rig.state.gauge.soc_dpct = 489
    assert rig.leds() == 3 + 16 + 32 + 64


# req: PNL-04
def test_link_flashes_for_100_ms_with_each_exchange():
    rig = Rig()
    rig.leds()
    rig.state.panel.link_frames += 1
    assert [rig.leds(50) >> 3 & 1 for _ in range(6)] == [1, 1, 0, 0, 0, 0]


# req: PNL-04
def test_link_flashes_and_does_not_stand_under_steady_traffic():
    rig = Rig()
    lit = []
    for _ in range(12):
        rig.state.panel.link_frames += 1
        lit.append(rig.leds(50) >> 3 & 1)
    assert lit == [1, 1, 0, 0] * 3


# req: PNL-04
def test_link_is_dark_when_frames_stop_and_when_off():
    rig = Rig(mode=state.OFF)
    rig.state.panel.link_frames += 1
    assert rig.leds() == 0
    rig.run(1000)
    rig.state.power.mode = state.ON
    assert rig.leds() & 8 == 0
