"""Grades the gauge and renews the table and pictures of docs/soc.md: `make bench-soc`.

`--print` writes no file, `--sets lfp-b` and `--rows S1,S3a` grade a part (and write none),
`--days N` shortens the counter's row.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from host_sim import ocv_packed, tables
from host_sim.plant import ocv_sets
from tools.soc_bench import cases, exact, page, plot, rig, score, truth

PROCESSES = 2
COUNTER_DAYS = 30
CYCLES_A_DAY = 864_000
OWN_SPREAD_MV, LOW_MV = 4, 50
BAND_MV = 2  # wider than the cells that the default table was made of
TITLES = {
    "s2a": "S2a: factory fresh, +200 mA offset, never full (lfp-d)",
    "s2b": "S2b: a month with full charges, then 30..80 %, +200 mA offset (lfp-d)",
    "s3b": "S3b: told 40 % too little, 30..80 % (lfp-d)",
    "s4": "S4: 15 % faded, told 280 Ah (lfp-d)",
}


def table_of(job):
    """The packed table that a run uses; None = the gauge's own default."""
    if job.table == cases.OWN:
        charge, discharge = ocv_sets.branches(job.cells)
        rows = zip(range(101), discharge, charge, strict=True)
        points = [(i, 1000 * d, 1000 * c, OWN_SPREAD_MV) for i, d, c in rows]
    elif job.table == cases.OTHERS:
        points = band([s for s in cases.SEEDS if s != job.cells])
    elif job.table == cases.LOW:
        default = tables.load("ocv")["lfp"]["points"]
        points = [(s, d - LOW_MV, c - LOW_MV, w) for s, d, c, w in default]
    else:
        return None
    return ocv_packed.pack("lfp", points)


def band(names):
    """Points of a table made as the default one is: middle and range of some cells."""
    curves = [ocv_sets.branches(name) for name in names]
    points, low, high = [], 0.0, 0.0
    for i in range(101):
        charges, discharges = zip(*[(1000 * c[i], 1000 * d[i]) for c, d in curves], strict=True)
        low = max(low, (min(discharges) + max(discharges)) / 2)
        high = max(high, low, (min(charges) + max(charges)) / 2)
        wide = max(max(v) - min(v) for v in (charges, discharges)) / 2
        points.append((i, low, high, wide + BAND_MV))
    return points


def make_truth(name, cells):
    """Make sure that a truth lies in build/."""
    truth.cached(name, cells, cases.SEEDS[cells])


def run_job(job):
    """(scores, picture or None) of one run."""
    if job.cells == cases.REAL:
        real = truth.recorded()
    else:
        real = truth.cached(job.truth, job.cells, cases.SEEDS[job.cells])
    told = min(max(real.start_pct + job.wrong_pct, 0.0), 100.0)
    run = rig.execute(real, job.sensor, job.seed, told, job.standby_ma, table_of(job))
    picture = plot.svg(TITLES[job.plot], plot.thin(run, real)) if job.plot else None
    return list(score.score(job, run, real)), picture


def measure(jobs, days, console):
    """(scores, pictures by name, result of S0), with a progress bar on a terminal."""
    scores, pictures = [], {}
    truths = sorted({(j.truth, j.cells) for j in jobs if j.cells != cases.REAL})
    truths.sort(key=lambda t: -truth.SCENARIOS[t[0]].days)
    with (
        ProcessPoolExecutor(PROCESSES, initializer=os.nice, initargs=(5,)) as pool,
        Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as bar,
    ):
        counter = pool.submit(exact.error_mah, round(days * CYCLES_A_DAY))
        made = [pool.submit(make_truth, *t) for t in truths]
        task = bar.add_task("truths", total=len(made))
        for future in as_completed(made):
            future.result()
            bar.advance(task)
        runs = {pool.submit(run_job, job): job for job in jobs}
        task = bar.add_task("runs", total=len(runs))
        for future in as_completed(runs):
            found, picture = future.result()
            scores += found
            if picture:
                pictures[runs[future].plot] = picture
            bar.advance(task)
        return scores, pictures, counter.result()


def counter_line(days, result):
    """S0 as a line of the table."""
    shown, held = result
    return score.Line(
        "S0", f"counter, {days:g} d at 10 Hz, +-200 A and 20 mA, against exact sums", "-",
        f"{held:.6f} mAh", f"{shown:.3f} mAh as shown", "", "", "", "1 mAh", "0",
        shown <= 1.0, held == 0.0,
    )  # fmt: skip


def without(present):
    """Lines of what was not measured, with the reason."""
    made = []
    if not present:
        why = "not measured: the recording is not in this clone (../shared/data)"
        made += [_absent(i, cases.BY_ID[i].text, why) for i in ("S7", "S8", "S10 real")]
    made.append(_absent("S7 10 degC", "recorded cell at 10 degC", "not measured: no recording"))
    why = "not measured: the licence of the recordings forbids passing them on"
    return [*made, _absent("S9", "recorded cells at -5..45 degC", why)]


def _absent(id, text, why):
    return score.Line(id, text, why, "", "", "", "", "", "", "", None)


def show(lines, console):
    """The table on the terminal."""
    table = Table("", "case", "cells", "median", "worst", "counting", "JK-like", "lfp-a", "must",
                  "goal", "")  # fmt: skip
    for n in lines:
        style = {True: "green", False: "bold red", None: "dim"}[n.met]
        values = (n.id, n.text, n.sets, n.median, n.worst, n.counting, n.jk, n.familiar, n.must,
                  n.goal)  # fmt: skip
        table.add_row(*map(Text, values), Text(page.verdict(n), style))
    console.print(table)


def parse(arguments):
    """The options."""
    parser = argparse.ArgumentParser(prog="make bench-soc", description=__doc__)
    parser.add_argument("--print", action="store_true", help="write no file")
    parser.add_argument("--sets", help="grade these sets of cells only")
    parser.add_argument("--rows", help="grade these rows only")
    parser.add_argument("--days", type=float, default=COUNTER_DAYS, help="of the counter's row")
    return parser.parse_args(arguments)


def chosen(options, present):
    """The runs that the options ask for."""
    jobs = cases.jobs(present)
    if options.sets:
        jobs = [job for job in jobs if job.cells in options.sets.split(",")]
    if options.rows:
        wanted = set(options.rows.split(","))
        jobs = [job for job in jobs if wanted & {row for row, _ in job.rows}]
    return jobs


def main(arguments):
    """Measure, show, renew the page."""
    options = parse(arguments)
    present = truth.REAL.exists()
    jobs = chosen(options, present)
    if not jobs:
        print("no run has such sets and rows", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 180)
    start = time.perf_counter()
    scores, pictures, counter = measure(jobs, options.days, console)
    minutes = (time.perf_counter() - start) / 60
    lines = [counter_line(options.days, counter), *score.lines(scores), *without(present)]
    show(lines, console)
    faults = sum(s.faults for s in scores)
    console.print(f"{len(jobs)} runs, {minutes:.1f} min, faults of the measurement: {faults}")
    if not (options.print or options.sets or options.rows):
        page.write(lines, len(jobs), faults)
        page.write_pictures(pictures)
        console.print(f"wrote {page.PAGE.relative_to(truth.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
