"""The panel's inputs: key gestures that do not collide (PNL-08, PWR-01) and the address switch
(PNL-05).

| gesture        | when                                                       | means             |
| SHORT_PRESS    | the key is released before it was held for 3 s             | on; short press   |
| HOLD_OFF       | the key is held for more than 3 s, while it is still held  | off               |
| RESET          | RST is pressed                                             | restart           |
| PASSWORD_RESET | recovery mode and the DIP switch at 15 for 10 s            | default passwords |

A press gives one gesture at most. A key that is already pressed at start gives none until it was
released: it has switched the controller on or asked for recovery (firmware/gestures.py).
"""

from firmware import events
from firmware.gestures import HOLD_OFF, NONE, PASSWORD_RESET, RESET, SHORT_PRESS
from hal import contract

DEBOUNCE_MS = 50
CREDIT_MS = 200  # what one step may count: time in which nobody looked proves nothing
HOLD_MS = 3000
PASSWORD_MS = 10000
PASSWORD_DIP = 15
FLOATS = -1
LOST_MS = 1000  # so long without a good reading: a fault


class Debounced:
    """A contact that bounces: a new reading becomes the `value` once it was read unchanged for
    DEBOUNCE_MS. At first the value is the one handed in."""

    def __init__(self, value):
        self.value = value
        self.seen = value
        self.same_ms = 0  # how long the differing reading has stood

    def step(self, raw, dt_ms):
        """Take a reading `dt_ms` after the last one; True when `value` changed now."""
        if raw != self.seen:
            self.seen = raw
            self.same_ms = 0
        elif raw != self.value:
            self.same_ms += dt_ms
            if self.same_ms >= DEBOUNCE_MS:
                self.value = raw
                return True
        return False


class Inputs:
    """Key, RST and DIP switch. `gesture` is the strongest one not yet taken (the higher number).

    `io` is the HAL's PanelIo. The address stands in `panel.dip`, 0..15; ports and protocols read
    it there with every frame, so that a change needs no restart. A floating line or a failed bus
    keeps the last good address; 0 stands until the first good reading.
    """

    def __init__(self, io, panel, log):
        self.gesture = NONE
        self._lost_ms = 0  # so long there was no good reading of the switch
        self._io = io
        self._panel = panel
        self._log = log
        pressed = io.keys()
        self._key = Debounced(pressed & contract.KEY_ACTIVATE)
        self._reset = Debounced(pressed & contract.KEY_RESET)
        # nothing to compare with yet: the reading at start counts at once, or the pack would
        # begin under a wrong address
        self._dip = Debounced(max(io.dip(), 0))
        panel.dip = self._dip.value
        self._spent = self._key.value != 0  # this press has had its gesture
        self._held_ms = 0
        self._password_ms = 0

    def step(self, recovery, dt_ms):
        """Read everything; `recovery` is true in recovery mode. Changes are logged."""
        dt_ms = min(dt_ms, CREDIT_MS)
        pressed = self._io.keys()
        found = self._pressed(pressed & contract.KEY_ACTIVATE, dt_ms)
        if self._reset.step(pressed & contract.KEY_RESET, dt_ms) and self._reset.value:
            self._spent = True  # the key under RST means recovery, not on or off
            found = RESET
        self._offer(found)
        raw, dip = self._io.dip(), self._dip
        self._lost_ms = min(self._lost_ms + dt_ms, LOST_MS) if raw == FLOATS else 0
        if dip.step(dip.value if raw == FLOATS else raw, dt_ms):
            self._panel.dip = dip.value
            self._log.add(events.DIP, dip.value)
        if not recovery or dip.value != PASSWORD_DIP or raw != PASSWORD_DIP:
            self._password_ms = 0
        elif self._password_ms < PASSWORD_MS:  # once: the switch has to leave 15 first
            self._password_ms += dt_ms
            if self._password_ms >= PASSWORD_MS:
                self._offer(PASSWORD_RESET)

    def lost(self):
        """True when the switch could not be read for a second."""
        return self._lost_ms >= LOST_MS

    def moving(self):
        """True while the key is pressed or anything bounces."""
        for contact in (self._key, self._reset, self._dip):
            if contact.seen != contact.value:
                return True
        return self._key.value != 0

    def _offer(self, gesture):
        """Keep a gesture until it is taken, unless a stronger one waits."""
        if gesture:
            self._log.add(events.KEY, gesture)
            self.gesture = max(self.gesture, gesture)

    def _pressed(self, pressed, dt_ms):
        """The gesture that is complete with the key as it is now."""
        key, spent = self._key, self._spent
        if key.step(pressed, dt_ms):
            self._spent = False
            self._held_ms = key.same_ms
            if not key.value and not spent:
                return SHORT_PRESS
        elif pressed and key.value and not spent:
            self._held_ms += dt_ms
            if self._held_ms > HOLD_MS:
                self._spent = True
                return HOLD_OFF
        return NONE
