"""The world in wall time: one loop that lets the world catch up, moves bytes between the pseudo
terminals and the simulated lines, calls what is due, and sleeps until something happens.
"""

import select
import time

STEP_US = 20_000  # simulated time handled in one go
BUDGET_S = 0.02  # wall time of simulation before ports and keys are looked at again
LOST_S = 0.5  # a delay longer than this is given up, not caught up
SLEEP_MIN_S = 0.001
SLEEP_MAX_S = 0.01  # a port that nobody has open cannot wake the loop: look at it that often


class Pace:
    """Which simulated time it should be. speed: simulated seconds a second, > 0."""

    def __init__(self, world, speed=1.0, clock=time.monotonic):
        self._world = world
        self.speed = speed
        self.clock = clock
        self._wall_s = clock()
        self._base_us = world.now_us
        self.behind_s = 0.0  # simulated time still to catch up, in wall time
        self.lost_s = 0.0  # wall time given up since start

    def target_us(self):
        """The simulated time that belongs to the clock's now."""
        return self._base_us + round((self.clock() - self._wall_s) * self.speed * 1_000_000)

    def advance(self, end_us=None):
        """Let the world catch up, within the budget."""
        world, begin_s = self._world, self.clock()
        target_us = self.target_us()
        if end_us is not None:
            target_us = min(target_us, end_us)
        while world.now_us < target_us:
            world.run_until(min(target_us, world.now_us + STEP_US))
            if self.clock() - begin_s >= BUDGET_S:
                break
        self.behind_s = max(0, target_us - world.now_us) / 1_000_000 / self.speed
        if self.behind_s > LOST_S:
            self.lost_s += self.behind_s
            self._wall_s += self.behind_s
            self.behind_s = 0.0

    def wait_s(self):
        """Seconds to sleep until the world's next event, within the bounds of the loop."""
        next_us = self._world.next_us()
        if next_us is None:
            return SLEEP_MAX_S
        wait_s = (next_us - self.target_us()) / 1_000_000 / self.speed
        return min(max(wait_s, SLEEP_MIN_S), SLEEP_MAX_S)


class Task:
    """Something to do every so often (wall time). fn() may not block."""

    def __init__(self, period_s, fn, due_s):
        self.period_s = period_s
        self.fn = fn
        self.due_s = due_s


class RealTime:
    """The loop. `ports` are realtime_ports.Bridge.

    end_us: simulated time at which the loop ends by itself. `stop()` ends it after this pass.
    `keys` may be set to something with fileno() and on_ready().
    """

    def __init__(self, pace, world, ports=(), end_us=None):
        self._pace = pace
        self._world = world
        self._ports = list(ports)
        self.keys = None
        self._end_us = end_us
        self._tasks = []
        self._stopped = False

    def every(self, period_s, fn):
        """Call fn() every period_s seconds of wall time, first after one period."""
        self._tasks.append(Task(period_s, fn, self._pace.clock() + period_s))

    def stop(self, *_):
        """End the loop; also a signal handler."""
        self._stopped = True

    def run(self):
        """Until stopped or until the end time."""
        while not self._stopped:
            for port in self._ports:
                port.take_in()
            self._pace.advance(self._end_us)
            for port in self._ports:
                port.give_out()
            self._do_tasks()
            if self._end_us is not None and self._world.now_us >= self._end_us:
                return
            self._sleep()

    def _do_tasks(self):
        now_s = self._pace.clock()
        for task in self._tasks:
            if now_s >= task.due_s:
                task.due_s = now_s + task.period_s
                task.fn()

    def _sleep(self):
        if self._stopped:
            return
        waiting = [port for port in self._ports if port.can_wake()]
        if self.keys is not None:
            waiting.append(self.keys)
        wait_s = 0 if self._pace.behind_s > 0 else self._pace.wait_s()
        ready, _, _ = select.select(waiting, [], [], wait_s)
        if self.keys is not None and self.keys in ready:
            self.keys.on_ready()
