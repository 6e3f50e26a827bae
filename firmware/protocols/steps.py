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
        self._records = (view.charging, view.measured, view.gauge, view.mosfets, view.power,
                         view.balance, view.system, view.panel, figures)  # fmt: skip

    def _run(self, pc, data):
        """Fill zeroed `data`; False when a condition holds it back."""
        code, standing = self._code, self._view.standing
        quiet = not any(standing)  # no fault stands at all
        while True:
            step = code[pc]
            if step == VALUE:
                pc = self._numbers(pc, data)
            elif step == END:
                return True
            elif step == ALARM:
                at, n, bits = code[pc + 1], code[pc + 5], code[pc + 4]
                if not data[at] & code[pc + 2]:
                    for k in range(pc + 6, pc + 6 if quiet else pc + 6 + n):
                        fault = code[k]
                        if standing[fault // 30] >> fault % 30 & 1:  # as Faults.stands
                            bits = code[pc + 3]
                            break
                    data[at] |= bits
                pc += 6 + n
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
            else:
                n = self._condition(pc, data)
                if not n:
                    return False
                pc += n

    def _condition(self, pc, data):
        """Length of the step of another kind, 0 when it holds the data back."""
        return 0

    def _numbers(self, pc, data):
        """Put the numbers of a step; where the next step begins."""
        code, kinds, measured = self._code, self._kinds, self._view.measured
        at, kind = code[pc + 1], 7 * code[pc + 2]
        size, end = kinds[kind], pc + 4 + 2 * code[pc + 3]
        for i in range(pc + 4, end, 2):
            owner, what = code[i], code[i + 1]
            if owner == CELL:
                value = measured.cell_mv[what] if what < measured.cell_count else None
            elif owner < CELL:  # as in _value, without a call
                value = getattr(self._records[owner], self._names[what])
            else:
                value = self._value(owner, what)
            if value is None:
                value = kinds[kind + 6]
            else:
                value = (value * kinds[kind + 1] + kinds[kind + 2]) // kinds[kind + 3]
                if value < kinds[kind + 4]:
                    value = kinds[kind + 4]
                elif value > kinds[kind + 5]:
                    value = kinds[kind + 5]
            if size < 0:
                for k in range(at - size - 1, at - 1, -1):
                    data[k] |= value & 255
                    value >>= 8
                at -= size
            else:
                for k in range(at, at + size):
                    data[k] |= value & 255
                    value >>= 8
                at += size
        return end

    def _value(self, owner, what):
        """A number of the pack that is no cell's voltage, None when it is not known."""
        if owner < CELL:
            return getattr(self._records[owner], self._names[what])
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
