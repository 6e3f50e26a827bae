"""The JK settings as they are read: the area 0x1000..0x1124 and the settable registers of
0x1400..0x1524 (protocols page, 1.4 and 1.6). The registers stand in tables/parameters.toml; what
a write does with them is in firmware/settings/jk_write.py.

A register address is an area's base plus a byte offset. FC03 carries quantities big-endian, the
300-byte blocks little-endian; single bytes stand at the same offset in both.
"""

from struct import calcsize

from firmware.protocols import jk_settings_table as table

SETTINGS = 0x1000
STATUS = 0x1200
INFO = 0x1400
SIZE = 294  # of an area: the last word begins at offset 0x124

ADDRESS_AT = 0x108  # the DIP switch; cannot be written
VALID_AT = 0x119
# which fields JK tools show; captured from a unit with hardware 15A, software 15.30 (COM-14)
VALID_FIELDS = b"\xfe\xff\xff\xff\x9f\xe9\x1d\x02\x00"


def runs():
    """(register, struct code, parameter ids) of neighbours of one type; one struct call a run
    takes a quarter of the time of single fields."""
    rows = table.RUNS
    at = 0
    while at < len(rows):
        end = at + 4 + rows[at + 3]
        yield rows[at] << 8 | rows[at + 1], chr(rows[at + 2]), rows[at + 4 : end]
        at = end


def encode(base, view, put, first, last):
    """Put the parameters of the area `base` that touch its bytes `first` to `last` - 1;
    `put(offset, struct codes, *values)`."""
    for register, code, ids in runs():
        offset, codes = register - base, code * len(ids)
        if 0 <= offset < last and offset + calcsize(codes) > first:
            put(offset, codes, *[shown(view, code, id) for id in ids])
    if base == SETTINGS and last > ADDRESS_AT:
        word = 0
        for bit in range(16):
            if view.values[table.CONTROL_BITS[bit]]:  # id 0 is always 0
                word |= 1 << bit
        put(table.CONTROL - SETTINGS, "H", word)
        put(ADDRESS_AT, "I", view.panel.dip)
        put(VALID_AT, "9s", VALID_FIELDS)


def shown(view, code, id):
    """A parameter as it stands in a register: temperatures of one byte in whole degrees."""
    value = view.values[id]
    return value // 10 if code == "b" else value
