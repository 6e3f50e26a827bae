"""Ticks of MicroPython, and the time of a battery-backed clock chip."""

from hal import contract as c

LOOK_MS = 600_000  # ticks drift 30 ppm; the chip is asked again after so long


class Clock(c.Clock):
    """`chip` has seconds() -> s since 2020 or None, and set_seconds(s) -> bool; None = no chip:
    the time then lasts until the next reset. It is read rarely and counted on by ticks, because
    a bus transfer a second has no place in the control cycle."""

    def __init__(self, time, chip=None):
        self._ticks = time.ticks_ms
        self._chip = chip
        self._seconds = None
        self._since_ms = 0
        self._look()

    def ticks_ms(self):
        return self._ticks()

    def rtc_s(self):
        if self._seconds is None:
            return None
        passed_ms = self.ticks_diff(self._ticks(), self._since_ms)
        if passed_ms >= LOOK_MS:
            self._look()
            passed_ms = self.ticks_diff(self._ticks(), self._since_ms)
        return self._seconds + passed_ms // 1000

    def set_rtc(self, seconds):
        if self._chip is not None:
            self._chip.set_seconds(seconds)
        self._seconds, self._since_ms = seconds, self._ticks()

    def _look(self):
        """Take the chip's time; one that does not answer lets the ticks count on."""
        now_ms = self._ticks()
        seconds = None if self._chip is None else self._chip.seconds()
        if seconds is not None:
            self._seconds = seconds
        elif self._seconds is not None:
            passed_s = self.ticks_diff(now_ms, self._since_ms) // 1000
            self._seconds += passed_s
            now_ms = self._since_ms + 1000 * passed_s & c.TICKS_PERIOD - 1
        self._since_ms = now_ms
