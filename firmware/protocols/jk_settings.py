"""The JK settings as they are read: the area 0x1000..0x1124 and the settable registers of
0x1400..0x1524 (protocols page, 1.4 and 1.6). The registers stand in tables/parameters.toml; what
a write does with them is in firmware/settings/jk_write.py.

A register address is an area's base plus a byte offset. FC03 carries quantities big-endian, the
300-byte blocks little-endian; single bytes stand at the same offset in both.
"""

from struct import pack_into

from firmware.protocols import jk_settings_table as table

SETTINGS = 0x1000
STATUS = 0x1200
INFO = 0x1400
AREA = 0xFE00  # mask: every area begins at a multiple of 0x200
SIZE = 294  # of an area: the last word begins at offset 0x124

ADDRESS_AT = 0x108  # the DIP switch; cannot be written
DEGREES = 0x62  # struct code b
VALID_AT = 0x119
# which fields JK tools show; captured from a unit with hardware 15A, software 15.30 (COM-14)
VALID_FIELDS = b"\xfe\xff\xff\xff\x9f\xe9\x1d\x02\x00"


def encode(base, view, order, out, at):
    """Put the parameters of the area `base` into out[at:], which is zeroed."""
    values = view.values
    for register, codes, ids in table.RUNS:
        if register & AREA == base:
            pack_into(order + codes, out, at + register - base, *shown(values, codes, ids))
    if base == SETTINGS:
        word = 0
        for bit in range(16):
            if values[table.CONTROL_BITS[bit]]:  # id 0 is always 0
                word |= 1 << bit
        pack_into(order + b"H", out, at + table.CONTROL - base, word)
        pack_into(order + b"I", out, at + ADDRESS_AT, view.panel.dip)
        out[at + VALID_AT : at + VALID_AT + len(VALID_FIELDS)] = VALID_FIELDS


def shown(values, codes, ids):
    """Parameters as they stand in registers: temperatures of one byte in whole degrees."""
    if codes[0] == DEGREES:
        return [values[id] // 10 for id in ids]
    return [values[id] for id in ids]
