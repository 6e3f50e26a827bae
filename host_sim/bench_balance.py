"""Judge balancing in a closed loop: the firmware's own code against a plant of anybody's.

Prints how far the headroom of the cells spreads over the days, what was moved, and how much of it
the wrong way. docs/balancing.md explains the figures, docs/plant.md what a plant offers.
"""

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from firmware import parameter_ids as ids
from firmware.parameters import DEFAULT_PROFILE
from host_sim import tables
from host_sim.bench_guest import BadPlant, Guest, construct
from host_sim.bench_rig import Rig
from host_sim.bench_score import Score
from host_sim.run_options import WRONG_USE, Parser, number

STRATEGIES = ("rule", "ledger")
PLANT = "host_sim.plant.bench_plant:HouseholdPlant"
DAY_S = 86_400
PROGRESS_S = 3_600
VERSION = 1


def option(text):
    """KEY=VALUE for the plant's constructor; VALUE as JSON, else as text."""
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise BadPlant(f"--option {text}: write KEY=VALUE")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def run(options, progress=None):
    """Run the loop; everything that is known at its end, as a dict."""
    given = dict(option(text) for text in options.option)
    spec = options.plant or PLANT
    plant, ignored = construct(spec, options.seed, given, strict=options.plant is None)
    guest = Guest(spec, plant)
    strategy = STRATEGIES.index(options.strategy)
    rig = Rig(guest, strategy, options.offset_mv, options.seed, options.profile)
    score = Score(guest, rig.context.parameters.values[ids.CHEMISTRY])
    _loop(rig, score, max(round(options.days * DAY_S), 1), progress)
    result = {
        "version": VERSION,
        "plant": spec,
        "options": {key: value for key, value in given.items() if key not in ignored},
        "options_ignored": ignored,
        "days": options.days,
        "strategy": options.strategy,
        "seed": options.seed,
        "offset_mv": options.offset_mv,
        "offsets_mv": rig.afe.offsets_mv(),
        "cells": guest.cells,
        "capacity_ah": guest.capacity_ah,
        "faults": rig.faults,
        "leads_mohm": list(rig.balance.lead_mohm[: guest.cells]),
        "firmware_moved_ah": rig.balance.moved_mah / 1000,
    }
    return result | score.result()


def _loop(rig, score, seconds, progress):
    part, afe, balance = rig.balancer, rig.afe, rig.balance
    step, look = rig.step, score.look
    for time_s in range(1, seconds + 1):
        ma = part.ma
        if ma:
            score.given(part.donor, part.receiver, ma / 1000)
        step()
        look(time_s, afe.volts, afe.amps, ma, balance.known)
        if time_s % PROGRESS_S == 0:
            rig.collect_faults()
            if progress is not None:
                progress(time_s)
    rig.collect_faults()


def table(result):
    """The result as text."""
    unit = f"{result['capacity_ah']:g} Ah"
    lines = [
        f"{result['plant']}, {result['cells']} cells of {unit}, strategy {result['strategy']},"
        f" offsets {result['offset_mv']:g} mV, seed {result['seed']}",
        "",
        "  day   spread Ah       %   moved Ah   wrong way    on h   difference mV",
    ]
    end_h = result["series"][-1]["time_h"]
    for row in result["series"]:
        if row["time_h"] % 24 == 0 or row["time_h"] == end_h:
            lines.append(
                f"{row['time_h'] / 24:5.4g} {row['spread_ah']:11.2f} {row['spread_pct']:7.2f}"
                f" {row['moved_ah']:10.2f} {row['wrong_ah']:11.2f} {row['on_hours']:7.1f}"
                f" {row['difference_mv']:15.1f}"
            )
    lines.append("")
    lines += [f"{name:<34} {text}" for name, text in _figures(result)]
    return "\n".join(lines)


def _figures(r):
    top = r["top_difference_mv"]
    yield "first full charge", _or_never(r["first_full_h"], "h")
    yield "imbalance known to the firmware", _or_never(r["known_h"], "h")
    for name, text in (("1", "1 %"), ("0_5", "0.5 %")):
        after = _or_never(r[f"below_{name}_pct_after_full_h"], "h")
        hours = _or_never(r[f"below_{name}_pct_h"], "h")
        yield f"spread below {text} for good", f"{hours}; after the first full {after}"
    yield "balancer-on hours", f"{r['on_hours']:.1f} h"
    on = _or_never(r["below_0_5_pct_on_h"], "h")
    yield "... known until below 0.5 %", on
    yield "largest spread", f"{r['peak_spread_pct']:.2f} % ({r['rise_pct']:+.2f} % of the start)"
    wrong = 100 * r["wrong_ah"] / r["moved_ah"] if r["moved_ah"] else 0.0
    yield (
        "moved",
        f"{r['moved_ah']:.2f} Ah, {r['wrong_ah']:.2f} Ah of it the wrong way ({wrong:.0f} %)",
    )
    yield "theory for the start spread", f"{r['theory_ah']:.2f} Ah"
    last, middle = _or_never(top["last"], "mV"), _or_never(top["median"], "mV")
    yield "difference at the top", f"last {last}, median {middle} ({len(top['ends'])} charges)"
    faults = ", ".join(f"{key} x {n}" for key, n in sorted(r["faults"].items()))
    yield "faults", faults or "none"


def _or_never(value, unit):
    return "never" if value is None else f"{value:.1f} {unit}"


def parser():
    """The command line."""
    made = Parser(prog="python -m host_sim bench-balance", description=__doc__)
    made.add_argument(
        "--plant", metavar="MODULE:CLASS", help="default: HouseholdPlant, the shipped one"
    )
    made.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE",
        help="for the plant's constructor, mode=partial for example; may be repeated",
    )  # fmt: skip
    made.add_argument("--days", type=number(0, 3650, above=True), default=20.0, metavar="N")
    made.add_argument("--strategy", choices=STRATEGIES, default="ledger")
    made.add_argument(
        "--offset-mv", type=number(0, 50), default=2.0, metavar="S",
        help="standard deviation of the fixed error of each cell's voltage (default 2)",
    )  # fmt: skip
    made.add_argument("--seed", type=int, default=1, metavar="K")
    made.add_argument("--profile", default=DEFAULT_PROFILE, choices=tables.PROFILES)
    made.add_argument("--json", metavar="OUT", help="write all figures and an hourly series")
    return made


def main(arguments):
    """Exit code 0, or 2 with one sentence on stderr."""
    options = parser().parse_args(arguments)
    try:
        if options.json:
            _writable(options.json)
        with _bar(options) as progress:
            result = run(options, progress)
        for name in result["options_ignored"]:
            print(f"note: the plant takes no option {name}; left out", file=sys.stderr)
        print(table(result))
        if options.json:
            _replace(options.json, json.dumps(result, indent=1, allow_nan=False) + "\n")
        return 0
    except BadPlant as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    return WRONG_USE


def _writable(path):
    """Fails before the run rather than after it."""
    part = Path(f"{path}.part")
    part.write_text("", encoding="utf-8")
    part.unlink()


def _replace(path, text):
    part = f"{path}.part"
    Path(part).write_text(text, encoding="utf-8")
    os.replace(part, path)


def _bar(options):
    """A progress bar by simulated time, on a terminal only."""
    if not sys.stderr.isatty():
        return nullcontext()
    return _Bar(round(options.days * DAY_S))


class _Bar:
    def __init__(self, total):
        self._total = total

    def __enter__(self):
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress  # noqa: PLC0415

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("balancing", total=self._total)
        self._progress.start()
        return lambda time_s: self._progress.update(self._task, completed=time_s)

    def __exit__(self, *_):
        self._progress.stop()
