"""Make a table for hal/ntc.py: `python -m tools.ntc --beta 3435` (resistances in Ohm).

The thermistor hangs between the converter's input and ground, the pull-up between the input and
the converter's reference.
"""

import argparse
import math

ZERO_K = 273.15
FIRST_C, LAST_C, STEP_C = -40, 125, 5
FULL = 65_536


def resistance(celsius, r25, beta):
    """R25 and beta between 25 degC and anything, Ohm."""
    return r25 * math.exp(beta * (1 / (celsius + ZERO_K) - 1 / (25 + ZERO_K)))


def steinhart(celsius, a, b, c):
    """Resistance by 1/T = a + b ln R + c ln(R)^3, Ohm."""
    x = (a - 1 / (celsius + ZERO_K)) / c
    y = math.sqrt((b / (3 * c)) ** 3 + x * x / 4)
    return math.exp(math.cbrt(y - x / 2) - math.cbrt(y + x / 2))


def ratio(ohm, pull_up):
    """Reading of 0..65536 for a thermistor."""
    return FULL * ohm / (ohm + pull_up)


def table(ohm_at, pull_up):
    """Readings from FIRST_C to LAST_C; `ohm_at(celsius)` is the thermistor."""
    return tuple(
        round(ratio(ohm_at(celsius), pull_up)) for celsius in range(FIRST_C, LAST_C + 1, STEP_C)
    )


def main(arguments=None):
    """Print one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--r25", type=float, default=10_000)
    parser.add_argument("--beta", type=float, required=True)
    parser.add_argument("--pull-up", type=float, default=10_000)
    chosen = parser.parse_args(arguments)
    print(table(lambda celsius: resistance(celsius, chosen.r25, chosen.beta), chosen.pull_up))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
