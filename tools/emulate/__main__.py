"""Runs a board's own image on an emulated RP2040 with a simulated pack around it.

`make emulate` in real time, `make emulate-bench` for times and heap. PICO_UF2 names a MicroPython
image for the RPI_PICO.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from firmware.parameters import DEFAULT_PROFILE
from host_sim import board_hal
from host_sim.ptys import FOLDER
from host_sim.run_options import Parser, fault, number, profile, whole
from tools import runtimes
from tools.emulate import bench
from tools.emulate.board import pack_on
from tools.emulate.chip import Chip, Stopped
from tools.emulate.flash import write_board
from tools.emulate.live import Run

BOARD = "pico_bq76952"
FAILED = 1
MISSING = (
    "needs a MicroPython image: download one for the RPI_PICO from micropython.org and name it "
    "with PICO_UF2=path/to/RPI_PICO.uf2"
)


def parse(arguments):
    """The options; exits with code 2 and one sentence when they are wrong."""
    parser = Parser(prog="python -m tools.emulate", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.set_defaults(work=live, uf2=os.environ.get("PICO_UF2"))
    add = parser.add_argument
    add("--board", choices=board_hal.names(), default=BOARD, help="(%(default)s)")
    add("--profile", metavar="NAME", type=profile, default=DEFAULT_PROFILE, help="(%(default)s)")
    add("--soc", metavar="PERCENT", type=number(0, 100), default=60.0, help="SOC at start (60)")
    add("--current", metavar="AMPS", type=number(-2000, 2000), default=0.0, help="+ charges (0)")
    add("--ports", metavar="DIR", default=str(FOLDER), help="links to the ports (%(default)s)")
    add("--speed", metavar="X", type=number(0, 10, True), default=1.0, help="x real time (1)")
    add("--duration", metavar="S", type=number(0, 1e9, True), help="end after emulated seconds")
    add("--fault", metavar="NAME@SECONDS", type=fault, action="append", default=[],
        help="at an emulated time; `python -m host_sim faults` lists them")  # fmt: skip
    add("--disk", metavar="FILE", help="what the flash holds at first: an image of `make image`, "
        "or `none` for an empty chip (the board's program as it is here)")  # fmt: skip
    add("--bench", dest="work", action="store_const", const=bench.main, help="times and heap")
    add("--seconds", type=whole(1, 100_000), default=60, help="--bench: emulated time (60)")
    add("--soak", type=whole(1, 100_000), metavar="MINUTES",
        help="--bench: only the heap, so long, a question a second on each port")  # fmt: skip
    add("--print", action="store_true", help="--bench: do not write docs/benchmarks.md")
    return parser.parse_args(arguments)


def disk_of(options, board, scratch):
    """What the flash holds at first, for Chip."""
    if options.disk is not None:
        return None if options.disk == "none" else Path(options.disk).resolve()
    files = scratch / "files"
    write_board(files, options.board, board.files())
    return files


def live(options, scratch):
    """Run in real time until Ctrl-C."""
    board = pack_on(
        options.board, profile=options.profile, soc=options.soc, current_a=options.current
    )
    with Chip(options.uf2, scratch, disk_of(options, board, scratch), board) as chip:
        print(f"{options.board} on an emulated RP2040, ports in {options.ports}; Ctrl-C ends")
        Run(chip, board, options).run()
    return 0


def main(arguments):
    """The exit code; 0 also when there is no image to run."""
    options = parse(arguments)
    if not options.uf2:
        print(f"emulating {MISSING}")
        return 0
    options.uf2 = Path(options.uf2).resolve()
    if not options.uf2.is_file():
        print(f"PICO_UF2: there is no file {options.uf2}", file=sys.stderr)
        return FAILED
    if options.disk not in (None, "none") and not Path(options.disk).is_file():
        print(f"--disk: there is no file {options.disk}", file=sys.stderr)
        return FAILED
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return options.work(options, Path(scratch))
    except (runtimes.Unavailable, Stopped) as reason:
        print(f"cannot emulate: {reason}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
