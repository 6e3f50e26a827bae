"""Key gestures that do not collide (PNL-08, PWR-01).

| gesture        | when                                                       | means             |
| SHORT_PRESS    | the key is released before it was held for 3 s             | on; short press   |
| HOLD_OFF       | the key is held for more than 3 s, while it is still held  | off               |
| RESET          | RST is pressed                                             | restart           |
| PASSWORD_RESET | recovery mode and the DIP switch at 15 for 10 s            | default passwords |

A press gives one gesture at most. A key that is already pressed at start gives none until it was
released: it has switched the controller on or asked for recovery (`recovery_wanted`).
"""

from firmware.panel.debounce import CREDIT_MS, Debounced
from hal import contract

NONE = 0
SHORT_PRESS = 1
HOLD_OFF = 2
RESET = 3
PASSWORD_RESET = 4

HOLD_MS = 3000
PASSWORD_MS = 10000
PASSWORD_DIP = 15


def recovery_wanted(hal):
    """True when the key is held while RST is pressed or was just released: start in recovery
    mode. To be asked once, at start, before anything switches.

    A key press that powers the board up is no recovery: there the cause is a power-on.
    """
    keys = hal.panel.keys()
    if not keys & contract.KEY_ACTIVATE:
        return False
    if keys & contract.KEY_RESET:
        return True
    return hal.reset_cause == contract.RESET_PIN or hal.reset_cause == contract.RESET_SOFT


class Keys:
    """The key and RST. `gesture` is the strongest one not yet taken (the higher number)."""

    def __init__(self, pressed):
        """`pressed`: the KEY_ bits at start."""
        self.gesture = NONE
        self._key = Debounced(pressed & contract.KEY_ACTIVATE)
        self._reset = Debounced(pressed & contract.KEY_RESET)
        self._spent = self._key.value != 0  # this press has had its gesture
        self._held_ms = 0

    def step(self, pressed, dt_ms):
        """Take the KEY_ bits of now; the gesture that is complete with them, or NONE."""
        found = NONE
        key = pressed & contract.KEY_ACTIVATE
        if self._key.step(key, dt_ms):
            found = self._changed()
        elif key and self._key.value and not self._spent:
            self._held_ms += min(dt_ms, CREDIT_MS)
            if self._held_ms > HOLD_MS:
                self._spent = True
                found = HOLD_OFF
        if self._reset.step(pressed & contract.KEY_RESET, dt_ms) and self._reset.value:
            self._spent = True  # the key under RST means recovery, not on or off
            found = RESET
        self.offer(found)
        return found

    def offer(self, gesture):
        """Keep a gesture until it is taken, unless a stronger one waits."""
        if gesture > self.gesture:
            self.gesture = gesture

    def take(self):
        """The waiting gesture, NONE when there is none; it is gone then."""
        gesture = self.gesture
        self.gesture = NONE
        return gesture

    def moving(self):
        """True while a key is pressed or bouncing."""
        return self._key.value != 0 or self._key.moving() or self._reset.moving()

    def _changed(self):
        """The debounced key went down or up."""
        if self._key.value:
            self._spent = False
            self._held_ms = self._key.same_ms
            return NONE
        spent = self._spent
        self._spent = False
        return NONE if spent else SHORT_PRESS


class PasswordReset:
    """The gesture for a lost settings password; needs hands on the pack (SEC-01)."""

    def __init__(self):
        self._held_ms = 0
        self._done = False

    def step(self, recovery, at_15, dt_ms):
        """PASSWORD_RESET once when both have stood for 10 s, else NONE. The switch has to leave
        15 before it can come again."""
        if not recovery or not at_15:
            self._held_ms = 0
            self._done = False
            return NONE
        if self._done:
            return NONE
        self._held_ms += min(dt_ms, CREDIT_MS)
        if self._held_ms < PASSWORD_MS:
            return NONE
        self._done = True
        return PASSWORD_RESET
