"""Runs on the emulated board: times of the firmware's cycle and services.

Results are `name value` lines. The clock of the board is the emulated one. What is timed together
would lengthen each other's times: cycles, services and the rest have phases of their own.
"""

import gc
import os
import time

from tools.emulate.target_watch import Allocated, Cycles, Still, Watch, Writes, now, show, since

CYCLE = 1  # Controller.slice
SHORT_S = 10
add = time.ticks_add


def build(name, cells):
    """(controller, board, limits) of a board, as its start.py builds them, with so many cells.
    `limits` is an empty HardwareLimits: nothing new can be made any more (tools/forget.py)."""
    import machine  # noqa: PLC0415 (only a board has them)
    import rp2  # noqa: PLC0415

    module = __import__("boards." + name + ".board", None, None, ("Board",))
    start = __import__("boards." + name + ".start", None, None, ("built",))
    board = module.Board(machine, rp2, time, open, os.statvfs)
    board.built = start.built
    from firmware import parameter_ids as p  # noqa: PLC0415 (behind the board)
    from firmware.controller import Controller  # noqa: PLC0415 (behind the board)
    from firmware.parameters import Parameters  # noqa: PLC0415 (behind the board)
    from hal.contract import HardwareLimits  # noqa: PLC0415 (behind the board)

    limits = HardwareLimits()
    gc.collect()
    parameters = Parameters()
    parameters.apply({p.CELL_COUNT: cells})
    gc.collect()
    controller = Controller(board, parameters)
    while controller.loading is not None:
        wait_ms = controller.step(time.ticks_ms())
        controller.wake(board.idle(wait_ms))
    return controller, board, limits


def run(controller, idle, seconds, behind=None):
    """The loop of firmware.main for a while; `behind(us)` is called behind every control cycle
    with its time."""
    end = add(time.ticks_ms(), 1000 * seconds)
    while since(end, time.ticks_ms()) > 0:
        start = now()
        wait_ms = controller.step(time.ticks_ms())
        if controller.slice == CYCLE and behind is not None:
            behind(since(now(), start))
        controller.wake(idle(wait_ms))


def services(controller, idle, seconds):
    """How long the steps of each service take."""
    watches = []
    for service in controller.services:
        if service.part is not None:
            service.part = watch = Watch(service.part)
            watches.append((service, watch))
    run(controller, idle, seconds)
    for service, watch in watches:
        service.part = watch.part
        watch.times.show("service_" + service.name)


def cycles(controller, idle, seconds):
    """How long the control cycles take and how late they are; then behind flash writes."""
    watch = Cycles(controller)
    run(controller, idle, seconds, watch.behind)
    watch.times.show("cycle")
    watch.late.show("late", "ms")
    watch.end()
    watch = Writes(controller)
    run(controller, idle, max(seconds // 2, SHORT_S), watch.behind)
    watch.times.show("write")
    watch.late.show("late_write", "ms")


def alone(controller, idle, limits):
    """What a cycle allocates, and how long it takes beside its front end."""
    watch = Allocated(controller)
    run(controller, idle, SHORT_S)
    watch.bytes.show("cycle_alloc", "bytes")
    watch.end()
    Still(controller.hal.afe, limits)
    watch = Cycles(controller)
    run(controller, idle, SHORT_S, watch.behind)
    watch.times.show("decisions")
    show("mosfets", controller.hal.afe.mosfets())


def main(name, cells, seconds):
    """Measure for so long, after ten seconds of start-up."""
    controller, board, limits = build(name, cells)
    run(controller, board.idle, SHORT_S)
    cycles(controller, board.idle, seconds)
    services(controller, board.idle, seconds)
    show("mosfets", board.afe.mosfets())
    alone(controller, board.idle, limits)
    controller.shutdown()
