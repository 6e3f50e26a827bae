"""The estimate and what is known of its error: a Kalman filter of two states, the error of the
charge and the error of the bias, in whole numbers.

The error of the charge has three parts: `common`, made before the learned curve was and the same
ever since; `drift`, what the unknown bias has made since; `size`, what the unknown capacity makes
of the charge moved since the last fix. A full or empty cell fixes all three; a voltage that the
learned curve knows fixes only the drift. Units: 0.001 %, its square, 0.001 % a day.
"""

from firmware.control.counter import BIAS_MAX, FINE
from firmware.gauge.belief import root

DAY_S = 86_400
OLDEST_S = 365 * DAY_S
BIAS_MA_280AH = 200  # deviation of an unknown sensor's offset; more on larger packs
WALK_MA_280AH = 4  # the offset's random walk in a day
SIZE_NEW_MPCT = 4_000  # deviation of a capacity that was never measured
THROUGHPUT = 30_000  # variance that a full capacity of throughput adds
SIGMA_LEAST = 400


class Fusion:
    """Owns the estimate `mah` (within 0 .. capacity), its variances and the counter's bias."""

    def __init__(self, counter, capacity_mah):
        self._counter = counter
        self.mah = 0
        self.common = self.drift = self.cross = 0
        self.size_mpct = SIZE_NEW_MPCT
        self.moved_mpct = 0  # since the last fix
        self.clipped_mpct = 0  # ... of what was counted beyond 0 or 100 %
        self._throughput = 0
        self.fixes = 0  # full or empty syncs so far
        self._hidden = 0
        self._seconds = 0
        self.since_fix_s = 0
        self.resize(capacity_mah)
        self.bias_var = self.per_day(BIAS_MA_280AH) ** 2

    def resize(self, capacity_mah):
        """A new capacity; the charge in per cent stays."""
        old = self.mpct() if self.mah else 0
        self.capacity_mah = max(capacity_mah, 1)
        self.place(old)

    def per_day(self, ma_280ah):
        """0.001 % a day of a sensor error that is usual at 280 Ah and grows with the pack, but
        not below: 0.01 C per day at most."""
        ma = max(ma_280ah * self.capacity_mah // 280_000, ma_280ah // 4)
        return max(min(ma * 2_400_000 // self.capacity_mah, 16_000), 1)

    def mpct(self):
        """The estimate in 0.001 %."""
        return self.mah * 100_000 // self.capacity_mah

    def place(self, mpct):
        """Put the estimate somewhere."""
        mpct = max(min(mpct, 100_000), 0)
        self.mah = (mpct * self.capacity_mah + 50_000) // 100_000

    def move(self, mah):
        """The counter counted `mah`; 0.001 % that the estimate could have moved."""
        mpct = mah * 100_000 // self.capacity_mah
        mah += self.mah
        self.mah = max(min(mah, self.capacity_mah), 0)
        self.clipped_mpct += (mah - self.mah) * 100_000 // self.capacity_mah
        self.moved_mpct += mpct
        self._throughput += abs(mpct)
        return mpct

    def pass_time(self, seconds):
        """Time for the variances; the work is done in `predict`."""
        self._seconds += seconds
        self.since_fix_s += seconds

    def predict(self):
        """Bring the variances up to now; called before an update and every ten minutes."""
        t = self._seconds
        self._seconds = 0
        self.drift += 2 * self.cross * t // DAY_S + self.bias_var * t * t // (DAY_S * DAY_S)
        self.drift += THROUGHPUT * self._throughput // 100_000
        self._throughput = 0
        self.cross += self.bias_var * t // DAY_S
        self.bias_var += self.per_day(WALK_MA_280AH) ** 2 * t // DAY_S

    def size(self):
        """Variance from the unknown capacity."""
        return (min(abs(self.moved_mpct), 100_000) * self.size_mpct // 100_000) ** 2

    def variance(self):
        """Of the charge, all parts."""
        return self.common + self.drift + self.size()

    def sigma_mpct(self):
        """Deviation of the estimate, 0.001 %."""
        return root(self.variance() + SIGMA_LEAST * SIGMA_LEAST)

    def fix(self, error_mpct, noise, pulled_mpct=0):
        """An absolute reading: the truth lies `error_mpct` above the estimate, with a variance
        of `noise`. What the table pulled it since the last one is no sign of a bias. Returns the
        correction made."""
        self.predict()
        total = self.variance()
        counted = error_mpct + pulled_mpct - self.clipped_mpct
        if self.fixes and self.drift > total // 2 and counted * counted > 6 * (total + noise):
            self._widen(counted * counted // (total + noise) // 2)
            total = self.variance()
        whole = max(total + noise, 1)
        if self.fixes:  # from one fix to the next: before, the start may have been a guess
            self._turn(counted * self.cross // whole)
            self.bias_var -= self.cross * self.cross // whole
        self.fixes = min(self.fixes + 1, 255)
        self.cross = self.cross * noise // whole
        self.drift = self.drift * noise // whole
        self.common = (self.common + self.size()) * noise // whole
        self.moved_mpct = self.clipped_mpct = 0
        self.since_fix_s = 0
        return error_mpct * total // whole

    def hidden(self, mpct_s_day):
        """A current that nobody sees may flow: 0.001 % a day x s; the doubts add up linearly."""
        self._hidden += mpct_s_day
        more, self._hidden = self._hidden // DAY_S, self._hidden % DAY_S
        if more:
            self.common += 2 * root(self.common) * more + more * more

    def follow(self, error_mpct, noise, age_s, unsure=False):
        """A relative reading, from a curve drawn `age_s` ago: of the drift only what came since
        then is known better now, and the bias that made it, unless a hidden current may have.
        Returns the correction made."""
        self.predict()
        since = min(age_s, OLDEST_S)
        drift = min(self.drift, self.bias_var * since // DAY_S * since // DAY_S)
        cross = 0 if unsure else min(self.cross, self.bias_var * since // DAY_S)
        whole = max(drift + noise, 1)
        self._turn(error_mpct * cross // whole)
        self.bias_var -= cross * cross // whole
        self.cross -= cross * drift // whole
        self.drift -= drift * drift // whole
        return error_mpct * drift // whole

    def rest(self, error_per_day, noise):
        """The bias itself was read (no current can flow), 0.001 % a day."""
        self.predict()
        whole = max(self.bias_var + noise, 1)
        self._turn(error_per_day * self.bias_var // whole)
        self.cross = self.cross * noise // whole
        self.bias_var = self.bias_var * noise // whole

    def _widen(self, factor):
        """The error is larger than it should be: the bias has changed."""
        factor = min(factor, 16)
        self.drift *= factor
        self.cross *= factor
        self.bias_var *= factor

    def _turn(self, per_day):
        """The bias is `per_day` smaller than thought."""
        fine = per_day * self.capacity_mah * FINE // 2_400_000
        bias = self._counter.bias - fine
        self._counter.bias = max(min(bias, BIAS_MAX), -BIAS_MAX)
