"""Where the charge can be, from the voltage: a cost for each per cent of state of charge.

The cells of one chemistry differ too much for a voltage to be a state of charge; over a stretch
of charge or discharge few positions fit all of it. The window of costs moves with the counted
charge, each reading adds the cost of being outside the band of the table, and old readings fade.
"""

BINS = 128  # window: more than 0 .. 100 %, as the counter may be wrong
BELOW = 14  # bin of 0 %
CHUNK = 8  # bins a call of `look` ...
WIDE = 32  # ... of `blur` and `add`
HIGHEST = 250  # 15 nats: evidence against a position does not grow beyond
INSIDE = 12  # of 16: deviations up to 3/4 of the band say nothing
ELSEWHERE = 56  # what is known at the start may be wrong altogether: 3.5 nats
SIGMA_LEAST = 1_200  # tables err, even where they are steep
NAT = 16  # cost of a factor 1/e
# 1024 x exp(-cost / NAT) in steps of NAT / 4
WEIGHTS = (
    1024, 797, 621, 484, 377, 293, 228, 178, 139, 108, 84, 65, 51, 40, 31, 24, 19, 15, 11, 9, 7,
    5, 4, 3, 3, 2, 2, 1, 1, 1, 1,
)  # fmt: skip


class Belief:
    """Costs of positions; `start` sets what is known, `move` follows the counter, `look` takes a
    voltage in, in BINS / CHUNK calls; after BINS / WIDE calls of `add` it is in `result`."""

    def __init__(self, curve):
        self._curve = curve
        self.cost = bytearray(BINS)
        self._base = 0  # ring index of the first bin
        self._rest = 0  # movement below one bin, 0.001 %
        self._low = 0  # least cost seen in this pass
        self._last = 0  # cost of the bin before, not yet blurred
        self._total = self._first = self._second = 0  # of the weights
        self.mean_mpct = 50_000
        self.sigma_mpct = 29_000

    def start(self, mpct, sigma_mpct):
        """Forget all; near `mpct`, 0.001 %, with a deviation of `sigma_mpct`."""
        sigma = max(sigma_mpct // 100, 5)  # 0.1 %
        for i in range(BINS):
            off = min(abs(i - BELOW - mpct // 1000) * 160 // sigma, 250)  # 1/16 sigma
            self.cost[(self._base + i) % BINS] = min(off * off // 32, ELSEWHERE)
        self._rest = mpct % 1000

    def move(self, mpct):
        """The counted charge moved by `mpct`; True when whole bins were passed."""
        self._rest += mpct
        steps = self._rest // 1000
        self._rest -= steps * 1000
        cost, edge = self.cost, HIGHEST
        for _ in range(min(abs(steps), BINS)):
            if steps > 0:  # the window slides: what was bin i is bin i + 1
                self._base = (self._base - 1) % BINS
                cost[self._base] = edge
            else:
                cost[self._base] = edge
                self._base = (self._base + 1) % BINS
        return steps != 0

    def look(self, chunk, dmv, state, gap_pct, tolerance_dmv, keep, weight):
        """Take a voltage into bins of one chunk (0 .. BINS / CHUNK - 1): OCV estimate and its
        tolerance in 0.1 mV, hysteresis state -256..256; old costs fade to keep / 64, the new one
        counts `weight` / 64."""
        curve, cost, base = self._curve, self.cost, self._base
        lows, highs, spreads = curve.low, curve.high, curve.spread
        certain = 256 - abs(state) * 5 // 8  # of the gap between the branches: left open
        least = HIGHEST if chunk == 0 else self._low
        shift = self._rest // 500 - BELOW
        for i in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            at = i + shift
            outside = 0
            if at < 0:
                outside, at = -at, 0
            elif at > 100:
                outside, at = at - 100, 100
            low, high, spread = lows[at], highs[at], spreads[at]
            half = (high - low) * gap_pct // 200
            off = abs(dmv - (low + high) // 2 - half * state // 256)
            wide = spread + half * certain // 256 + tolerance_dmv
            off = min(off * 16 // wide, 128)  # 16 = at the edge of the band
            new = max(off - INSIDE, 0)
            k = (base + i) % BINS
            c = cost[k] * keep // 64 + (new * new // 8 + outside * 32) * weight // 64
            if c > HIGHEST:
                c = HIGHEST
            cost[k] = c
            if c < least:
                least = c
        self._low = least

    def blur(self, chunk):
        """The counter may have drifted by about a bin: neighbours become likelier. In BINS / WIDE
        calls."""
        cost, base = self.cost, self._base
        last = self._last if chunk else cost[base]
        for i in range(max(chunk * WIDE, 1), min((chunk + 1) * WIDE, BINS - 1)):
            k = (base + i) % BINS
            c = cost[k]
            least = min(last, cost[(base + i + 1) % BINS]) + NAT // 2
            last = c
            if least < c:
                cost[k] = least
        self._last = last

    def add(self, chunk):
        """Make weights of the costs of a chunk after a whole pass; the least cost becomes 0."""
        cost, base, least = self.cost, self._base, self._low
        if not chunk:
            self._total = self._first = self._second = 0
        total, first, second = self._total, self._first, self._second
        for i in range(chunk * WIDE, (chunk + 1) * WIDE):
            k = (base + i) % BINS
            c = max(cost[k] - least, 0)
            cost[k] = c
            c //= NAT // 4
            if c < len(WEIGHTS):
                w = WEIGHTS[c]
                total += w
                first += w * i
                second += w * i * i
        self._total, self._first, self._second = total, first, second

    def result(self):
        """Mean and deviation of the position. Returns the least cost of the pass: how badly the
        best position fits."""
        total = max(self._total, 1)
        mean = self._first * 1000 // total
        self.mean_mpct = mean - BELOW * 1000 + self._rest
        variance = (self._second * 1000 // total) * 1000 - mean * mean
        self.sigma_mpct = max(root(max(variance, 0)), SIGMA_LEAST)
        return self._low


def root(n):
    """Integer square root."""
    if n < 2:
        return n
    x = 1 << (bits(n) + 1) // 2
    while True:
        y = (x + n // x) // 2
        if y >= x:
            return x
        x = y


def bits(n):
    """Number of binary digits."""
    count = 0
    while n:
        n >>= 1
        count += 1
    return count
