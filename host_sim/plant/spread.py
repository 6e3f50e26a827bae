"""How cells of one delivery differ, drawn from a seed."""

import random


class Spread:
    """Half widths of even distributions around 1: capacity, resistance, self-discharge."""

    def __init__(self, capacity=0.015, resistance=0.08, self_discharge=0.5):
        self.capacity = capacity
        self.resistance = resistance
        self.self_discharge = self_discharge

    def draw(self, count, seed):
        """Three lists of factors; all 1 when the seed is None."""
        widths = (self.capacity, self.resistance, self.self_discharge)
        if seed is None:
            return tuple([1.0] * count for _ in widths)
        rng = random.Random(f"cells {seed}")
        return tuple([1.0 + rng.uniform(-w, w) for _ in range(count)] for w in widths)
