"""`python -m host_sim run`: a simulated pack in real time, with its ports as ptys."""

import os
import signal
import sys
from contextlib import ExitStack

from firmware import parameter_ids as ids
from firmware.parameters import Refused
from firmware.settings.board import check_cells
from host_sim import realtime_text
from host_sim.pack import SimPack
from host_sim.realtime import Pace, RealTime
from host_sim.realtime_log import Log
from host_sim.realtime_ports import close_ports, open_ports
from host_sim.run_options import WRONG_USE, parse, settings
from host_sim.world import World

STATUS_S = 2.0  # between two status lines, wall time
LOOK_S = 0.05
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def build_pack(options):
    """The world and its pack; ValueError with a sentence when the board cannot do it or an
    ordered fault does not fit."""
    pack = _pack(options)
    values = pack.parameters.values
    try:
        check_cells(pack.hal.capabilities, values[ids.CHEMISTRY], values[ids.CELL_COUNT])
    except Refused as reason:
        raise ValueError(f"profile {options.profile}: {reason}") from None
    _try_faults(options)
    return pack


def _pack(options):
    return SimPack(
        World(options.seed),
        profile=options.profile,
        dip=options.dip,
        soc=options.soc,
        current_a=options.current,
        seed=options.seed,
        settings=settings(options),
    )


def _try_faults(options):
    """Wrong arguments show up at once, on a spare pack, not in the middle of the run."""
    for order in options.fault:
        spare = _pack(options)
        spare.world.run_for(0.01)
        order.apply(spare)


def _inject(pack, log, order):
    try:
        order.apply(pack)
    except ValueError as error:  # no controller to damage now, for example
        log.note(f"not injected: {error}")
    else:
        log.note(f"fault injected: {order.text}")


def main(arguments):
    """Run; exit code 0, or 2 when the options are wrong."""
    options = parse(arguments)
    try:
        pack = build_pack(options)
        bridges = open_ports(pack, options.ports, options.can)
    except ValueError as error:
        return _refuse(error)
    except OSError as error:
        where = error.filename2 or error.filename or options.ports  # the link, the folder
        why = f"{error.strerror or error} ({where})"
        return _refuse(f"cannot put ports into {options.ports}: {why}")
    try:
        _run(options, pack, bridges)
    finally:
        close_ports(bridges)
    return 0


def _refuse(why):
    print(f"python -m host_sim run: {why}", file=sys.stderr)
    return WRONG_USE


def _run(options, pack, bridges):
    log = Log(pack)
    for order in options.fault:
        pack.world.at(order.at_us, _inject, pack, log, order)
    pace = Pace(pack.world, options.speed)
    end_us = None if options.duration is None else round(options.duration * 1_000_000)
    loop = RealTime(pace, pack.world, bridges, end_us)
    with ExitStack() as stack:
        for number in SIGNALS:
            stack.callback(signal.signal, number, signal.signal(number, loop.stop))
        if options.headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
            view = TextView(pack, log, options)
        else:
            from host_sim.live import LiveView  # noqa: PLC0415  (rich is slow to import)

            view = stack.enter_context(LiveView(pack, log, pace, bridges))
        stack.callback(_switch_off, pack, log)
        view.start(loop)
        loop.every(LOOK_S, log.look)
        loop.run()
        view.end()


def _switch_off(pack, log):
    """However the run ends, it ends with open MOSFETs."""
    if pack.controller is not None:
        pack.controller.shutdown()
    log.look()


class TextView:
    """The headless run: a status line now and then, every event as a line."""

    def __init__(self, pack, log, options):
        self._pack = pack
        self._options = options
        self._loop = None
        log.sink = lambda us, text: self._say(realtime_text.event_line(us, text))

    def start(self, loop):
        """Before the first pass."""
        self._loop = loop
        options = self._options
        what = f"Packwarden {options.profile}, address {options.dip}, ports in {options.ports}"
        self._say(f"{what}; Ctrl-C ends")
        loop.every(STATUS_S, self._status)

    def _status(self):
        self._say(realtime_text.status_line(self._pack))

    def end(self):
        """After the last pass."""
        self._status()

    def _say(self, line):
        try:
            print(line, flush=True)
        except BrokenPipeError:  # `| head`: whoever read our lines has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._loop.stop()
