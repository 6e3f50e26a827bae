"""The gauge: one estimate of the charge from counter, voltage and the ends of charge.

A service: `step` every second, with the means of ten readings ("beat") behind it; each call does
one slice. The counter shows the charge; the gauge moves it towards its estimate, slowly enough
not to be seen (SOC-03). Integers only: every runtime gives the same numbers.
"""

from firmware import events
from firmware import parameter_ids as p
from firmware.control.counter import FINE, per_mille
from firmware.gauge import ends, reasons
from firmware.gauge.blind import Blind
from firmware.gauge.capacity import Capacity
from firmware.gauge.ends import Ends
from firmware.gauge.fusion import Fusion
from firmware.gauge.ocv import Curve
from firmware.gauge.polarisation import Polarisation, cold_pct
from firmware.gauge.shown import Shown
from firmware.gauge.use import Use
from firmware.gauge.voltage import Voltage
from firmware.gauge.zero import Zero
from firmware.ondemand import call

STEP_MS = 1_000
BEAT_MS = 10_000
FULL_MPCT = 98_500  # a full pack is not below, whatever table and voltage say
FULL_NOISE = 400 * 400
EMPTY_NOISE = 700 * 700
ASSUMED_SIGMA_MPCT = 25_000
BY_HAND_SIGMA_DPCT = 30
ROOM_DC = 250  # without a sensor


class Gauge:
    """Writes state.gauge together with the counter. `ocv`: a packed table, None = that of the
    chemistry."""

    def __init__(self, context, counter, ocv=None):
        self.context = context
        self._measured = context.state.measured
        self._gauge = context.state.gauge
        self._values = context.parameters.values
        self.counter = counter
        capacity_mah = self._gauge.capacity_mah
        self.curve = Curve(ocv or call("ocv_table", "table", self._values[p.CHEMISTRY]))
        self.polarisation = Polarisation(capacity_mah)
        self.fusion = Fusion(counter, capacity_mah)
        self.voltage = Voltage(self.fusion, self.polarisation, self.curve)
        self.blind = Blind(self.fusion, self.voltage, counter)
        self.capacity = Capacity()
        self.ends = Ends(context)
        self.shown = Shown(context.state.gauge, counter)
        self.use = Use(context)
        self.zero = Zero(context.state.mosfets)
        self._started = False
        self._design_mah = self._values[p.DESIGN_CAPACITY_MAH]
        self._since_ms = 0  # of the running beat
        self._means = None  # of a beat whose second slice is left
        self._work = False  # further slices of the last beat are left
        self._clear()

    def set_soc(self, soc_dpct, sigma_dpct=50):
        """The charge is known from outside: by hand (SOC-05) or from a record, 0.1 %. From then
        on nothing jumps."""
        self.voltage.cold = False
        fusion, gauge = self.fusion, self._gauge
        fusion.place(soc_dpct * 100)
        fusion.common = (sigma_dpct * 100) ** 2
        fusion.drift = fusion.cross = 0
        fusion.moved_mpct = fusion.clipped_mpct = 0
        gauge.full, gauge.empty = soc_dpct >= 1000, soc_dpct <= 0
        gauge.remaining_mah = fusion.mah
        self.voltage.start(soc_dpct * 100, sigma_dpct * 100)
        self._started = True
        self.shown.publish(fusion, self.counter.bias, self._design_mah)

    def by_hand(self, soc_dpct):
        """A person knows the charge (SOC-05): shown at once, logged, corrected like any other."""
        self.set_soc(soc_dpct, BY_HAND_SIGMA_DPCT)
        self.capacity.started = False  # what was counted since the last full sync is void
        self._log(reasons.SET)

    def go_on(self, left_mah):
        """Start with the charge of the control record, which is younger than the gauge's."""
        gauge = self._gauge
        if not self._started:
            self.set_soc(per_mille(left_mah, gauge.capacity_mah))
        self.fusion.mah = gauge.remaining_mah = max(min(left_mah, gauge.capacity_mah), 0)

    def encode(self, buffer, sequence=0, ledger=None):
        """Fill `buffer` (512 bytes) with what was learned; its length."""
        return call("gauge_record", "encode", self, buffer, sequence, ledger)

    def restore(self, buffer, n, ledger=None):
        """Go on with a stored record; its sequence. Refused: damaged, or another pack's."""
        return call("gauge_record", "restore", self, buffer, n, ledger)

    def step(self, dt_ms):
        """One slice; ms until the next is due (0 = at once)."""
        self._since_ms += dt_ms
        if dt_ms:
            self._collect()
        if self._means is not None:
            self._end_beat()
            return 0
        if self._work:
            self._work = self.voltage.work()
            return 0 if self._work else self._finish()
        if self._since_ms >= BEAT_MS and self._count:
            self._beat()
            self._work = True
            return 0
        return STEP_MS

    def _clear(self):
        self._count = 0
        self._sum_mv = self._sum_max = self._sum_min = self._sum_ma = 0
        self._zeros = 0

    def _collect(self):
        """One reading into the means; the resistance learns from it."""
        m = self._measured
        if not m.valid or m.age or not m.cell_count:
            return
        if self._count >= 200:
            return
        self._count += 1
        self._sum_mv += m.pack_mv
        self._sum_max += m.max_mv
        self._sum_min += m.min_mv
        self._sum_ma += m.current_ma
        self._zeros += m.current_ma == 0
        self.polarisation.step(m.current_ma, m.pack_mv * 1000 // m.cell_count, self._cold())

    def _cold(self):
        return cold_pct(self._temperature())

    def _temperature(self):
        m = self._measured
        if m.temp_max is None or m.temp_min is None:
            return ROOM_DC
        return (m.temp_max + m.temp_min) // 2

    def _beat(self):
        """The first slice of a beat: time, charge, polarisation, voltage."""
        if not self._started:
            self._first()
        n, dt_ms = self._count, min(self._since_ms, 60_000)
        ma = self._sum_ma // n
        seconds = dt_ms // 1000
        self._since_ms -= seconds * 1000
        self._since_ms = min(self._since_ms, 999)
        blind = self._zeros == n
        pol, fusion = self.polarisation, self.fusion
        moved_mah = self.counter.moved_mah
        self.counter.moved_mah = 0
        self._resized()
        moved_mpct = fusion.move(moved_mah)
        fusion.pass_time(seconds)
        self.capacity.move(moved_mah, seconds)
        self.capacity.age(abs(moved_mpct))
        true_ma = ma - self.counter.bias // FINE
        pol.beat(true_ma, dt_ms, self._cold())
        pol.follow(moved_mpct)
        drop = pol.sum_dmv()
        cells = self._measured.cell_count
        mean = self._sum_mv * 10 // (n * cells) - drop
        low = self._sum_min * 10 // n - drop
        high = self._sum_max * 10 // n - drop
        self.voltage.beat(moved_mpct, seconds, mean, low, high, self._temperature())
        self.blind.look(blind, seconds)
        pack_mv, max_mv, min_mv = self._sum_mv // n, self._sum_max // n, self._sum_min // n
        self._means = ma, true_ma, low, high, pack_mv, max_mv, min_mv, dt_ms
        self._clear()

    def _end_beat(self):
        """The second slice: ends, zero point, energy."""
        ma, true_ma, low, high, pack_mv, max_mv, min_mv, dt_ms = self._means
        self._means = None
        self._limits(low, high)
        self._end(true_ma, max_mv, min_mv)
        if self.zero.look(ma):
            self._zero()
        self.use.beat(ma, pack_mv, dt_ms, self.fusion.mah, self.fusion.capacity_mah)

    def _first(self):
        """Without a stored charge: anything is possible; the first look at the voltage decides."""
        self._started = True
        gauge = self._gauge
        dpct = per_mille(gauge.remaining_mah or 0, gauge.capacity_mah)
        self.set_soc(dpct, ASSUMED_SIGMA_MPCT // 100)
        self.voltage.cold = True
        self._log(reasons.ASSUMED)

    def _resized(self):
        """The design capacity was changed: everything in per cent stays."""
        design_mah = self._values[p.DESIGN_CAPACITY_MAH]
        if design_mah != self._design_mah:
            self._design_mah = design_mah
            self._resize(design_mah)
            self.capacity.reset()

    def _resize(self, capacity_mah):
        self.fusion.resize(capacity_mah)
        self.polarisation.resize(capacity_mah)
        if self._gauge.capacity_mah != capacity_mah:
            self.counter.resize(capacity_mah)

    def _limits(self, low_dmv, high_dmv):
        """What the rested voltages of lowest and highest cell say of the ends."""
        pol, curve = self.polarisation, self.curve
        gap = self.voltage.gap_pct
        self._highest_mpct = max(curve.find(high_dmv, pol.state // 256, gap), FULL_MPCT)
        self._lowest_mpct = curve.find(low_dmv, pol.state // 256, gap)
        if self._lowest_mpct < 16_000:
            rise = curve.slope(self._lowest_mpct)
            doubt = curve.spread[self._lowest_mpct // 1000] + pol.doubt_dmv() + 20
            self.capacity.low(self._lowest_mpct, doubt * 1000 // max(rise, 1))

    def _end(self, ma, max_mv, min_mv):
        fusion = self.fusion
        end = self.ends.look(
            ma, max_mv, min_mv, self._lowest_mpct, fusion.mpct(), fusion.capacity_mah
        )
        if end == ends.FULL:
            self._full()
        elif end == ends.EMPTY:
            fusion.fix(-fusion.mpct(), EMPTY_NOISE)
            fusion.place(0)
            self.voltage.start(0, 2_000)
            self.shown.fast = True
            self._log(reasons.EMPTY)
        elif self.ends.at_top():  # still charging: full is where it ends
            self._hold_top()

    def _full(self):
        fusion, gauge = self.fusion, self._gauge
        error = self._highest_mpct - fusion.mpct()
        self.blind.full(error + self.voltage.pulled_mpct - fusion.clipped_mpct)
        pulled_mpct = self.voltage.full(error)
        fusion.fix(error, FULL_NOISE, pulled_mpct)
        new_mah = self.capacity.full(gauge.capacity_mah, self._design_mah)
        if new_mah:
            if abs(new_mah - gauge.capacity_mah) * 50 > gauge.capacity_mah:
                self.voltage.learned.forget()
            self._resize(new_mah)
            self._log(reasons.CAPACITY, per_mille(new_mah, self._design_mah))
        fusion.size_mpct = self.capacity.sigma_mpct if self.capacity.learned else fusion.size_mpct
        fusion.place(self._highest_mpct)
        self._hold_top()
        self.voltage.start(self._highest_mpct, 2_000)
        self.shown.fast = True
        self._log(reasons.FULL)

    def _hold_top(self):
        """Full is shown as 100 %; the few per mille that the cells could still take are part of
        the estimate."""
        mpct = self.fusion.mpct()
        self.capacity.start(mpct)
        self.shown.hold(mpct)

    def _zero(self):
        """No current can flow: what the sensor shows is its error."""
        fusion = self.fusion
        error_ma = self.counter.bias // FINE - self.zero.ma
        fusion.rest(error_ma * 2_400_000 // fusion.capacity_mah, fusion.per_day(10) ** 2)
        if abs(error_ma) > 20:
            self.context.events.add(events.SOC, reasons.ZERO, self.zero.ma)

    def _finish(self):
        """The last slice: show the estimate."""
        voltage = self.voltage
        if voltage.reason:
            self._log(voltage.reason)
            if voltage.reason == reasons.COLD_START:
                self.shown.jump(self.fusion.mah)
            voltage.reason = 0
        self._show()
        return STEP_MS

    def _show(self):
        self.shown.slew(self.fusion)
        self.shown.publish(self.fusion, self.counter.bias, self._design_mah)

    def _log(self, reason, value=None):
        if value is None:
            value = self.fusion.mpct() // 100
        self.context.events.add(events.SOC, reason, value)
