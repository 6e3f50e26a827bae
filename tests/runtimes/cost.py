"""Time of a control cycle on the fake board; runs on CPython and MicroPython."""

import gc
import sys
import time

CYCLES = 301
ROUNDS = 15
BATCH = 200
WARM_UP = 100
PERIOD_MS = 100


def _now_us():
    if hasattr(time, "ticks_us"):
        return time.ticks_us()
    return time.perf_counter_ns() // 1000


def _since_us(start):
    if hasattr(time, "ticks_diff"):
        return time.ticks_diff(time.ticks_us(), start)
    return time.perf_counter_ns() // 1000 - start


def controller():
    """A controller of a 16-cell pack at work, past the start-up gate, and its hardware."""
    from firmware import parameter_ids as ids
    from firmware.controller import Controller
    from firmware.parameters import Parameters
    from tests.fakes.hal import FakeHal

    parameters = Parameters()
    parameters.apply({ids.CELL_COUNT: 16})
    hal = FakeHal(16)
    hal.afe.port_mv = sum(hal.afe.cell_mv)  # pre-charged: both MOSFETs may close
    made = Controller(hal, parameters)
    made.load_all()
    for _ in range(WARM_UP):
        made.cycle(PERIOD_MS)
    return made, hal


def single_us(made):
    """(median, p95, max) of CYCLES single control cycles, us: for a clock with microseconds."""
    times = []
    cycle = made.cycle
    for _ in range(CYCLES):
        start = _now_us()
        cycle(PERIOD_MS)
        times.append(_since_us(start))
    times.sort()
    return times[CYCLES // 2], times[CYCLES * 95 // 100], times[-1]


def mean_ns(made):
    """Median of ROUNDS means over BATCH cycles, ns: for a clock with milliseconds."""
    rounds = []
    cycle = made.cycle
    for _ in range(ROUNDS):
        start = _now_us()
        for _ in range(BATCH):
            cycle(PERIOD_MS)
        rounds.append(_since_us(start) * 1000 // BATCH)
    rounds.sort()
    return rounds[ROUNDS // 2]


def main(arguments):
    """Print `name value` lines; with `single` the spread of single cycles, too."""
    made, hal = controller()
    gc.collect()
    print("mosfets", hal.afe.mosfets())
    print("cycle_ns", mean_ns(made))
    if "single" in arguments:
        gc.collect()
        median, p95, worst = single_us(made)
        print("median_us", median)
        print("p95_us", p95)
        print("max_us", worst)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
