"""Actual capacity, learned only from a full cell down to a nearly empty one and back to full
(SOC-02): charge out and charge in are combined so that a constant sensor error cancels.
"""

from firmware.control.counter import possible
from firmware.gauge.belief import root

LOW_MPCT = 16_000  # the low point has to lie below
SIGMA_MPCT = 2_500  # ... and be known at least this well
SIZE_LEARNED_MPCT = 800  # deviation of the capacity that a good cycle leaves
SIZE_PRIOR_MPCT = 8_000  # a pack may be worn when the program meets it


class Capacity:
    """`move` with every beat, `low` when the pack is low, `full` at each full sync."""

    def __init__(self):
        self.reset()

    def reset(self):
        """Nothing is known yet of a pack's capacity."""
        self.start()
        self.started = False  # a full sync was seen
        self.learned = 0  # cycles that counted
        self.sigma_mpct = SIZE_PRIOR_MPCT

    def start(self, mpct=100_000):
        """The pack is full now, as full as `mpct`, 0.001 %."""
        self.started = True
        self.top_mpct = mpct
        self.out_mah = self.time_s = 0  # net charge out of the pack since it was full
        self._low = None  # (out mAh, time s, remaining 0.001 %, deviation)

    def move(self, mah, seconds):
        """The counter counted `mah` (+ charges)."""
        self.out_mah -= mah
        self.time_s += seconds

    def low(self, mpct, sigma_mpct):
        """The voltage says that `mpct` is left. The best such point of the cycle is kept."""
        if self.started and mpct < LOW_MPCT and sigma_mpct < SIGMA_MPCT:
            if self._low is None or sigma_mpct <= self._low[3]:
                self._low = (self.out_mah, self.time_s, mpct, sigma_mpct)

    def full(self, capacity_mah, design_mah):
        """A full sync: the new capacity in mAh, or 0 when this was no complete cycle or the
        result is not plausible."""
        low, back_mah, all_s = self._low, self.out_mah, self.time_s
        if low is None:
            return 0
        out_mah, out_s, mpct, sigma = low
        # back_mah is what the sensor error made of the whole way, there and back
        drop_mah = out_mah - back_mah * out_s // max(all_s, 1)
        found_mah = drop_mah * 1000 // max((self.top_mpct - mpct) // 100, 1)
        if not possible(found_mah, design_mah):
            return 0
        if abs(back_mah) * 10 > found_mah:  # charge came or went that was not counted
            return 0
        noise = sigma * sigma // 4 + 500 * 500
        prior = self.sigma_mpct * self.sigma_mpct
        self.learned += 1
        self.sigma_mpct = max(root(prior * noise // (prior + noise)), SIZE_LEARNED_MPCT)
        return capacity_mah + (found_mah - capacity_mah) * prior // (prior + noise)

    def age(self, mpct):
        """Throughput makes an old figure worse: 1 % in a hundred cycles."""
        self.sigma_mpct = min(self.sigma_mpct + mpct // 10_000, SIZE_PRIOR_MPCT)
