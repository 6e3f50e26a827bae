"""Runs on the emulated board: the firmware as the board's own start runs it, and its heap.

A module of its own, as small as it can be, because it lies in the heap that it measures. Results
are `name value` lines.
"""

import gc
import os
import time


class Over(Exception):
    """Ends the run."""


class Idle:
    """Waits as the board does, and looks at the heap at times: seconds since power-on."""

    def __init__(self, board, seconds):
        self._board = board
        self._seconds = seconds
        self._next = 0

    def __call__(self, wait_ms):
        second = self._seconds[self._next]
        if time.ticks_ms() >= 1000 * second:
            gc.collect()
            start = time.ticks_us()
            gc.collect()
            print("collect_us", time.ticks_diff(time.ticks_us(), start))
            print("free_" + str(second), gc.mem_free())
            self._next += 1
            if self._next == len(self._seconds):
                raise Over
        return self._board.idle(wait_ms)


def main(name, cells, seconds):
    """Run a pack with so many cells until the last of `seconds`, below 500 000."""
    import machine  # noqa: PLC0415 (only a board has them)
    import rp2  # noqa: PLC0415

    start = __import__("boards." + name + ".start", None, None, ("built",))
    board = start.Board(machine, rp2, time, open, os.statvfs)
    board.built = start.built
    from firmware import parameter_ids as p  # noqa: PLC0415 (behind the board)
    from firmware.main import run  # noqa: PLC0415 (behind the board)
    from firmware.parameters import Parameters  # noqa: PLC0415 (behind the board)

    parameters = Parameters()
    parameters.apply({p.CELL_COUNT: cells})
    try:
        run(board, Idle(board, seconds), parameters)
    except Over:
        print("over", seconds[-1])
