"""Scenarios: a small TOML file (docs/scenarios.md) run on simulated time and checked.

`python -m host_sim scenario FILE... [--board NAME] [--csv OUT] [--trace DIR] [--quiet]`
"""

import argparse
import csv
import os
import sys
import time
from pathlib import Path

from host_sim import board_hal, scenario_show, scenario_watch
from host_sim.scenario_events import describe, perform
from host_sim.scenario_file import Scenario
from host_sim.scenario_kinds import Malformed
from host_sim.scenario_watch import FAULTS, Watch
from host_sim.trace import Trace
from host_sim.world import World

HEAD = (
    "time_s",
    "pack_v",
    "current_a",
    "soc",
    "true_soc",
    "charge",
    "discharge",
    "faults",
    "cells_mv",
)
__all__ = ["Malformed", "Result", "Scenario", "main", "run"]


class Result:
    """What a run saw: `log` = (time_s, text) of the events, `checks` = (holds, what was expected,
    what was seen)."""

    def __init__(self, scenario, watch, log, checks, wall_s):
        self.scenario, self.watch, self.log, self.checks = scenario, watch, log, checks
        self.wall_s = wall_s
        self.passed = all(holds for holds, _, _ in checks)


def run(scenario, out=None, build=None, progress=None, make_hal=None):
    """Run it; a Result. `out`: csv writer for one row a second; `build(hal, parameters)` makes
    the controller; `progress(share)` is called now and then; `make_hal` as in SimPack."""
    world = World(scenario.data.get("seed", 1))
    pack = scenario.build(world, build, make_hal)
    watch = Watch(pack, {row["what"] for row in scenario.expectations})
    log, checks, broken = [], [], []
    for event in scenario.events:
        at_us = round(event["at"] * 1_000_000)
        world.at(at_us, _event, world, pack, event, log, checks, broken)
    begin = time.perf_counter()
    _advance(scenario, world, watch, out, progress, broken)
    if broken:
        raise Malformed(f"{scenario.path}: {broken[0]}")
    for row in scenario.expectations:
        holds, seen = scenario_watch.check(watch, row)
        checks.append((holds, scenario_show.wish(row), seen))
    return Result(scenario, watch, log, checks, time.perf_counter() - begin)


def _advance(scenario, world, watch, out, progress, broken):
    """Let the time pass, one sample after the other; ends early when the file proves wrong."""
    step_us, end_us = round(scenario.sample_s * 1e6), round(scenario.duration_s * 1e6)
    at_us = next_row_us = number = 0
    watch.sample(0.0)
    while at_us < end_us and not broken:
        at_us = min(at_us + max(step_us, 1), end_us)
        world.run_until(at_us)
        watch.sample(at_us / 1e6)
        number += 1
        if out is not None and at_us >= next_row_us:
            next_row_us = at_us - at_us % 1_000_000 + 1_000_000
            out.writerow(_row(at_us / 1e6, watch.pack))
        if progress is not None and number % 1000 == 0:
            progress(at_us / end_us)


def _event(world, pack, event, log, checks, broken):
    """Perform an event. Only one that does not go as the file says becomes a check."""
    try:
        good, text = perform(pack, event)
    except Malformed as error:
        broken.append(str(error))
        return
    log.append((world.seconds, describe(event) + (f": {text}" if text else "")))
    if not good or "refused" in event:
        wanted = f"refused: {event['refused']}" if "refused" in event else "accepted"
        checks.append((good, f"{describe(event)} at {event['at']:g} s is {wanted}", text))


def _row(time_s, pack):
    controller = pack.controller
    gates = [int(pack.plant.charge_gate), int(pack.plant.discharge_gate)]
    if controller is None:
        return [f"{time_s:.1f}", "", "", "", f"{pack.true_soc:.3f}", *gates, "", ""]
    m, soc = controller.state.measured, controller.state.gauge.soc_dpct
    cells = " ".join(str(m.cell_mv[i]) for i in range(m.cell_count)) if m.valid else ""
    faults = " ".join(key for id, key in FAULTS.items() if controller.faults.stands(id))
    shown = "" if soc is None else f"{soc / 10:.1f}"
    measured = [m.pack_mv / 1000, m.current_ma / 1000] if m.valid else ["", ""]
    numbers = [*measured, shown, f"{pack.true_soc:.3f}"]
    return [f"{time_s:.1f}", *numbers, *gates, faults, cells]


def main(arguments):
    """Command line; exit code 0 all hold, 1 an expectation failed, 2 a file is malformed."""
    parser = argparse.ArgumentParser(prog="python -m host_sim scenario", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--csv", metavar="OUT", help="one row a second, of one scenario")
    parser.add_argument("--trace", metavar="DIR", help="record every HAL call for a replay")
    parser.add_argument("--board", metavar="NAME", help="on a board of boards/, with its drivers")
    parser.add_argument("--quiet", action="store_true", help="only failures and a summary")
    options = parser.parse_args(arguments)
    if options.csv and len(options.files) > 1:
        parser.error("--csv goes with one scenario file")
    try:
        make_hal = board_hal.front_of(options.board) if options.board else None
    except ValueError as error:
        parser.error(str(error))
    try:
        scenarios = [Scenario(name) for name in options.files]  # all checked before one runs
        results = [_run_one(scenario, options, make_hal) for scenario in scenarios]
    except BrokenPipeError:  # whoever read the table has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Malformed as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    if len(results) > 1:
        scenario_show.summary(results)
    return 0 if all(result.passed for result in results) else 1


def _run_one(scenario, options, make_hal):
    progress = scenario_show.Progress(scenario)
    trace = None
    if options.trace and scenario.traceable:
        trace = Trace(Path(options.trace) / scenario.name)
    try:
        if options.csv:
            with open(options.csv, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(HEAD)
                result = run(scenario, writer, trace, progress.show, make_hal)
        else:
            result = run(scenario, None, trace, progress.show, make_hal)
    finally:
        progress.clear()
        if trace is not None:
            trace.close()
    scenario_show.show(result, options.quiet)
    if options.trace and trace is None:
        print("  not recorded: too long, or it reaches into the firmware past its hardware")
    return result
