"""Counts how often a value changes its direction: what an oscillating limit does."""


class Turns:
    """A turn counts when the value has gone back by `step` from its last extreme."""

    def __init__(self, step):
        self.step = step
        self.count = 0
        self._extreme = None
        self._direction = 0  # 1 rising, -1 falling, 0 not known yet

    def add(self, value):
        """The next value."""
        if self._extreme is None:
            self._extreme = value
            return
        moved = value - self._extreme
        if self._direction * moved > 0:
            self._extreme = value
        elif abs(moved) >= self.step:
            if self._direction:
                self.count += 1
            self._direction = 1 if moved > 0 else -1
            self._extreme = value
