"""Luxpower's shutdown frame, 0x300: the inverter asks the battery to switch off."""

from firmware import requests as request
from firmware.parameters import Refused
from firmware.protocols.can.encoder import Encoder
from firmware.state import ON

SWITCH_OFF = 1


class Luxpower(Encoder):
    """Luxpower's set with the one order it knows."""

    def control(self, frame):
        """Switch the pack off, as its key does; only the exact order counts."""
        if frame.data[0] != SWITCH_OFF or self._view.power.mode != ON:
            return
        try:
            self._requests.submit(self._source, request.POWER_OFF)
        except (Refused, MemoryError):
            return
