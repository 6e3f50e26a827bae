"""Modbus registers from tables: what all register protocols share.

A protocol's module (generated from tables/registers/*.toml by tools/generate_registers.py) holds a
tuple:

0 three numbers a block: its first register, its registers, where its code begins
1 the code of all blocks (see protocols/steps.py)
2 the kinds of numbers
3 the attribute names, in one text
4 lowest and highest register that can be read (gaps are 0), and the one that may be written to
  without a meaning (a greeting), -1 = none
"""

from firmware import levels
from firmware.protocols import modbus
from firmware.protocols.can.figures import CHARGING, DISCHARGING, Figures
from firmware.protocols.serial import kinds, states
from firmware.protocols.serial.wire import ORDER, sensors
from firmware.protocols.steps import Steps

MAX_READ_WORDS = 125
# owners of numbers, beside those of steps.py
LEVEL = 19
CELL_STATE = 20
SENSOR = 21  # n-th sensor that has a value
SENSOR_STATE = 22
BATTERY = 23  # T1..T4; one that is not fitted shows the mean of the others


class RegisterFigures(Figures):
    """Figures that only register protocols send."""

    @property
    def sensor_count(self):
        """Sensors that have a value."""
        return len(sensors(self._view))

    @property
    def pack_count(self):
        """Packs of the bank."""
        return self._view.pack_count

    @property
    def inflow(self):
        """1 while current flows in."""
        return 1 if self.flow == CHARGING else 0

    @property
    def outflow(self):
        """1 while current flows out."""
        return 1 if self.flow == DISCHARGING else 0

    @property
    def balancing_cells(self):
        """Bit n: cell n + 1 gives or takes charge now."""
        balance, bits = self._view.balance, 0
        for cell in (balance.donor, balance.receiver):
            if cell is not None:
                bits |= 1 << cell
        return bits


class Registers(modbus.Modbus, Steps):
    """The register server of one port; nothing is set through it."""

    def __init__(self, view, requests, source, table):
        Steps.__init__(self, view, RegisterFigures(view), table[1], table[2], table[3], b"")
        self.counters = None
        self._source = source
        self._blocks = table[0]
        self._lowest, self._highest, self._greeting = table[4]
        longest = 0
        for i in range(1, len(self._blocks), 3):
            longest = max(longest, self._blocks[i])
        self._scratch = bytearray(2 * longest)
        self._found = -1  # kinds of faults while an answer is made, -1 = not looked for yet

    def address(self):
        """The DIP switch, 0 answers as 1 (COM-13)."""
        return self._view.panel.dip or 1

    def read(self, register, words, out, at):
        """Registers of all blocks, gaps as zeros; exception 02 outside."""
        last = register + words - 1
        if words > MAX_READ_WORDS or register < self._lowest or last > self._highest:
            return modbus.ILLEGAL_ADDRESS
        out[at : at + 2 * words] = bytes(2 * words)
        self._found = -1
        for i in range(0, len(self._blocks), 3):
            first, n = self._blocks[i], self._blocks[i + 1]
            begin, end = max(register, first), min(last + 1, first + n)
            if begin < end:
                block = self._make(self._blocks[i + 2])
                target = at + 2 * (begin - register)
                out[target : target + 2 * (end - begin)] = block[
                    2 * (begin - first) : 2 * (end - first)
                ]
        return 0

    def _make(self, pc):
        block = self._scratch
        block[:] = bytes(len(block))
        self._run(pc, block)
        return block

    def write(self, register, words, data, at):
        """Only the greeting is taken, and means nothing."""
        if register == self._greeting and words == 1:
            return 0
        return modbus.ILLEGAL_ADDRESS

    def _special(self, owner, what):
        view = self._view
        if owner == LEVEL:
            return levels.level(view.values, what)
        if owner == CELL_STATE:
            if what >= view.measured.cell_count:
                return None
            return states.cell(view, self._kinds_found(), what)
        if owner == BATTERY:
            dc = view.measured.temp_dc[what]
            return self._records[8].temp_mean if dc is None else dc
        return self._sensor(owner, what)

    def _kinds_found(self):
        if self._found < 0:
            self._found = kinds.kinds(self._view)
        return self._found

    def _sensor(self, owner, nth):
        """Value or state of the n-th sensor that has a value, None beyond them."""
        view = self._view
        for i in ORDER:
            dc = view.measured.temp_dc[i]
            if dc is None:
                continue
            if not nth:
                return dc if owner == SENSOR else states.sensor(view, self._kinds_found(), i)
            nth -= 1
        return None
