"""The coulomb counter: integers only, exact (SOC-01; the estimator comes on top of it).

Charge is mA x ms in `part` with a carry at 3 600 000 = 1 mAh. Pieces of at most 400 ms keep every
product below 2**30 up to 2000 A.
"""

from firmware import events
from firmware import parameter_ids as p

MAH = 3_600_000  # mA x ms
PIECE_MS = 400
LONGEST_MS = 10_000  # a gap above this is not counted (fault CYCLE_LATE tells)
ASSUMED_PCT = 50  # a pack is delivered at 40..60 %
SOC_ASSUMED = 1  # reason of the SOC event


class Counter:
    """Writes state.gauge. The raw, calibrated current is counted; no dead band (MEA-02)."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._measured = context.state.measured
        self._gauge = context.state.gauge
        self._events = context.events
        self._design_mah = self._values[p.DESIGN_CAPACITY_MAH]
        self._gauge.capacity_mah = self._design_mah
        self.part = 0  # mA x ms not yet carried, signed
        self._out = 0  # discharged mA x ms not yet carried into cycle_mah

    def step(self, dt_ms):
        """Count one cycle of `dt_ms`."""
        gauge = self._gauge
        if gauge.remaining_mah is None:
            self.assume()
        if not self._measured.valid:
            return
        left_ms = min(dt_ms, LONGEST_MS)
        while left_ms > 0:
            self._count(self._measured.current_ma, min(left_ms, PIECE_MS))
            left_ms -= PIECE_MS
        gauge.soc_dpct = gauge.remaining_mah * 10 // max(gauge.capacity_mah // 100, 1)
        gauge.soc_dpct = min(gauge.soc_dpct, 1000)
        gauge.cycles = gauge.cycle_mah // max(gauge.capacity_mah, 1)

    def _count(self, ma, ms):
        gauge = self._gauge
        part = self.part + ma * ms
        mah = part // MAH
        self.part = part - mah * MAH
        if mah:
            gauge.remaining_mah = max(min(gauge.remaining_mah + mah, gauge.capacity_mah), 0)
        if ma < 0:
            out = self._out - ma * ms
            mah = out // MAH
            self._out = out - mah * MAH
            gauge.cycle_mah += mah

    def settings_changed(self):
        """Another design capacity is another pack size: the state of charge stays."""
        gauge, design_mah = self._gauge, self._values[p.DESIGN_CAPACITY_MAH]
        if design_mah == self._design_mah:
            return
        self._design_mah = gauge.capacity_mah = design_mah
        if gauge.soc_dpct is not None:
            gauge.remaining_mah = design_mah // 1000 * gauge.soc_dpct

    def assume(self):
        """No stored charge: assume half full and say so in the log."""
        gauge = self._gauge
        gauge.remaining_mah = gauge.capacity_mah // 100 * ASSUMED_PCT
        self._events.add(events.SOC, SOC_ASSUMED, ASSUMED_PCT * 10)
