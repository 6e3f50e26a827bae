"""From the voltages of a beat to a correction of the estimate: table, learned curve, guard."""

from firmware.gauge import reasons
from firmware.gauge.belief import BINS, CHUNK, WIDE, Belief, root
from firmware.gauge.learned import FIRST, Learned
from firmware.gauge.ocv import GAP_PCT, by_temperature

LOOK_S = 3_600  # a resting pack is looked at this often
TOP_DMV = 250  # the highest cell speaks for the pack this far above the plateau, the lowest ...
TOP_POINT = 90  # ... below the curve at these points, %
LOW_POINT = 12
TOLERANCE_DMV = 25
COLD_DMV = 2  # more a degree below 25 degC
LOOKS, PARTS = BINS // CHUNK, BINS // WIDE
KEEP, WEIGHT = 63, 48  # of 64: how fast looks fade, how much one counts
FULL_TRUST = 64
LEAST_TRUST = 4
MISFIT_MOST = 24  # what one look adds, in 1/16 nat
WRONG = 100  # misfits of the last looks together: the table is not that of these cells
DOUBT_MPCT = 40  # ... and one misfit's worth of doubt
FADE = 128  # looks
BOTTOM_MPCT = 8_000  # cells differ most there: no look for a misfit
HARM_MPCT = 1_500  # so much better without corrections is no accident
OUTSIDE = 6  # quarters of a deviation
EDGE_MPCT = 1_000
FIXED_EDGE_MPCT = 5_000  # counted from a full pack: the table has to be sure
COARSE = 2_500 * 2_500
SETTLED = 56_000  # hysteresis state, of 65 536, that counts as being on a branch
NEARLY = 40_000  # ... as long as only the drift is asked for
LEARN_SIGMA = 1_500  # the learned curve is renewed while the estimate is this good


class Voltage:
    """`beat` takes the open-circuit estimates in; then `work` until it returns False."""

    def __init__(self, fusion, polarisation, curve):
        self.fusion = fusion
        self.polarisation = polarisation
        self.curve = curve
        self.learned = Learned()
        self.belief = Belief(curve)
        self.trust = FULL_TRUST
        self.pulled_mpct = 0  # corrections since the last full sync
        self.table_mpct = 0  # ... of them those by the table
        self.misfit = 0
        self.wrong = False  # the table fits nowhere
        self.refuted = False  # the estimate lay outside of what the voltage allows
        self.hidden_mpct_day = 0  # the sensor may hide a current of so much
        self.unsure = False  # ... and has for a good part of the time
        self.cold = True  # the first look may jump
        self.reason = 0  # what `work` did
        self._blur = 0
        self._blurring = -1  # chunk that is blurred next, -1: none
        self._chunk = -1  # of the pass that runs, -1: none
        self._wait_s = LOOK_S - 120
        self._moved = False
        self.dmv = self.low_dmv = self.high_dmv = 0
        self.gap_pct = 100

    def start(self, mpct, sigma_mpct):
        """The charge is known from outside."""
        self._blurring = -1
        self.belief.start(mpct, sigma_mpct)

    def beat(self, moved_mpct, seconds, mean_dmv, low_dmv, high_dmv, temp_dc):
        """Means of a beat: open-circuit estimates of mean, lowest and highest cell."""
        pol, curve = self.polarisation, self.curve
        if self.belief.move(moved_mpct):
            self._moved = True
        self._wait_s += seconds
        self.learned.now_s += seconds
        self.gap_pct = by_temperature(GAP_PCT, temp_dc)
        self.mean_dmv, self.low_dmv, self.high_dmv = mean_dmv, low_dmv, high_dmv
        state = pol.state // 256
        self.dmv = mean_dmv
        if high_dmv > curve.at(TOP_POINT, 256, self.gap_pct) + 100:
            self.dmv = high_dmv
        elif low_dmv < curve.at(LOW_POINT, state, self.gap_pct):
            self.dmv = low_dmv
        self._tolerance = TOLERANCE_DMV + pol.doubt_dmv() + COLD_DMV * max(250 - temp_dc, 0) // 10
        due = self._wait_s >= (60 if self._moved else LOOK_S)
        if due and self._chunk < 0:
            self._chunk = 0
        self._blur += root(self.fusion.bias_var) * seconds // 86
        self._blur += abs(moved_mpct) * self.fusion.size_mpct // 100
        self._blur += self.hidden_mpct_day * seconds // 86
        if self._blur >= 1_000_000:
            self._blur -= 1_000_000
            self._blurring = 0
        self._visit(moved_mpct)

    def _visit(self, moved_mpct):
        fusion, pol = self.fusion, self.polarisation
        if not moved_mpct:
            return
        settled = SETTLED if fusion.fixes else NEARLY
        good = abs(pol.state) > settled and pol.doubt_dmv() < 150
        if self.learned.visit(fusion.mpct(), moved_mpct > 0, self.mean_dmv, good):
            if self.learned.leave(self._gain()):
                noise = self.learned.sigma_mpct**2 * 3
                age_s = self.learned.age_s
                self._correct(fusion.follow(self.learned.error_mpct, noise, age_s, self.unsure))

    def _gain(self):
        """How much of a passed bin goes into the learned curve: before the first full sync it is
        drawn once, for the drift alone; behind it only while the charge is well known."""
        fusion = self.fusion
        if not fusion.fixes:
            return FIRST
        known = fusion.sigma_mpct() < LEARN_SIGMA and fusion.since_fix_s < 86_400
        return 3 if known else 0

    def work(self):
        """One slice of the look that is due. True while there is more."""
        if self._blurring >= 0:
            self._blur_next()
            return self._blurring >= 0 or self._chunk >= 0
        if self._chunk < 0:
            return False
        if self._chunk < LOOKS + PARTS:
            if self._chunk < LOOKS:
                self._look()
            else:
                self.belief.add(self._chunk - LOOKS)
            self._chunk += 1
            return True
        self._chunk = -1
        self._wait_s = 0
        self._moved = False
        self._judge(self.belief.result())
        if not self.wrong:
            self._weigh()
        return False

    def _blur_next(self):
        self.belief.blur(self._blurring)
        self._blurring = self._blurring + 1 if self._blurring < PARTS - 1 else -1

    def _look(self):
        weight = WEIGHT if self._moved else WEIGHT // 4
        self.belief.look(
            self._chunk, self.dmv, self.polarisation.state // 256, self.gap_pct,
            self._tolerance, KEEP, weight,
        )  # fmt: skip

    def _judge(self, misfit):
        """A table that fits badly at every position, again and again, is not that of these cells:
        what it moved is taken back, and it is not asked until it fits."""
        if self.belief.mean_mpct < BOTTOM_MPCT:
            return
        self.misfit += min(misfit, MISFIT_MOST) - (self.misfit + FADE - 1) // FADE
        if self.wrong:
            self.wrong = self.misfit > WRONG // 4
        elif self.misfit > WRONG:
            self.wrong, self.cold = True, False
            self.reason = reasons.GUARD
            self.fusion.common += self.table_mpct**2
            self._correct(-self.table_mpct)
            self.table_mpct = 0

    def _weigh(self):
        """Does what the table allows contradict the estimate?"""
        fusion, belief = self.fusion, self.belief
        error, sigma = belief.mean_mpct - fusion.mpct(), belief.sigma_mpct
        if self.cold:
            self.cold = False
            if abs(error) > 2 * sigma:
                fusion.common += sigma * sigma
                fusion.place(belief.mean_mpct)
                self.reason = reasons.COLD_START
            return
        fusion.predict()
        vague = fusion.common + fusion.drift
        outside = sigma * OUTSIDE // 4 + (FIXED_EDGE_MPCT if fusion.fixes else EDGE_MPCT)
        if abs(error) > outside:
            self.refuted = True
        elif abs(error) < sigma // 2:
            self.refuted = False
        coarse = vague > COARSE and (self.refuted or vague > 2 * sigma * sigma)
        if self.hidden_mpct_day or coarse:
            edge, floor = sigma // 4, sigma * sigma  # the table knows more
        else:  # the estimate knows more, unless it lies outside of what can be
            edge, floor = outside, sigma * sigma // 4
        edge += self.misfit * DOUBT_MPCT
        if abs(error) < edge:
            if fusion.common > floor and vague > COARSE:
                fusion.common = floor
            return
        step = (error - edge if error > 0 else error + edge) * self.trust // (4 * FULL_TRUST)
        self.learned.move(step * fusion.common // max(fusion.variance(), 1))
        fusion.common = max(min(fusion.common, sigma * sigma), floor)
        self.table_mpct += step
        self._correct(step)

    def _correct(self, mpct):
        self.fusion.place(self.fusion.mpct() + mpct)
        self.pulled_mpct += mpct
        self.belief.move(0)

    def full(self, error_mpct):
        """A full sync found the estimate `error_mpct` too low: did the voltage help?
        Returns what the table moved it since the last one."""
        without = abs(error_mpct + self.pulled_mpct)
        if without + HARM_MPCT < abs(error_mpct):
            self.trust = max(self.trust // 4, LEAST_TRUST)
            self.reason = reasons.GUARD
        elif abs(error_mpct) + HARM_MPCT < without:
            self.trust = min(self.trust * 2, FULL_TRUST)
        table_mpct = self.table_mpct
        self.pulled_mpct = self.table_mpct = 0
        if not self.fusion.fixes:  # drawn from a guess
            self.learned.forget()
            self.learned.sound = True
        return table_mpct
