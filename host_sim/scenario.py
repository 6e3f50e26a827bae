"""Scenarios: a small TOML file (docs/scenarios.md) run on simulated time and checked.

`python -m host_sim scenario FILE... [--csv OUT] [--trace DIR] [--quiet]`
"""

import argparse
import csv
import sys
import time
import tomllib
from pathlib import Path

from firmware.parameters import Refused, exists, find
from host_sim import scenario_watch
from host_sim.pack import SimPack
from host_sim.scenario_events import Malformed, check_event, describe, perform
from host_sim.scenario_watch import Watch
from host_sim.world import World

SAMPLE_S = 0.05
TOP = {"title", "req", "duration", "seed", "sample_s", "pack", "sensors", "parameters"}
TOP |= {"event", "expect", "note"}
PACK = {"profile", "soc", "dip", "current_a", "cell_count", "capacity_ah", "temp_c", "absent"}
PACK |= {"period_ms", "seed_soc", "start", "cells_soc"}
SENSORS = {"noise_mv", "noise_ma", "cell_offset_mv", "cell_gain", "current_offset_ma"}
SENSORS |= {"current_gain", "range_ma"}


class Scenario:
    """A parsed and checked scenario file. Malformed says what is wrong."""

    def __init__(self, path):
        self.path = Path(path)
        try:
            with open(path, "rb") as file:
                data = tomllib.load(file)
        except OSError as error:
            raise Malformed(f"{path}: cannot be read ({error.strerror})") from None
        except tomllib.TOMLDecodeError as error:
            raise Malformed(f"{path}: not a TOML file: {error}") from None
        self.data = data
        try:
            self._check()
        except Malformed as error:
            raise Malformed(f"{path}: {error}") from None

    def _check(self):
        data = self.data
        _known(data, TOP, "the file")
        _known(data.get("pack", {}), PACK, "[pack]")
        if not isinstance(data.get("title"), str):
            raise Malformed("`title` is missing")
        if not isinstance(data.get("duration"), int | float) or data["duration"] <= 0:
            raise Malformed("`duration` must be a positive number of seconds")
        self.settings = {}
        for key, value in data.get("parameters", {}).items():
            self.settings[_parameter(key)] = value
        for index, event in enumerate(data.get("event", [])):
            check_event(event, index)
        for index, expectation in enumerate(data.get("expect", [])):
            _check_expectation(expectation, index)

    def build(self, world, build=None):
        """The pack as the file describes it."""
        options = dict(self.data.get("pack", {}))
        if "cells_soc" in options:
            options["soc"] = options.pop("cells_soc")
        sensors = self.data.get("sensors")
        try:
            return SimPack(
                world, settings=self.settings, sensors=sensors, build=build,
                seed=self.data.get("seed", 1), **options,
            )  # fmt: skip
        except (Refused, TypeError, ValueError) as error:
            raise Malformed(f"{self.path}: [pack]: {error}") from None


def _known(table, allowed, where):
    for key in table:
        if key not in allowed:
            raise Malformed(
                f"unknown key {key!r} in {where}; allowed: {', '.join(sorted(allowed))}"
            )


def _parameter(key):
    try:
        id = find(key)
    except Refused as error:
        raise Malformed(f"[parameters]: {error}") from None
    if not exists(id):
        raise Malformed(f"[parameters]: {key} is a text")
    return id


def _check_expectation(row, index):
    where = f"expectation {index + 1}"
    _known(row, {"what", "is", "min", "max", "at", "within", "during", "note"}, where)
    if not isinstance(row.get("what"), str):
        raise Malformed(f"{where}: `what` is missing")
    if ("is" in row) == ("min" in row or "max" in row):
        raise Malformed(f"{where}: either `is` or `min`/`max`")
    if sum(name in row for name in ("at", "within", "during")) != 1:
        raise Malformed(f"{where}: exactly one of `at`, `within`, `during`")
    if "within" in row and "is" not in row:
        raise Malformed(f"{where}: `within` goes with `is`")


class Result:
    """What a run saw: `log` = (time_s, text), `checks` = (holds, expectation, seen)."""

    def __init__(self, scenario, watch, log, checks, wall_s):
        self.scenario, self.watch, self.log, self.checks = scenario, watch, log, checks
        self.wall_s = wall_s
        self.passed = all(holds for holds, _, _ in checks)


def run(scenario, out=None, build=None):
    """Run it; a Result. `out`: csv writer for one row a second; `build`: makes the controller."""
    data, world = scenario.data, World(scenario.data.get("seed", 1))
    pack = scenario.build(world, build)
    expectations = data.get("expect", [])
    numbers = scenario_watch.numeric_names(pack)
    wanted = {row["what"] for row in expectations if "is" not in row}
    watch, log = Watch(pack, wanted), []
    for event in data.get("event", []):
        world.at(event["at"] * 1_000_000, _event, world, pack, event, log)
    step_us, end_us = round(data.get("sample_s", SAMPLE_S) * 1e6), round(data["duration"] * 1e6)
    begin, at_us, next_row_us = time.perf_counter(), 0, 0
    while at_us < end_us:
        at_us = min(at_us + step_us, end_us)
        world.run_until(at_us)
        watch.sample(at_us / 1e6)
        if out is not None and at_us >= next_row_us:
            next_row_us += 1_000_000
            out.writerow(_row(at_us / 1e6, pack))
    unknown = {row["what"] for row in expectations} - watch.signals() - set(watch.numeric)
    if unknown:
        allowed = ", ".join(sorted(watch.signals() | numbers | set(watch.numeric)))
        raise Malformed(
            f"{scenario.path}: nothing is called {sorted(unknown)[0]!r}; there are: {allowed}"
        )
    checks = []
    for row in expectations:
        holds, seen = scenario_watch.check(watch, row, data["duration"])
        checks.append((holds, row, seen))
    return Result(scenario, watch, log, checks, time.perf_counter() - begin)


def _event(world, pack, event, log):
    text = perform(pack, event)
    log.append((world.seconds, describe(event) + (f": {text}" if text else "")))


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


def _row(time_s, pack):
    controller = pack.controller
    gates = [int(pack.plant.charge_gate), int(pack.plant.discharge_gate)]
    if controller is None:
        return [f"{time_s:.1f}", "", "", "", f"{pack.true_soc:.3f}", *gates, "", ""]
    m, soc = controller.state.measured, controller.state.gauge.soc_dpct
    cells = " ".join(str(m.cell_mv[i]) for i in range(m.cell_count))
    word = " ".join(str(w) for w in controller.faults.standing)
    shown = "" if soc is None else f"{soc / 10:.1f}"
    numbers = [m.pack_mv / 1000, m.current_ma / 1000, shown, f"{pack.true_soc:.3f}"]
    return [f"{time_s:.1f}", *numbers, *gates, word, cells]


def timeline(result):
    """(time_s, text) of what was done and what changed; lamps' flicker counts once."""
    rows = list(result.log)
    for at, name, value in result.watch.changes:
        if at > SAMPLE_S * 1.5 or value is True:
            rows.append((at, f"{name} = {scenario_watch.words(value)}"))
    return sorted(rows, key=lambda row: row[0])


def show(result, quiet):
    """Print the table of events and the expectations."""
    data = result.scenario.data
    print(f"{data['title']}  ({', '.join(data.get('req', []))})")
    if not quiet:
        for at, text in timeline(result):
            print(f"  {at:10.2f} s  {text}")
    for holds, row, seen in result.checks:
        if not holds or not quiet:
            span = next(f"{k} {row[k]}" for k in ("at", "within", "during") if k in row)
            wish = f"is {row['is']}" if "is" in row else f"{row.get('min')}..{row.get('max')}"
            print(f"  {'ok  ' if holds else 'FAIL'}  {row['what']} {wish} {span}: {seen}")
    speed = data["duration"] / max(result.wall_s, 1e-6)
    passed = sum(holds for holds, _, _ in result.checks)
    print(f"  {passed} of {len(result.checks)} expectations hold, {speed:.0f} x real time\n")


def main(arguments):
    """Command line; exit code 0 all hold, 1 an expectation failed, 2 a file is malformed."""
    parser = argparse.ArgumentParser(prog="python -m host_sim scenario", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--csv", metavar="OUT", help="one row a second of simulated time")
    parser.add_argument("--trace", metavar="DIR", help="record every HAL call for a replay")
    parser.add_argument("--quiet", action="store_true", help="only failures and a summary")
    options = parser.parse_args(arguments)
    good = True
    try:
        for name in options.files:
            good = _run_file(name, options) and good
    except Malformed as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if good else 1


def _run_file(name, options):
    scenario = Scenario(name)
    if options.csv:
        with open(options.csv, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEAD)
            result = run(scenario, writer)
    else:
        result = run(scenario)
    show(result, options.quiet)
    return result.passed
