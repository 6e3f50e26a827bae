"""Feed recorded sensor data through the firmware's own measurement, counter and gauge.

Writes one row for each row of the recording: state of charge, its uncertainty, capacity, learned
sensor bias and what happened. docs/soc-replay.md explains the files.
"""

import argparse
import csv
import json
import os
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

from rich.progress import Progress

from firmware import events
from firmware import parameter_ids as ids
from firmware.control.context import Context
from firmware.control.counter import Counter
from firmware.control.measurement import Measurement
from firmware.gauge import reasons
from firmware.gauge.gauge import Gauge
from firmware.parameters import DEFAULT_PROFILE, Parameters, Refused
from host_sim import ocv_file, replay_input, tables
from host_sim.replay_hal import ReplayHal
from host_sim.replay_input import BadInput

HEAD = "time_s,soc_pct,sigma_pct,capacity_ah,bias_ma,event"
START_DPCT = 50  # deviation of a charge that --initial-soc names
LEARNED_DPCT = 20  # ... beside a learned state: the pack is known
STEP_MS = 1_000
STATE_VERSION = 1
RECORD_SIZE = 1024
PROGRESS_ROWS = 20_000


class Replay:
    """The firmware's parts on a replay board; `step` takes one row in."""

    def __init__(self, cells, thermometer, options):
        parameters = Parameters(options.profile)
        values = parameters.values
        values[ids.CELL_COUNT] = cells
        values[ids.SENSOR_MASK] = 1 if thermometer else 0
        values[ids.TEMP_SENSORS_DISABLED] = 0 if thermometer else 1
        values[ids.STANDBY_MA] = options.standby_ma
        if options.design_ah is not None:
            values[ids.DESIGN_CAPACITY_MAH] = round(options.design_ah * 1000)
        parameters.seal()
        self.hal = ReplayHal()
        self.context = context = Context(self.hal, parameters)
        # a pack in use: with both MOSFETs off the gauge would take the sensor's zero
        context.state.mosfets.charge_on = context.state.mosfets.discharge_on = True
        self.measurement = Measurement(context)
        self.counter = Counter(context)
        ocv = ocv_file.load(options.ocv) if options.ocv else None
        self.gauge = Gauge(context, self.counter, ocv)
        self._event = [0] * events.FIELDS
        self._faults = tables.fault_rows()

    def step(self, dt_ms, ma, temp_dc, cells_mv):
        """One row that ends `dt_ms` after the last one (0: the first row, nothing is counted)."""
        afe = self.hal.afe
        afe.cells, afe.current_ma, afe.temp_dc = cells_mv, ma, temp_dc
        while dt_ms > STEP_MS:
            self._step(STEP_MS)
            dt_ms -= STEP_MS
        self._step(dt_ms)

    def _step(self, dt_ms):
        self.measurement.step(dt_ms)
        self.counter.step(dt_ms)
        while self.gauge.step(dt_ms) == 0:
            dt_ms = 0

    def happened(self):
        """What happened since the last call, in words, joined by semicolons."""
        words, event = [], self._event
        while self.context.events.take(event):
            kind, code = event[1], event[2]
            if kind == events.SOC:
                words.append(reasons.NAMES[code])
            elif kind == events.FAULT_ON:
                words.append(f"fault:{self._faults[code]['key']}")
            elif kind == events.FAULT_OFF:
                words.append(f"fault-end:{self._faults[code]['key']}")
        return ";".join(words)


def load_state(replay, path):
    """Take a learned state over; BadInput when it is none or another pack's."""
    try:
        state = json.loads(Path(path).read_text(encoding="utf-8"))
        record = bytearray.fromhex(state["record"])
        if state["version"] != STATE_VERSION:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            f"{path}: no learned state of version {STATE_VERSION};"
            " make one with --state-out of this program"
        ) from None
    try:
        replay.gauge.restore(record, len(record))
    except Refused as error:
        raise BadInput(f"{path}: {error}") from None


def save_state(replay, path):
    """Write the learned state, with a summary for people."""
    record = bytearray(RECORD_SIZE)
    n = replay.gauge.encode(record)
    values, gauge = replay.context.parameters.values, replay.context.state.gauge
    state = {
        "version": STATE_VERSION,
        "cells": values[ids.CELL_COUNT],
        "chemistry": values[ids.CHEMISTRY],
        "design_ah": values[ids.DESIGN_CAPACITY_MAH] / 1000,
        "soc_pct": None if gauge.soc_mpct is None else gauge.soc_mpct / 1000,
        "capacity_ah": gauge.capacity_mah / 1000,
        "bias_ma": gauge.bias_ua / 1000,
        "record": bytes(record[:n]).hex(),
    }
    _replace(path, json.dumps(state, indent=2) + "\n")


def _replace(path, text):
    part = _beside(path)
    Path(part).write_text(text, encoding="utf-8")
    if part != path:
        os.replace(part, path)


def _beside(path):
    """Where to write until all is there; a pipe or a device is written at once."""
    return path if Path(path).exists() and not Path(path).is_file() else f"{path}.part"


def run(options, file, out, progress=None):
    """Replay `file` into `out`; the Replay at its end."""
    source = replay_input.rows(options.input, file)
    replay = Replay(*next(source), options)
    if options.state_in:
        load_state(replay, options.state_in)
    if options.initial_soc is not None:
        sigma_dpct = LEARNED_DPCT if options.state_in else START_DPCT
        replay.gauge.set_soc(round(options.initial_soc * 10), sigma_dpct)
    gauge, system = replay.context.state.gauge, replay.context.state.system
    replay.context.events.taken = replay.context.events.count
    out.write(HEAD + "\n")
    last_ms = start_ms = None
    for seen, (text, now_ms, ma, temp_dc, mv) in enumerate(source):
        if last_ms is None:
            start_ms = last_ms = now_ms
        replay.step(now_ms - last_ms, ma, temp_dc, mv)
        last_ms = now_ms
        system.uptime_s = (now_ms - start_ms) // 1000
        left_mah, capacity_mah = gauge.remaining_mah, gauge.capacity_mah
        soc = "" if left_mah is None else f"{100 * left_mah / capacity_mah:.3f}"
        sigma = "" if gauge.sigma_mpct is None else f"{gauge.sigma_mpct / 1000:.2f}"
        out.write(
            f"{text},{soc},{sigma},{capacity_mah / 1000:.3f},{gauge.bias_ua / 1000:.1f},"
            f"{replay.happened()}\n"
        )
        if progress is not None and seen % PROGRESS_ROWS == 0:
            progress(file)
    return replay


def parser():
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m host_sim soc-replay", description=__doc__)
    made.add_argument("input", metavar="IN.csv", help="time_s,current_ma,temp_0_1c,cell_1_mv,...")
    made.add_argument("--out", required=True, metavar="OUT.csv")
    made.add_argument("--profile", default=DEFAULT_PROFILE, choices=tables.PROFILES)
    made.add_argument("--design-ah", type=float, metavar="X", help="design capacity, Ah")
    made.add_argument("--initial-soc", type=float, metavar="P", help="per cent; default: unknown")
    made.add_argument("--ocv", metavar="TABLE", help="lfp, li-ion, lto or a table file")
    made.add_argument(
        "--standby-ma", type=int, default=0, metavar="N",
        help="consumption that the sensor does not see (default 0: the recording has it all)",
    )  # fmt: skip
    made.add_argument("--state-in", metavar="F", help="go on with this learned state")
    made.add_argument("--state-out", metavar="F", help="write the learned state at the end")
    return made


def _check(options):
    soc, ah = options.initial_soc, options.design_ah
    if soc is not None and not 0 <= soc <= 100:
        raise BadInput(f"--initial-soc {soc:g}: give a per cent of 0..100")
    if ah is not None and not 0.5 <= ah <= 20_000:
        raise BadInput(f"--design-ah {ah:g}: give 0.5..20000 Ah")
    if not 0 <= options.standby_ma <= 50_000:
        raise BadInput(f"--standby-ma {options.standby_ma}: give 0..50000 mA")


def main(arguments):
    """Exit code 0, or 2 with one sentence on stderr; OUT is written whole or not at all."""
    options = parser().parse_args(arguments)
    part = _beside(options.out)
    try:
        _check(options)
        with (
            open(options.input, newline="", encoding="utf-8-sig") as file,
            open(part, "w", encoding="utf-8", newline="", buffering=1 << 20) as out,
            _bar(options.input) as bar,
        ):
            replay = run(options, file, out, bar)
        if options.state_out:
            save_state(replay, options.state_out)
        if part != options.out:
            os.replace(part, options.out)
        return 0
    except (BadInput, Refused) as error:
        print(error, file=sys.stderr)
    except (UnicodeDecodeError, csv.Error):
        print(f"{options.input}: no text; give a CSV file in UTF-8", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    if part != options.out:
        with suppress(OSError):
            Path(part).unlink()
    return 2


def _bar(path):
    """A progress bar by bytes read, on a terminal only."""
    if not sys.stderr.isatty():
        return nullcontext()
    return _Bar(os.path.getsize(path))


class _Bar:
    def __init__(self, total):
        self._total = total

    def __enter__(self):
        from rich.console import Console  # noqa: PLC0415

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("replay", total=self._total)
        self._progress.start()
        return lambda file: self._progress.update(self._task, completed=file.buffer.tell())

    def __exit__(self, *_):
        self._progress.stop()
