"""S0: the counter against exact arithmetic."""

import random
from fractions import Fraction

from firmware import parameter_ids as ids
from firmware.control.context import Context
from firmware.control.counter import FINE, MAH, Counter
from firmware.parameters import Parameters
from hal.contract import Hal

CYCLE_MS = 100
STANDBY_MA = 20
BIAS = 12 * FINE + 37  # 1/64 mA
STRETCH = 10_007  # cycles: a stretch of random +-200 A, then one of 20 mA, and so on
RING = 65_521


def error_mah(cycles, seed=1):
    """(largest error of the shown charge, error of the sum), mAh, over `cycles` of 100 ms."""
    parameters = Parameters()
    parameters.values[ids.STANDBY_MA] = STANDBY_MA
    parameters.seal()
    context = Context(Hal(), parameters)
    measured, gauge = context.state.measured, context.state.gauge
    counter = Counter(context)
    counter.bias = BIAS
    rng = random.Random(f"exact {seed}")
    # at exactly 0 the counter takes no bias off: a sensor that shows nothing has none
    ring = [rng.randint(1, 200_000) for _ in range(RING // 2)]
    ring += [-ma for ma in ring]  # in a month no charge piles up against the ends of the scale
    rng.shuffle(ring)
    measured.valid, measured.current_ma = True, 0
    counter.step(0)
    start_mah, step = gauge.remaining_mah, counter.step
    total, done, worst = 0, 0, Fraction(0)
    while done < cycles:
        piece = min(STRETCH, cycles - done)
        if done // STRETCH % 2:
            measured.current_ma = 20
            for _ in range(piece):
                step(CYCLE_MS)
            total += 20 * piece
        else:
            for k in range(done, done + piece):
                measured.current_ma = ma = ring[k % len(ring)]
                total += ma
                step(CYCLE_MS)
        done += piece
        off = Fraction(BIAS, FINE) + STANDBY_MA
        exact = (total - off * done) * CYCLE_MS / MAH
        worst = max(worst, abs(gauge.remaining_mah - start_mah - exact))
    held = counter.moved_mah + (counter.part + Fraction(counter.fine, FINE)) / MAH
    return float(worst), float(abs(held - exact))
