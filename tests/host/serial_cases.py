"""The serial protocols as the fuzz tests see them: add a protocol to CASES and it is tested.

A case brings its frames as literals or from the protocol's own test, and an independent test of
the check sum; nothing here comes from the code under test.
"""

import struct

from firmware.protocols.serial import lcd, lcd_pb, nw
from tests.fakes.inverter import Bench as InverterBench
from tests.fakes.jk import Bench, raw, sealed
from tests.fakes.nw_decoder import number, request
from tests.fakes.serial_protocols import PROTOCOLS


class Case:
    """`bench()` makes a port with the protocol behind it (see tests.fakes.jk.Bench): `port`,
    `serial`, `requests.submitted`, `ask(frame, steps)`.

    questions   good frames that are answered and change nothing
    writes      good frames that submit exactly one request each
    whole(data) True when a write with a right check sum begins at data[0]
    """

    def __init__(self, name, bench, questions=(), writes=(), whole=None):
        self.name = name
        self.bench = bench
        self.questions = questions
        self.writes = writes
        self.whole = whole

    def holds_a_frame(self, data):
        """True when somewhere in `data` stands a write that nobody can tell from a good one."""
        return any(self.whole(data[at:]) for at in range(len(data)))


def modbus_whole(data):
    """A Modbus RTU write to address 1."""
    if len(data) < 9 or data[0] != 1 or data[1] != 16:
        return False
    n = 9 + data[6]
    return n <= len(data) and crc(data[:n]) == 0


def crc(data):
    """CRC-16/Modbus, bit by bit."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


def nw_whole(data):
    """An NW frame: header, length, end mark, sum."""
    if data[:2] != b"\x4e\x57" or len(data) < 21:
        return False
    n = struct.unpack_from(">H", data, 2)[0] + 2
    if not 21 <= n <= len(data) or data[n - 5] != 0x68:
        return False
    return number(data[n - 4 : n]) == sum(data[: n - 4]) % 65536


JK_MODBUS = Case(
    "jk-modbus",
    Bench,
    questions=(
        raw("01 03 1200 000A C0B5"),
        raw("01 10 1620 0001 02 0000 D6F1"),
        raw("01 10 161E 0001 02 0000 D22F"),
        sealed("01 03 1000 0040"),
        sealed("01 03 1400 0008"),
        sealed("01 06 1000 0DAC"),
    ),
    writes=(
        raw("01 10 1070 0002 04 00000000 394B"),
        raw("01 10 160C 0001 02 0000 D15D"),
        sealed("01 10 1004 0004 08 00000A32 00000A5A"),
        sealed("01 10 1700 0008 10 31323334353600000000000000000000"),
    ),
    whole=modbus_whole,
)
NW = Case(
    "nw",
    lambda: Bench(protocol=nw),
    questions=(request(6), request(3, b"\x00"), request(3, b"\x83"), request(1)),
    writes=(
        request(2, b"\x90\x0e\x11"),
        request(2, b"\xab\x00"),
        request(5, b"\xb2123456\0\0\0\0"),
    ),
    whole=nw_whole,
)
LCD = Case("lcd", lambda: Bench(protocol=lcd), whole=lambda data: False)
LCD_PB = Case("lcd-pb", lambda: Bench(protocol=lcd_pb), whole=lambda data: False)


def inverter(key):
    """A protocol of tests/fakes/serial_protocols.py: it answers and sets nothing."""
    build, questions = PROTOCOLS[key]

    def bench():
        ours = InverterBench(build, dip=1)
        ours.cells(3300, 3310, 3290, 3305)
        return ours

    return Case(key, bench, questions, whole=lambda data: False)


INVERTERS = [inverter(key) for key in sorted(PROTOCOLS) if key != JK_MODBUS.name]
CASES = (JK_MODBUS, NW, LCD, LCD_PB, *INVERTERS)
