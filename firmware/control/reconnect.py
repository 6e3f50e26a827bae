"""Reconnect without chatter (PRT-20): how a cell-voltage protection comes back.

The release level holds for 10 s, the MOS stays off for 60 s; after three reconnects in an hour
only a current in the allowed direction or the key releases.
"""

from array import array

HOLD_MS = 10_000
OFF_MS = 60_000
RECONNECTS = 3
HOUR_S = 3600
FLOWING_MA = 500


class Reconnect:
    """The memory of one rule; latched rules use `freed` alone."""

    def __init__(self):
        self.freed = False  # current in the allowed direction or the key since the trip
        self.locked = False  # used up its reconnects: only `freed` releases it
        self.off_ms = 0
        self.held_ms = 0
        self.times_s = array("i", [-HOUR_S] * RECONNECTS)  # uptime of the last ones

    def tripped(self, now_s):
        """The rule has tripped."""
        self.freed = False
        self.off_ms = self.held_ms = 0
        recent = 0
        for s in self.times_s:
            if now_s - s < HOUR_S:
                recent += 1
        self.locked = recent >= RECONNECTS

    def step(self, inside, allowed_ma, now_s, dt_ms):
        """True when the rule may end: `inside` = the value is inside the release level,
        `allowed_ma` = current in the direction that the protection allows."""
        if allowed_ma >= FLOWING_MA:
            self.freed = True
        self.off_ms = min(self.off_ms + dt_ms, OFF_MS)
        self.held_ms = min(self.held_ms + dt_ms, HOLD_MS) if inside else 0
        if self.held_ms < HOLD_MS or self.off_ms < OFF_MS or (self.locked and not self.freed):
            return False
        oldest = 0
        for i in range(1, RECONNECTS):
            if self.times_s[i] < self.times_s[oldest]:
                oldest = i
        self.times_s[oldest] = now_s
        return True
