"""The bus side of a BQ76952 model: registers, CRC mode, the window at 0x3E and its commands.

Commands take time: until then 0x3E reads 0xFF, and another command is lost (`lost` counts). A
wrong checksum, length or CRC is refused as the chip does it: without a word, the CRC with no
acknowledge.
"""

import struct

from host_sim.chips import bq76952_memory as memory
from host_sim.chips.bus import NO_ACKNOWLEDGE, I2cDevice, NotTaken

BUSY_US = 600  # most commands; TI waits 2 ms behind each
UPDATE_US = 1_500  # in and out of CONFIG_UPDATE mode
POLYNOMIAL = 0x07


def crc8(data):
    """CRC-8, polynomial 0x07, start 0, as TI's sample computes it bit by bit."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = crc >> 7 ^ byte >> bit & 1
            crc = (crc << 1 & 0xFF) ^ (POLYNOMIAL if top else 0)
    return crc


class Window(I2cDevice):
    """`chip` offers registers(), command(number), result(number), data(number, data) and the
    alarm registers; all of them act at the end of a transfer."""

    def __init__(self, chip, clock):
        self._chip = chip
        self._clock = clock
        self.lost = self.refused = 0
        self.power_on()

    def power_on(self):
        """As after a reset: no CRC, nothing under way."""
        self.crc = False
        self._number = bytearray(b"\xff\xff")
        self._echo = bytearray(b"\0\0")
        self._buffer = bytearray(34)
        self._busy_until = 0
        self._pending = None

    def busy(self):
        """True while a command is under way."""
        return self._pending is not None

    def settle(self):
        """Finish what is due."""
        if self._pending is not None and self._clock.now_us() >= self._busy_until:
            number, act = self._pending
            self._pending = None
            self._echo[:] = struct.pack("<H", number)
            act()

    # --- the bus ---------------------------------------------------------------------------------

    def write_from(self, register, data):
        self._chip.heard()
        self.settle()
        if self.crc and data:
            data = self._checked(register, data)
        if data:
            self._store(register, data)

    def selected(self):
        self._chip.heard()

    def takes(self, register, data):
        """Each CRC byte is acknowledged or not."""
        return not self.crc or len(data) % 2 == 1 or self._valid(register, data)

    def _checked(self, register, data):
        if not self._valid(register, data):
            self.refused += 1
            raise NotTaken(NO_ACKNOWLEDGE)
        return data[0::2]

    def _valid(self, register, data):
        """Every byte is followed by its CRC."""
        for i, byte in enumerate(data[0::2]):
            covered = (0x10, register, byte) if not i else (byte,)
            if data[2 * i + 1 : 2 * i + 2] != bytes((crc8(covered),)):
                return False
        return True

    def read_from(self, register, n):
        self._chip.heard()
        self.settle()
        size = (n + 1) // 2 if self.crc else n
        data = self._image()[register : register + size].ljust(size, b"\0")
        if not self.crc:
            return bytes(data)
        out = bytearray()
        for i, byte in enumerate(data):
            covered = (0x10, register, 0x11, byte) if not i else (byte,)
            out += bytes((byte, crc8(covered)))
        return bytes(out[:n])

    def _image(self):
        image = bytearray(self._chip.registers())
        image[0x3E:0x40] = b"\xff\xff" if self.busy() else self._echo
        image[0x40:0x62] = self._buffer
        return image

    # --- the window ------------------------------------------------------------------------------

    def _store(self, register, data):
        end = register + len(data)
        if register in (0x62, 0x66):
            self._chip.write_alarm(register, int.from_bytes(data[:2], "little"))
        for i, byte in enumerate(data):
            at = register + i
            if at in (0x3E, 0x3F):
                self._number[at - 0x3E] = byte
            elif 0x40 <= at <= 0x61:
                self._buffer[at - 0x40] = byte
        number = int.from_bytes(self._number, "little")
        if register <= 0x3F < end <= 0x40:
            self._ask(number)
        elif register <= 0x61 < end:
            self._commit(number)

    def _ask(self, number):
        if memory.FIRST <= number < memory.LAST:
            act = self._read_memory
        else:
            act = self._command
        busy = UPDATE_US if number in (0x0090, 0x0092) else BUSY_US
        self._begin(number, lambda: act(number), busy)

    def _begin(self, number, act, busy_us=BUSY_US):
        if self.busy():
            self.lost += 1
            return
        self._pending = number, act
        self._busy_until = self._clock.now_us() + busy_us
        self._chip.wake_at(self._busy_until)

    def _command(self, number):
        result = self._chip.command(number)
        if result is not None:
            self._answer(number, result)

    def _read_memory(self, number):
        self._answer(number, self._chip.memory.read(number, 32))

    def _answer(self, number, data):
        self._buffer[: len(data)] = data
        total = sum(struct.pack("<H", number)) + sum(data)
        self._buffer[32] = ~total & 0xFF
        self._buffer[33] = len(data) + 4

    def _commit(self, number):
        n = self._buffer[33] - 4
        data = bytes(self._buffer[: max(n, 0)])
        total = sum(struct.pack("<H", number)) + sum(data)
        if not 0 < n <= 32 or self._buffer[32] != ~total & 0xFF:
            self.refused += 1
            return
        if memory.FIRST <= number < memory.LAST:
            self._begin(number, lambda: self._chip.memory.write(number, data))
        else:
            self._begin(number, lambda: self._chip.data(number, data))
