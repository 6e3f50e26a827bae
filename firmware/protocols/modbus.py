"""Modbus RTU server: framing, checks, exceptions. What the registers mean is the subclass's part.

Frames are found by length and CRC, not by silence alone, because on a shared bus the other
members' answers pass by and a late poll may see several frames at once.
"""

import struct

from firmware.crc16 import crc16, total

READ = 3
WRITE = 16
ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
FAILURE = 4
BUSY = 6
FOREIGN = -1  # answer(): a good frame that is not for us
MAX_WRITE_WORDS = 123
LONGEST_UNKNOWN = 16  # a frame with an unknown function is recognised up to this length
JK_HEADER = b"\x55\xaa\xeb\x90"  # a JK 300-byte block of another pack on the bus
JK_BLOCK = 300
LIMIT = 0x3FFFFFFF  # counters wrap here


class Modbus:
    """Base of Modbus servers. A subclass has `counters` (set by the port, see
    ports/serial_port.py) and these methods:

    address()                          our own address now (or `hears`)
    read(register, words, out, at)     puts 2 x `words` bytes at out[at] and may use all of `out`
                                       behind them; 0 or an exception code
    write(register, words, data, at)   takes 2 x `words` bytes from data[at]; 0 or a code as well
    """

    poll_ms = 0  # sends nothing by itself
    shortest = 8
    head = 3  # bytes of the answer to a read in front of its data, the last of them its length

    def hears(self, number):
        """True when a request to that address is for us."""
        return number == self.address()

    def exception(self, code):
        """The code that is sent for a Modbus exception."""
        return code

    def frame_length(self, buf, n):
        """Length of the whole frame at the beginning of buf[:n]; 0 = more bytes are needed,
        below 0 = drop that many bytes."""
        if buf[0] == JK_HEADER[0]:
            return self._block(buf, n)
        own = self.hears(buf[0])
        if own and n > 1 and not 0 < buf[1] < 128:
            return -1
        if not own and (buf[0] > 247 or (n > 1 and buf[1] & 0x7F not in (READ, WRITE))):
            return -1
        if n < 4:
            return 0
        if not own:
            return self._foreign(buf, n)
        if buf[1] == READ:
            return self._checked(buf, n, 8)
        if buf[1] == WRITE:
            return self._checked(buf, n, 9 + buf[6]) if n > 6 else 0
        return self._unknown(buf, n)

    def _block(self, buf, n):
        known = min(n, len(JK_HEADER))
        if buf[:known] != JK_HEADER[:known]:
            return -1
        if n < JK_BLOCK:
            return 0
        if total(buf, JK_BLOCK - 1) & 255 != buf[JK_BLOCK - 1]:
            return self._damaged()
        return JK_BLOCK

    def _damaged(self):
        self.counters.crc_errors = self.counters.crc_errors + 1 & LIMIT
        return -1

    def _checked(self, buf, n, length):
        if n < length:
            return 0
        if crc16(buf, 0, length):  # the CRC over a frame with its CRC is 0
            return self._damaged()
        return length

    def _foreign(self, buf, n):
        """Requests to others, and their answers, so that both pass by whole."""
        if buf[1] & 0x80:
            return self._checked(buf, n, 5)
        if n >= 8 and not crc16(buf, 0, 8):
            return 8
        if buf[1] == READ:
            length = 5 + buf[2]
            if buf[2] & 1 or not buf[2]:  # no answer: a request, whole or damaged
                length = 8
        elif n < 7:
            length = 8
        else:
            length = 9 + buf[6]
            if buf[6] != 2 * buf[5] or buf[4]:
                length = 8
        return self._checked(buf, n, length)

    def _unknown(self, buf, n):
        """Any length whose CRC is right: functions that are none of ours are only refused."""
        crc = crc16(buf, 0, 3)
        for i in range(3, min(n, LONGEST_UNKNOWN)):
            crc = crc16(buf, i, i + 1, crc)
            if not crc:
                return i + 1
        if n < LONGEST_UNKNOWN:
            return 0
        return self._damaged()

    def answer(self, buf, n, out):
        """Serve the frame buf[:n]; length of the reply in `out`, 0 = silence, FOREIGN."""
        if not self.hears(buf[0]):
            return FOREIGN
        length = self._served(buf, out)
        out[:2] = buf[:2]
        if length < 0:
            out[1] |= 0x80
            out[2] = self.exception(-length)
            length = 3
        struct.pack_into("<H", out, length, crc16(out, 0, length))
        return length + 2

    def _served(self, buf, out):
        """Length of the answer without its check sum, below 0 = minus the exception code."""
        if buf[1] != READ and buf[1] != WRITE:
            return -ILLEGAL_FUNCTION
        register, words = struct.unpack_from(">HH", buf, 2)
        if buf[1] == READ:
            head = self.head
            refused = self.read(register, words, out, head) if words else ILLEGAL_VALUE
            out[2] = words >> 7 & 255  # the upper byte of a length of two
            out[head - 1] = 2 * words & 255
            return -refused or head + 2 * words
        if not 0 < words <= MAX_WRITE_WORDS or buf[6] != 2 * words:
            return -ILLEGAL_VALUE
        refused = self.write(register, words, buf, 7)
        out[2:6] = buf[2:6]
        return -refused or 6
