"""CAN frames from tables: the one translator behind all CAN protocols.

A protocol's module (generated from tables/can/*.toml by tools/generate_can.py) holds a tuple:

0 bits per second
1 three numbers a frame: identifier (bit 29 = extended), period in ms, where its code begins (with
  ADDRESSED the DIP address is added to the identifier)
2 the code of all frames: steps below, each frame's ended by END
3 seven numbers a kind of number: bytes (negative: big-endian), mul, add, div, lowest, highest,
  what stands for "not known"; sent is (value x mul + add) // div within the bounds
4 the attribute names that the code counts, in one text
5 four numbers a received frame: identifier (bit 29 = extended), length, what it means, bits of the
  frames to send at once
6 the brand shown when no other is set, 8 bytes
"""

from firmware.parameters import FIRST_TEXT
from firmware.protocols.can.figures import Figures

BRAND = FIRST_TEXT + 5  # text parameter can_brand
LENGTH = 8  # every frame is padded with zeros
EXTENDED = 0x20000000
ADDRESSED = 0x8000
HIGHEST_STANDARD = 0x7FF

# steps of the code, with their operands
END = 0
VALUE = 1  # owner, what, at, kind: a number
ALARM = 2  # at, mask, on, off, n, n fault ids: `on` while one stands, else `off`, in free bits
TEXT = 3  # at, which (0xFF = the brand), first, n: bytes of a text, padded with zeros
CONSTANT = 4  # at, n, n bytes
DIGITS = 5  # owner, what, add, at: two decimal digits
ONLY = 6  # owner, what, least: the frame is not sent while the number is below
ASKED = 7  # the frame is sent once after each request for it
NOT_EMPTY = 8  # the frame is not sent while all its bytes are zero
FLAG = 9  # owner, what, at, on, off: `on` while the number is not zero, else `off`

# owners of numbers: below 16 a record and the number of a name
CELL = 16
TEMPERATURE = 17
PARAMETER = 18

# what a received frame means
ALIVE = 1
CONTROL = 2


class Encoder:
    """One protocol on one port; `receive` answers by setting bits of `due` (the port clears)."""

    def __init__(self, view, requests, source, table):
        self._view = view
        self._requests = requests
        self._source = source
        self.bitrate = table[0]
        self._frames = table[1]
        self._code = table[2]
        self._kinds = table[3]
        self._names = table[4].split()
        self._received = table[5]
        self._brand = table[6]
        self._records = (view.charging, view.measured, view.gauge, view.mosfets, view.power,
                         view.balance, view.system, view.panel, Figures(view))  # fmt: skip
        self.frames = len(self._frames) // 3
        self.silence_matters = False
        for i in range(2, len(self._received), 4):
            if self._received[i] & ALIVE:
                self.silence_matters = True
        self.due = 0
        self._asked = 0

    def id(self, i):
        """Identifier of frame i, 11 or 29 bits."""
        id = self._frames[3 * i] & EXTENDED - 1
        if self._frames[3 * i + 2] & ADDRESSED:
            id += self._view.panel.dip
        return id

    def extended(self, i):
        """True for an identifier of 29 bits."""
        return self._frames[3 * i] & EXTENDED != 0

    def period_ms(self, i):
        """Time between two frames i."""
        return self._frames[3 * i + 1]

    def encode(self, i, data):
        """Fill `data` (8 bytes); its length, or -1: the frame is not sent now."""
        for at in range(LENGTH):
            data[at] = 0
        if not self.extended(i) and self.id(i) > HIGHEST_STANDARD:
            return -1
        code, pc = self._code, self._frames[3 * i + 2] & ADDRESSED - 1
        while True:
            step = code[pc]
            if step == VALUE:
                self._number(pc, data)
                pc += 5
            elif step == END:
                return LENGTH
            elif step == ALARM:
                self._alarm(pc, data)
                pc += 6 + code[pc + 5]
            elif step == FLAG:
                on = self._value(code[pc + 1], code[pc + 2])
                data[code[pc + 3]] |= code[pc + 4] if on else code[pc + 5]
                pc += 6
            elif step == TEXT:
                self._text(pc, data)
                pc += 5
            elif step == CONSTANT:
                for k in range(code[pc + 2]):
                    data[code[pc + 1] + k] |= code[pc + 3 + k]
                pc += 3 + code[pc + 2]
            elif step == DIGITS:
                self._digits(pc, data)
                pc += 5
            elif self._held_back(pc, i, data):
                return -1
            else:
                pc += 4 if step == ONLY else 1

    def _value(self, owner, what):
        """A number of the pack, None when it is not known."""
        if owner < CELL:
            return getattr(self._records[owner], self._names[what])
        if owner == CELL:
            measured = self._view.measured
            return measured.cell_mv[what] if what < measured.cell_count else None
        if owner == TEMPERATURE:
            return self._view.measured.temp_dc[what]
        return self._view.values[what]

    def _number(self, pc, data):
        code, kinds = self._code, self._kinds
        value, at, kind = self._value(code[pc + 1], code[pc + 2]), code[pc + 3], 7 * code[pc + 4]
        if value is None:
            raw = kinds[kind + 6]
        else:
            raw = (value * kinds[kind + 1] + kinds[kind + 2]) // kinds[kind + 3]
            raw = max(kinds[kind + 4], min(kinds[kind + 5], raw))
        size = kinds[kind]
        if size < 0:
            for k in range(-size):
                data[at - size - 1 - k] |= raw >> 8 * k & 255
        else:
            for k in range(size):
                data[at + k] |= raw >> 8 * k & 255

    def _alarm(self, pc, data):
        code, stands = self._code, self._view.stands
        at = code[pc + 1]
        if data[at] & code[pc + 2]:
            return
        for k in range(pc + 6, pc + 6 + code[pc + 5]):
            if stands(code[k]):
                data[at] |= code[pc + 3]
                return
        data[at] |= code[pc + 4]

    def _text(self, pc, data):
        code = self._code
        at, which, first = code[pc + 1], code[pc + 2], code[pc + 3]
        if which == 255:
            text = self._view.text(BRAND) or self._brand
        else:
            text = self._view.text(FIRST_TEXT + which)
        for k in range(min(code[pc + 4], len(text) - first)):
            data[at + k] = text[first + k]

    def _digits(self, pc, data):
        code = self._code
        number = ((self._value(code[pc + 1], code[pc + 2]) or 0) + code[pc + 3]) % 100
        data[code[pc + 4]] = 48 + number // 10
        data[code[pc + 4] + 1] = 48 + number % 10

    def _held_back(self, pc, i, data):
        """True when a condition of the frame is not met."""
        code = self._code
        if code[pc] == ONLY:
            return (self._value(code[pc + 1], code[pc + 2]) or 0) < code[pc + 3]
        if code[pc] == ASKED:
            asked = self._asked >> i & 1
            self._asked &= ~(1 << i)
            return not asked
        for at in range(LENGTH):
            if data[at]:
                return False
        return True

    def receive(self, frame):
        """Take a received frame; True when it shows that the inverter is there. A frame of
        another length is none of ours."""
        received = self._received
        wanted = frame.id | (EXTENDED if frame.extended else 0)
        for i in range(0, len(received), 4):
            if received[i] == wanted and received[i + 1] == frame.n:
                self.due |= received[i + 3]
                self._asked |= received[i + 3]
                if received[i + 2] & CONTROL:
                    self.control(frame)
                return received[i + 2] & ALIVE != 0
        return False

    def control(self, frame):
        """Do what a received frame asks for; protocols that can ask have their own."""
