"""What a hybrid inverter makes of a house's net power: a battery current within limits.

It charges with the surplus and discharges for the need. Towards full the highest cell is held
at its stop voltage (CC, then CV, as an inverter does that follows a BMS's CVL and CCL by cell),
towards empty the lowest one. No MOSFETs: long runs of cells alone.
"""


class Ems:
    """charge_a, discharge_a: limits; top_v, low_v: stop voltages of a cell; tail_a: charging has
    ended when less flows at top_v for absorb_s; then nothing is charged until rebulk_ah were
    taken out. soc_high, soc_low: a window of pack SOC (None: only the voltages stop).
    efficiency: of the inverter, each way."""

    WINDOW = 0.005  # SOC that has to change before the window's end opens again
    CUT_A = 1.0  # discharging ends when the lowest cell allows no more than this
    RECOVER_V = 0.10  # an open-circuit cell so far above low_v may be discharged again

    def __init__(
        self,
        charge_a=100.0,
        discharge_a=100.0,
        top_v=3.50,
        low_v=2.90,
        tail_a=8.0,
        absorb_s=1800.0,
        rebulk_ah=6.0,
        soc_high=None,
        soc_low=None,
        efficiency=0.96,
    ):
        self.charge_a, self.discharge_a = charge_a, discharge_a
        self.top_v, self.low_v = top_v, low_v
        self.tail_a, self.absorb_s, self.rebulk_ah = tail_a, absorb_s, rebulk_ah
        self.soc_high, self.soc_low = soc_high, soc_low
        self.efficiency = efficiency
        self.full = self.empty = False  # charging ended; discharging ended
        self.limited = False  # a cell's voltage, not the house, decides the current now
        self._tail_s = self._taken_ah = 0.0

    def current_a(self, net_w, cells, balance_a, dt_s, soc):
        """Current for the next dt_s, A (+ charges). `balance_a` as in CellModel.step; `soc` is
        the pack's, for the window."""
        self.limited = False
        amps = self._wanted(net_w, cells)
        if amps > 0:
            amps = self._charge(amps, cells, balance_a, dt_s, soc)
        elif amps < 0:
            amps = self._discharge(amps, cells, balance_a, soc)
        self._remember(amps, dt_s, cells, soc)
        return amps

    def _wanted(self, net_w, cells):
        watts = net_w * self.efficiency if net_w > 0 else net_w / self.efficiency
        emf = max(cells.total_emf_v, 1.0)
        amps = watts / (emf + cells.total_r0_ohm * watts / emf)
        return max(min(amps, self.charge_a), -self.discharge_a)

    def _charge(self, amps, cells, balance_a, dt_s, soc):
        if self.soc_high is not None and soc >= self.soc_high:
            self.full = True
        if self.full:
            return 0.0
        extra = balance_a or [0.0] * cells.count
        rows = zip(cells.emf_v, cells.r0_ohm, extra, strict=True)
        room = min([(self.top_v - e) / r - b for e, r, b in rows])
        if room < amps:
            amps, self.limited = max(room, 0.0), True
            self._tail_s = self._tail_s + dt_s if amps < self.tail_a else 0.0
            self.full = self._tail_s >= self.absorb_s
        return amps

    def _discharge(self, amps, cells, balance_a, soc):
        if self.soc_low is not None and soc <= self.soc_low:
            self.empty = True
        if self.empty:
            return 0.0
        extra = balance_a or [0.0] * cells.count
        rows = zip(cells.emf_v, cells.r0_ohm, extra, strict=True)
        room = max([(self.low_v - e) / r - b for e, r, b in rows])
        if room > amps:
            self.limited, self.empty = True, room >= -self.CUT_A
            amps = 0.0 if self.empty else room
        return amps

    def _remember(self, amps, dt_s, cells, soc):
        """When may it go on at an end that was reached?"""
        if self.full:
            self._taken_ah -= amps * dt_s / 3600.0
            window = self.soc_high is not None and soc < self.soc_high - self.WINDOW
            if self._taken_ah >= self.rebulk_ah or window:
                self.full = False
        if not self.full:
            self._taken_ah = 0.0
            if not self.limited:
                self._tail_s = 0.0
        if self.empty:
            rested = min(cells.emf_v) >= self.low_v + self.RECOVER_V
            self.empty = not (
                rested and (self.soc_low is None or soc > self.soc_low + self.WINDOW)
            )
