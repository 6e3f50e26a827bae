"""Received frames of an MCP2515, as the chip has them, until somebody asks: a ring that one side
fills (perhaps an interrupt) and the other empties."""

from hal.chips import mcp2515_spi as reg

SLOTS = 16  # a power of two; one stays empty


class Ring:
    """A slot is what `Instructions.read_frame` fills: one byte, then SIDH to D7."""

    def __init__(self):
        self._slots = [bytearray(1 + reg.FRAME) for _ in range(SLOTS)]
        self._head = self._tail = 0
        self.nonsense = False  # `take` met what no chip says

    def clear(self):
        """Nothing waits."""
        self._tail = self._head
        self.nonsense = False

    def room(self):
        """The slot to fill, None when all are taken."""
        if self._head + 1 & SLOTS - 1 == self._tail:
            return None
        return self._slots[self._head]

    def put(self):
        """The slot of `room` is filled."""
        self._head = self._head + 1 & SLOTS - 1

    def take(self, frame):
        """Fill a CanFrame with the oldest one; False when there is none. Remote frames are passed
        over."""
        while self._tail != self._head:
            found = self._unpack(self._slots[self._tail], frame)
            self._tail = self._tail + 1 & SLOTS - 1
            if found:
                return True
        return False

    def _unpack(self, raw, frame):
        low, size = raw[1 + reg.SIDL], raw[1 + reg.DLC]
        if low & 0x04 or size & 0x80:  # bits that are always 0
            self.nonsense = True
            return False
        frame.extended = bool(low & reg.EXIDE)
        if size & 0x40 if frame.extended else low & 0x10:
            return False
        frame.id = raw[1 + reg.SIDH] << 3 | low >> 5
        if frame.extended:
            below = (low & 3) << 16 | raw[1 + reg.EID8] << 8 | raw[1 + reg.EID0]
            frame.id = frame.id << 18 | below
        frame.n = min(size & 0x0F, 8)
        self._copy(raw, frame.data, frame.n)
        return True

    def _copy(self, raw, data, n):
        for i in range(n):
            data[i] = raw[1 + reg.DATA + i]
