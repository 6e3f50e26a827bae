"""The standard truth: open-circuit voltage, R0 and one RC pair a cell, a lumped thermal mass.

Made for speed: plain lists, one loop; temperatures and resistances follow once a second, they
move slowly. Resistance and thermal data: a 280 Ah prismatic LFP cell (0.20 mOhm ohmic with an
activation energy of 12 kJ/mol, 0.20 mOhm behind 100 s; 5.3 kg at 1 kJ/kgK, 0.6 W/K), scaled
with the capacity.
"""

import math

from host_sim.plant import ocv
from host_sim.plant.interface import CellModel

REFERENCE_AH = 280.0
R0_OHM = 0.20e-3
R1_OHM = 0.20e-3
TAU_S = 100.0
ACTIVATION_K = 12_000 / 8.314  # R0 over temperature, Arrhenius
HEAT_J_K = 5_300.0
LOSS_W_K = 0.6
EFFICIENCY = 0.9985
REFERENCE_C = 25.0
SLOW_S = 1.0  # thermal step


class RcCells(CellModel):
    """`capacity_ah` and `soc` may be one number or a list with one a cell."""

    def __init__(self, count, chemistry="lfp", capacity_ah=280.0, soc=0.5, temp_c=25.0):
        CellModel.__init__(self, count)
        self.chemistry = chemistry
        self.capacity_ah = _per_cell(capacity_ah, count)
        self.soc = _per_cell(soc, count)
        self._start, self._slope = ocv.grid(ocv.CURVES[chemistry])
        self._rc_v = [0.0] * count
        self._base_r = [R0_OHM * REFERENCE_AH / q for q in self.capacity_ah]
        self._r1 = [R1_OHM * REFERENCE_AH / q for q in self.capacity_ah]
        self._per_ah = [1.0 / (3600.0 * q) for q in self.capacity_ah]
        self._heat_j = [0.0] * count
        self._slow_s = 0.0
        self._warm_j = 0.0
        self._decay_dt = 0.0
        self._decay = 1.0
        self.set_temperature(temp_c)

    def set_soc(self, cell, soc):
        self.soc[cell] = soc
        self._rc_v[cell] = 0.0
        self._refresh()

    def set_temperature(self, temp_c):
        CellModel.set_temperature(self, temp_c)
        self._resistances()
        self._refresh()

    def step(self, dt_s, current_a, balance_a, heat_w, ambient_c):
        if dt_s != self._decay_dt:
            self._decay_dt = dt_s
            self._decay = math.exp(-dt_s / TAU_S)
        if balance_a is None:
            self._advance(dt_s, current_a)
        else:
            self._advance_each(dt_s, [current_a + b for b in balance_a])
        self._slow_s += dt_s
        self._warm_j += heat_w * dt_s
        if self._slow_s >= SLOW_S:
            self._thermal(ambient_c)

    def _advance(self, dt_s, current_a):
        """The fast path: one current for all cells."""
        soc, rc, emf, heat = self.soc, self._rc_v, self.emf_v, self._heat_j
        start, slope = self._start, self._slope
        r0, r1, per_ah = self.r0_ohm, self._r1, self._per_ah
        keep = self._decay
        gain = (1.0 - keep) * current_a
        charge = current_a * dt_s * (EFFICIENCY if current_a > 0 else 1.0)
        square = current_a * current_a * dt_s
        total, last = 0.0, ocv.GRID - 1
        for i in range(self.count):
            s = soc[i] = soc[i] + charge * per_ah[i]
            v = rc[i] = rc[i] * keep + gain * r1[i]
            k = int(s * 100.0)
            if k > last:
                k = last
            elif k < 0:
                k = 0
            e = emf[i] = start[k] + slope[k] * (s - k * 0.01) + v
            total += e
            heat[i] += square * r0[i] + v * current_a * dt_s
        self.total_emf_v = total

    def _advance_each(self, dt_s, amps):
        """The slow path: a balancer runs, every cell has its own current."""
        keep = self._decay
        for i in range(self.count):
            a = amps[i]
            self.soc[i] += a * dt_s * self._per_ah[i] * (EFFICIENCY if a > 0 else 1.0)
            v = self._rc_v[i] = self._rc_v[i] * keep + (1.0 - keep) * a * self._r1[i]
            self._heat_j[i] += a * dt_s * (a * self.r0_ohm[i] + v)
        self._refresh()

    def _thermal(self, ambient_c):
        dt_s, share = self._slow_s, self._warm_j / self.count
        for i in range(self.count):
            scale = self.capacity_ah[i] / REFERENCE_AH
            keep = math.exp(-dt_s * LOSS_W_K / HEAT_J_K)  # the scale cancels
            away = self.temp_c[i] - ambient_c
            gained = (self._heat_j[i] + share) / (HEAT_J_K * scale)
            self.temp_c[i] = ambient_c + away * keep + gained
            self._heat_j[i] = 0.0
        self._slow_s = self._warm_j = 0.0
        self._resistances()

    def _resistances(self):
        cold = 1.0 / (REFERENCE_C + 273.15)
        for i in range(self.count):
            kelvin = max(self.temp_c[i] + 273.15, 200.0)
            self.r0_ohm[i] = self._base_r[i] * math.exp(ACTIVATION_K * (1.0 / kelvin - cold))
        self.total_r0_ohm = sum(self.r0_ohm)

    def _refresh(self):
        """EMF from state of charge and RC voltage, without time."""
        for i in range(self.count):
            s = self.soc[i]
            k = min(max(int(s * 100.0), 0), ocv.GRID - 1)
            self.emf_v[i] = self._start[k] + self._slope[k] * (s - k * 0.01) + self._rc_v[i]
        self.total_emf_v = sum(self.emf_v)


def _per_cell(value, count):
    values = [float(v) for v in value] if hasattr(value, "__len__") else [float(value)] * count
    if len(values) != count:
        raise ValueError(f"{len(values)} values for {count} cells")
    return values
