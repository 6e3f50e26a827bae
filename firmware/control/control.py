"""One control cycle: the components in their order, and what happens when one raises.

measurement -> protection -> power -> MOSFETs may never fail open: an exception there opens both
MOSFETs and closes the start-up gate. An exception in counter, limits or heating degrades (PRT-15).
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control.afe_limits import AfeLimits
from firmware.control.afe_trips import AfeTrips
from firmware.control.balance_limits import NO_BALANCER
from firmware.control.context import Context
from firmware.control.counter import Counter
from firmware.control.emergency import Emergency
from firmware.control.heating import Heating
from firmware.control.limits import Limits
from firmware.control.measurement import Measurement
from firmware.control.mos_watch import MosWatch
from firmware.control.mosfets import MosfetControl
from firmware.control.power import PowerControl
from firmware.control.protection import Protection
from firmware.control.record import Record
from firmware.control.short_circuit import ShortCircuit
from firmware.control.startup import Startup

VERIFY_MS = 60_000
PAUSE_MS = 10_000  # longer after each exception: a program error must not make MOSFETs chatter
LONGEST_PAUSE_MS = 60_000
CALM_MS = 10_000  # this long without an exception in the gauge before its fault goes


class Control:
    """Everything that decides about the battery. `safe` starts in recovery mode."""

    def __init__(self, hal, parameters=None, safe=False):
        self.context = context = Context(hal, parameters)
        self.measurement = Measurement(context)
        self.protection = Protection(context)
        self.limits_afe = AfeLimits(context)
        self.trips = AfeTrips(context, self.limits_afe)
        self.shorts = ShortCircuit(context)
        self.startup = Startup(context, self.limits_afe)
        self.power = PowerControl(context, self.startup, safe)
        self.emergency = Emergency(context)
        self.mosfets = MosfetControl(context)
        self.watch = MosWatch(context, self.protection)
        self.counter = Counter(context)
        self.balancing = self._balancing(context)
        self.limits = Limits(context, self.protection)
        self.heating = Heating(context)
        self.record = Record(
            context.state, context.faults, self.protection, self.shorts, self.trips, self.watch,
            self.counter, self.emergency,
        )  # fmt: skip
        self.gauge = None  # firmware/gauge, a service; whoever builds the program sets it
        self.gauge_failed = False
        self._verify_ms = VERIFY_MS
        self._rows = max(hal.capabilities.period_ms // 50, 1)  # a pass takes 5 s (MEA-09)
        self._pause_ms = 0
        self._failing = False  # the last cycle raised
        self._calm_ms = 0
        self._locked = False  # the heap
        self._short = False  # something wanted the locked heap
        self.repeated = 0  # cycles that did
        self.settings_changed()

    def _balancing(self, context):
        """Loaded where a balancer is fitted, else None: it takes 10 kB of a board's heap."""
        if context.hal.balancer is None:
            context.state.balance.reason = NO_BALANCER
            return None
        from firmware.control.balancing import Balancing

        return Balancing(context)

    def cycle(self, dt_ms):
        """One cycle; `dt_ms` since the last one. True when nothing raised.

        Behind the start-up gate the heap is locked meanwhile: no collection can come, and the
        locals of functions are on the stack, where MicroPython need not look for room. A cycle
        that wants memory all the same is done again, without the lock."""
        if not self.startup.passed():
            return self._cycle(dt_ms)
        try:
            self._lock(True)
            good = self._cycle(dt_ms)
        finally:
            self._lock(False)
        if self._short:
            self._short = False
            self.repeated += 1
            return self._cycle(0)
        return good

    def _cycle(self, dt_ms):
        try:
            self._protect(dt_ms)
        except Exception as error:
            if not self._wants_heap(error):
                self._failed()
            return False
        self._failing = False
        try:
            self.counter.step(dt_ms)
            managed = not self.gauge_failed and self._manage(dt_ms)
        except Exception as error:
            if self._wants_heap(error):
                return False
            managed = False
        if not managed:
            self.context.faults.put(f.GAUGE_EXCEPTION, True)
            self._calm_ms = CALM_MS
            self._degrade()
            return False
        if self._calm_ms:
            self._calm_ms = max(self._calm_ms - dt_ms, 0)
            if not self._calm_ms:
                self.context.faults.put(f.GAUGE_EXCEPTION, False)
        return True

    def _lock(self, on):
        if on != self._locked:
            self._locked = on
            self.context.hal.lock_heap(on)

    def _wants_heap(self, error):
        """After an exception: the heap is free again. True when its lock was the reason."""
        self._short = self._locked and isinstance(error, MemoryError)
        self._lock(False)
        return self._short

    def key(self):
        """A short key press while on: try again what waits for a person (PRT-06, PRT-20)."""
        self.measurement.plausibility.acknowledge()
        self.protection.key()
        self.shorts.key()
        self.mosfets.precharge.key()
        self.watch.key()

    def settings_changed(self):
        """After a parameter change: what is derived from the settings alone."""
        values = self.context.parameters.values
        self.counter.settings_changed()
        plating = values[p.CHEMISTRY] != 2 and values[p.CHARGE_UTP_DC] < 0
        self.context.faults.put(f.UNSAFE_SETTING, plating, values[p.CHARGE_UTP_DC])

    def _protect(self, dt_ms):
        faults, startup = self.context.faults, self.startup
        self.measurement.step(dt_ms)
        self.limits_afe.step(dt_ms)
        latches = self.trips.step(dt_ms)
        if startup.looked and latches >= 0:
            latches |= startup.found
            startup.found = 0
            self.shorts.started(latches)
        self.shorts.step(latches, dt_ms)
        self.protection.step(dt_ms)
        self._check_memory(dt_ms)
        self.watch.step(dt_ms)
        self.emergency.step(dt_ms)
        startup.step(dt_ms)
        self.power.step(dt_ms)
        self.mosfets.step(dt_ms)
        if startup.passed():
            faults.put(f.CONTROL_EXCEPTION, False)

    def _manage(self, dt_ms):
        if self.balancing is not None:
            self.balancing.step(dt_ms)
        self.limits.step(dt_ms)
        self.heating.step(dt_ms)
        return True

    def _check_memory(self, dt_ms):
        """Limits in RAM: a CRC over the settings, all the time; the levels derived from them
        every minute (MEA-09). Damage stays until a restart."""
        good = self.context.parameters.check(self._rows)
        self._verify_ms -= dt_ms
        if self._verify_ms <= 0:
            self._verify_ms = VERIFY_MS
            good = self.protection.verify() and good
        if not good:
            self.context.faults.put(f.SETTINGS_CORRUPT, True)

    def _failed(self):
        """Measurement or protection raised: both MOSFETs off, the gate closes."""
        self.mosfets.open()
        self.context.faults.put(f.CONTROL_EXCEPTION, True)
        self.startup.close(self._pause_ms)
        if not self._failing:  # a new one: the next start waits longer
            self._failing = True
            self._pause_ms = min(self._pause_ms + PAUSE_MS, LONGEST_PAUSE_MS)
        self._degrade()

    def _degrade(self):
        """SOC unknown, limits 0, balancer and heater off. Never raises: one of them may have."""
        self.context.state.gauge.soc_dpct = None
        self.limits.nothing()
        for part in (self.balancing, self.heating):
            try:
                if part is not None:
                    part.off()
            except Exception:
                continue
