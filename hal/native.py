"""The loops of the check sums in machine code. A MicroPython that cannot load it, and CPython,
raise here: whoever wants it has the same loop in Python (bq76952_bus.py, crc16.py).
"""

import micropython


@micropython.viper
def take(raw: ptr8, data: ptr8, n: int, crc: int, table: ptr8) -> int:  # noqa: F821
    """The loop of Bus._strip: n pairs of a byte and its CRC-8 from `raw` to `data`; 0 when a CRC
    is wrong."""
    for i in range(n):
        value = raw[2 * i]
        if raw[2 * i + 1] != table[crc ^ value]:
            return 0
        data[i] = value
        crc = 0
    return 1


@micropython.viper
def crc16(data: ptr8, start: int, end: int, crc: int, low: ptr8, high: ptr8) -> int:  # noqa: F821
    """The loop of firmware/crc16.py."""
    for i in range(start, end):
        x = (crc ^ data[i]) & 255
        crc = (crc >> 8) ^ low[x] ^ (high[x] << 8)
    return crc


@micropython.viper
def total(data: ptr8, end: int) -> int:  # noqa: F821
    """Sum of data[:end]."""
    found = 0
    for i in range(end):
        found += data[i]
    return found
