"""Runs on the emulated board: heap of what a board loads, times of its cycle and services.

Results are `name value` lines. The clock of the board is the emulated one.
"""

import gc
import os
import time
from array import array

KEPT = 400  # run times of each, the last ones
now, since, add = time.ticks_us, time.ticks_diff, time.ticks_add


def show(name, value):
    """A result."""
    print(name, value)


def heap(name):
    """Free heap behind a collection, and how long that took."""
    gc.collect()
    start = now()
    gc.collect()
    show(name + "_collect_us", since(now(), start))
    show(name + "_free", gc.mem_free())


def spread(name, times):
    """Median, 95 % and longest of some times."""
    if times:
        times.sort()
        show(name + "_median_us", times[len(times) // 2])
        show(name + "_p95_us", times[len(times) * 95 // 100])
        show(name + "_max_us", times[-1])


class Times:
    """The last run times, us."""

    def __init__(self):
        self._us = array("H", bytearray(2 * KEPT))
        self.count = 0

    def add(self, us):
        """One more; longer than 65 ms is told as that."""
        self._us[self.count % KEPT] = min(us, 0xFFFF)
        self.count += 1

    def kept(self):
        """A list of them."""
        return list(self._us)[: self.count]


class Watch:
    """A service's part in its place: keeps how long its steps take."""

    def __init__(self, part):
        self.part = part
        self.port = getattr(part, "port", None)  # the controller looks at its traffic
        self.times = Times()

    def step(self, dt_ms):
        """As the part's."""
        start = now()
        wait_ms = self.part.step(dt_ms)
        self.times.add(since(now(), start))
        return wait_ms


def build(name, cells):
    """(controller, board) of a board, as its start.py builds them, with so many cells."""
    import machine  # noqa: PLC0415 (only a board has them)
    import rp2  # noqa: PLC0415

    module = __import__("boards." + name + ".board", None, None, ("Board",))
    start = __import__("boards." + name + ".start", None, None, ("built",))
    board = module.Board(machine, rp2, time, open, os.statvfs)
    board.built = start.built
    heap("board")
    from firmware import parameter_ids as p  # noqa: PLC0415 (behind the board)
    from firmware.controller import Controller  # noqa: PLC0415 (behind the board)
    from firmware.parameters import Parameters  # noqa: PLC0415 (behind the board)

    gc.collect()
    parameters = Parameters()
    parameters.apply({p.CELL_COUNT: cells})
    gc.collect()
    controller = Controller(board, parameters)
    while controller.loading is not None:
        wait_ms = controller.step(time.ticks_ms())
        if wait_ms:
            controller.wake(board.idle(wait_ms))
    return controller, board


def run(controller, idle, seconds):
    """The loop of firmware.main for a while; the cycles' times."""
    cycles = Times()
    end = add(time.ticks_ms(), 1000 * seconds)
    while since(end, time.ticks_ms()) > 0:
        start = now()
        wait_ms = controller.step(time.ticks_ms())
        if controller.slice == 1:
            cycles.add(since(now(), start))
        controller.wake(idle(wait_ms))
    return cycles


def main(name, cells, seconds):
    """Measure for so long, after ten seconds of start-up."""
    heap("empty")
    controller, board = build(name, cells)
    heap("boot")
    run(controller, board.idle, 10)
    controller.state.system.late_max_ms = 0
    watches = []
    for service in controller.services:
        if service.part is not None:
            service.part = watch = Watch(service.part)
            watches.append((service.name, watch))
    cycles = run(controller, board.idle, seconds)
    show("mosfets", board.afe.mosfets())
    show("cycles", cycles.count)
    show("late_max_ms", controller.state.system.late_max_ms)
    spread("cycle", cycles.kept())
    for service, watch in watches:
        spread("service_" + service, watch.times.kept())
    cycles = watch = watches = None
    heap("end")
    controller.shutdown()
