"""The panel service: lamps, contacts, buzzer, DIP switch and keys.

It reads the state and the faults, writes State.panel and drives the HAL's panel. The gestures are
for whoever decides about power: `take_gesture` (constants in firmware/gestures.py).
"""

from firmware import fault_ids as f
from firmware.gestures import NONE
from firmware.panel.contacts import BUZZER, Contacts
from firmware.panel.keys import Inputs
from firmware.panel.leds import Lamps, panel_state
from firmware.state import OFF, SAFE
from hal import contract

POLL_MS = 50
FAST_POLL_MS = 25  # while a key or the switch moves
REFRESH_MS = 1000  # outputs are driven again although nothing changed: they may be disturbed
START_MS = 5000  # a start takes 2 s; a longer one shows its alarms

DRY = contract.DRY1 | contract.DRY2


class Panel:
    """A service: `step(dt_ms)` returns the ms until it wants to be stepped again."""

    def __init__(self, hal, state, faults, parameters, log):
        """`hal.panel` must be there; `hal.buzzer` may be None. `log` is the event ring."""
        self._hal = hal
        self._state = state
        self._faults = faults
        self._inputs = Inputs(hal.panel, state.panel, log)
        self._lamps = Lamps(state.panel.link_frames)
        self._contacts = Contacts(state, faults, parameters)
        self._healthy = False  # a healthy cycle was seen since it was switched on
        self._on_ms = 0  # since the controller was switched on, up to START_MS
        self._driven = -1  # outputs of Contacts as last driven, -1 = to be driven again
        self._refresh_ms = 0
        self.shutdown()

    def step(self, dt_ms):
        """Read keys and switch, then drive the outputs. ms until it is due again, 1..50."""
        self._inputs.step(self._state.power.mode == SAFE, dt_ms)
        self._faults.put(f.PANEL_LOST, self._inputs.lost())
        self._switch(dt_ms)
        self._show(dt_ms)
        if self._inputs.moving():
            return FAST_POLL_MS
        return self._contacts.tick_ms or POLL_MS

    def take_gesture(self):
        """The strongest gesture since the last call (NONE without one)."""
        gesture = self._inputs.gesture
        self._inputs.gesture = NONE
        return gesture

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
        self._state.panel.contacts = 0
        self._state.panel.buzzer = False
        self._drive_lamps(0)
        self._drive_contacts()

    def _switch(self, dt_ms):
        """Decide about contacts and buzzer."""
        if self._state.power.mode == OFF:
            self._on_ms = 0
            self._healthy = False
            self._contacts.open()
            return
        self._on_ms = min(self._on_ms + dt_ms, START_MS)
        self._healthy = self._healthy or self._state.system.healthy > 0
        self._contacts.step(self._healthy or self._on_ms >= START_MS, dt_ms)

    def _show(self, dt_ms):
        """Drive what has changed, and everything now and then."""
        state = self._state
        shown = panel_state(state.power.mode, self._faults.alm(), self._on_ms >= START_MS)
        leds = self._lamps.step(shown, state.gauge.soc_dpct, state.panel.link_frames, dt_ms)
        self._refresh_ms += dt_ms
        state.panel.contacts = self._contacts.active & DRY
        state.panel.buzzer = self._contacts.active & BUZZER != 0
        if self._contacts.driven != self._driven:
            self._drive_contacts()
        if leds != state.panel.leds:
            self._drive_lamps(leds)
        elif self._refresh_ms >= REFRESH_MS:
            self._refresh_ms = 0
            self._driven = -1  # in the next step
            self._drive_lamps(leds)

    def _drive_lamps(self, leds):
        self._state.panel.leds = leds
        self._hal.panel.set_leds(leds)

    def _drive_contacts(self):
        self._driven = driven = self._contacts.driven
        self._hal.panel.set_contacts(driven & DRY)
        if self._hal.buzzer is not None:
            self._hal.buzzer.set(driven & BUZZER != 0)
