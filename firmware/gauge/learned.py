"""The pack's own curve: OCV estimate over the counted charge, one branch a direction.

Where it is steep it tells how far the counter has drifted since it was drawn, whatever the table
says. A bin is visited when the charge passes it in one direction.
"""

from array import array

BINS = 101
UNKNOWN = 0
FIRST = -1
START_S = 36_000_000  # a curve from a record is older than any drawn now
STEEP = 8  # rise in 0.1 mV per per cent that is worth a reading


class Learned:
    """`visit` collects; `leave` gives what a passed bin says. Voltages in 0.1 mV."""

    def __init__(self):
        self.low = array("H", [UNKNOWN] * BINS)
        self.high = array("H", [UNKNOWN] * BINS)
        self.low_hour = array("H", [0] * BINS)  # when a bin was drawn; 0 = before the start
        self.high_hour = array("H", [0] * BINS)
        self.now_s = START_S
        self.sound = False  # drawn while the charge was known: good for more than the drift
        self.shift_mpct = 0  # the curve was drawn at a charge this much too low
        self._bin = -1
        self._up = False
        self._sum = 0
        self._count = 0
        self._spoilt = False
        self.error_mpct = 0  # result of the last visit, with its deviation
        self.sigma_mpct = 0
        self.age_s = 0

    def forget(self):
        """Another capacity, another pack: the curve is void."""
        for i in range(BINS):
            self.low[i] = self.high[i] = UNKNOWN
        self.shift_mpct = 0
        self._bin = -1

    def move(self, mpct):
        """The estimate was corrected by an error that it had when the curve was drawn: the curve
        goes with it. One that was drawn from a full pack on stays."""
        if not self.sound:
            self.shift_mpct += mpct

    def visit(self, mpct, up, dmv, good):
        """The estimate stands at `mpct`, moving `up` or down, at `dmv`. True when this ends a
        visit of another bin that `leave` may be asked about."""
        at = min(max(mpct - self.shift_mpct, 0) // 1000, BINS - 1)
        ended = False
        if at != self._bin or up != self._up:
            through = up == self._up and at == self._bin + (1 if up else -1)
            ended = through and self._count >= 2 and not self._spoilt
            if ended:
                self._done_bin, self._done_dmv = self._bin, self._sum // self._count
                self._done_up = up
            self._bin, self._up = at, up
            self._sum = self._count = 0
            self._spoilt = not through  # entered from the side: only part of it is seen
        self._sum += dmv
        self._count += 1
        if not good:
            self._spoilt = True
        return ended

    def leave(self, gain):
        """What the visit that just ended says: True when `error_mpct` (truth above the estimate),
        `sigma_mpct` and `age_s` (since the curve was drawn) are set. `gain` / 16 of the reading
        goes into the curve; FIRST: only what is not known yet."""
        branch = self.high if self._done_up else self.low
        hours = self.high_hour if self._done_up else self.low_hour
        at, dmv = self._done_bin, self._done_dmv
        known = branch[at]
        if known == UNKNOWN:
            if gain:
                branch[at] = dmv
                hours[at] = min(self.now_s // 3600, 65535)
            return False
        told = False
        rise = self._rise(branch, at)
        if rise >= STEEP:
            self.error_mpct = max(min((dmv - known) * 1000 // rise, 20_000), -20_000)
            self.age_s = max(self.now_s - hours[at] * 3600, 0)
            self.sigma_mpct = 35_000 // rise + 300
            told = True
        if gain > 0:
            branch[at] = known + (dmv - known) * gain // 16
        return told

    def _rise(self, branch, at):
        """Rise around a bin, 0.1 mV per per cent; 0 where the curve is not known."""
        if at < 2 or at > BINS - 3:
            return 0
        below, above = branch[at - 2], branch[at + 2]
        if below == UNKNOWN or above == UNKNOWN:
            return 0
        return (above - below) // 4
