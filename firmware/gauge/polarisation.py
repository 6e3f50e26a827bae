"""What the current does to the voltage: resistance, two RC voltages, hysteresis state.

Start values are those of a 280 Ah prismatic LFP cell (impedance 10 mHz .. 1 kHz, docs/soc.md),
scaled with 1/capacity; the ohmic part is then learned from steps of the current.
Resistances in uOhm, voltages in uV, currents in mA.
"""

from firmware.gauge.ocv import by_temperature

OHMIC_UOHM_AH = 67_000  # 0.24 mOhm at 280 Ah
QUICK_UOHM_AH = 48_000  # 0.17 mOhm behind 100 s
SLOW_UOHM_AH = 42_000  # 0.15 mOhm behind 1800 s
QUICK_S = 100
SLOW_S = 1800
# resistance over temperature, per cent of that at 25 degC at -20, -10 .. 50 degC (21 kJ/mol)
COLD_PCT = (449, 309, 217, 157, 116, 87, 67, 52)
LIMIT_UV = 400_000
FULL_STATE = 65_536  # hysteresis state on the charge branch
SETTLES = 8  # the state follows with 1/8 of the capacity
CHANGE_PCT = 25  # one step may tell a resistance of 1/4 .. 4 times the expected one


class Polarisation:
    """`step` with every reading, `beat` with the means of a beat."""

    def __init__(self, capacity_mah):
        self._last_ma = None
        self._last_uv = 0
        self.gain_pct = 100  # learned ohmic resistance over the expected one
        self.steps = 0  # current steps seen
        self.resize(capacity_mah)
        self.quick_uv = self.slow_uv = self.ohmic_uv = 0
        self.state = 0  # hysteresis

    def resize(self, capacity_mah):
        """A new capacity, mAh."""
        self._capacity_mah = max(capacity_mah, 1)
        ah = self._capacity_mah // 100
        self._ohmic = OHMIC_UOHM_AH * 10 // ah
        self._quick = QUICK_UOHM_AH * 10 // ah
        self._slow = SLOW_UOHM_AH * 10 // ah
        self._step_ma = self._capacity_mah // 20

    def step(self, ma, mean_uv, cold_pct):
        """Learn the ohmic resistance from a step of more than 0.05 C between two readings."""
        if self._last_ma is not None:
            di, dv = ma - self._last_ma, mean_uv - self._last_uv
            if di < 0:
                di, dv = -di, -dv
            if di > self._step_ma:
                self._learn(di, dv, cold_pct)
        self._last_ma, self._last_uv = ma, mean_uv

    def _learn(self, di, dv, cold_pct):
        expected_uv = di // 10 * self.ohmic(cold_pct) // 100
        if expected_uv > 500 and 0 < dv < 4 * expected_uv:
            pct = min(dv * self.gain_pct // expected_uv, 400)
            share = max(8 - self.steps, 1)  # the first ones count more
            self.gain_pct += (pct - self.gain_pct) * share // 32
            self.gain_pct = min(max(self.gain_pct, 25), 300)
            self.steps = min(self.steps + 1, 255)

    def ohmic(self, cold_pct):
        """Ohmic resistance now, uOhm."""
        return self._ohmic * self.gain_pct // 100 * (25 + cold_pct * 3 // 4) // 100

    def beat(self, ma, dt_ms, cold_pct):
        """RC voltages after `dt_ms` (up to 60 s) with this mean current."""
        self.ohmic_uv = _uv(ma, self.ohmic(cold_pct))
        quick_uv = _uv(ma, self._quick * cold_pct // 100)
        slow_uv = _uv(ma, self._slow * cold_pct // 100)
        part = dt_ms * 8 // (QUICK_S * 8 + dt_ms // 250)  # of 1000: bilinear
        self.quick_uv += (quick_uv - self.quick_uv) * part // 1000
        part = dt_ms * 8 // (SLOW_S + dt_ms // 2000)  # of 8000
        self.slow_uv += (slow_uv - self.slow_uv) * part // 8000

    def follow(self, mpct):
        """Hysteresis state after the charge moved by `mpct` (0.001 %, signed)."""
        towards = FULL_STATE if mpct > 0 else -FULL_STATE
        moved = min(abs(mpct) * SETTLES, 100_000)
        self.state += (towards - self.state) // 16 * moved // 6_250

    def sum_dmv(self):
        """All of it, 0.1 mV."""
        return (self.ohmic_uv + self.quick_uv + self.slow_uv) // 100

    def doubt_dmv(self):
        """How wrong it may be, 0.1 mV."""
        learned = 4 if self.steps < 8 else 8
        doubt_uv = abs(self.ohmic_uv) // learned + (abs(self.quick_uv) + abs(self.slow_uv)) // 3
        return doubt_uv // 100


def cold_pct(dc):
    """Resistance over that at 25 degC, per cent; `dc` in 0.1 degC."""
    return by_temperature(COLD_PCT, dc)


def _uv(ma, uohm):
    uv = ma // 10 * uohm // 100
    return max(min(uv, LIMIT_UV), -LIMIT_UV)
