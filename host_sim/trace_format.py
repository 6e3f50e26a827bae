"""The format of hardware traces; runs on MicroPython, too.

NAME.in holds what the firmware got, NAME.out what it did. Both are streams of records in call
order. A record begins with a code byte: the number of a hardware method (see `methods`) or one of
the marks below. Integers are zigzag varints, buffers a length and their bytes.

Codes of arguments: b boolean, i integer, L hardware limits, B buffer (its length is the last
argument), n that length, x an object that the call fills. Codes of results: - none, b boolean,
i integer, o integer or None, S number and Sample, l boolean and limits, q limits, R bytes into the
last argument, F boolean and CanFrame.
"""

import struct

from hal import contract as c

BUILD = 0xF0  # a controller is built: JSON text of the board
STEP = 0xF1  # Controller.step(now_ms); its result goes into NAME.out
WAKE = 0xF2  # Controller.wake(bits)
END = 0xF3
REQUEST = 0xF5  # Requests.submit from outside: text of (source, kind, payload)
SHUTDOWN = 0xF4  # Controller.shutdown()
RAISED = 0xFE  # the call raised an ordinary exception
STOPPED = 0xFF  # the call ended the run of the firmware (any other exception)

SWITCH = (("set", "b", "-"), ("is_on", "", "b"))
SERIAL = (
    ("set_baud", "i", "-"),
    ("read_into", "x", "R"),
    ("write", "Bn", "b"),
    ("sending", "", "b"),
    ("overruns", "", "i"),
    ("quiet_ms", "", "i"),
)
PARTS = (
    ("", (("reset", "", "-"), ("brown_out", "", "b"))),
    (
        "afe",
        (
            ("start", "", "b"),
            ("read", "x", "S"),
            ("set_mosfets", "bb", "b"),
            ("mosfets", "", "i"),
            ("configure", "L", "b"),
            ("read_back", "x", "l"),
            ("quantise", "L", "q"),
            ("latches", "", "i"),
            ("clear_latches", "i", "b"),
        ),
    ),
    (
        "panel",
        (
            ("set_leds", "i", "-"),
            ("set_contacts", "i", "-"),
            ("dip", "", "i"),
            ("keys", "", "i"),
        ),
    ),
    ("rs485_1", SERIAL),
    ("rs485_2", SERIAL),
    ("rs232", SERIAL),
    (
        "can",
        (
            ("set_bitrate", "i", "-"),
            ("send", "ibBn", "b"),
            ("receive", "x", "F"),
            ("state", "", "i"),
            ("restart", "", "-"),
        ),
    ),
    ("clock", (("ticks_ms", "", "i"), ("rtc_s", "", "o"), ("set_rtc", "i", "-"))),
    ("nvm", (("read", "ix", "R"), ("write", "iBn", "b"))),
    ("watchdog", (("start", "i", "-"), ("feed", "", "-"))),
    ("kill_line", SWITCH),
    ("precharge", SWITCH),
    ("heater", SWITCH + (("current_ma", "", "i"),)),  # noqa: RUF005 (MicroPython)
    ("charge_limiter", SWITCH),
    ("charger_sense", (("voltage_mv", "", "i"),)),
    ("load_detect", (("load_present", "", "b"),)),
    ("buzzer", SWITCH),
    ("balancer", (("transfer", "iii", "-"), ("current_ma", "", "i"))),
    ("power_latch", (("off", "", "-"), ("sleep", "b", "-"))),
)


def methods():
    """(code, part, method, argument codes, result code) of every hardware method."""
    found = []
    for part, table in PARTS:
        for name, arguments, result in table:
            found.append((len(found), part, name, arguments, result))
    return found


def put_int(out, value):
    """Append a signed integer."""
    value = value * 2 if value >= 0 else -2 * value - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def put_bytes(out, data):
    """Append a buffer with its length."""
    put_int(out, len(data))
    out.extend(data)


def put_limits(out, limits):
    """Append hardware limits."""
    for field in c.HardwareLimits.FIELDS:
        put_int(out, getattr(limits, field))


def put_arguments(out, codes, arguments):
    """Append the arguments of a call."""
    for i in range(len(codes)):
        code, value = codes[i], arguments[i]
        if code == "b":
            out.append(1 if value else 0)
        elif code == "i":
            put_int(out, value)
        elif code == "L":
            put_limits(out, value)
        elif code == "B":
            put_bytes(out, bytes(memoryview(value)[: arguments[-1]]))


def put_result(out, code, arguments, result):
    """Append the result of a call, with what it filled."""
    if code in "blF":
        out.append(1 if result else 0)
    elif code in "iSR":
        put_int(out, result)
    elif code == "o":
        out.append(0 if result is None else 1)
        if result is not None:
            put_int(out, result)
    if code == "S" and result == c.OK:
        _put_sample(out, arguments[0])
    elif code == "q" or (code == "l" and result):
        put_limits(out, arguments[0])
    elif code == "R":
        out.extend(bytes(memoryview(arguments[-1])[:result]))
    elif code == "F" and result:
        frame = arguments[0]
        put_int(out, frame.id * 2 + (1 if frame.extended else 0))
        put_bytes(out, bytes(frame.data[: frame.n]))


def _put_sample(out, sample):
    out.extend(struct.pack("<16H", *sample.cell_mv))
    out.extend(struct.pack("<5h", *sample.temp_dc))
    for name in ("cells_found", "current_ma", "scan", "pack_mv", "port_mv"):
        put_int(out, getattr(sample, name))


class Reader:
    """Reads a stream in blocks."""

    def __init__(self, file, block=4096):
        self._file = file
        self._block = block
        self._data = b""
        self._at = 0

    def byte(self):
        """The next byte; END at the end of the file."""
        if self._at == len(self._data):
            self._data, self._at = self._file.read(self._block), 0
            if not self._data:
                return END
        self._at += 1
        return self._data[self._at - 1]

    def bytes(self, n):
        """The next n bytes."""
        got = bytearray()
        while len(got) < n:
            if self._at == len(self._data):
                self._data, self._at = self._file.read(self._block), 0
                if not self._data:
                    break
            piece = self._data[self._at : self._at + n - len(got)]
            got.extend(piece)
            self._at += len(piece)
        return bytes(got)

    def int(self):
        """A signed integer."""
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return -(value + 1 >> 1) if value & 1 else value >> 1
            shift += 7


def get_result(reader, code, arguments):
    """Read a result and fill what the call fills."""
    result = None
    if code in "blF":
        result = reader.byte() == 1
    elif code in "iSR" or (code == "o" and reader.byte()):
        result = reader.int()
    if code == "S" and result == c.OK:
        _get_sample(reader, arguments[0])
    elif code == "q" or (code == "l" and result):
        for field in c.HardwareLimits.FIELDS:
            setattr(arguments[0], field, reader.int())
    elif code == "R":
        memoryview(arguments[-1])[:result] = reader.bytes(result)
    elif code == "F" and result:
        frame = arguments[0]
        id = reader.int()
        frame.id, frame.extended = id >> 1, id & 1 == 1
        frame.n = reader.int()
        for i, byte in enumerate(reader.bytes(frame.n)):
            frame.data[i] = byte
    return result


def _get_sample(reader, sample):
    cells = struct.unpack("<16H", reader.bytes(32))
    for i in range(16):
        sample.cell_mv[i] = cells[i]
    temperatures = struct.unpack("<5h", reader.bytes(10))
    for i in range(5):
        sample.temp_dc[i] = temperatures[i]
    for name in ("cells_found", "current_ma", "scan", "pack_mv", "port_mv"):
        setattr(sample, name, reader.int())
