"""The JK settings: the area 0x1000..0x1124 and the settable registers of 0x1400..0x1524, both ways
(protocols page, 1.4 and 1.6). The registers stand in tables/parameters.toml.

A register address is an area's base plus a byte offset. FC03 carries quantities big-endian, the
300-byte blocks little-endian; single bytes stand at the same offset in both.
"""

from struct import calcsize, pack_into, unpack_from

from firmware.parameters import Refused
from firmware.protocols import jk_settings_table as table

SETTINGS = 0x1000
STATUS = 0x1200
INFO = 0x1400
SIZE = 294  # of an area: the last word begins at offset 0x124

ADDRESS_AT = 0x108  # the DIP switch; cannot be written
VALID_AT = 0x119
# which fields JK tools show; captured from a unit with hardware 15A, software 15.30 (COM-14)
VALID_FIELDS = b"\xfe\xff\xff\xff\x9f\xe9\x1d\x02\x00"
INFO_FIRST, INFO_END = 0x14E4, 0x1506  # what a JK lets hosts write of the information area


def runs():
    """(register, struct code, parameter ids) of neighbours of one type; one struct call a run
    takes a quarter of the time of single fields."""
    rows = table.RUNS
    at = 0
    while at < len(rows):
        end = at + 4 + rows[at + 3]
        yield rows[at] << 8 | rows[at + 1], chr(rows[at + 2]), rows[at + 4 : end]
        at = end


def encode(base, view, order, out, at):
    """Put the parameters of the area `base` into out[at : at + SIZE]; `order` is ">" or "<"."""
    for register, code, ids in runs():
        if base <= register < base + SIZE:
            values = [_shown(view, code, id) for id in ids]
            pack_into(order + code * len(ids), out, at + register - base, *values)
    if base == SETTINGS:
        word = 0
        for bit in range(16):
            if view.values[table.CONTROL_BITS[bit]]:
                word |= 1 << bit
        pack_into(order + "H", out, at + table.CONTROL - SETTINGS, word)
        pack_into(order + "I", out, at + ADDRESS_AT, view.panel.dip)
        pack_into("9s", out, at + VALID_AT, VALID_FIELDS)


def _shown(view, code, id):
    value = view.values[id]
    return value // 10 if code == "b" else value  # whole degrees


def changes(view, register, data, at, n):
    """{parameter id: raw value} of `n` big-endian bytes at data[at] written to `register`; what
    is written as it stands already is left out (a tool may write a whole page for one value).

    Raises Refused with `register` set when a written word is no setting or half of one. The
    other byte of a word with one setting is read-only and ignored, as a JK does (0x1118).
    """
    end = register + n
    settings = SETTINGS <= register and end <= SETTINGS + SIZE
    if register & 1 or not (settings or (INFO_FIRST <= register and end <= INFO_END)):
        raise Refused("read-only", True)
    found = {}
    covered = bytearray(n // 2)  # 1 = this word belongs to a setting
    for first, code, ids in runs():
        width = calcsize(code)
        for id in ids:
            offset = first - register
            first += width
            if not -width < offset < n:
                continue
            if offset < 0 or offset + width > n:
                raise Refused("half a setting", True)
            value = unpack_from(">" + code, data, at + offset)[0]
            if value != _shown(view, code, id):
                found[id] = value * 10 if code == "b" else value
            covered[offset // 2] = covered[(offset + width - 1) // 2] = 1
    offset = table.CONTROL - register
    if 0 <= offset < n:
        covered[offset // 2] = 1
        _bits(view, unpack_from(">H", data, at + offset)[0], found)
    if not all(covered):
        raise Refused("no setting", True)
    return found


def _bits(view, word, found):
    for bit in range(16):
        id, on = table.CONTROL_BITS[bit], word >> bit & 1
        if id:
            if on != view.values[id]:
                found[id] = on
        elif on:
            raise Refused("bit %d" % bit)
