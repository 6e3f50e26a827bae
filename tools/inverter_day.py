"""Runs a simulated day behind an inverter for each CAN protocol and renews the table and picture
of docs/inverters.md: `make inverter-day`.

`--only NAMES` runs a part (comma-separated), `--hours N` a shorter day; both write no page.
`--picture FILE` draws the first day. Exit code 1 when a day went wrong.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Manager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn
from rich.text import Text

from tools.day_bench import page
from tools.day_bench.cases import cases
from tools.day_bench.rig import run_case

PROCESSES = 2
LOOK_S = 0.3
DAY_H = 24.0
FIRST = "pylontech"  # whose day the page shows


def parse(arguments):
    """The options."""
    parser = argparse.ArgumentParser(prog="make inverter-day", description=__doc__)
    parser.add_argument("--only", help="names of protocols, comma-separated")
    parser.add_argument("--hours", type=float, default=DAY_H, help="length of the day")
    parser.add_argument("--picture", type=Path, help="SVG file for the first day")
    return parser.parse_args(arguments)


def chosen(words):
    """The cases of these names, the page's first; ValueError for an unknown one."""
    found = sorted(cases(), key=lambda case: case.name != FIRST)
    if words is None:
        return found
    unknown = set(words.split(",")) - {case.name for case in found}
    if unknown:
        names = ", ".join(case.name for case in found)
        raise ValueError(f"no protocol {min(unknown)!r}: {names}")
    return [case for case in found if case.name in words.split(",")]


def run_told(case, hours, told):
    """One case; `told` is a shared dictionary of hours done."""
    return run_case(case, hours, lambda hour: told.update({case.name: hour}))


def measure(wanted, hours, console):
    """The Days, with a progress bar on a terminal and a line for each in any case."""
    with (
        Manager() as manager,
        ProcessPoolExecutor(PROCESSES, initializer=os.nice, initargs=(5,)) as pool,
        Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as bar,
    ):
        told = manager.dict()
        runs = [pool.submit(run_told, case, hours, told) for case in wanted]
        task, waiting = bar.add_task("hours", total=hours * len(runs)), list(runs)
        while waiting:
            time.sleep(LOOK_S)
            for run in [run for run in waiting if run.done()]:
                waiting.remove(run)
                day = run.result()
                told[day.name] = hours
                verdict = "; ".join(day.wrong()) or "good"
                console.print(
                    Text(f"{len(runs) - len(waiting)}/{len(runs)} {day.name}: {verdict}")
                )
            bar.update(task, completed=sum(told.values()))
        return [run.result() for run in runs]


def main(arguments):
    """Run, show, write."""
    options = parse(arguments)
    try:
        wanted = chosen(options.only)
    except ValueError as why:
        print(f"make inverter-day: {why}", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 180)
    start = time.perf_counter()
    days = measure(wanted, options.hours, console)
    page.show(days, console)
    console.print(f"{len(days)} days, {(time.perf_counter() - start) / 60:.1f} min")
    if options.picture:
        options.picture.write_text(page.picture(days[0]), "utf-8")
    if options.only is None and options.hours == DAY_H:
        page.write(days)
        console.print(f"wrote {page.PAGE.relative_to(page.ROOT)}")
    return 1 if any(day.wrong() for day in days) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
