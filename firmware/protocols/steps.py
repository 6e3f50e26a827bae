"""What protocols put into bytes, as code from tables: the one translator behind CAN frames and
registers.

The code is a row of steps, ended by END. It fills a zeroed buffer, a CAN frame or a block of
registers. `kinds` are seven numbers a kind of number: bytes (negative: big-endian), mul, add, div,
lowest, highest, what stands for "not known"; sent is (value x mul + add) // div within the bounds.
`names` are the attributes that the code counts.
"""

from firmware.parameters import FIRST_TEXT

BRAND = FIRST_TEXT + 5  # text parameter can_brand

# steps of the code, with their operands
END = 0
VALUE = 1  # at, kind, n, n times (owner, what): numbers of one kind, one behind the other
ALARM = 2  # at, mask, on, off, n, n fault ids: `on` while one stands, else `off`, in free bits
TEXT = 3  # at, which (0xFF = the brand), first, n: bytes of a text, padded with zeros
CONSTANT = 4  # at, n, n bytes
DIGITS = 5  # owner, what, add, at: two decimal digits
FLAG = 9  # owner, what, at, on, off: `on` while the number is not zero, else `off`
# 6..8: conditions of CAN frames, see can/encoder.py

# owners of numbers: below 16 a record and the number of a name
CELL = 16
TEMPERATURE = 17
PARAMETER = 18


class Steps:
    """Base of the translators: one protocol on one port."""

    def __init__(self, view, figures, code, kinds, names, brand):
        self._view = view
        self._code = code
        self._kinds = kinds
        self._names = names.split()
        self._brand = brand
        self._at = self._kind = 0  # of the number that is being put
        self._records = (view.charging, view.measured, view.gauge, view.mosfets, view.power,
                         view.balance, view.system, view.panel, figures)  # fmt: skip

    def _run(self, pc, data):
        """Fill zeroed `data`; False when a condition holds it back."""
        code, quiet = self._code, not any(self._view.standing)  # no fault stands at all
        while True:
            step = code[pc]
            if step == VALUE:
                pc = self._numbers(pc, data)
            elif step == END:
                return True
            elif step == ALARM:
                at = code[pc + 1]
                if not data[at] & code[pc + 2]:
                    step = pc + 4 if quiet else self._bits(pc)
                    data[at] = data[at] | code[step]
                pc += code[pc + 5] + 6
            elif step == FLAG:
                self._flag(pc, data)
                pc += 6
            elif step == TEXT:
                self._text(pc, data)
                pc += 5
            elif step == CONSTANT:
                self._constant(pc, data)
                pc += code[pc + 2] + 3
            elif step == DIGITS:
                self._digits(pc, data)
                pc += 5
            else:
                step = self._condition(pc, data)
                if not step:
                    return False
                pc += step

    def _condition(self, pc, data):
        """Length of the step of another kind, 0 when it holds the data back."""
        return 0

    def _numbers(self, pc, data):
        """Put the numbers of a step; where the next step begins."""
        self._at, self._kind = self._code[pc + 1], 7 * self._code[pc + 2]
        end = pc + 4 + 2 * self._code[pc + 3]
        pc += 4
        while pc < end:
            if self._code[pc] < CELL:  # as in _value, without a call
                value = getattr(self._records[self._code[pc]], self._names[self._code[pc + 1]])
            else:
                value = self._value(pc)
            self._put(value, data)
            pc += 2
        return end

    def _put(self, value, data):
        """Put a number behind the one before."""
        kinds, kind, at = self._kinds, self._kind, self._at
        if value is None:
            value = kinds[kind + 6]
        else:
            value = (value * kinds[kind + 1] + kinds[kind + 2]) // kinds[kind + 3]
            if value < kinds[kind + 4]:
                value = kinds[kind + 4]
            elif value > kinds[kind + 5]:
                value = kinds[kind + 5]
        size = kinds[kind]
        if size < 0:  # the last byte first
            self._at = at = at - size
            while size:
                at -= 1
                data[at] = data[at] | value & 255
                value >>= 8
                size += 1
        else:
            self._at = at + size
            while size:
                data[at] = data[at] | value & 255
                value >>= 8
                at += 1
                size -= 1

    def _bits(self, pc):
        """Where in the code the bits of an ALARM stand: of one with a fault, or without."""
        code, standing = self._code, self._view.standing
        for k in range(pc + 6, pc + 6 + code[pc + 5]):
            if standing[code[k] // 30] >> code[k] % 30 & 1:  # as Faults.stands
                return pc + 3
        return pc + 4

    def _flag(self, pc, data):
        code = self._code
        bits = pc + 4 if self._value(pc + 1) else pc + 5
        data[code[pc + 3]] |= code[bits]

    def _constant(self, pc, data):
        code, at = self._code, self._code[pc + 1]
        end = pc + 3 + code[pc + 2]
        pc += 3
        while pc < end:
            data[at] |= code[pc]
            pc += 1
            at += 1

    def _value(self, i):
        """The number that code[i] and code[i + 1] name, None when it is not known."""
        owner, what = self._code[i], self._code[i + 1]
        if owner < CELL:
            return getattr(self._records[owner], self._names[what])
        if owner == CELL:
            measured = self._view.measured
            return measured.cell_mv[what] if what < measured.cell_count else None
        if owner == PARAMETER:
            return self._view.values[what]
        if owner == TEMPERATURE:
            return self._view.measured.temp_dc[what]
        return self._special(owner, what)

    def _special(self, owner, what):
        """A number of an owner that only a subclass has."""
        return None

    def _text(self, pc, data):
        code = self._code
        if code[pc + 2] == 255:
            text = self._view.text(BRAND) or self._brand
        else:
            text = self._view.text(code[pc + 2] + FIRST_TEXT)
        n = min(len(text) - code[pc + 3], code[pc + 4])
        while n > 0:
            n -= 1
            data[code[pc + 1] + n] = text[code[pc + 3] + n]

    def _digits(self, pc, data):
        code = self._code
        number = ((self._value(pc + 1) or 0) + code[pc + 3]) % 100
        data[code[pc + 4]] = 48 + number // 10
        data[code[pc + 4] + 1] = 48 + number % 10
