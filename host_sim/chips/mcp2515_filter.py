"""Acceptance filters of an MCP2515 (DS20001801, section 4)."""

from collections import namedtuple

from host_sim.chips import mcp2515_registers as reg

Frame = namedtuple("Frame", "id extended data remote", defaults=(False,))

FILTERS = (0x00, 0x04, 0x08, 0x10, 0x14, 0x18)
MASKS = (0x20, 0x24)
OF_BUFFER = ((0, 1), (2, 3, 4, 5))
RXM = 0x60


def frame_of(raw):
    """A frame from SIDH SIDL EID8 EID0 DLC D0..D7 of a transmit buffer."""
    sidh, sidl, eid8, eid0, dlc = raw[:5]
    id = sidh << 3 | sidl >> 5
    extended = bool(sidl & 0x08)
    if extended:
        id = id << 18 | (sidl & 3) << 16 | eid8 << 8 | eid0
    remote = bool(dlc & 0x40)
    n = min(dlc & 0x0F, 8)
    return Frame(id, extended, b"" if remote else bytes(raw[5 : 5 + n]), remote)


def raw_of(frame):
    """The 13 bytes that a receive buffer holds for a frame."""
    out = bytearray(13)
    top = frame.id >> 18 if frame.extended else frame.id
    out[0], out[1] = top >> 3, top << 5 & 0xE0
    if frame.extended:
        out[1] |= 0x08 | frame.id >> 16 & 3
        out[2], out[3] = frame.id >> 8 & 0xFF, frame.id & 0xFF
        out[4] |= 0x40 if frame.remote else 0
    elif frame.remote:
        out[1] |= 0x10
    out[4] |= len(frame.data)
    out[5 : 5 + len(frame.data)] = frame.data
    return out


def _bits(value, at):
    """(11 bits, extended, 18 bits) of an identifier register."""
    sidh, sidl, eid8, eid0 = value[at : at + 4]
    return sidh << 3 | sidl >> 5, bool(sidl & 0x08), (sidl & 3) << 16 | eid8 << 8 | eid0


def hit(registers, frame, buffer):
    """Number of the filter that lets a frame into a receive buffer, None for none. The extended
    part of mask and filter looks at the first two data bytes of a standard frame."""
    value = registers.value
    if value[reg.RXB[buffer]] & RXM == RXM:
        return OF_BUFFER[buffer][0]
    mask, _, mask_low = _bits(value, MASKS[buffer])
    if frame.extended:
        top, low = frame.id >> 18, frame.id & 0x3FFFF
    else:
        top, low = frame.id, int.from_bytes(frame.data[:2].ljust(2, b"\0"), "big")
        mask_low &= 0xFFFF
    for n in OF_BUFFER[buffer]:
        want, extended, want_low = _bits(value, FILTERS[n])
        same = extended == frame.extended and not (want ^ top) & mask
        if same and not (want_low ^ low) & mask_low:
            return n
    return None
