"""What a balancer achieved, by the truth of the plant: spread of the headroom, charge moved (the
wrong way, too), difference of the cells at the top.

Headroom of a cell is (1 - S) x Q, the charge that it still takes, Ah. Spread: largest - smallest.
"""

from statistics import median

LOOK_S = 60  # the truth is looked at so often
TOP_V = (3.45, 4.15, 2.60)  # LFP, Li-ion, LTO: the highest cell is at the top above this ...
TOP_PARTS = 20  # ... with less than 0.05 C
FULL_S = 60  # at the top for so long: a full charge
APART_S = 3_600  # so long away from the top: the next one is another end of charge
MARKS = {"1": 1.0, "0_5": 0.5}  # % of the capacity


def theory_ah(headroom, efficiency):
    """The least charge that donors must give until all cells have the same headroom."""
    low, high = min(headroom), max(headroom)
    for _ in range(60):
        level = (low + high) / 2
        given = sum(max(level - h, 0.0) for h in headroom)
        taken = sum(max(h - level, 0.0) for h in headroom)
        low, high = (low, level) if given * efficiency > taken else (level, high)
    return sum(max(high - h, 0.0) for h in headroom)


class Score:
    """`given` before a step with its transfer, `look` after it. Voltages count only from steps
    without a transfer: nothing drops in leads or cells then."""

    def __init__(self, guest, chemistry=0):
        self._guest = guest
        self._top_v = TOP_V[chemistry]
        self._small_a = guest.capacity_ah / TOP_PARTS
        self.start = guest.headroom_ah()
        self.moved_as = self.wrong_as = 0.0
        self.on_s = 0
        self._wrong = False
        self._pair = None
        self._pair_s = 0
        self._clean = guest.volts()
        self._top_since = None
        self.first_full_s = self.known_s = None
        self._known_headroom = None
        self.top = []  # mV, all readings at the top
        self.ends = []  # [time s, mV], the last of each end of charge
        self.samples = []  # (time s, spread Ah, moved As, wrong As, on s, difference mV)
        self._sample(0, self.start)

    def given(self, donor, receiver, amps):
        """A transfer of the step to come: is it the wrong way?"""
        if (donor, receiver) != self._pair or self._pair_s >= LOOK_S:
            headroom = self._guest.headroom_ah()
            self._wrong = headroom[donor] > headroom[receiver]
            self._pair, self._pair_s = (donor, receiver), 0
        self._pair_s += 1
        self.on_s += 1
        self.moved_as += amps
        if self._wrong:
            self.wrong_as += amps

    def look(self, time_s, volts, current, moving, known):
        """The end of a step."""
        if not moving:
            self._clean = volts
            self._pair = None
            if max(volts) > self._top_v and -self._small_a < current < self._small_a:
                self._at_top(time_s, volts)
            else:
                self._top_since = None
        if time_s % LOOK_S == 0:
            headroom = self._guest.headroom_ah()
            self._sample(time_s, headroom)
            if known and self.known_s is None:
                self.known_s, self._known_headroom = time_s, headroom

    def _at_top(self, time_s, volts):
        mv = (max(volts) - min(volts)) * 1000
        self.top.append(mv)
        if not self.ends or time_s - self.ends[-1][0] > APART_S:
            self.ends.append([time_s, mv])
        else:
            self.ends[-1] = [time_s, mv]
        if self._top_since is None:
            self._top_since = time_s
        if self.first_full_s is None and time_s - self._top_since >= FULL_S:
            self.first_full_s = time_s

    def _sample(self, time_s, headroom):
        difference = (max(self._clean) - min(self._clean)) * 1000
        spread = max(headroom) - min(headroom)
        self.samples.append((time_s, spread, self.moved_as, self.wrong_as, self.on_s, difference))

    def _below(self, level_ah):
        """The sample from which on the spread stays below; None = never."""
        found = None
        for sample in reversed(self.samples):
            if sample[1] >= level_ah:
                return found
            found = sample
        return found

    def result(self):
        """All figures, as a dict for JSON."""
        guest, samples = self._guest, self.samples
        spreads = [sample[1] for sample in samples]
        out = {"efficiency": guest.efficiency}
        peak = max(spreads)
        for name, ah in (("start", spreads[0]), ("end", spreads[-1]), ("peak", peak)):
            out[f"{name}_spread_ah"] = ah
            out[f"{name}_spread_pct"] = self._pct(ah)
        out["rise_pct"] = self._pct(peak - spreads[0])
        out["first_full_h"] = _hours(self.first_full_s)
        out["known_h"] = _hours(self.known_s)
        for name, pct in MARKS.items():
            sample = self._below(pct * guest.capacity_ah / 100)
            at_s = sample and sample[0]
            out[f"below_{name}_pct_h"] = _hours(at_s)
            out[f"below_{name}_pct_after_full_h"] = _hours(_since(at_s, self.first_full_s))
            out[f"below_{name}_pct_on_h"] = self._on_since_known(sample)
        out["moved_ah"] = self.moved_as / 3600
        out["wrong_ah"] = self.wrong_as / 3600
        out["theory_ah"] = theory_ah(self.start, guest.efficiency)
        known = self._known_headroom
        out["theory_known_ah"] = None if known is None else theory_ah(known, guest.efficiency)
        out["on_hours"] = self.on_s / 3600
        out["top_difference_mv"] = {
            "last": self.top[-1] if self.top else None,
            "median": median(self.top) if self.top else None,
            "readings": len(self.top),
            "ends": [{"time_h": s / 3600, "difference_mv": mv} for s, mv in self.ends],
        }
        out["series"] = self._series()
        return out

    def _on_since_known(self, sample):
        """Balancer-on hours between the first reading of the imbalance and `sample`."""
        if sample is None or self.known_s is None:
            return None
        before = next(s for s in self.samples if s[0] >= self.known_s)
        return max(sample[4] - before[4], 0) / 3600

    def _series(self):
        """Hourly, and the end."""
        last = self.samples[-1]
        return [
            {
                "time_h": s[0] / 3600,
                "spread_ah": s[1],
                "spread_pct": self._pct(s[1]),
                "moved_ah": s[2] / 3600,
                "wrong_ah": s[3] / 3600,
                "on_hours": s[4] / 3600,
                "difference_mv": s[5],
            }
            for s in self.samples
            if s[0] % 3600 == 0 or s is last
        ]

    def _pct(self, ah):
        return 100 * ah / self._guest.capacity_ah


def _since(at_s, start_s):
    """Seconds after `start_s`, not negative; None when one of them never came."""
    return None if at_s is None or start_s is None else max(at_s - start_s, 0)


def _hours(seconds):
    return None if seconds is None else seconds / 3600
