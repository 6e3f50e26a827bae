"""Pylontech LV RS485: frames of ASCII hex digits, their checks and the reply around its data.

`7E` VER ADR CID1 CID2-or-RTN LENGTH INFO CHKSUM `0D`, two digits a byte. LENGTH is a check digit
(sum of all four digits is 0 modulo 16) and the number of digits of INFO; CHKSUM is the negative
sum of the characters between, modulo 65536.
"""

from binascii import hexlify
from struct import pack

START = b"~"
END = b"\r"
HEAD = 13  # up to LENGTH
TAIL = 5
FRAME = HEAD + TAIL
LONGEST = 300  # a request without an end by then is no frame
MOST = 2047  # data bytes that LENGTH can count
CID1 = 0x46  # lithium iron battery
DIGITS = b"0123456789ABCDEF"
# RTN
OK = 0x00
BAD_CHKSUM = 0x02
BAD_LCHKSUM = 0x03
BAD_CID2 = 0x04
BAD_FORMAT = 0x05
BAD_ADDRESS = 0x90
INTERNAL = 0x91
FOREIGN = -1
LIMIT = 0x3FFFFFFF


def number(buf, at, digits):
    """The value of up to four hex digits, -1 when there is something else."""
    value = 0
    for i in range(at, at + digits):
        char = buf[i]
        if 48 <= char <= 57:
            char -= 48
        elif 65 <= char <= 70:
            char -= 55
        else:
            return -1
        value = value << 4 | char
    return value


def put(out, at, value, digits):
    """Write a value as hex digits; the position behind."""
    for i in range(at + digits - 1, at - 1, -1):
        out[i] = DIGITS[value & 15]
        value >>= 4
    return at + digits


def check(buf, n):
    """RTN of the frame buf[:n] by its form, OK = sound."""
    if n < FRAME or number(buf, 1, 4) < 0 or number(buf, 5, 4) < 0:
        return BAD_FORMAT
    chksum, length = number(buf, n - TAIL, 4), number(buf, 9, 4)
    if chksum < 0 or length < 0:
        return BAD_FORMAT
    if sum(memoryview(buf)[1 : n - TAIL]) + chksum & 0xFFFF:
        return BAD_CHKSUM
    if (length >> 12) + (length >> 8) + (length >> 4) + length & 15:
        return BAD_LCHKSUM
    if length & 0xFFF != n - FRAME or length & 1:
        return BAD_FORMAT
    return OK


class Info:
    """Collects a reply's data bytes and writes them as digits, in parts where the transmit buffer
    is shorter than the reply of a large group."""

    def __init__(self):
        self._data = None  # None: nothing is left to send
        self._at = 0  # data bytes already sent
        self._sum = 0  # of the characters already sent
        self.full = False  # something did not fit

    def begin(self):
        """Collect from here on."""
        self._data = bytearray()
        self.full = False

    def put(self, codes, *values):
        """Append struct fields; `codes` are bytes that begin with ">"."""
        try:
            self._data.extend(pack(codes, *values))
        except MemoryError:
            self.full = True
        if len(self._data) > MOST:
            self.full = True

    def seal(self, request, code, out):
        """Begin the reply to `request` with the RTN `code`; the length of its part in `out`."""
        out[:1] = START
        out[1:5] = request[1:5]  # version and address as asked
        put(out, 5, CID1 << 8 | code, 4)
        digits = 2 * len(self._data)
        nibbles = (digits >> 8) + (digits >> 4) + digits
        put(out, 9, (-nibbles & 15) << 12 | digits, 4)
        self._at = 0
        self._sum = sum(memoryview(out)[1:HEAD])
        return self._fill(out, HEAD)

    def more(self, out):
        """Length of the reply's next part in `out`, 0 when all is sent."""
        return 0 if self._data is None else self._fill(out, 0)

    def _fill(self, out, begin):
        end = min(len(self._data), self._at + (len(out) - TAIL - begin) // 2)
        at = begin + 2 * (end - self._at)
        out[begin:at] = hexlify(memoryview(self._data)[self._at : end]).upper()
        self._sum += sum(memoryview(out)[begin:at])
        self._at = end
        if end < len(self._data):
            return at
        self._data = None
        put(out, at, -self._sum & 0xFFFF, 4)
        out[at + 4 : at + TAIL] = END
        return at + TAIL


class Frames:
    """Base of the protocol. A subclass has

    hears(address, command)         True when a frame is for us
    serve(address, command, info)   puts the reply's data into `self.info`; RTN. `info` are the
                                    data bytes of the request
    """

    poll_ms = 0  # sends nothing by itself
    shortest = FRAME

    def __init__(self):
        self.counters = None
        self.info = Info()
        self._form = OK  # RTN of the last frame by its form

    def frame_length(self, buf, n):
        """See ports/serial_port.py. A damaged frame is whole when its head says that it is ours:
        then it gets an RTN."""
        start = buf.find(START, 1, n)
        if buf[0] != START[0]:
            return -n if start < 0 else -start
        end = buf.find(END, 1, n)
        if start > 0 and (end < 0 or start < end):
            return -start  # what began before has broken off
        if end < 0:
            return -n if n >= LONGEST else 0
        self._form = check(buf, end + 1)
        if self._form:
            self.counters.crc_errors = self.counters.crc_errors + 1 & LIMIT
            if not self._ours(buf, end + 1):
                return -end - 1
        return end + 1

    def _ours(self, buf, n):
        """True for a request to us, also one with a wrong check sum. Replies of others carry
        their RTN where a request has its command."""
        if n < FRAME or number(buf, 1, 4) < 0 or number(buf, 5, 2) != CID1:
            return False
        address, command = number(buf, 3, 2), number(buf, 7, 2)
        if command <= BAD_FORMAT + 1 or command in (BAD_ADDRESS, INTERNAL):
            return False
        return self.hears(address, command)

    def answer(self, buf, n, out):
        """See ports/serial_port.py; the frame is the one that frame_length has just found."""
        if not self._ours(buf, n):
            return FOREIGN
        self.info.begin()
        code = self._form
        if not code:
            data = bytes([number(buf, i, 2) & 255 for i in range(HEAD, n - TAIL, 2)])
            code = self.serve(number(buf, 3, 2), number(buf, 7, 2), data)
            if self.info.full:
                code = INTERNAL
        if code:
            self.info.begin()
        return self.info.seal(buf, code, out)

    def more(self, out):
        """See ports/serial_port.py."""
        return self.info.more(out)
