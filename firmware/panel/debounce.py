"""A contact that bounces: a new value counts once it was read unchanged for DEBOUNCE_MS."""

DEBOUNCE_MS = 50
CREDIT_MS = 200  # what one step may count: time in which nobody looked proves nothing


class Debounced:
    """One debounced reading; `value` is the one that counts, at first the one handed in."""

    def __init__(self, value):
        self.value = value
        self.same_ms = 0  # how long the differing reading has stood
        self._seen = value

    def step(self, raw, dt_ms):
        """Take a reading `dt_ms` after the last one; True when `value` changed now."""
        if raw != self._seen:
            self._seen = raw
            self.same_ms = 0
            return False
        if raw == self.value:
            return False
        self.same_ms += min(dt_ms, CREDIT_MS)
        if self.same_ms < DEBOUNCE_MS:
            return False
        self.value = raw
        return True

    def moving(self):
        """True while a reading differs from the value that counts."""
        return self._seen != self.value
