"""What a board's converters make of a truth."""

import random
from dataclasses import dataclass

RING = 65_521  # prime: noise is drawn once and does not lock onto hours or cells
NOISE_MA, STEP_MA = 50, 10
OFFSET_DMV, NOISE_DMV = 20, 5  # 0.1 mV; the step is 1 mV


@dataclass(frozen=True)
class Sensor:
    """Errors of the current sensor; the rest is the same for all: noise of 50 mA and 0.5 mV,
    steps of 10 mA and 1 mV, a fixed offset within +-2 mV for each cell."""

    offset_ma: float = 0.0
    gain: float = 1.0
    dead_ma: float = 0.0

    def readings(self, truth, seed):
        """(mA, list of mV) of each step, whole numbers; the same for the same seed."""
        rng = random.Random(f"sensor {seed}")
        n = truth.cells
        offsets = [rng.uniform(-OFFSET_DMV, OFFSET_DMV) for _ in range(n)]
        noise = [rng.gauss(0.0, 1.0) for _ in range(RING)]
        noise += noise[:n]
        volts = [round(NOISE_DMV * x * 10) for x in noise]  # 0.01 mV
        fixed = [round(10 * x) + 50 for x in offsets]
        scale, offset_ma, dead_ma = self.gain * 1000.0, self.offset_ma, self.dead_ma
        dmv, at = truth.dmv, 0
        for k, amps in enumerate(truth.amps):
            ma = amps * scale + offset_ma + NOISE_MA * noise[k % RING]
            ma = 0 if -dead_ma < ma < dead_ma else round(ma / STEP_MA) * STEP_MA
            here = k * n
            cells = [
                (10 * v + f + e) // 100
                for v, f, e in zip(dmv[here : here + n], fixed, volts[at : at + n], strict=True)
            ]
            at = (at + n) % RING
            yield ma, cells
