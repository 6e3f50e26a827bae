"""Power states, power-off, sleep, emergency power, recovery mode (PWR, PRT-03, PRT-17, PNL-08)."""

from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from firmware.requests import CONSOLE
from firmware.state import OFF, ON, SAFE, SLEEP
from hal import contract as c
from tests.fakes.bench import Bench

BOTH_OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def flat(mv=2490, **options):
    """A flat pack whose ten minutes after the start are over."""
    b = Bench(**options)
    b.cells(mv)
    b.run(3)
    b.controller.control.power._grace_ms = 0
    return b


# req: PRT-03
def test_a_flat_pack_shuts_itself_down_after_five_seconds():
    b = flat()
    b.run(4.5)
    assert b.state.power.mode == ON and b.stands("power_off_voltage")
    assert b.state.power.shutdown_in_s == 0
    writes = b.hal.nvm.writes
    assert b.hal.power_latch.offs == 0
    b.run(1)
    assert b.state.power.mode == OFF
    assert b.mosfets() == BOTH_OFF
    assert b.hal.nvm.writes > writes  # saved first
    assert b.hal.power_latch.offs == 1


# req: PRT-03
def test_the_highest_cell_counts():
    b = flat()
    b.cells(2500, 4)
    b.run(20)
    assert b.state.power.mode == ON


# req: PRT-03
def test_charge_current_or_a_charger_keeps_it_on():
    b = flat()
    b.current(0.3)
    b.run(20)
    assert b.state.power.mode == ON
    b.current(0)
    b.hal.charger_sense.mv = 8 * 2490 + 5_000
    b.run(20)
    assert b.state.power.mode == ON
    b.hal.charger_sense.mv = 0
    b.run(5.5)
    assert b.state.power.mode == OFF


# req: PRT-03
def test_suspended_for_ten_minutes_after_a_wake_up():
    b = Bench()
    b.cells(2490)
    b.run(590)
    assert b.state.power.mode == ON
    b.run(20)
    assert b.state.power.mode == OFF


# req: PRT-03, MEA-06
def test_missing_data_is_not_a_flat_pack():
    b = flat()
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(20)
    assert b.state.power.mode == ON


# req: PRT-03, PRT-15
def test_a_storage_that_fails_does_not_prevent_the_power_off():
    b = flat()

    def boom(*_):
        raise OSError("injected")

    b.hal.nvm.write = boom
    b.run(6)
    assert b.state.power.mode == OFF and b.hal.power_latch.offs == 1
    assert b.stands("storage")


def key(b, seconds):
    """Press the activation key this long."""
    b.hal.panel.key_bits = c.KEY_ACTIVATE
    b.run(seconds)
    b.hal.panel.key_bits = 0
    b.run(0.3)


# req: PWR-01
def test_off_by_a_held_key_and_on_by_a_press():
    b = Bench()
    key(b, 2.8)
    assert b.state.power.mode == ON
    key(b, 3.3)
    assert b.state.power.mode == OFF
    assert b.mosfets() == BOTH_OFF and b.hal.kill_line.on
    assert b.stands("powered_off")
    b.run(5)
    assert b.mosfets() == BOTH_OFF
    key(b, 0.2)
    b.run(2)
    assert b.state.power.mode == ON
    assert b.mosfets() == BOTH


# req: PWR-01
def test_switched_on_it_starts_through_the_gate():
    b = Bench()
    b.controller.control.power.off()
    b.run(1)
    starts = b.hal.afe.starts
    b.controller.control.power.on()
    b.run(0.1)
    assert b.stands("starting") and b.mosfets() == BOTH_OFF
    b.run(2)
    assert b.hal.afe.starts == starts + 1
    assert b.mosfets() == BOTH


# req: PWR-01, PRT-15
def test_off_and_on_does_not_clear_latched_reasons():
    b = Bench()
    b.cells(3800, 1)
    b.run(3)
    b.cells(3300, 1)
    b.controller.control.power.off()
    b.run(1)
    b.controller.control.power.on()
    b.run(5)
    assert b.stands("trip_output")
    assert b.mosfets() == BOTH_OFF


# req: PWR-01
def test_reset_key_restarts_with_both_off_and_the_state_saved():
    b = Bench()
    writes = b.hal.nvm.writes
    b.hal.panel.key_bits = c.KEY_RESET
    b.run(0.5)
    assert b.hal.resets == 1
    assert b.mosfets() == BOTH_OFF and b.hal.kill_line.on
    assert b.hal.nvm.writes > writes
    feeds = b.hal.watchdog.feeds
    b.run(3)  # a reset that does not come: stay off, let the watchdog bite
    assert b.mosfets() == BOTH_OFF
    assert b.hal.watchdog.feeds == feeds


# req: PWR-02
def test_a_charger_wakes_it():
    b = Bench()
    b.controller.control.power.off()
    b.run(1)
    b.hal.charger_sense.mv = 26_400 + 4_900
    b.run(1)
    assert b.state.power.mode == OFF
    b.hal.charger_sense.mv = 26_400 + 5_000
    b.run(2)
    assert b.state.power.mode == ON


# req: PWR-02, PWR-01
def test_a_charger_that_is_there_already_does_not_undo_the_key():
    b = Bench()
    b.hal.charger_sense.mv = 33_000
    b.run(1)
    b.controller.control.power.off()
    b.run(5)
    assert b.state.power.mode == OFF
    b.hal.charger_sense.mv = 0
    b.run(0.5)
    b.hal.charger_sense.mv = 33_000
    b.run(2)
    assert b.state.power.mode == ON


def sleepy(**changes):
    values = {p.SMART_SLEEP_ENABLED: 1, p.SMART_SLEEP_H: 1}
    values.update(changes)
    b = Bench(changes=values)
    b.controller.control.power._idle_s = 3_590
    return b


# req: PWR-03
def test_smart_sleep_after_the_set_time_below_the_set_voltage():
    b = sleepy()
    b.run(5)
    assert b.state.power.mode == ON and b.state.power.sleep_in_s > 0
    b.run(6)
    assert b.state.power.mode == SLEEP
    assert b.hal.power_latch.deep is True
    assert b.mosfets() == BOTH  # sleep leaves them as they are


# req: PWR-03
def test_no_sleep_when_switched_off_above_the_voltage_or_under_current():
    b = sleepy()
    b.parameters.values[p.SMART_SLEEP_ENABLED] = 0
    b.parameters.seal()
    b.run(15)
    assert b.state.power.mode == ON
    b = sleepy()
    b.cells(3500)
    b.run(15)
    assert b.state.power.mode == ON
    b = sleepy()
    b.current(-1.5)
    b.run(15)
    assert b.state.power.mode == ON


# req: PWR-03
def test_what_wakes_it():
    def charger(b):
        b.hal.charger_sense.mv = 40_000

    def traffic(b):
        b.controller.ports[1][1].port.counters.answered += 1

    for wake in (
        lambda b: b.current(-2), lambda b: b.current(2), charger, traffic, lambda b: key(b, 0.2),
    ):  # fmt: skip
        b = sleepy()
        b.run(11)
        assert b.state.power.mode == SLEEP
        wake(b)
        b.run(1.2)
        assert b.state.power.mode == ON
        assert b.hal.power_latch.deep is False


# req: PWR-03, PRT-01
def test_protection_goes_on_asleep():
    b = sleepy()
    b.run(11)
    b.cells(2590, 2)
    b.run(2.5)
    assert b.mosfets() == CHARGE


# req: PRT-03, PWR-03
def test_a_sleeping_pack_that_goes_flat_is_off_not_asleep():
    b = sleepy()
    b.run(11)
    assert b.state.power.mode == SLEEP
    b.hal.power_latch = None  # a board that cannot cut its supply
    b.cells(2490)
    b.controller.control.power._grace_ms = 0
    b.run(10)
    assert b.state.power.mode == OFF
    assert b.mosfets() == BOTH_OFF


# req: PNL-08
def test_recovery_mode_keeps_both_off():
    b = Bench(start=False)
    b.hal.panel.key_bits = c.KEY_ACTIVATE
    b.hal.reset_cause = c.RESET_PIN
    b.boot()
    b.hal.panel.key_bits = 0
    b.run(5)
    assert b.state.power.mode == SAFE and b.stands("safe_mode")
    assert b.mosfets() == BOTH_OFF
    b.hal.reset_cause = c.RESET_PIN
    b.boot()  # RST alone
    b.run(3)
    assert b.state.power.mode == ON
    assert b.mosfets() == BOTH


# req: PNL-08
def test_off_and_on_leaves_the_recovery_mode():
    b = Bench(start=False)
    b.hal.panel.key_bits = c.KEY_ACTIVATE | c.KEY_RESET
    b.boot()
    b.hal.panel.key_bits = 0
    b.run(3)
    assert b.state.power.mode == SAFE
    key(b, 3.5)
    assert b.state.power.mode == OFF
    key(b, 0.2)
    b.run(2)
    assert b.state.power.mode == ON
    assert b.mosfets() == BOTH


def empty():
    b = Bench()
    b.cells(2550)
    b.run(3)
    assert b.mosfets() == CHARGE
    return b


def ask(b, granted=True):
    try:
        b.requests.submit(CONSOLE, r.EMERGENCY)
    except Refused as refusal:
        assert not granted, str(refusal)
        return str(refusal)
    assert granted
    return ""


# req: PRT-17
def test_emergency_power_overrides_under_voltage_for_half_an_hour():
    b = empty()
    ask(b)
    b.run(0.3)
    assert b.mosfets() == BOTH
    assert b.stands("cell_uvp") and b.stands("emergency")
    assert 1798 <= b.state.power.emergency_s <= 1800
    b.state.power.emergency_s = 3
    b.run(2.5)
    assert b.mosfets() == BOTH
    b.run(1)
    assert b.mosfets() == CHARGE and not b.stands("emergency")


# req: PRT-17
def test_emergency_power_suspends_the_power_off():
    b = empty()
    b.cells(2450)
    ask(b)
    b.controller.control.power._grace_ms = 0
    b.run(20)
    assert b.state.power.mode == ON and b.mosfets()[1]
    b.requests.submit(CONSOLE, r.EMERGENCY_STOP)
    b.run(6)
    assert b.state.power.mode == OFF


def mos(b, dc):
    b.hal.afe.temp_dc[4] = dc


# req: PRT-17
def test_emergency_power_never_overrides_anything_else():
    for begin in (
        lambda b: setattr(b.hal.afe, "latch_bits", c.LATCH_DISCHARGE_SHORT),
        lambda b: setattr(b.hal.afe, "latch_bits", c.LATCH_DISCHARGE_OC),
        lambda b: setattr(b.hal.afe, "latch_bits", c.LATCH_CELL_UV),
        lambda b: setattr(b.hal.afe, "read_result", c.BUS_ERROR),
        lambda b: b.battery(65),
        lambda b: mos(b, 900),
        lambda b: mos(b, c.SENSOR_OPEN),
    ):
        b = empty()
        ask(b)
        b.run(0.3)
        assert b.mosfets() == BOTH
        begin(b)
        b.run(6)
        assert not b.state.mosfets.discharge


# req: PRT-17
def test_emergency_power_does_not_open_the_way_for_over_voltage():
    b = empty()
    b.cells(3650, 0)
    b.run(2)
    ask(b)
    b.run(0.3)
    assert b.mosfets() == DISCHARGE  # the discharge MOS only


# req: PRT-17
def test_it_ends_at_the_lowest_voltage():
    b = empty()
    ask(b)
    b.cells(2200, 1)
    b.run(1)
    assert b.mosfets() == BOTH
    b.cells(2199, 1)
    b.run(0.3)
    assert b.mosfets() == CHARGE
    assert "once an hour" in ask(b, granted=False)


# req: PRT-17
def test_refused_below_the_lowest_voltage_and_when_off():
    b = Bench()
    b.cells(2190, 3)
    b.run(3)
    assert "2200" in ask(b, granted=False)
    b = Bench()
    b.controller.control.power.off()
    assert "not switched on" in ask(b, granted=False)


# req: PRT-17
def test_granted_once_an_hour_also_over_a_reset():
    b = empty()
    ask(b)
    b.requests.submit(CONSOLE, r.EMERGENCY_STOP)
    assert "once an hour" in ask(b, granted=False)
    b.run(70)
    b.boot()
    b.run(5)
    assert b.state.power.emergency_s == 0
    assert "once an hour" in ask(b, granted=False)
    b.state.system.uptime_s += 3_600
    ask(b)


# req: PRT-17
def test_the_key_starts_it_where_that_is_chosen():
    b = Bench(changes={p.BUTTON_EMERGENCY: 1})
    b.cells(2550)
    b.run(3)
    key(b, 0.2)
    assert b.state.power.emergency_s > 0 and b.mosfets() == BOTH
    b = empty()
    key(b, 0.2)
    assert b.state.power.emergency_s == 0
