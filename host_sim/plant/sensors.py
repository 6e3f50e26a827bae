"""What the front end's converters make of the truth: gain, offset, noise, range, steps.

Deterministic: noise comes from a ring that is filled once from a seed (a fresh gauss() for every
cell and scan would cost more than the plant).
"""

import random

RING = 1021  # prime: cells and rounds do not lock onto each other


class Channel:
    """One quantity: reported = truth x gain + offset + noise, in the unit of its consumer."""

    def __init__(self, offset=0.0, gain=1.0):
        self.offset = offset
        self.gain = gain
        self.forced = None  # a fault: always this value


class Sensors:
    """Sensor errors of a pack.

    cell_noise_mv, current_noise_ma, temp_noise_dc: standard deviations; cell_offset_mv and
    cell_gain: standard deviations of the fixed errors drawn per cell from the seed;
    current_step_ma: resolution; range_ma: the current saturates there.
    """

    def __init__(
        self,
        cells,
        seed=1,
        cell_noise_mv=0.5,
        cell_offset_mv=0.7,
        cell_gain=0.0002,
        current_noise_ma=20.0,
        current_offset_ma=0.0,
        current_gain=1.0,
        current_step_ma=10,
        temp_noise_dc=1.0,
        range_ma=750_000,
    ):
        rng = random.Random(seed)
        self._ring = [rng.gauss(0.0, 1.0) for _ in range(RING)]
        self._at = 0
        self.cells = [
            Channel(rng.gauss(0.0, cell_offset_mv), rng.gauss(1.0, cell_gain))
            for _ in range(cells)
        ]
        self.tap_cells = set()  # cells whose forced reading the pack tap shows too
        self.current = Channel(current_offset_ma, current_gain)
        self.temperatures = [Channel() for _ in range(5)]
        self.cell_noise_mv = cell_noise_mv
        self.current_noise_ma = current_noise_ma
        self.current_step_ma = current_step_ma
        self.temp_noise_dc = temp_noise_dc
        self.range_ma = range_ma

    def cells_mv(self, volts):
        """Reported cell voltages, whole mV, from the true ones in V."""
        ring, at, noise = self._ring, self._at, self.cell_noise_mv
        out = []
        for v, c in zip(volts, self.cells, strict=True):
            at = at + 1 if at < RING - 1 else 0
            if c.forced is not None:
                out.append(c.forced)
                continue
            mv = round(v * 1000.0 * c.gain + c.offset + noise * ring[at])
            out.append(0 if mv < 0 else 65535 if mv > 65535 else mv)
        self._at = at
        return out

    def current_ma(self, amps):
        """Reported current, mA, saturated at the range."""
        c = self.current
        if c.forced is not None:
            return c.forced
        noise = self.current_noise_ma * self._next()
        ma = amps * 1000.0 * c.gain + c.offset + noise
        ma = round(ma / self.current_step_ma) * self.current_step_ma
        return max(-self.range_ma, min(self.range_ma, ma))

    def temp_dc(self, sensor, temp_c):
        """Reported temperature of sensor 0..4, 0.1 degC."""
        c = self.temperatures[sensor]
        if c.forced is not None:
            return c.forced
        return round(temp_c * 10.0 * c.gain + c.offset + self.temp_noise_dc * self._next())

    def tap_v(self, volts):
        """Voltage at the pack tap: the cells, with those that a fault has really moved."""
        total = sum(volts)
        for i in self.tap_cells:
            total += self.cells[i].forced / 1000.0 - volts[i]
        return total

    def voltage_mv(self, volts):
        """Pack tap and port: 10 mV steps, 0.1 % would be too good for a divider."""
        return round(volts * 100.0) * 10

    def _next(self):
        self._at = self._at + 1 if self._at < RING - 1 else 0
        return self._ring[self._at]
