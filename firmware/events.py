"""The event ring: every change worth a log line, kept in RAM until the history takes it.

Fixed size, no allocation; when nobody reads, the oldest entries give way and are counted.
"""

from array import array

SIZE = 32  # a start-up notes about ten
FIELDS = 4  # uptime s, kind, code, value

# kinds
FAULT_ON = 1  # code = fault id, value = measured value at the trip
FAULT_OFF = 2  # code = fault id, value = seconds it lasted
MOSFETS = 3  # code = 1 charge | 2 discharge
PARAMETER = 4  # code = parameter id, value = new raw value
POWER = 5  # code = State.power.mode
DIP = 6  # code = new address
KEY = 7  # code = gesture
REQUEST = 8  # code = request, value = result
PRESET = 9  # code = profile number
RESET = 10  # code = reset cause
SOC = 11  # code = reason, value = 0.1 %


class Events:
    """A ring of SIZE entries. `first` and `next` are running numbers (wrap at 2**30)."""

    def __init__(self, system):
        self._system = system
        self._ring = array("i", [0] * (SIZE * FIELDS))
        self.count = 0  # events ever added, wraps at 2**30
        self.taken = 0  # events the reader has taken
        self.lost = 0

    def add(self, kind, code, value=0):
        """Append an event at the present uptime."""
        at = self.count % SIZE * FIELDS
        ring = self._ring
        ring[at] = self._system.uptime_s
        ring[at + 1] = kind
        ring[at + 2] = code
        ring[at + 3] = value
        self.count += 1
        if self.count - self.taken > SIZE:
            self.taken += 1
            self.lost += 1

    def add_fault(self, fault, on, value):
        """A fault came or went."""
        self.add(FAULT_ON if on else FAULT_OFF, fault, value)

    def take(self, out):
        """Copy the oldest untaken event into `out` (4 ints); False when there is none."""
        if self.taken == self.count:
            return False
        at = self.taken % SIZE * FIELDS
        for i in range(FIELDS):
            out[i] = self._ring[at + i]
        self.taken += 1
        return True
