"""MicroPython's `time` in the simulated world; ticks wrap at 2**30."""

from hal.contract import TICKS_PERIOD

HALF = TICKS_PERIOD // 2


class FakeTime:
    """`clock` is a chips.bus.BusClock: sleeping takes its time within a slice."""

    def __init__(self, world, clock):
        self._world, self._clock = world, clock

    def ticks_ms(self):
        return self._world.ticks_ms

    def ticks_us(self):
        return self._clock.now_us() % TICKS_PERIOD

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % TICKS_PERIOD

    def ticks_diff(self, later, earlier):
        return (later - earlier + HALF) % TICKS_PERIOD - HALF

    def sleep_us(self, us):
        self._clock.spend(us)

    def sleep_ms(self, ms):
        self._clock.spend(1000 * ms)
