"""The simulated world: one event loop in integer microseconds, exactly repeatable.

Plants, buses and processors put functions into one heap; nothing else makes time pass. All HAL
clocks start 60 s before their wrap, so that every run longer than a minute crosses it.
"""

import heapq
import random

from hal.contract import TICKS_PERIOD

START_TICKS_MS = TICKS_PERIOD - 60_000


class World:
    """`now_us` counts from 0. `rng` is for whoever needs repeatable chance."""

    def __init__(self, seed=1):
        self.now_us = 0
        self.seed = seed
        self.rng = random.Random(seed)
        self.events = 0  # handled since start
        self._heap = []
        self._sequence = 0

    def at(self, us, fn, *args):
        """Call fn(*args) at a time (us; the past means now). Equal times keep their order."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(int(us), self.now_us), self._sequence, fn, args))

    def after(self, us, fn, *args):
        """Call fn(*args) in `us` microseconds."""
        self.at(self.now_us + int(us), fn, *args)

    def run_until(self, us):
        """Handle everything up to and including a time, then stand there."""
        heap = self._heap
        while heap and heap[0][0] <= us:
            self.now_us, _, fn, args = heapq.heappop(heap)
            self.events += 1
            fn(*args)
        self.now_us = max(self.now_us, int(us))

    def run_for(self, seconds):
        """Let seconds pass."""
        self.run_until(self.now_us + round(seconds * 1_000_000))

    def run_while(self, condition, seconds):
        """Let time pass while condition() holds, event by event, at most `seconds`.

        True when it ended because of the condition."""
        end = self.now_us + round(seconds * 1_000_000)
        while condition():
            if not self._heap or self._heap[0][0] > end:
                self.now_us = max(self.now_us, end)
                return not condition()
            self.run_until(self._heap[0][0])
        return True

    def next_us(self):
        """Time of the next event, None when there is none."""
        return self._heap[0][0] if self._heap else None

    @property
    def seconds(self):
        """now_us in seconds."""
        return self.now_us / 1_000_000

    @property
    def ticks_ms(self):
        """The HAL ticks now (wrap at 2**30 ms)."""
        return self.now_us // 1000 + START_TICKS_MS & TICKS_PERIOD - 1
