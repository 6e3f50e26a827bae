"""The JK settings: the area 0x1000..0x1124 and the settable registers of 0x1400..0x1524, both ways
(protocols page, 1.4 and 1.6). The registers stand in tables/parameters.toml."""

import struct

from firmware.parameters import Refused
from firmware.protocols import jk_settings_table as table
from firmware.protocols.jk_layout import SETTINGS, SIZE

ADDRESS = 0x1108  # the DIP switch; cannot be written
VALID_AT = 0x1119
# which fields JK tools show; captured from a unit with hardware 15A, software 15.30 (COM-14)
VALID_FIELDS = b"\xfe\xff\xff\xff\x9f\xe9\x1d\x02\x00"
INFO_FIRST, INFO_END = 0x14E4, 0x1506  # what a JK lets hosts write of the information area


def encode(base, view, order, out, at, first, last):
    """Pack the parameters of the area `base` that touch the offsets first..last; the area
    begins at out[at]."""
    for register, codes, param_ids in table.RUNS:
        offset = register - base
        if offset < 0 or offset >= SIZE or offset >= last:
            continue
        if offset + struct.calcsize(order + codes) > first:
            values = _values(view, codes, param_ids)
            struct.pack_into(order + codes, out, at + offset, *values)
    if base == SETTINGS:
        struct.pack_into(order + "I", out, at + ADDRESS - base, view.panel.dip)
        struct.pack_into(order + "H", out, at + table.CONTROL - base, _control(view))
        out[at + 0x118 + 1 : at + 0x118 + 1 + len(VALID_FIELDS)] = VALID_FIELDS


def _values(view, codes, param_ids):
    return [_shown(view, codes[i], param_ids[i]) for i in range(len(codes))]


def _shown(view, code, id):
    value = view.value(id)
    return value // 10 if code == "b" else value  # whole degrees


def _control(view):
    word = 0
    for bit in range(16):
        id = table.CONTROL_BITS[bit]
        if id and view.value(id):
            word |= 1 << bit
    return word


def writable(register, end):
    """True when the registers lie where a host may write at all."""
    settings = SETTINGS <= register and end <= SETTINGS + SIZE
    return settings or (INFO_FIRST <= register and end <= INFO_END)


def changes(view, register, data, at, n):
    """{parameter id: raw value} of `n` big-endian bytes at data[at] written to `register`; what
    is written as it stands already is left out (a tool may write a whole page for one value).

    Raises Refused with `register` set when a written word is no setting or half of one. The
    other byte of a word with one setting is read-only and ignored, as a JK does (0x1118).
    """
    end = register + n
    if not writable(register, end):
        raise Refused("register 0x%04X cannot be written" % register, True)
    found = {}
    covered = bytearray(n)  # 1 = this byte belongs to a setting
    for first, codes, param_ids in table.RUNS:
        for i in range(len(codes)):
            width = _width(codes[i])
            if first < end and first + width > register:
                _field(view, codes[i], param_ids[i], first - register, data, at, n, found)
                for k in range(first - register, first - register + width):
                    covered[k] = 1
            first += width
    if register <= table.CONTROL < end:
        _bits(view, struct.unpack_from(">H", data, at + table.CONTROL - register)[0], found)
        covered[table.CONTROL - register] = 1
    for k in range(0, n, 2):
        if not covered[k] and not covered[k + 1]:
            raise Refused("register 0x%04X cannot be written" % (register + k), True)
    return found


def _width(code):
    return 4 if code in "Ii" else 1


def _field(view, code, id, offset, data, at, n, found):
    if offset < 0 or offset + _width(code) > n:
        raise Refused("only half of a setting was written", True)
    (value,) = struct.unpack_from(">" + code, data, at + offset)
    if value != _shown(view, code, id):
        found[id] = value * 10 if code == "b" else value


def _bits(view, word, found):
    for bit in range(16):
        id, on = table.CONTROL_BITS[bit], word >> bit & 1
        if id:
            if on != view.value(id):
                found[id] = on
        elif on:
            raise Refused("bit %d of the control word is not supported" % bit)
