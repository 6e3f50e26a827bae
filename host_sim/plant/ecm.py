"""The fine truth: hysteresis, two RC pairs, self-discharge, spread and ageing (docs/plant.md).

An equivalent circuit a cell, made for speed: one loop of plain lists a step. What moves slowly,
temperatures and everything that follows from them, is renewed every SLOW_S. Numbers: impedance
of a 314 Ah prismatic LFP cell at 20..30 degC, scaled with the nominal capacity.
"""

import math

from host_sim.plant import ocv_sets
from host_sim.plant.interface import CellModel
from host_sim.plant.spread import Spread

REFERENCE_AH = 280.0
REFERENCE_K = 298.15
GAS = 8.314  # J/(mol K)
# ohm at 25 degC and 280 Ah, activation energy in J/mol
OHMIC = 0.20e-3, 12_000.0
TRANSFER = 0.06e-3, 36_000.0  # faster than any step: part of r0_ohm
FAST = 0.17e-3, 21_000.0
SLOW = 0.15e-3, 21_000.0
FAST_S, SLOW_RC_S = 100.0, 1800.0
LOW_RISE, LOW_SOC = 1.5, 0.08  # diffusion at 0 % is (1 + LOW_RISE) times that of the middle
GAMMA = 8.0  # hysteresis: 1/e of the way in 12.5 % of throughput
GAP_KELVIN = 57.7  # the gap doubles in 40 K of cold
LEAK_J = 50_000.0  # self-discharge doubles in about 10 K
MONTH_S = 30 * 86_400.0
EFFICIENCY = 0.9985
HEAT_J_K, LOSS_W_K = 5_300.0, 0.6
SLOW_S = 5.0


class EcmCells(CellModel):
    """`capacity_ah` (nominal), `soc` and `ocv` (names of ocv_sets.SETS) may be one value or a
    list with one a cell. Spread is drawn when a seed is given; `self_discharge` is the part of
    the capacity lost in 30 days at 25 degC; `hysteresis` -1 (discharged) .. 1 (charged) is the
    branch that the cells start on; `fading` an ageing.Fading or None.
    """

    def __init__(
        self,
        count=8,
        ocv="lfp-a",
        capacity_ah=280.0,
        soc=0.5,
        temp_c=25.0,
        seed=None,
        spread=None,
        self_discharge=0.02,
        hysteresis=0.0,
        fading=None,
    ):
        CellModel.__init__(self, count)
        sets = each(ocv, count)
        tables = {name: ocv_sets.intervals(name) for name in set(sets)}
        self._tables = [tables[name] for name in sets]
        self.nominal_ah = [float(q) for q in each(capacity_ah, count)]
        capacity, resistance, leak = (spread or Spread()).draw(count, seed)
        self.capacity_ah = [q * f for q, f in zip(self.nominal_ah, capacity, strict=True)]
        self.resistance = resistance  # factor of each cell on all its resistances
        self.self_discharge = [self_discharge * f for f in leak]
        self.fading = fading
        self.soc = [float(s) for s in each(soc, count)]
        self.hysteresis = [float(hysteresis)] * count  # 1: on the charge branch
        self.fast_v, self.slow_v = [0.0] * count, [0.0] * count
        self.fast_ohm, self.slow_ohm = [0.0] * count, [0.0] * count
        self._gap = [1.0] * count  # factor of the cold
        self._leak = [0.0] * count  # self-discharge, SOC per s
        self._heat_j = [0.0] * count
        self._idle = [0.0] * count
        self._slow_s = self._warm_j = self._through_as = 0.0
        self._decay_s = 0.0
        self.set_temperature(temp_c)

    def set_soc(self, cell, soc, hysteresis=0.0):
        """Put one cell at rest at a state of charge, 0..1, half-way between the branches."""
        self.soc[cell] = soc
        self.hysteresis[cell] = hysteresis
        self.fast_v[cell] = self.slow_v[cell] = 0.0
        self._follow()

    def set_temperature(self, temp_c):
        CellModel.set_temperature(self, temp_c)
        self._follow()

    def age(self, fade, resistance_growth, cell=None):
        """Take a part of the present capacity away (0..1) and raise the resistances by a part.
        The state of charge stays, so charge is lost with the capacity."""
        for i in range(self.count) if cell is None else (cell,):
            self.capacity_ah[i] *= 1.0 - fade
            self.resistance[i] *= 1.0 + resistance_growth
        self._follow()

    def step(self, dt_s, current_a, balance_a, heat_w, ambient_c):
        if dt_s != self._decay_s:
            self._decay_s = dt_s
            self._keep_fast = math.exp(-dt_s / FAST_S)
            self._keep_slow = math.exp(-dt_s / SLOW_RC_S)
        self._advance(dt_s, current_a, balance_a or self._idle)
        self._slow_s += dt_s
        self._warm_j += heat_w * dt_s
        self._through_as += abs(current_a) * dt_s
        if self._slow_s >= SLOW_S:
            self._thermal(ambient_c)
            if self.fading is not None:
                self._fade()
            self._slow_s = self._warm_j = self._through_as = 0.0
            self._follow()

    def _advance(self, dt_s, current_a, balance_a):
        """The loop. Heat is the electrical energy brought in less what is stored as charge, so
        energy is kept; what the RC pairs hold counts as heat until they give it back."""
        exp, last = math.exp, ocv_sets.GRID - 1
        keep1, keep2 = self._keep_fast, self._keep_slow
        fill1, fill2 = 1.0 - keep1, 1.0 - keep2
        soc, hysteresis, leak, gap = self.soc, self.hysteresis, self._leak, self._gap
        fast, slow, r1, r2 = self.fast_v, self.slow_v, self.fast_ohm, self.slow_ohm
        emf, r0, heat = self.emf_v, self.r0_ohm, self._heat_j
        tables, charge = self._tables, self._charge_as
        total = 0.0
        for i, b in enumerate(balance_a):
            a = current_a + b
            moved = a * dt_s
            full = charge[i]
            d = (moved * EFFICIENCY if a > 0.0 else moved) / full - leak[i] * dt_s
            s = soc[i] = soc[i] + d
            if d > 0.0:
                h = 1.0 - (1.0 - hysteresis[i]) * exp(-GAMMA * d)
            else:
                h = (1.0 + hysteresis[i]) * exp(GAMMA * d) - 1.0
            hysteresis[i] = h
            v1 = fast[i] = fast[i] * keep1 + fill1 * a * r1[i]
            v2 = slow[i] = slow[i] * keep2 + fill2 * a * r2[i]
            k = int(s * 100.0)
            if k > last:
                k = last
            elif k < 0:
                k = 0
            mean, rise, half, widens = tables[i][k]
            x = s - k * 0.01
            u = mean + rise * x
            e = emf[i] = u + (half + widens * x) * h * gap[i] + v1 + v2
            total += e
            heat[i] += moved * (e + a * r0[i]) - d * full * u
        self.total_emf_v = total

    def _thermal(self, ambient_c):
        share = self._warm_j / self.count
        keep = math.exp(-self._slow_s * LOSS_W_K / HEAT_J_K)  # the size of the cell cancels
        for i in range(self.count):
            gained = (self._heat_j[i] + share) * REFERENCE_AH / (HEAT_J_K * self.nominal_ah[i])
            self.temp_c[i] = ambient_c + (self.temp_c[i] - ambient_c) * keep + gained
            self._heat_j[i] = 0.0

    def _fade(self):
        through_ah = self._through_as / 3600.0
        for i in range(self.count):
            warmth = arrhenius(LEAK_J, self.temp_c[i])
            loss = self.fading.loss(self._slow_s, 1.0 / warmth, through_ah, self.nominal_ah[i])
            self.capacity_ah[i] -= loss * self.nominal_ah[i]
            self.resistance[i] *= 1.0 + loss * self.fading.growth

    def _follow(self):
        """What follows from temperature, state of charge and age."""
        self._charge_as = [3600.0 * q for q in self.capacity_ah]
        for i in range(self.count):
            temp_c, s = self.temp_c[i], self.soc[i]
            size = self.resistance[i] * REFERENCE_AH / self.nominal_ah[i]
            diffusion = size * (1.0 + LOW_RISE * math.exp(-max(s, 0.0) / LOW_SOC))
            self.r0_ohm[i] = size * (
                OHMIC[0] * arrhenius(OHMIC[1], temp_c)
                + TRANSFER[0] * arrhenius(TRANSFER[1], temp_c)
            )
            cold = diffusion * arrhenius(FAST[1], temp_c)
            self.fast_ohm[i] = FAST[0] * cold
            self.slow_ohm[i] = SLOW[0] * cold
            self._gap[i] = math.exp((REFERENCE_K - 273.15 - temp_c) / GAP_KELVIN)
            self._leak[i] = self.self_discharge[i] / MONTH_S / arrhenius(LEAK_J, temp_c)
            self.emf_v[i] = self.open_v(i) + self.fast_v[i] + self.slow_v[i]
        self.total_emf_v = sum(self.emf_v)
        self.total_r0_ohm = sum(self.r0_ohm)

    def open_v(self, cell):
        """Voltage of a cell after endless rest, on its present branch."""
        s = self.soc[cell]
        k = min(max(int(s * 100.0), 0), ocv_sets.GRID - 1)
        mean, rise, half, widens = self._tables[cell][k]
        x = s - k * 0.01
        return mean + rise * x + (half + widens * x) * self.hysteresis[cell] * self._gap[cell]


def arrhenius(energy_j, temp_c):
    """Factor on a resistance against 25 degC; more in the cold."""
    kelvin = max(temp_c + 273.15, 200.0)
    return math.exp(energy_j / GAS * (1.0 / kelvin - 1.0 / REFERENCE_K))


def each(value, count):
    """One value a cell. ValueError when a list has another length."""
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{len(value)} values for {count} cells")
    return list(value)
