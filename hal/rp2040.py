"""What every RP2040 board has under MicroPython: reset cause, watchdog, reset, memory, clock.

The modules of MicroPython are handed in (`machine`, `rp2`, `time`, `open`), so that the same code
runs on the PC against a fake of them (host_sim/fake_machine). A board's `build` makes one of these
and adds its parts.
"""

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython
    heap_lock = heap_unlock = None

from hal import contract as c
from hal.rp2040_clock import Clock
from hal.rp2040_nvm import Nvm

# registers (RP2040 datasheet: watchdog, voltage regulator and chip reset)
WATCHDOG_REASON = 0x40058008
REASON_TIMER = 1
REASON_FORCE = 2  # machine.reset() forces the watchdog
CHIP_RESET = 0x40064008
HAD_RUN = 1 << 16  # the RUN pin

WATCHDOG_MAX_MS = 8_388


def reset_cause(mem32):
    """One of RESET_*. The chip tells a supply that dipped below its brown-out level from a
    power-on by nothing: both are RESET_POWER_ON."""
    reason = mem32[WATCHDOG_REASON]
    if reason & REASON_FORCE:
        return c.RESET_SOFT
    if reason & REASON_TIMER:
        return c.RESET_WATCHDOG
    return c.RESET_PIN if mem32[CHIP_RESET] & HAD_RUN else c.RESET_POWER_ON


class Watchdog(c.Watchdog):
    """The RP2040's own, at most 8388 ms. It runs on through a soft reset of MicroPython."""

    def __init__(self, machine):
        self._machine = machine
        self._dog = None

    def start(self, timeout_ms):
        self._dog = self._machine.WDT(timeout=min(timeout_ms, WATCHDOG_MAX_MS))

    def feed(self):
        self._dog.feed()


class Rp2040(c.Hal):
    """A board without any part of its own. `rtc_chip` as in rp2040_clock.py."""

    def __init__(self, machine, time, open_file, rtc_chip=None):
        c.Hal.__init__(self)
        self._machine = machine
        self.clock = Clock(time, rtc_chip)
        self.nvm = Nvm(open_file)
        self.watchdog = Watchdog(machine)
        self.reset_cause = reset_cause(machine.mem32)

    def reset(self):
        self._machine.reset()

    def lock_heap(self, on):
        if heap_lock is not None:
            if on:
                heap_lock()
            else:
                heap_unlock()
