"""The parameter values in RAM: read by id, changed all or nothing.

Values are raw integers in the unit of the key; `values[id]` is the fast way to read one. Keys,
limits and checks are in firmware/settings/, which is loaded only while it is needed.
"""

from array import array

from firmware.crc16 import crc16
from firmware.ondemand import call
from firmware.parameter_ids import COUNT

FIRST_TEXT = 200
DEFAULT_PROFILE = "dy-n8s24280a"


class Refused(ValueError):
    """A request that changes nothing; the text names parameter, value and allowed range."""

    def __init__(self, text, register=False):
        super().__init__(text)
        self.register = register  # True: the parameter itself is refused, not the value


class Parameters:
    """All values of one pack. `generation` changes whenever a value does."""

    def __init__(self, profile=DEFAULT_PROFILE):
        self.values = array("i", [0] * COUNT)
        self.texts = []
        self.fixed = b""
        self.generation = 0
        self._crc = 0
        self._at = 0
        self._sum = 0xFFFF
        self._block = bytearray(4)
        self.load_profile(profile)

    def load_profile(self, name):
        """Every value from a profile, also currents and cell count: first start and factory
        reset only (a one-click preset is a request)."""
        call("rows", "fill", self, name)
        self.seal()

    def seal(self):
        """Note the present values as the wanted ones (after a checked change)."""
        self.generation = self.generation + 1 & 0x3FFFFFFF
        self._crc = self._crc_of(0, COUNT, 0xFFFF)
        self._at, self._sum = 0, 0xFFFF

    def check(self, rows):
        """Go on with the CRC over the values, a few rows a call. False when a whole pass found a
        difference: memory is damaged (MEA-09). A pass takes COUNT / rows calls."""
        end = min(self._at + rows, COUNT)
        self._sum = self._crc_of(self._at, end, self._sum)
        self._at = end
        if end < COUNT:
            return True
        good = self._sum == self._crc
        self._at, self._sum = 0, 0xFFFF
        return good

    def _crc_of(self, start, end, crc):
        block, values = self._block, self.values
        for id in range(start, end):
            value = values[id]
            block[0] = value & 255
            block[1] = value >> 8 & 255
            block[2] = value >> 16 & 255
            block[3] = value >> 24 & 255
            crc = crc16(block, 0, 4, crc)
        return crc

    def text(self, id):
        """A text parameter as bytes, without padding."""
        return self.texts[id - FIRST_TEXT]

    def check_changes(self, changes, factory=False):
        """Raise Refused when {id: value} may not be applied as a whole; changes nothing."""
        call("checks", "check_changes", self, changes, factory)

    def apply(self, changes):
        """Store changes that `check_changes` has accepted."""
        for id in changes:
            if id >= FIRST_TEXT:
                self.texts[id - FIRST_TEXT] = bytes(changes[id])
            else:
                self.values[id] = changes[id]
        self.seal()
