"""CAN frames from tables: what all CAN protocols share.

A protocol's module (generated from tables/can/*.toml by tools/generate_can.py) holds a tuple:

0 bits per second
1 three numbers a frame: identifier (bit 29 = extended), period in ms, where its code begins (with
  ADDRESSED the DIP address is added to the identifier)
2 the code of all frames (see protocols/steps.py)
3 the kinds of numbers
4 the attribute names, in one text
5 four numbers a received frame: identifier (bit 29 = extended), length, what it means, bits of the
  frames to send at once
6 the brand shown when no other is set, 8 bytes
"""

from firmware.protocols.can.figures import Figures
from firmware.protocols.steps import Steps

LENGTH = 8  # every frame is padded with zeros
EXTENDED = 0x20000000
ADDRESSED = 0x8000
HIGHEST_STANDARD = 0x7FF

# conditions in the code of a frame
ONLY = 6  # owner, what, least: the frame is not sent while the number is below
ASKED = 7  # the frame is sent once after each request for it
NOT_EMPTY = 8  # the frame is not sent while all its bytes are zero

# what a received frame means
ALIVE = 1
CONTROL = 2


class Encoder(Steps):
    """One protocol on one port; `receive` answers by setting bits of `due` (the port clears)."""

    def __init__(self, view, requests, source, table):
        Steps.__init__(self, view, Figures(view), table[2], table[3], table[4], table[6])
        self._requests = requests
        self._source = source
        self.bitrate = table[0]
        self._frames = table[1]
        self._received = table[5]
        self.frames = len(self._frames) // 3
        self.silence_matters = False
        for i in range(2, len(self._received), 4):
            if self._received[i] & ALIVE:
                self.silence_matters = True
        self.due = 0
        self._asked = 0
        self._frame = 0  # the one that is being made

    def id(self, i):
        """Identifier of frame i, 11 or 29 bits."""
        id = self._frames[3 * i] & EXTENDED - 1
        if self._frames[3 * i + 2] & ADDRESSED:
            id += self._view.panel.dip
        return id

    def extended(self, i):
        """True for an identifier of 29 bits."""
        return self._frames[3 * i] & EXTENDED != 0

    def expected(self):
        """Received identifiers that mean something, bit 29 = extended."""
        return [self._received[i] for i in range(0, len(self._received), 4)]

    def period_ms(self, i):
        """Time between two frames i."""
        return self._frames[3 * i + 1]

    def encode(self, i, data):
        """Fill `data` (8 bytes); its length, or -1: the frame is not sent now."""
        for at in range(LENGTH):
            data[at] = 0
        if self._frames[3 * i + 2] & ADDRESSED and not self.extended(i):
            if self.id(i) > HIGHEST_STANDARD:
                return -1
        self._frame = i
        return LENGTH if self._run(self._frames[3 * i + 2] & ADDRESSED - 1, data) else -1

    def _condition(self, pc, data):
        """Length of a condition, 0 when the frame is held back."""
        code = self._code
        if code[pc] == ONLY:
            return 4 if (self._value(pc + 1) or 0) >= code[pc + 3] else 0
        if code[pc] == ASKED:
            if not self._asked >> self._frame & 1:
                return 0
            self._asked &= ~(1 << self._frame)
            return 1
        for at in range(LENGTH):
            if data[at]:
                return 1
        return 0

    def receive(self, frame):
        """Take a received frame; True when it shows that the inverter is there. A frame of
        another length is none of ours."""
        i = self._row(frame)
        if i < 0:
            return False
        meaning, due = self._received[i + 2], self._received[i + 3]
        self.due |= due
        self._asked |= due
        if meaning & CONTROL:
            self.control(frame)
        return meaning & ALIVE != 0

    def _row(self, frame):
        """Where the row of a received frame begins, -1 = it has none."""
        received = self._received
        wanted = frame.id | (EXTENDED if frame.extended else 0)
        for i in range(0, len(received), 4):
            if received[i] == wanted and received[i + 1] == frame.n:
                return i
        return -1

    def control(self, frame):
        """Do what a received frame asks for; protocols that can ask have their own."""
