"""Carrying through the body diode, stuck and failed MOSFETs, pre-charge and live ports."""

from firmware import parameter_ids as p
from firmware.requests import CONSOLE, SET
from hal import contract as c
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def without(*parts, **options):
    """A pack whose board lacks these parts."""
    b = Bench(start=False, **options)
    for part in parts:
        setattr(b.hal, part, None)
    b.boot()
    b.run(2)
    return b


# req: PRT-18
def test_an_open_charge_mos_carries_discharge_within_one_cycle():
    b = Bench()
    b.cells(3620, 1)
    b.run(2)
    assert b.mosfets() == DISCHARGE
    b.current(-0.99)
    b.run(0.5)
    assert b.mosfets() == DISCHARGE
    b.current(-1)
    b.run(0.1)
    assert b.mosfets() == BOTH
    assert b.stands("cell_ovp") and b.state.mosfets.charge_carry
    b.current(-0.5)
    b.run(0.5)
    assert b.mosfets() == BOTH  # carries down to 0.5 A
    b.current(-0.49)
    b.run(0.1)
    assert b.mosfets() == DISCHARGE


# req: PRT-18
def test_an_open_discharge_mos_carries_charge_and_opens_when_it_turns():
    b = Bench()
    b.cells(2590, 1)
    b.run(3)
    b.current(20)
    b.run(0.1)
    assert b.mosfets() == BOTH
    b.current(-20)
    b.run(0.1)
    assert b.mosfets() == CHARGE
    assert not b.state.mosfets.discharge_carry


# req: PRT-18
def test_carrying_whatever_the_reason():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0})
    b.run(0.3)
    b.current(-5)
    b.run(0.1)
    assert b.mosfets() == BOTH
    b = Bench()
    b.battery(-25)  # discharge under-temperature
    b.hal.charge_limiter = None
    b.run(6)
    assert b.mosfets() == OFF  # charging is blocked too: neither direction is allowed
    b.current(5)
    b.run(0.5)
    assert b.mosfets() == OFF


# req: PRT-18
def test_never_while_a_both_off_reason_stands():
    b = Bench()
    b.cells(3620, 1)
    b.run(2)
    b.current(-5)
    b.run(0.2)
    assert b.mosfets() == BOTH
    b.hal.afe.temp_dc[4] = 800
    b.run(3)
    assert b.stands("mos_otp")
    assert b.mosfets() == OFF
    b.run(1)
    assert b.mosfets() == OFF


# req: PRT-18, PRT-14
def test_both_switched_off_under_current_closes_nothing_again():
    b = Bench()
    b.current(-30)
    b.run(0.5)
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0, p.DISCHARGE_SWITCH: 0})
    for _ in range(5):
        b.run(0.1)
    assert b.mosfets() == OFF


# req: PRT-16
def test_charge_current_through_an_open_charge_mos_is_a_stuck_one():
    b = without("charge_limiter")
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0})
    b.run(0.2)
    b.current(1)
    b.run(3)
    assert not b.stands("charge_mos_stuck")
    b.current(1.1)
    b.run(0.8)
    assert not b.stands("charge_mos_stuck")
    b.run(0.4)
    assert b.stands("charge_mos_stuck") and b.stands("trip_output")
    assert b.mosfets() == OFF
    assert b.faults.jk_word() >> 16 & 1


# req: PRT-16
def test_discharge_current_through_an_open_discharge_mos_is_a_stuck_one():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 0})
    b.run(0.2)
    b.current(-1.1)
    b.run(1.4)
    assert b.stands("discharge_mos_stuck")
    assert b.faults.jk_word() >> 17 & 1
    b.current(0)
    b.run(5)
    assert b.stands("discharge_mos_stuck")  # until the key
    b.controller.control.key()
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 1})
    b.run(1)
    assert b.mosfets() == BOTH


# req: PRT-16
def test_current_in_the_allowed_direction_is_normal():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0})
    b.current(-40)
    b.run(5)
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 1, p.DISCHARGE_SWITCH: 0})
    b.current(40)
    b.run(5)
    assert not b.stands("charge_mos_stuck") and not b.stands("discharge_mos_stuck")


# req: PRT-16
def test_a_mos_that_is_not_driven_is_a_switch_on_failure():
    for bit, key, jk in ((c.CHARGE_ON, "charge_mos_failed", 16),
                         (c.DISCHARGE_ON, "discharge_mos_failed", 17)):  # fmt: skip
        b = Bench()
        afe, right = b.hal.afe, b.hal.afe.mosfets
        afe.mosfets = lambda right=right, bit=bit: right() & ~bit
        b.run(1.5)
        assert not b.stands(key)
        b.run(1)
        assert b.stands(key) and b.faults.jk_word() >> jk & 1
        afe.mosfets = right
        b.run(1)
        assert b.mosfets() == (bit != c.CHARGE_ON, bit != c.DISCHARGE_ON)
        b.controller.control.key()
        b.run(1)
        assert b.mosfets() == BOTH


# req: PRT-16
def test_a_port_that_stays_dead_behind_a_closed_discharge_mos():
    b = Bench()
    b.follow = False
    b.hal.afe.port_mv = 20_000
    b.run(2.5)
    assert b.stands("discharge_mos_failed")


# req: PRT-19
def test_the_discharge_mos_waits_for_the_pre_charge():
    b = Bench(start=False)
    b.follow = False
    b.run(1.5)
    assert b.hal.precharge.on and b.state.mosfets.precharging
    assert not b.mosfets()[1]
    b.hal.afe.port_mv = 23_700  # 10.2 % below 26.4 V
    b.run(0.3)
    assert not b.mosfets()[1]
    b.hal.afe.port_mv = 23_770
    b.run(0.2)
    assert b.mosfets() == BOTH
    assert not b.hal.precharge.on


# req: PRT-19
def test_three_tries_then_latched():
    b = Bench(start=False)
    b.follow = False
    tries, was = 0, False
    for _ in range(400):
        b.run(0.1)
        if b.hal.precharge.on and not was:
            tries += 1
        was = b.hal.precharge.on
        assert not b.mosfets()[1]
    assert tries == 3
    assert b.stands("precharge_failed") and b.faults.jk_word() >> 20 & 1
    assert b.mosfets() == CHARGE
    b.controller.control.key()
    b.follow = True
    b.run(2)
    assert b.mosfets() == BOTH


# req: PRT-19
def test_a_board_without_port_voltage_pre_charges_for_the_set_time():
    b = Bench(start=False)
    b.follow = False
    b.hal.afe.port_mv = -1
    b.run(1)
    assert b.hal.precharge.on
    b.run(3.5)
    assert not b.mosfets()[1]
    b.run(2)
    assert b.mosfets() == BOTH and not b.hal.precharge.on


# req: PRT-19
def test_a_board_without_the_path_closes_once_and_watches_for_a_short():
    b = without("precharge")
    assert b.mosfets() == BOTH
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 0})
    b.run(0.5)
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 1})
    b.run(0.2)
    b.hal.afe.latch_bits = c.LATCH_DISCHARGE_SHORT
    b.hal.afe.mosfet_bits = 0
    b.run(0.3)
    assert b.stands("precharge_failed")
    b.run(70)
    assert b.mosfets() == CHARGE


# req: PRT-19
def test_a_short_later_is_no_failed_switch_on():
    b = without("precharge")
    b.run(3)
    b.hal.afe.latch_bits = c.LATCH_DISCHARGE_SHORT
    b.hal.afe.mosfet_bits = 0
    b.run(0.3)
    assert b.stands("discharge_short") and not b.stands("precharge_failed")


# req: PRT-19, PRT-18
def test_charging_current_during_the_pre_charge_is_carried():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 0})
    b.run(0.5)
    b.follow = False
    b.hal.afe.port_mv = -1  # pre-charges by time
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 1})
    b.run(0.3)
    assert b.mosfets() == CHARGE
    b.current(10)
    b.run(0.1)
    assert b.mosfets() == BOTH


def live_port(above_mv, *missing):
    """Starting with a charger's voltage on the port."""
    b = Bench(start=False)
    for part in missing:
        setattr(b.hal, part, None)
    b.boot()
    b.follow = False
    b.hal.afe.port_mv = 26_400 + above_mv
    return b


# req: MEA-08
def test_within_the_window_it_closes_at_once():
    b = live_port(500)
    b.run(1.2)
    assert b.mosfets() == BOTH
    assert b.hal.charge_limiter.sets == 0


# req: MEA-08
def test_a_higher_port_is_met_through_the_limiter():
    b = live_port(2800)
    b.run(1.2)
    assert b.hal.charge_limiter.on
    assert b.stands("port_voltage")
    assert not b.mosfets()[0]
    b.current(10)
    b.hal.afe.port_mv = 26_800  # the charger is at its current limit
    b.run(0.2)
    assert b.mosfets() == BOTH
    assert not b.stands("port_voltage")
    b.run(0.3)
    assert not b.hal.charge_limiter.on
    assert not b.stands("charge_mos_stuck")


# req: MEA-08
def test_a_higher_port_without_a_limiter_is_met_through_the_pre_charge_path():
    b = live_port(2800, "charge_limiter")
    b.run(1.2)
    assert b.hal.precharge.on
    assert not b.mosfets()[0]
    b.current(2.5)
    b.run(1)
    assert b.mosfets()[0] and not b.hal.precharge.on
    assert not b.stands("charge_mos_stuck")


# req: MEA-08
def test_the_window_grows_with_the_cells():
    b = Bench(cells=16, start=False, changes={p.CELL_COUNT: 16})
    b.follow = False
    b.hal.afe.port_mv = 16 * 3300 + 999  # 0.5 V x 16 / 8
    b.run(1.2)
    assert b.mosfets() == BOTH


# req: MEA-08, PRT-18
def test_a_carrying_charge_mos_stays_closed_when_its_reason_goes():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 0})
    b.current(-10)
    b.run(0.3)
    b.follow = False
    b.hal.afe.port_mv = 27_400  # a charger takes over
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: 1})
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: MEA-08
def test_paths_are_off_when_the_controller_opens():
    b = Bench(start=False)
    b.follow = False
    b.run(1.5)
    assert b.hal.precharge.on
    b.controller.shutdown()
    assert not b.hal.precharge.on and not b.hal.charge_limiter.on
    assert b.hal.kill_line.on and b.mosfets() == OFF
