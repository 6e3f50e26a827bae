"""Runs on the emulated board: what takes its times, and a front end that costs nothing.

Counted is every time of a run, in steps of a fixed width, so that keeping them costs the same
from the first to the last and hardly any heap.
"""

import gc
import time
from array import array

from hal import contract as c

STEPS = 256
ROOM = 20_000  # bytes that no cycle needs
EVERY = 17  # control cycles from one forced write to the next
now, since = time.ticks_us, time.ticks_diff


def show(name, value):
    """A result."""
    print(name, value)


class Spread:
    """How often a number was in which step of `width`; the longest one exactly."""

    def __init__(self, width):
        self._width = width
        self._counts = array("H", bytearray(2 * STEPS))
        self.count = self.longest = 0

    def add(self, number):
        """One more."""
        self._counts[min(number // self._width, STEPS - 1)] += 1
        self.count += 1
        self.longest = max(self.longest, number)

    def percentile(self, per_cent):
        """What so many per cent do not pass: the end of their step."""
        left = self.count * per_cent // 100
        for step in range(STEPS - 1):
            left -= self._counts[step]
            if left < 0:
                return min((step + 1) * self._width, self.longest)
        return self.longest

    def show(self, name, unit="us"):
        """Median, 95 % and longest, with how many there were."""
        if self.count:
            show(name + "_count", self.count)
            show(name + "_median_" + unit, self.percentile(50))
            show(name + "_p95_" + unit, self.percentile(95))
            show(name + "_max_" + unit, self.longest)


class Watch:
    """A service's part in its place: counts how long its steps take."""

    def __init__(self, part):
        self.part = part
        self.port = getattr(part, "port", None)  # the controller looks at its traffic
        self.times = Spread(100)

    def step(self, dt_ms):
        """As the part's."""
        start = now()
        wait_ms = self.part.step(dt_ms)
        self.times.add(since(now(), start))
        return wait_ms


class Cycles:
    """Times of control cycles, and how late they begin. Left out: a cycle that has written the
    flash, and how late the next one is (Writes)."""

    def __init__(self, controller):
        self._system, self._nvm = controller.state.system, controller.hal.nvm
        self._write = self._nvm.write
        self._nvm.write = self._writes
        self._wrote = self._before = False
        self.times, self.late = Spread(250), Spread(1)

    def _writes(self, slot, buffer, n):
        self._wrote = True
        return self._write(slot, buffer, n)

    def behind(self, us):
        """A cycle has ended."""
        if not self._before:
            self.late.add(self._system.late_ms)
        if not self._wrote:
            self.times.add(us)
        self._before, self._wrote = self._wrote, False

    def end(self):
        """Leave the storage as it was."""
        self._nvm.write = self._write


class Writes:
    """Every so many cycles one is stored behind, as the keeper does it: how long that takes, and
    how late the next one begins."""

    def __init__(self, controller):
        self._system, self._keeper = controller.state.system, controller.keeper
        self._left = 1
        self.times, self.late = Spread(1000), Spread(1)

    def behind(self, us):
        """A cycle has ended."""
        if self._left == EVERY:
            self.late.add(self._system.late_ms)
        self._left -= 1
        if not self._left:
            self._left = EVERY
            start = now()
            self._keeper.gauge.save()
            self.times.add(since(now(), start))


class Allocated:
    """Bytes that control cycles allocate, each by itself."""

    def __init__(self, controller):
        self._controller, self._cycle = controller, controller.cycle
        controller.cycle = self._measure
        self.bytes = Spread(16)

    def _measure(self, dt_ms):
        if gc.mem_free() < ROOM:
            gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        self._cycle(dt_ms)
        self.bytes.add(gc.mem_alloc() - before)
        gc.enable()

    def end(self):
        """Leave the controller as it was."""
        self._controller.cycle = self._cycle


class Still:
    """Takes the place of a front end's methods: measures what it measured last, obeys at once.
    The chip itself hears nothing any more, and opens its MOSFETs after its own time."""

    def __init__(self, afe, limits):
        """`limits`: a c.HardwareLimits, made while the board could make them."""
        self._mosfets = afe.mosfets()
        self._limits = limits
        afe.read_back(self._limits)
        afe.read, afe.read_back = self.read, self.read_back
        afe.set_mosfets, afe.mosfets = self.set_mosfets, self.mosfets
        afe.latches, afe.clear_latches = self.latches, self.clear_latches

    def read(self, sample):
        """Nothing new, but that it is new."""
        sample.scan += 1
        return c.OK

    def read_back(self, limits):
        """What the chip had."""
        for field in c.HardwareLimits.FIELDS:
            setattr(limits, field, getattr(self._limits, field))
        return True

    def set_mosfets(self, charge, discharge):
        """Done."""
        self._mosfets = (c.CHARGE_ON if charge else 0) | (c.DISCHARGE_ON if discharge else 0)
        return True

    def mosfets(self):
        """As asked."""
        return self._mosfets

    def latches(self):
        """None."""
        return 0

    def clear_latches(self, bits):
        """Nothing to do."""
        return True
