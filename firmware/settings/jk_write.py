"""What a JK write (FC16) means for the parameters (protocols page, 1.3, 1.4 and 1.6)."""

from struct import calcsize, unpack_from

from firmware.parameters import Refused
from firmware.protocols import jk_settings
from firmware.protocols import jk_settings_table as table

INFO_FIRST, INFO_END = 0x14E4, 0x1506  # what a JK lets hosts write of the information area


def fields():
    """(register, struct code, parameter id) of every setting but the control word."""
    for register, codes, ids in table.RUNS:
        at = 0
        for code in codes:
            code = chr(code)
            if code != "x":
                yield register, code, ids[at]
                at += 1
            register += calcsize(code)


def changes(view, register, data, at, n):
    """{parameter id: raw value} of `n` big-endian bytes at data[at] written to `register`; what
    is written as it stands already is left out (a tool may write a whole page for one value).

    Raises Refused with `register` set when a written word is no setting or half of one. The
    other byte of a word with one setting is read-only and ignored, as a JK does (0x1118).
    """
    end = register + n
    settings = jk_settings.SETTINGS <= register and end <= jk_settings.SETTINGS + jk_settings.SIZE
    if register & 1 or not (settings or (INFO_FIRST <= register and end <= INFO_END)):
        raise Refused("read-only", True)
    found = {}
    covered = bytearray(n // 2)  # 1 = this word belongs to a setting
    for first, code, id in fields():
        offset, width = first - register, calcsize(code)
        if not -width < offset < n:
            continue
        if offset < 0 or offset + width > n:
            raise Refused("half a setting", True)
        value = unpack_from(">" + code, data, at + offset)[0]
        if value != jk_settings.shown(view.values, code.encode(), (id,))[0]:
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
