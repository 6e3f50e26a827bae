"""The coulomb counter: integers only, exact over months (SOC-01). The estimator in firmware/gauge
tells it the sensor's bias and moves it by `shift`.

Charge is mA x ms in `part` with a carry at 3 600 000 = 1 mAh; the sub-mA part of the bias is
carried in 1/64 mA x ms. Pieces keep every product below 2**30 up to 2000 A.
"""

from firmware import parameter_ids as p

MAH = 3_600_000  # mA x ms
FINE = 64  # steps of the bias a mA
BIAS_MAX = 5_000 * FINE
LONGEST_MS = 10_000  # a gap above this is not counted (fault CYCLE_LATE tells)
ASSUMED_DPCT = 500  # a pack is delivered at 40..60 %
LOW_DPCT = 5  # 0 % is shown only when really empty ...
HIGH_DPCT = 994  # ... and 100 % only when really full
LEAST_PCT, MOST_PCT = 40, 120  # actual capacity of the design's: what lies outside is no capacity


class Counter:
    """Writes state.gauge. The raw, calibrated current less bias and standby is counted; no dead
    band (MEA-02)."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._measured = context.state.measured
        self._gauge = context.state.gauge
        self._design_mah = self._values[p.DESIGN_CAPACITY_MAH]
        self._gauge.capacity_mah = self._design_mah
        self.bias = 0  # what the sensor shows too much, 1/64 mA
        self.hidden = 0  # current while the sensor shows nothing, 1/64 mA
        self.part = 0  # mA x ms not yet carried, signed
        self.fine = 0  # 1/64 mA x ms not yet carried, 0..63
        self.moved_mah = 0  # counted since the gauge took it; not clamped
        self._out = 0  # discharged mA x ms not yet carried into cycle_mah

    def load(self, left_mah, part, capacity_mah):
        """Go on with a stored charge (None: unknown) and capacity. A capacity that this pack
        cannot have is not taken: the charge keeps its per cent."""
        gauge, design_mah = self._gauge, self._design_mah
        if possible(capacity_mah, design_mah):
            gauge.capacity_mah = capacity_mah
        elif left_mah is not None and capacity_mah > 0:
            left_mah = portion(design_mah, per_mille(left_mah, capacity_mah))
        if left_mah is not None:
            gauge.remaining_mah = left_mah
        self.part = part

    def step(self, dt_ms):
        """Count one cycle of `dt_ms`."""
        gauge = self._gauge
        if gauge.remaining_mah is None:
            gauge.remaining_mah = portion(gauge.capacity_mah, ASSUMED_DPCT)
        if not self._measured.valid:
            return
        ma = self._measured.current_ma
        piece_ms = 1600 if -500_000 < ma < 500_000 else 400
        left_ms = min(dt_ms, LONGEST_MS)
        while left_ms > 0:
            self._count(ma, min(left_ms, piece_ms))
            left_ms -= piece_ms
        gauge.soc_dpct = per_mille(gauge.remaining_mah, gauge.capacity_mah)

    def _count(self, ma, ms):
        off = self.bias if ma else -self.hidden
        fine = self.fine - (off + self._values[p.STANDBY_MA] * FINE) * ms
        self.fine = fine % FINE
        moved = ma * ms + fine // FINE
        part = self.part + moved
        mah = part // MAH
        self.part = part - mah * MAH
        if mah:
            self.moved_mah += mah
            self.shift(mah)
        if moved < 0:
            out = self._out - moved
            mah = out // MAH
            self._out = out - mah * MAH
            if mah:
                self._cycle(mah)

    def _cycle(self, mah):
        """Discharged charge in whole Ah and mAh: a pack's life does not fit 31 bits of mAh."""
        gauge = self._gauge
        gauge.cycle_mah += mah
        gauge.cycle_ah += gauge.cycle_mah // 1000
        gauge.cycle_mah %= 1000
        # floor(cycle capacity / actual capacity) (SOC-02)
        out_dah = gauge.cycle_ah * 10 + gauge.cycle_mah // 100
        gauge.cycles = out_dah // max(gauge.capacity_mah // 100, 1)

    def shift(self, mah):
        """Move the shown charge by `mah`, within what may be shown."""
        gauge = self._gauge
        capacity_mah, left_mah = gauge.capacity_mah, gauge.remaining_mah + mah
        high_mah = capacity_mah if gauge.full else portion(capacity_mah, HIGH_DPCT)
        low_mah = 0 if gauge.empty else portion(capacity_mah, LOW_DPCT)
        # a limit never moves the charge by itself: it stops what goes beyond
        if mah > 0 and left_mah > high_mah:
            left_mah = max(high_mah, gauge.remaining_mah)
        elif mah < 0 and left_mah < low_mah:
            left_mah = min(low_mah, gauge.remaining_mah)
        gauge.remaining_mah = max(min(left_mah, capacity_mah), 0)

    def settings_changed(self):
        """Another design capacity is another pack size: the state of charge stays."""
        design_mah = self._values[p.DESIGN_CAPACITY_MAH]
        if design_mah != self._design_mah:
            self._design_mah = design_mah
            self.resize(design_mah)

    def resize(self, capacity_mah):
        """A new actual capacity, mAh; the state of charge stays."""
        gauge = self._gauge
        if gauge.remaining_mah is not None:
            dpct = per_mille(gauge.remaining_mah, gauge.capacity_mah)
            gauge.remaining_mah = portion(capacity_mah, dpct)
        gauge.capacity_mah = capacity_mah


def possible(capacity_mah, design_mah):
    """True for an actual capacity that a pack of this design capacity can have."""
    return design_mah // 100 * LEAST_PCT <= capacity_mah <= design_mah // 100 * MOST_PCT + 100


def portion(mah, dpct):
    """`dpct` (0.1 %) of `mah`; up to 20 000 Ah within 31 bits."""
    return mah // 1000 * dpct + mah % 1000 * dpct // 1000


def per_mille(mah, capacity_mah):
    """`mah` in 0.1 % of the capacity, rounded."""
    while capacity_mah >= 1_000_000:
        mah, capacity_mah = mah >> 1, capacity_mah >> 1
    return min((mah * 1000 + capacity_mah // 2) // max(capacity_mah, 1), 1000)
