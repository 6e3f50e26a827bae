"""Over-current, short circuit, the limiting module and what the limits say meanwhile."""

from firmware import parameter_ids as p
from firmware.requests import CONSOLE, SET
from hal import contract as c
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def plain(**options):
    """A pack whose board has no limiting module."""
    b = Bench(start=False, **options)
    b.hal.charge_limiter = None
    b.boot()
    b.run(2)
    return b


# req: PRT-04
def test_manuals_example_for_charging():
    """10 A, 10 s, 50 s: 11 A trips after 10 s; 50 s later the MOS closes again."""
    b = plain()
    changes = {
        p.CHARGE_OCP_MA: 10_000, p.CHARGE_OCP_DELAY_S: 10, p.CHARGE_OCP_RELEASE_S: 50,
    }  # fmt: skip
    b.requests.submit(CONSOLE, SET, changes)
    b.current(10)
    b.run(20)
    assert b.mosfets() == BOTH  # exactly the limit
    b.current(11)
    b.run(9.8)
    assert b.mosfets() == BOTH
    b.run(0.5)
    assert b.stands("charge_ocp")
    assert b.mosfets() == DISCHARGE
    b.current(0)
    b.run(49.5)
    assert b.mosfets() == DISCHARGE
    b.run(0.8)
    assert b.mosfets() == BOTH


# req: PRT-05
def test_manuals_example_for_discharging():
    """100 A, 10 s, 50 s."""
    b = plain()
    changes = {
        p.DISCHARGE_OCP_MA: 100_000, p.DISCHARGE_OCP_DELAY_S: 10, p.DISCHARGE_OCP_RELEASE_S: 50,
    }  # fmt: skip
    b.requests.submit(CONSOLE, SET, changes)
    b.current(-100)
    b.run(20)
    assert b.mosfets() == BOTH
    b.current(-101)
    b.run(9.8)
    assert b.mosfets() == BOTH
    b.run(0.5)
    assert b.stands("discharge_ocp")
    assert b.mosfets() == CHARGE
    b.current(0)
    b.run(49.5)
    assert b.mosfets() == CHARGE
    b.run(0.8)
    assert b.mosfets() == BOTH


# req: PRT-04
def test_a_pause_starts_the_delay_anew():
    b = plain()
    for _ in range(3):
        b.current(250)
        b.run(20)
        b.current(150)
        b.run(0.3)
    assert not b.stands("charge_ocp")


# req: PRT-04
def test_bad_readings_do_not_stretch_the_delay():
    b = plain(changes={p.CHARGE_OCP_DELAY_S: 3})
    b.current(250)
    for _ in range(10):
        b.hal.afe.read_result = c.NOT_READY
        b.run(0.2)
        b.hal.afe.read_result = c.OK
        b.run(0.1)
    b.run(0.4)
    assert b.stands("charge_ocp")


# req: PRT-04, PRT-05
def test_the_boards_own_range_is_named_in_the_refusal():
    from firmware.parameters import Refused

    b = plain()
    b.hal.capabilities.ocp_min_ma, b.hal.capabilities.ocp_max_ma = 10_000, 200_000
    for id, ma in ((p.CHARGE_OCP_MA, 9_000), (p.DISCHARGE_OCP_MA, 201_000)):
        try:
            b.requests.submit(CONSOLE, SET, {id: ma})
        except Refused as refused:
            assert "10000..200000" in str(refused) and str(ma) in str(refused)
        else:
            raise AssertionError(ma)
    b.requests.submit(CONSOLE, SET, {p.CHARGE_OCP_MA: 10_000, p.CHARGE_OCP_RELEASE_S: 120})


# req: PRT-23
def test_over_current_two_of_the_shipped_pack():
    b = plain()
    b.current(-349)
    b.run(5)
    assert not b.stands("discharge_ocp2")
    b.current(-351)
    b.run(0.9)
    assert b.mosfets() == BOTH
    b.run(0.4)
    assert b.stands("discharge_ocp2")
    assert b.mosfets() == CHARGE
    b.current(0)
    b.run(61)
    assert b.mosfets() == BOTH
    b.current(351)
    b.run(1.3)
    assert b.stands("charge_ocp2")
    assert b.mosfets() == DISCHARGE
    b.current(0)
    b.run(61)
    assert b.mosfets() == BOTH


# req: PRT-23
def test_over_current_two_is_half_as_much_again_elsewhere():
    b = plain(profile="ess", changes={p.CELL_COUNT: 8})
    b.current(-224)
    b.run(3)
    assert b.mosfets() == BOTH
    b.current(-226)  # 1.5 x 150 A
    b.run(1.9)
    assert b.mosfets() == BOTH
    b.run(0.5)
    assert b.stands("discharge_ocp2")


# req: PRT-12
def test_the_limiter_takes_over_after_a_charge_over_current():
    b = Bench()
    b.current(210)
    b.run(31, lambda: b.stands("charge_ocp"))
    b.current(10)
    b.run(0.3)
    assert b.hal.charge_limiter.on and b.stands("limiting")
    assert b.mosfets() == DISCHARGE
    assert b.state.limits.charge_ma == 10_000 and b.state.limits.charge_enable
    b.run(120)  # as long as it is needed
    assert b.hal.charge_limiter.on and not b.stands("charge_mos_stuck")
    b.current(4.9)
    b.run(9)
    assert b.hal.charge_limiter.on
    b.run(1.2)
    assert not b.hal.charge_limiter.on and not b.stands("limiting")
    b.current(0)
    b.run(61)
    assert b.mosfets() == BOTH


# req: PRT-12
def test_the_limiter_stays_off_when_switched_off_or_something_else_blocks():
    b = Bench(changes={p.LIMITER_DISABLED: 1})
    b.current(210)
    b.run(31, lambda: b.stands("charge_ocp"))
    b.current(0)
    b.run(1)
    assert not b.hal.charge_limiter.on
    b = Bench()
    b.current(210)
    b.run(29)
    b.cells(3590)
    b.cells(3650, 1)
    b.run(2, lambda: b.stands("charge_ocp"))
    b.current(0)
    b.run(0.5)
    assert b.stands("charge_ocp") and b.stands("cell_ovp")
    assert not b.hal.charge_limiter.on
    assert b.mosfets() == DISCHARGE


# req: PRT-12
def test_the_limiter_after_a_charge_short():
    b = Bench()
    short(b, c.LATCH_CHARGE_SHORT)
    assert b.stands("charge_short") and b.hal.charge_limiter.on


# req: PRT-25
def test_ask_first_when_a_delay_starts():
    b = plain()
    assert b.state.limits.charge_ma == 56_000 and b.state.limits.discharge_ma == 190_000
    b.current(205)
    b.run(0.3)
    limits = b.state.limits
    assert b.mosfets() == BOTH
    assert limits.charge_ma == 0 and not limits.charge_enable
    assert limits.charge_reason == 13
    assert limits.discharge_ma == 190_000 and limits.discharge_enable
    b.current(-205)
    b.run(0.3)
    assert limits.discharge_ma == 0 and not limits.discharge_enable
    assert limits.charge_ma == 56_000
    b.current(0)
    b.run(0.3)
    assert limits.discharge_ma == 190_000


# req: PRT-25
def test_the_discharge_limit_falls_before_under_voltage():
    b = plain()
    seen = []
    for mv in (2700, 2675, 2650, 2625, 2605):
        b.cells(mv)
        b.run(0.3)
        b.calm()
        seen.append(b.state.limits.discharge_ma)
    assert seen == [190_000, 130_625, 71_250, 11_875, 0]  # all at +100 mV, nothing at +20
    assert b.state.limits.discharge_enable
    b.cells(2590)
    b.run(0.3)
    assert b.state.limits.discharge_ma == 0


def short(b, bit):
    """The chip trips in microseconds and opens its MOSFETs."""
    b.hal.afe.latch_bits |= bit
    b.hal.afe.mosfet_bits = 0
    b.run(0.3)


# req: PRT-06
def test_a_short_holds_both_off_for_the_release_time_then_retries():
    b = plain()
    short(b, c.LATCH_DISCHARGE_SHORT)
    assert b.stands("discharge_short") and not b.stands("charge_short")
    assert b.mosfets() == OFF
    b.run(59)
    assert b.mosfets() == OFF
    b.run(1.5)
    assert b.mosfets() == BOTH
    assert b.hal.afe.latch_bits == 0


# req: PRT-06
def test_charge_and_discharge_shorts_are_told_apart():
    b = plain()
    short(b, c.LATCH_CHARGE_SHORT)
    assert b.stands("charge_short") and not b.stands("discharge_short")
    assert b.mosfets() == OFF
    b.run(61)
    assert b.mosfets() == BOTH


def latched_short(bit=c.LATCH_DISCHARGE_SHORT):
    b = plain(changes={p.SCP_RELEASE_S: 5})
    b.hal.load_detect.present = True
    b.hal.charger_sense.mv = 27_000
    for n in range(4):
        short(b, bit)
        assert b.stands("short_latched") == (n == 3)
        b.run(6)
    return b


# req: PRT-06
def test_after_three_retries_in_ten_minutes_it_is_latched():
    b = latched_short()
    b.run(60)
    assert b.stands("short_latched")
    assert b.mosfets() == OFF
    assert b.faults.jk_word() >> 24 & 1


# req: PRT-06
def test_the_latch_goes_with_the_load():
    b = latched_short()
    b.hal.load_detect.present = False
    b.run(1)
    b.hal.load_detect.present = True  # a bounce is no removal
    b.run(5)
    assert b.stands("short_latched")
    b.hal.load_detect.present = False
    b.run(3)
    assert not b.stands("short_latched")
    assert b.mosfets() == BOTH


# req: PRT-06
def test_the_latch_of_a_charge_short_goes_with_the_charger():
    b = latched_short(c.LATCH_CHARGE_SHORT)
    b.hal.load_detect.present = False
    b.run(5)
    assert b.stands("short_latched")
    b.hal.charger_sense.mv = 0
    b.run(3)
    assert not b.stands("short_latched")


# req: PRT-06
def test_the_key_releases_the_latch():
    b = latched_short()
    b.controller.control.key()
    b.run(1)
    assert b.mosfets() == BOTH
    short(b, c.LATCH_DISCHARGE_SHORT)
    assert b.stands("short_latched")  # no new three tries within the ten minutes


# req: PRT-06
def test_shorts_far_apart_are_not_latched():
    b = plain(changes={p.SCP_RELEASE_S: 5})
    for _ in range(5):
        short(b, c.LATCH_DISCHARGE_SHORT)
        b.run(6)
        b.state.system.uptime_s += 300
    assert not b.stands("short_latched")
    assert b.mosfets() == BOTH


# req: PRT-06, PRT-15
def test_tries_and_latch_survive_a_reset():
    b = plain(changes={p.SCP_RELEASE_S: 5})
    b.hal.load_detect.present = True
    for _ in range(3):
        short(b, c.LATCH_DISCHARGE_SHORT)
        b.run(8)
        b.boot()
        b.run(2)
    short(b, c.LATCH_DISCHARGE_SHORT)
    assert b.stands("short_latched")
    b.run(2)
    b.boot()
    b.run(10)
    assert b.stands("short_latched")
    assert b.mosfets() == OFF


# req: PRT-06
def test_a_short_that_took_the_supply_is_found_in_the_chip():
    b = plain()
    b.hal.afe.latch_bits = c.LATCH_DISCHARGE_SHORT
    b.hal.reset_cause = c.RESET_BROWN_OUT
    b.boot()
    b.run(3)
    assert b.stands("brown_out") and b.stands("discharge_short")
    assert b.mosfets() == OFF
    b.run(60)
    assert b.mosfets() == BOTH


# req: PRT-06
def test_supply_dips_in_a_row_count_as_shorts():
    b = plain(changes={p.SCP_RELEASE_S: 5})
    b.hal.reset_cause = c.RESET_BROWN_OUT
    b.hal.load_detect.present = True
    b.boot()
    b.run(15)
    assert b.mosfets() == BOTH  # one may be anything
    for n in range(3):
        b.boot()
        b.run(4)
        assert b.stands("discharge_short")
        assert b.mosfets() == OFF
        b.run(15)
        assert b.mosfets() == (BOTH if n < 2 else OFF)
    assert b.stands("short_latched")


# req: PRT-06
def test_a_short_that_comes_during_a_bus_error_is_not_lost():
    b = plain()
    b.hal.afe.latch_bits = c.LATCH_DISCHARGE_SHORT
    b.hal.afe.mosfet_bits = 0
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(0.2)
    b.hal.afe.read_result = c.OK
    b.run(0.3)
    assert b.stands("discharge_short")
    assert b.mosfets() == OFF
