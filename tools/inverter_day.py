"""Runs a simulated day behind an inverter for each CAN protocol: `make inverter-day`.

`--only NAMES` runs a part (comma-separated), `--hours N` a shorter day, `--picture FILE` draws the
first one's day. Exit code 1 when a day went wrong.
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
from rich.table import Table
from rich.text import Text

from tools.day_bench import plot, reasons
from tools.day_bench.cases import cases
from tools.day_bench.rig import run_case

PROCESSES = 2
LOOK_S = 0.3
COLUMNS = ("protocol", "full at", "cell V", "over CCL", "over CVL", "turns CVL CCL DCL I", "sold",
           "frames", "what went wrong")  # fmt: skip


def parse(arguments):
    """The options."""
    parser = argparse.ArgumentParser(prog="make inverter-day", description=__doc__)
    parser.add_argument("--only", help="names of protocols, comma-separated")
    parser.add_argument("--hours", type=float, default=24.0, help="length of the day")
    parser.add_argument("--picture", type=Path, help="SVG file for the first day")
    return parser.parse_args(arguments)


def chosen(words):
    """The cases of these names; ValueError for an unknown one."""
    found = cases()
    if words is None:
        return found
    unknown = set(words.split(",")) - {case.name for case in found}
    if unknown:
        names = ", ".join(case.name for case in found)
        raise ValueError(f"no protocol {min(unknown)!r}: {names}")
    return [case for case in found if case.name in words.split(",")]


def run_told(case, hours, told, name):
    """One case; `told` is a shared dictionary of hours done."""
    return run_case(case, hours, lambda hour: told.update({name: hour}))


def measure(wanted, hours, console):
    """The Days, with a progress bar on a terminal and a line for each in any case."""
    with (
        Manager() as manager,
        ProcessPoolExecutor(PROCESSES, initializer=os.nice, initargs=(5,)) as pool,
        Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as bar,
    ):
        told = manager.dict()
        runs = [pool.submit(run_told, case, hours, told, case.name) for case in wanted]
        task, waiting = bar.add_task("hours", total=hours * len(runs)), list(runs)
        while waiting:
            time.sleep(LOOK_S)
            done = [run for run in waiting if run.done()]
            for run in done:
                waiting.remove(run)
                day = run.result()
                told[day.name] = hours
                verdict = "; ".join(day.wrong()) or "good"
                console.print(
                    Text(f"{len(runs) - len(waiting)}/{len(runs)} {day.name}: {verdict}")
                )
            bar.update(task, completed=sum(told.values()))
        return [run.result() for run in runs]


def clock(hour):
    """13:05 of 13.08."""
    return "-" if hour is None else f"{int(hour):02d}:{int(hour * 60) % 60:02d}"


def show(days, console):
    """The table on the terminal."""
    table = Table(*COLUMNS)
    for day in days:
        wrong = "; ".join(day.wrong())
        values = (
            day.name,
            clock(day.full_hour),
            f"{day.lowest_v:.3f}..{day.highest_v:.3f}",
            f"{max(day.above_ccl_a, 0):.1f} A",
            f"{day.above_cvl_v:.2f} V",
            f"{day.cvl_turns} {day.ccl_turns} {day.dcl_turns} {day.amps_turns}",
            f"{day.sold_ah:.1f} Ah",
            str(day.frames),
        )
        table.add_row(
            *map(Text, values), Text(wrong or "nothing", "bold red" if wrong else "green")
        )
    console.print(table)


def main(arguments):
    """Run, show, draw."""
    options = parse(arguments)
    try:
        wanted = chosen(options.only)
    except ValueError as why:
        print(f"make inverter-day: {why}", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 180)
    start = time.perf_counter()
    days = measure(wanted, options.hours, console)
    show(days, console)
    console.print(f"{len(days)} days, {(time.perf_counter() - start) / 60:.1f} min")
    if options.picture:
        text = plot.svg(f"A day behind an inverter ({days[0].name})", days[0].points, reasons.text)
        options.picture.write_text(text, "utf-8")
        console.print(f"wrote {options.picture}")
    return 1 if any(day.wrong() for day in days) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
