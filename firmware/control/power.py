"""Power states: on, off, sleep, recovery (PWR-01..03, PRT-03, PNL-08)."""

from firmware import events
from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.state import OFF, ON, SAFE, SLEEP, STARTING

FLAT_MS = 5_000  # PRT-03: this long below the power-off voltage
GRACE_MS = 600_000  # suspended for 10 min after a wake-up
CHARGER_MV = 5_000  # PWR-02: charger this far above the battery
IDLE_MA = 1_000
CHARGING_MA = 200


class PowerControl:
    """Writes state.power.mode and the countdowns; owns POWERED_OFF, SAFE_MODE and
    POWER_OFF_VOLTAGE. `save` is set when the state must be stored before the supply goes."""

    def __init__(self, context, startup, safe=False):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._events = context.events
        self._state = context.state
        self._power = context.state.power
        self._startup = startup
        self._grace_ms = GRACE_MS
        self._flat_ms = 0
        self._idle_s = 0
        self._idle_ms = 0
        self._woken = False  # by a port, for sleep
        self._charger_gone = False  # since it was switched off
        self.save = False
        self.cut = False  # the supply may be cut once the state is saved
        self._enter(SAFE if safe else STARTING)

    def step(self, dt_ms):
        """Once a cycle, before the MOSFETs are decided."""
        mode = self._power.mode
        if mode == STARTING and self._startup.passed():
            self._enter(ON)
        elif mode == OFF:
            # a charger that is already there when somebody switches off must not undo that
            if not self._charger():
                self._charger_gone = True
            elif self._charger_gone:
                self.on()
        elif mode == SAFE:
            self._faults.put(f.SAFE_MODE, True)
        elif mode == ON or mode == SLEEP:
            self._flat(dt_ms)
            if self._power.mode != OFF:
                self._sleep(dt_ms)

    def on(self):
        """Press, or a charger: start up (PWR-01, PWR-02)."""
        if self._power.mode != OFF:
            return
        self._grace_ms = GRACE_MS
        self._flat_ms = 0
        self.cut = False
        self._faults.put(f.POWERED_OFF, False)
        self._faults.put(f.POWER_OFF_VOLTAGE, False)
        self._faults.put(f.SAFE_MODE, False)
        if self._hal.power_latch is not None:
            self._hal.power_latch.sleep(False)
        self._startup.close()
        self._enter(STARTING)

    def off(self):
        """Held key, request or flat battery: MOSFETs open, state saved, supply cut."""
        if self._power.mode == OFF:
            return
        self._faults.put(f.POWERED_OFF, True)
        self._charger_gone = not self._charger()
        self._enter(OFF)
        self.save = True
        self.cut = True

    def wake(self):
        """A port heard a frame or the key was pressed."""
        self._woken = True

    def _enter(self, mode):
        self._power.mode = mode
        self._power.sleep_in_s = None
        self._power.shutdown_in_s = None
        self._events.add(events.POWER, mode)

    def _charger(self):
        sense = self._hal.charger_sense
        if sense is None or not self._state.measured.valid:
            return False
        return sense.voltage_mv() >= self._state.measured.pack_mv + CHARGER_MV

    def _flat(self, dt_ms):
        """PRT-03: highest cell below the power-off voltage for 5 s, nothing charges."""
        m = self._state.measured
        self._grace_ms = max(self._grace_ms - dt_ms, 0)
        flat = m.valid and m.max_mv < self._values[p.POWER_OFF_MV]
        self._faults.put(f.POWER_OFF_VOLTAGE, flat, m.max_mv)
        held = not flat or m.current_ma >= CHARGING_MA or self._grace_ms
        if held or self._power.emergency_s or self._charger():
            self._flat_ms = 0
            self._power.shutdown_in_s = None
            return
        self._flat_ms += dt_ms
        self._power.shutdown_in_s = max(FLAT_MS - self._flat_ms, 0) // 1000
        if self._flat_ms >= FLAT_MS:
            self.off()

    def _sleep(self, dt_ms):
        """PWR-03: no current for the set time and cells below the set voltage. The MOSFETs stay
        as they are, so the front end's limits must be verified (PRT-22)."""
        m, values = self._state.measured, self._values
        idle = -IDLE_MA < m.current_ma < IDLE_MA and m.valid and not self._woken
        self._woken = False
        low = m.max_mv < values[p.SMART_SLEEP_MV]
        asleep = self._power.mode == SLEEP
        if not idle or not values[p.SMART_SLEEP_ENABLED] or self._charger():
            self._idle_s = self._idle_ms = 0
            self._power.sleep_in_s = None
            if asleep:
                self._awake()
            return
        if asleep or not low:
            return
        self._idle_ms += dt_ms
        while self._idle_ms >= 1000:
            self._idle_ms -= 1000
            self._idle_s += 1
        left_s = values[p.SMART_SLEEP_H] * 3600 - self._idle_s
        self._power.sleep_in_s = max(left_s, 0)
        if left_s <= 0 and self._startup.armed():
            self._enter(SLEEP)
            if self._hal.power_latch is not None:
                self._hal.power_latch.sleep(True)

    def _awake(self):
        if self._hal.power_latch is not None:
            self._hal.power_latch.sleep(False)
        self._grace_ms = GRACE_MS
        self._enter(ON)
