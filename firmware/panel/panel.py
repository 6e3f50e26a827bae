"""The panel service: lamps, contacts, buzzer, DIP switch and keys.

It reads the state and the faults, writes State.panel and drives the HAL's panel. The gestures are
for whoever decides about power: `take_gesture` (constants in firmware/panel/keys.py).
"""

from firmware import events, state
from firmware.panel import keys
from firmware.panel.bar import Bar
from firmware.panel.buzzer import Buzzer
from firmware.panel.contacts import BUZZER, Contacts
from firmware.panel.dip import Dip
from firmware.panel.leds import Lamps, panel_state
from hal import contract

POLL_MS = 50
FAST_POLL_MS = 25  # while a key or the switch moves
REFRESH_MS = 1000  # outputs are driven again although nothing changed
START_MS = 5000  # a start takes 2 s; a longer one shows its alarms

DRY = contract.DRY1 | contract.DRY2


class Panel:
    """A service: `step(dt_ms)` returns the ms until it wants to be stepped again."""

    def __init__(self, hal, state, faults, parameters, log):
        """`hal.panel` must be there; `hal.buzzer` may be None. `log` is the event ring."""
        self._io = hal.panel
        self._state = state
        self._faults = faults
        self._log = log
        self._dip = Dip(hal.panel, state.panel, log)
        self._keys = keys.Keys(hal.panel.keys())
        self._password = keys.PasswordReset()
        self._bar = Bar()
        self._lamps = Lamps(state.panel.link_frames)
        self._contacts = Contacts(state, faults, parameters)
        self._buzzer = Buzzer(hal.buzzer, parameters)
        self._healthy = False  # a healthy cycle was seen since it was switched on
        self._on_ms = 0  # since the controller was switched on, up to START_MS
        self._closed = 0
        self._refresh_ms = 0
        self.shutdown()

    def step(self, dt_ms):
        """Read keys and switch, then drive the outputs. ms until it is due again, 1..50."""
        self._inputs(dt_ms)
        tick_ms = self._outputs(dt_ms)
        if self._keys.moving() or self._dip.moving():
            return FAST_POLL_MS
        return tick_ms or POLL_MS

    def take_gesture(self):
        """The strongest gesture since the last call (keys.NONE without one)."""
        return self._keys.take()

    def set_remote(self, output, on):
        """A remote command for DRY1, DRY2 or contacts.BUZZER; it acts where the trigger source
        is "remote control". Gone after a restart."""
        if on:
            self._contacts.remote |= output
        else:
            self._contacts.remote &= ~output

    def shutdown(self):
        """Every output in its off state: lamps dark, contacts open, buzzer silent."""
        self._contacts.open()
        self._buzzer.silence()
        self._buzzer.refresh()
        self._state.panel.buzzer = False
        self._state.panel.leds = 0
        self._state.panel.contacts = 0
        self._drive()

    def _inputs(self, dt_ms):
        self._dip.step(dt_ms)
        gesture = self._keys.step(self._io.keys(), dt_ms)
        if gesture:
            self._log.add(events.KEY, gesture)
        recovery = self._state.power.mode == state.SAFE
        at_15 = self._dip.steady_at(keys.PASSWORD_DIP)
        gesture = self._password.step(recovery, at_15, dt_ms)
        if gesture:
            self._keys.offer(gesture)
            self._log.add(events.KEY, gesture)

    def _outputs(self, dt_ms):
        """Lamps, contacts and buzzer; ms left of a buzzer tick."""
        mode, panel = self._state.power.mode, self._state.panel
        tick_ms = self._switches(mode, dt_ms)
        overdue = self._on_ms >= START_MS
        shown = panel_state(mode, self._faults.alm(), overdue)
        bar_lamps = self._bar.step(self._state.gauge.soc_dpct)
        word = self._lamps.step(shown, bar_lamps, panel.link_frames, dt_ms)
        self._refresh_ms += dt_ms
        changed = word != panel.leds or self._contacts.driven & DRY != self._closed
        panel.leds = word
        panel.contacts = self._contacts.active & DRY
        panel.buzzer = self._contacts.active & BUZZER != 0
        if changed or self._refresh_ms >= REFRESH_MS:
            self._drive()
            self._buzzer.refresh()
        return tick_ms

    def _switches(self, mode, dt_ms):
        """Decide about contacts and buzzer; ms left of a buzzer tick."""
        if mode == state.OFF:
            self._on_ms = 0
            self._healthy = False
            self._contacts.open()
            self._buzzer.silence()
            return 0
        self._on_ms = min(self._on_ms + dt_ms, START_MS)
        self._healthy = self._healthy or self._state.system.healthy > 0
        if self._healthy or self._on_ms >= START_MS:
            self._contacts.step(dt_ms)
        return self._buzzer.step(self._contacts.active & BUZZER != 0, dt_ms)

    def _drive(self):
        self._refresh_ms = 0
        self._closed = self._contacts.driven & DRY
        self._io.set_leds(self._state.panel.leds)
        self._io.set_contacts(self._closed)
