"""The simulated microcontroller: runs one firmware, charges CPU time, bites and resets.

A slice's effects on MOSFETs and lamps are immediate; what it writes to a serial line starts to
leave when the slice is over. While a slice runs, nothing else of that firmware can run.
"""

SLICE_US = {0: 0, 1: 15_000, 2: 3_000}  # controller.slice -> CPU time: none, cycle, service
IDLE_US = 100  # least time between two calls: a loop that asks to be called at once makes progress


class Processor:
    """`build` makes a new controller. Events: `on_slice(controller, kind)` if set."""

    def __init__(self, world, build, slice_us=None):
        self.world = world
        self.slice_us = dict(SLICE_US if slice_us is None else slice_us)
        self.controller = None
        self.busy_until_us = 0
        self.in_slice = False
        self.stalled = False  # a fault: the program hangs
        self.busy_us = 0  # CPU time charged in all
        self.late_us = 0  # a fault: the program is that late once
        self.listening = True  # its peripherals are alive (not in reset, not without supply)
        self.on_slice = None
        self._extra_us = 0
        self._build = build
        self._after = []
        self._due = 0  # token: only the newest planned run counts

    @property
    def running(self):
        """True while a program is loaded (it may be stalled)."""
        return self.controller is not None

    def start(self):
        """Load the program afresh (after power-on or a reset)."""
        self.stalled = False
        self.listening = True
        self.busy_until_us = self.world.now_us
        self.controller = self._build()
        self._plan(self.world.now_us)

    def stop(self):
        """Forget the program: reset or power off."""
        self.controller = None
        self.listening = False
        self._after = []
        self._due += 1

    def resume(self):
        """End a stall that no watchdog has ended."""
        if self.stalled:
            self.stalled = False
            self._plan(self.world.now_us)

    def wake(self, services):
        """An interrupt: make services due (bits)."""
        if self.controller is None or self.stalled:
            return
        self.controller.wake(services)
        if not self.in_slice:
            self._plan(max(self.world.now_us, self.busy_until_us))

    def charge(self, us):
        """Lengthen the present slice (a slow peripheral keeps the CPU waiting)."""
        self._extra_us += us

    def when_done(self, fn):
        """Call fn when the present slice is over, at once between slices."""
        if self.in_slice:
            self._after.append(fn)
        else:
            fn()

    def _plan(self, us):
        self._due += 1
        self.world.at(us, self._run, self._due)

    def _run(self, due):
        if due != self._due or self.controller is None or self.stalled:
            return
        if self.late_us:
            late, self.late_us = self.late_us, 0
            self._plan(self.world.now_us + late)
            return
        controller, now_us = self.controller, self.world.now_us
        self.in_slice = True
        try:
            wait_ms = controller.step(self.world.ticks_ms)
        finally:
            self.in_slice = False
        cost_us = self.slice_us.get(controller.slice, 0) + self._extra_us
        self._extra_us = 0
        self.busy_us += cost_us
        self.busy_until_us = now_us + cost_us
        if self.on_slice is not None:
            self.on_slice(controller, controller.slice)
        after, self._after = self._after, []
        for fn in after:
            self.world.at(self.busy_until_us, fn)
        if self.controller is not controller:  # it has reset itself
            return
        wanted_us = (now_us // 1000 + max(int(wait_ms), 0)) * 1000
        self._plan(max(wanted_us, self.busy_until_us, now_us + IDLE_US))
