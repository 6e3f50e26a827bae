"""The controller: the control cycle on its tick, services between ticks, watchdog and record.

`step(now_ms)` does one slice, a control cycle or one service's step, and returns the ms until the
next one is due (0 = at once). Only this file looks at ticks; all others are handed `dt_ms`.

Nothing but what protects is there when the first cycle runs; the services are loaded by the slices
behind it (firmware/settings/loading.py).
"""

from firmware import events
from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control.control import Control
from firmware.gestures import HOLD_OFF, PASSWORD_RESET, RESET, SHORT_PRESS, recovery_wanted
from firmware.keeper import Keeper
from firmware.ondemand import call
from firmware.parameters import Refused
from firmware.requests import Requests
from firmware.services import CAN, CHARGING, GAUGE, NAMES, PANEL, RS485_1, first
from firmware.state import OFF
from hal.contract import RESET_BROWN_OUT, RESET_WATCHDOG, TICKS_PERIOD

WATCHDOG_MS = 2_000
LATE_MS = 100
DT_MAX_MS = 60_000

SLICE_NONE, SLICE_CYCLE, SLICE_SERVICE = range(3)
LOAD_MS = 60  # so long before the next cycle a step of loading may begin
START_MS = 1_000  # so long it waits for the start-up gate


class Controller:
    """One pack's firmware. Outputs are off until the start-up gate opens (PRT-15)."""

    def __init__(self, hal, parameters=None):
        self.hal = hal
        self.control = Control(hal, parameters, recovery_wanted(hal))
        context = self.control.context
        self.state, self.faults, self.events = context.state, context.faults, context.events
        self.parameters = context.parameters
        self.requests = Requests(self.control)
        self.slice = SLICE_NONE
        self.keeper = Keeper(hal, self.control, self.requests.passwords)
        self._leaving = False  # a restart was asked for and has not come yet
        self.keeper.load()
        self._note_reset()
        self.loading = call("loading", "begin", self.control, self.keeper, self.requests)
        self.services = self.loading.all
        self.panel = self.charging = None  # not there yet
        self.ports = ()  # (name, service or None)
        now_ms = hal.clock.ticks_ms()
        self.period_ms = hal.capabilities.period_ms
        self._turn = self._frames = self._second_ms = 0
        self._woken, self._ahead = 0, False  # services that go ahead of their turn; one just did
        self._start_ms = 0  # since the first cycle, up to START_MS
        self._last_cycle_ms = self._due_ms = now_ms
        hal.watchdog.start(WATCHDOG_MS)

    def load_all(self):
        """Load all services now, not behind the first cycles: where time does not count."""
        while self.loading is not None:
            self._load(self.loading.take, self.hal.clock.ticks_ms())

    def step(self, now_ms):
        """One slice; ms until the next is due."""
        late_ms = self.hal.clock.ticks_diff(now_ms, self._due_ms)
        if late_ms >= 0:
            self.slice = SLICE_CYCLE
            self._tick(now_ms, late_ms)
            return 0
        if self.loading is not None and self._may_load(late_ms):
            self.slice = SLICE_SERVICE
            self._load(self.loading.load, now_ms)
            return 0
        wait_ms = self._run_service(now_ms)
        self.slice = SLICE_NONE if wait_ms else SLICE_SERVICE
        return min(wait_ms, -late_ms)

    def _may_load(self, late_ms):
        """A step of loading takes up to half a period: it begins right behind a cycle, or while
        there is time. Before the MOSFETs may close nothing keeps the cycles up."""
        if not self.state.system.cycles:
            return False
        if self._start_ms < START_MS and not self.control.startup.passed():
            return False
        return self.slice == SLICE_CYCLE or late_ms <= -LOAD_MS

    def wake(self, mask):
        """Make services due at once (bit n = service n): bytes came, a key moved. They go ahead
        of their turn, but never two without one in turn between them."""
        self._woken |= mask
        for i in range(len(self.services) if mask else 0):
            if mask >> i & 1:
                self.services[i].wait_ms = 0

    def cycle(self, dt_ms):
        """The control cycle alone, with what belongs to it: time, key gestures, watchdog."""
        self._count_time(dt_ms)
        self._look_at_keys()
        self.control.cycle(dt_ms)
        system = self.state.system
        system.cycles = system.cycles + 1 & 0x3FFFFFFF
        system.sequence = system.sequence + 1 & 0xFFFF
        self.hal.watchdog.feed()

    def shutdown(self):
        """The program ends, whatever the way: both MOSFETs off, outputs off. Never raises."""
        self.control.mosfets.open()
        self._dark()

    def _dark(self):
        try:
            if self.panel is not None:
                self.panel.shutdown()
        except Exception:
            return

    def _load(self, step, now_ms):
        """One step towards the services; what cannot be loaded is a disabled service."""
        try:
            step(now_ms)
        except Exception:
            self._disable(self.loading.owner())
        self.panel = self.services[PANEL].part
        self.charging = self.services[CHARGING].part
        if not self.loading.missing():
            self._loaded()

    def _loaded(self):
        self.loading = None
        self.ports = [(NAMES[i], self.services[i].part) for i in range(RS485_1, CAN + 1)]
        try:
            if self.hal.built is not None:
                self.hal.built()
        except Exception:  # it only makes room
            self.faults.put(f.SERVICE_EXCEPTION, True)

    def _tick(self, now_ms, late_ms):
        if self._leaving:  # unfed: where reset() does nothing the watchdog restarts
            self._due_ms = now_ms + self.period_ms & 0x3FFFFFFF
            self.control.mosfets.open()
            return
        diff, system = self.hal.clock.ticks_diff, self.state.system
        dt_ms = min(max(diff(now_ms, self._last_cycle_ms), 0), DT_MAX_MS)
        self._last_cycle_ms = now_ms
        self._start_ms = min(self._start_ms + dt_ms, START_MS)
        system.late_ms = late_ms
        system.late_max_ms = max(system.late_max_ms, late_ms)
        if late_ms > LATE_MS:
            system.late_count = min(system.late_count + 1, 0x3FFFFFFF)
        self.faults.put(f.CYCLE_LATE, late_ms > LATE_MS, late_ms)
        if late_ms < self.period_ms:  # keep the grid; after a long gap begin a new one
            now_ms -= late_ms
        self._due_ms = now_ms + self.period_ms & 0x3FFFFFFF
        self.cycle(dt_ms)
        if self.charging is not None and self.charging.urgent():
            self.wake(1 << CHARGING)
        self._persist(dt_ms)

    def _run_service(self, now_ms):
        """Step one service that is due; 0 when one was, else the ms until one is."""
        self._ahead = self._woken != 0 and not self._ahead
        if self._ahead:
            s = self.services[first(self._woken)]
            self._woken &= self._woken - 1
            if not s.disabled and not s.wait_ms:
                return self._step_service(s, now_ms)
        services, turn, least_ms = self.services, self._turn, DT_MAX_MS
        while True:
            s = services[turn]
            turn = (turn + 1) % len(services)
            if not s.disabled:
                left_ms = s.wait_ms - (now_ms - s.last_ms & TICKS_PERIOD - 1)
                if left_ms <= 0:
                    self._turn = turn
                    return self._step_service(s, now_ms)
                least_ms = left_ms if left_ms < least_ms else least_ms
            if turn == self._turn:
                return least_ms

    def _step_service(self, s, now_ms):
        s.dt_ms = min(max(self.hal.clock.ticks_diff(now_ms, s.last_ms), 0), DT_MAX_MS)
        s.last_ms = now_ms
        self._guarded(s)
        if s is self.services[CHARGING]:
            self.wake(1 << CAN)  # a direction taken away is told at once (PRT-25)
        return 0

    def _guarded(self, s):
        try:
            s.wait_ms = min(max(s.part.step(s.dt_ms), 0), DT_MAX_MS)
        except Exception:
            self._disable(s)

    def _disable(self, service):
        """A service raised: it rests until a restart; protection goes on (PRT-15)."""
        service.disabled = True
        self.state.system.service_faults |= 1 << self.services.index(service)
        self.faults.put(f.SERVICE_EXCEPTION, True, self.state.system.service_faults)
        if service is self.services[PANEL]:
            self._dark()
        elif service is self.services[GAUGE]:
            self.control.gauge_failed = True  # SOC unknown, limits 0
        elif service.part is not None and service is self.services[CHARGING]:
            service.part.nothing()

    def _count_time(self, dt_ms):
        system = self.state.system
        self._second_ms += dt_ms
        while self._second_ms >= 1000:
            self._second_ms -= 1000
            system.uptime_s += 1
            system.run_time_s += 1
            self._each_second()

    def _each_second(self):
        """What may fail without harm: the real-time clock, and traffic that ends a sleep."""
        system = self.state.system
        try:
            system.rtc_s = self.hal.clock.rtc_s()
        except Exception:
            system.rtc_s = None
        self.faults.put(f.CLOCK_NOT_SET, system.rtc_s is None)
        self.faults.put(f.PORT_OPEN, self.requests.open_for_good())
        if system.uptime_s == 600:  # ten minutes without another bite
            self.faults.put(f.WATCHDOG_RESET, False)
        frames = 0
        for _, service in self.ports:
            frames += 0 if service is None else service.port.traffic()
        if frames != self._frames:
            self._frames = frames
            self.control.power.wake()

    def _look_at_keys(self):
        try:
            self._gestures()
        except Exception:
            self.faults.put(f.SERVICE_EXCEPTION, True)

    def _gestures(self):
        gesture = 0 if self.panel is None else self.panel.take_gesture()
        if gesture == SHORT_PRESS:
            if self.state.power.mode == OFF:
                self.control.power.on()
            else:
                self._short_press()
        elif gesture == HOLD_OFF:
            self.control.power.off()
        elif gesture == RESET:
            self.requests.restart = True
        elif gesture == PASSWORD_RESET:
            self.requests.passwords.reset()

    def _short_press(self):
        self.requests.open_window()
        self.control.key()
        self.control.power.wake()
        if self.parameters.values[p.BUTTON_EMERGENCY]:
            try:
                self.control.emergency.start()
            except Refused:
                return

    def _note_reset(self):
        """A watchdog that bites again soon closes the start-up gate for a minute: a program that
        hangs after each start would make the MOSFETs chatter."""
        system, cause = self.state.system, self.hal.reset_cause
        if cause == RESET_WATCHDOG and self.faults.stands(f.WATCHDOG_RESET):
            self.control.startup.close(DT_MAX_MS)
        system.reset_cause = cause
        system.starts = system.starts + 1 & 0xFFFF
        self.faults.put(f.WATCHDOG_RESET, cause == RESET_WATCHDOG)
        self.faults.put(f.BROWN_OUT, cause == RESET_BROWN_OUT)
        self.control.shorts.suspected = cause == RESET_BROWN_OUT
        self.events.add(events.RESET, -1 if cause is None else cause)

    def _persist(self, dt_ms):
        """Store what has to survive; a restart or a power-off that was asked for comes behind."""
        leaving = self.control.power.save or self.requests.restart
        self.keeper.step(dt_ms, leaving, self._falling())
        if leaving:
            self._leave()

    def _falling(self):
        try:
            return self.hal.brown_out is not None and self.hal.brown_out()
        except Exception:
            return False

    def _leave(self):
        power = self.control.power
        power.save = False
        if self.requests.restart:
            self.requests.restart = False
            self._leaving = True
            self.shutdown()
            self.hal.reset()
        elif power.cut and self.hal.power_latch is not None:
            self._dark()
            self.hal.power_latch.off()
