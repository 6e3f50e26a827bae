"""A fault that comes and goes does not make the MOSFETs chatter."""

from hal import contract as c
from tests.fakes.bench import Bench

OFF = (False, False)
BOTH = (True, True)


def closings(b, seconds, act):
    """How often a MOSFET pair that was open closes while `act(i)` is done every 100 ms."""
    count, was = 0, b.mosfets()
    for i in range(int(seconds * 10)):
        act(i)
        b.run(0.1)
        now = b.mosfets()
        if was == OFF and now != OFF:
            count += 1
        was = now
    return count


# req: PRT-21, PRT-22
def test_a_front_end_that_is_reset_again_and_again():
    b = Bench()

    def reset(i):
        if i % 15 == 0:
            b.hal.afe.latch_bits = c.LATCH_RESET
            b.hal.afe.mosfet_bits = 0

    assert closings(b, 60, reset) <= 2
    assert b.stands("afe_watchdog") and b.mosfets() == OFF
    b.run(62)
    assert not b.stands("afe_watchdog") and b.mosfets() == BOTH


# req: MEA-03
def test_a_loose_mos_sensor():
    b = Bench()

    def shake(i):
        b.hal.afe.temp_dc[c.MOS_SENSOR] = c.SENSOR_OPEN if i % 57 < 4 else 250

    assert closings(b, 60, shake) <= 1
    b.hal.afe.temp_dc[c.MOS_SENSOR] = 250
    b.run(62)
    assert not b.stands("mos_sensor") and b.mosfets() == BOTH


# req: PRT-15
def test_a_program_that_hangs_after_each_start():
    b = Bench()
    b.hal.reset_cause = c.RESET_WATCHDOG
    b.boot()
    b.run(3)
    assert b.mosfets() == BOTH  # the first bite may be a chance
    b.boot()
    b.run(58)
    assert b.stands("watchdog_reset") and b.mosfets() == OFF
    b.boot()
    b.run(58)
    assert b.mosfets() == OFF
    b.run(5)
    assert b.mosfets() == BOTH
    b.run(600)
    assert not b.stands("watchdog_reset")  # forgotten after ten minutes
    b.boot()
    b.run(3)
    assert b.mosfets() == BOTH
