"""The address switch (PNL-05): 4 bits with weights 1, 2, 4, 8, read at start and watched."""

from firmware import events
from firmware.panel.debounce import Debounced

FLOATS = -1


class Dip:
    """Debounced DIP switch. It writes `panel.dip`, 0..15; ports and protocols read it there with
    every frame, so that a change needs no restart.

    `io` is the HAL's PanelIo. A floating line or a failed bus keeps the last good address; 0
    stands until the first good reading.
    """

    def __init__(self, io, panel, log):
        self._io = io
        self._panel = panel
        self._log = log
        self.raw = io.dip()
        # nothing to compare with yet: the reading at start counts at once, or the pack would
        # begin under a wrong address
        self._switch = Debounced(0 if self.raw == FLOATS else self.raw)
        panel.dip = self._switch.value

    def step(self, dt_ms):
        """Read the switch; a debounced change is logged and stands in the state at once."""
        self.raw = self._io.dip()
        reading = self._switch.value if self.raw == FLOATS else self.raw
        if self._switch.step(reading, dt_ms):
            self._panel.dip = self._switch.value
            self._log.add(events.DIP, self._switch.value)

    def steady_at(self, address):
        """True while the switch stands at the address and really reads so now."""
        return self._switch.value == address and self.raw == address

    def moving(self):
        """True while a change is being debounced."""
        return self._switch.moving()
