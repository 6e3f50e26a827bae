"""The buzzer: sounds with its trigger, ticks once when a parameter is accepted (PNL-07)."""

TICK_MS = 50


class Buzzer:
    """`switch` is the HAL's buzzer, or None: then the board is silent."""

    def __init__(self, switch, parameters):
        self._switch = switch
        self._parameters = parameters
        self._generation = parameters.generation  # what was loaded at start is no news
        self._tick_ms = 0
        self._driven = False

    def step(self, alarm, dt_ms):
        """Sound while `alarm`; ms until the tick ends, 0 without one."""
        self._tick_ms = max(0, self._tick_ms - dt_ms)
        if self._parameters.generation != self._generation:
            self._generation = self._parameters.generation
            self._tick_ms = 0 if self._switch is None else TICK_MS
        self._drive(alarm or self._tick_ms > 0)
        return self._tick_ms

    def silence(self):
        """Off, also with what was accepted meanwhile."""
        self._generation = self._parameters.generation
        self._tick_ms = 0
        self._drive(False)

    def refresh(self):
        """Drive the output again, in case it was disturbed."""
        if self._switch is not None:
            self._switch.set(self._driven)

    def _drive(self, on):
        if on != self._driven:
            self._driven = on
            self.refresh()
