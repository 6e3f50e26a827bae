"""CRCs in machine code, where they can be loaded, say what the loops in Python say."""

from firmware import crc16
from hal.chips import bq76952_bus as bus


def pseudo(n, seed):
    """n bytes of a linear congruential generator."""
    out = bytearray(n)
    for i in range(n):
        seed = (seed * 1103 + 12345) & 0xFFFFFF
        out[i] = seed >> 8 & 255
    return out


def both(module, name, call, *arguments):
    """Results of a call with machine code (where there is some) and without."""
    native = getattr(module, name)
    first = call(*arguments)
    setattr(module, name, None)
    try:
        return first, call(*arguments)
    finally:
        setattr(module, name, native)


def test_crc16_of_the_standard_check():
    for result in both(crc16, "_fast", crc16.crc16, b"123456789", 0, 9):
        assert result == 0x4B37


def test_crc16_of_any_part_and_start():
    for n in range(60):
        data = pseudo(n, n)
        start = 0xFFFF - 999 * n
        fast, slow = both(crc16, "_fast", crc16.crc16, data, n // 3, n, start)
        assert fast == slow


def stripped(raw):
    block = bus.Block(0x12, len(raw) // 2)
    block.start = 0
    block.raw[:] = raw
    return bus.Bus(None)._strip(block), bytes(block.data)


def test_crc8_of_a_block():
    # each byte alone: CRC-8 (polynomial 7, start 0) of 0x01 is 0x07, of 0x80 is 0x89, of 0xFF 0xF3
    raw = b"\x01\x07\x80\x89\xff\xf3\x00\x00"
    for result in both(bus, "_take", stripped, raw):
        assert result == (True, b"\x01\x80\xff\x00")


def test_crc8_that_is_wrong():
    good = b"\x01\x07\x80\x89\xff\xf3\x00\x00"
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 0x10
        for result in both(bus, "_take", stripped, bad):
            assert result[0] is False


def test_total_of_the_first_bytes():
    for n in (0, 1, 299):
        data = b"\xff" * n + b"\x01"
        for result in both(crc16, "_fast_total", crc16.total, data, n):
            assert result == 255 * n
