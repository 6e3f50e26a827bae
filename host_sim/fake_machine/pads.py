"""The 30 pads of an RP2040 and what the board has soldered to them."""

COUNT = 30
IN, OUT, OPEN_DRAIN = 0, 1, 2
PULL_UP, PULL_DOWN = 1, 2


class Pad:
    """`resistor` (0, 1 or None) is the level that the board's resistor gives; `source()` the one
    that a part drives (None: it does not); `watchers` are called with every new level."""

    def __init__(self, number):
        self.number = number
        self.resistor = None
        self.source = None
        self.volts = None  # function() -> V, for the converter
        self.watchers = []
        self.set_up()

    def set_up(self):
        """As in reset: an input with the chip's own weak pull-down."""
        self.mode, self.pull, self.out = IN, PULL_DOWN, 0
        self.function = None  # the peripheral that has the pad
        self.falls = None  # a program's interrupt handler

    def level(self):
        """0 or 1."""
        if (
            self.function is None
            and self.mode != IN
            and not (self.mode == OPEN_DRAIN and self.out)
        ):
            return self.out
        driven = None if self.source is None else self.source()
        if driven is not None:
            return driven
        if self.resistor is not None:
            return self.resistor
        return 1 if self.pull == PULL_UP else 0


class Pads:
    """All of them."""

    def __init__(self):
        self._pads = [Pad(n) for n in range(COUNT)]
        self._levels = [0] * COUNT

    def __getitem__(self, number):
        return self._pads[number]

    def watch(self, number, resistor, watcher):
        """Solder a part to a pad: `watcher(level)` now and at every change."""
        pad = self._pads[number]
        pad.resistor = resistor
        pad.watchers.append(watcher)
        self._levels[number] = pad.level()
        watcher(self._levels[number])

    def changed(self, number):
        """Somebody has touched a pad."""
        pad = self._pads[number]
        level = pad.level()
        if level != self._levels[number]:
            self._levels[number] = level
            for watcher in pad.watchers:
                watcher(level)

    def reset(self):
        """What a reset of the chip does."""
        for pad in self._pads:
            pad.set_up()
        for number in range(COUNT):
            self.changed(number)
