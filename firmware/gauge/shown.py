"""From the estimate to what is shown: slowly enough not to be seen, 100 % at the end of a charge
(SOC-03).
"""

from firmware.control.counter import FINE

SLEW_MPCT = 150  # a beat: 0.9 % a minute
SYNC_SLEW_MPCT = 600  # after an end sync
FADE_MPCT = 10_000
SIGMA_MOST_MPCT = 50_000


class Shown:
    """Writes what protocols and people see of the charge."""

    def __init__(self, gauge, counter):
        self._gauge = gauge
        self._counter = counter
        self.fast = False  # an end sync is being shown
        self._top_mpct = 0  # shown above the estimate when full, fading ...
        self._end_mpct = 100_000  # ... below this

    def hold(self, mpct):
        """The pack is full with the estimate at `mpct`: that is shown as 100 %."""
        self._top_mpct, self._end_mpct = max(100_000 - mpct, 0), mpct

    def jump(self, mah):
        """The cold start: show the estimate at once."""
        self._counter.shift(mah - self._gauge.remaining_mah)

    def slew(self, fusion):
        """One beat's step of the shown charge towards the estimate."""
        gauge = self._gauge
        pending_mah = self._target_mah(fusion) - gauge.remaining_mah
        limit = SYNC_SLEW_MPCT if self.fast else SLEW_MPCT
        limit_mah = max(limit * fusion.capacity_mah // 100_000, 1)
        self._counter.shift(max(min(pending_mah, limit_mah), -limit_mah))
        if abs(pending_mah) <= limit_mah:
            self.fast = False

    def _target_mah(self, fusion):
        """What to show: the estimate, near full as if the charge had ended at 100 %."""
        mpct = fusion.mpct()
        left = mpct - self._end_mpct + FADE_MPCT
        if left <= 0:
            self._top_mpct = 0
        if not self._top_mpct:
            return fusion.mah
        mpct += self._top_mpct * min(left, FADE_MPCT) // FADE_MPCT
        return min(mpct, 100_000) * (fusion.capacity_mah // 100) // 1000

    def publish(self, fusion, bias, design_mah):
        """The derived fields of state.gauge; `bias` in 1/64 mA."""
        gauge = self._gauge
        pending = abs(fusion.mah - gauge.remaining_mah) * 100_000 // fusion.capacity_mah
        gauge.sigma_mpct = min(fusion.sigma_mpct() + pending // 2, SIGMA_MOST_MPCT)
        gauge.sigma_dpct = (gauge.sigma_mpct + 50) // 100
        gauge.soc_mpct = gauge.remaining_mah * 100_000 // gauge.capacity_mah
        gauge.bias_ua = bias * 1000 // FINE
        gauge.soh_pct = min(gauge.capacity_mah * 100 // design_mah, 100)
