"""A controller of a few lines, to test the simulation without the firmware: it switches both
MOSFETs on, reads every 100 ms, feeds the watchdog, echoes what comes in on rs485_1."""

from hal import contract as c


class TinyController:
    """`limits` go into the front end before the MOSFETs close."""

    PERIOD_MS = 100

    def __init__(self, hal, parameters=None, limits=None):
        self.hal = hal
        self.parameters = parameters
        self.sample = c.Sample()
        self.slice = 0
        self.cycles = 0
        self.results = []  # of the reads, newest last
        self.steps = []  # ticks of every step
        self.woken = 0
        self.service_due = False
        self._due_ms = None
        self._buffer = bytearray(64)
        hal.afe.start()
        if hal.kill_line is not None:
            hal.kill_line.set(False)
        if limits is not None:
            hal.afe.configure(limits)
        hal.afe.clear_latches(c.LATCH_ALL)
        hal.afe.set_mosfets(True, True)
        hal.watchdog.start(2000)

    def wake(self, services):
        self.woken |= services
        self.service_due = True

    def step(self, now_ms):
        self.steps.append(now_ms)
        if self._due_ms is None:
            self._due_ms = now_ms
        wait_ms = -self.hal.clock.ticks_diff(now_ms, self._due_ms)
        if wait_ms <= 0:
            self._due_ms = self._due_ms + self.PERIOD_MS & c.TICKS_PERIOD - 1
            self.slice = 1
            self.cycles += 1
            self.results.append(self.hal.afe.read(self.sample))
            self.hal.watchdog.feed()
            return 0
        if self.service_due:
            self.service_due = False
            self.slice = 2
            n = self.hal.rs485_1.read_into(self._buffer)
            if n:
                self.hal.rs485_1.write(self._buffer, n)
            return 0
        self.slice = 0
        return wait_ms
