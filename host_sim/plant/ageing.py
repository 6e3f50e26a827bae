"""Slow loss of capacity, by time and by use. Off unless handed to the cells."""

YEAR_S = 365.25 * 86_400.0


class Fading:
    """calendar: part of the nominal capacity lost in a year at 25 degC (Arrhenius with the
    self-discharge's energy, about x2 in 10 K); cycle: part lost by one full cycle, in and out;
    growth: rise of the resistance over the loss of capacity, both as parts."""

    def __init__(self, calendar=0.015, cycle=0.2 / 6000, growth=1.5):
        self.calendar = calendar
        self.cycle = cycle
        self.growth = growth

    def loss(self, seconds, warmth, throughput_ah, nominal_ah):
        """Part of the nominal capacity lost in that time. `warmth`: 1 at 25 degC."""
        cycles = throughput_ah / (2.0 * nominal_ah)
        return self.calendar * warmth * seconds / YEAR_S + self.cycle * cycles
