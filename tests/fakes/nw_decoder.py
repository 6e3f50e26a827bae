"""An NW client's half, written from the protocols page alone: builds requests, reads replies."""

SIZES = {
    0x80: 2, 0x81: 2, 0x82: 2, 0x83: 2, 0x84: 2, 0x85: 1, 0x86: 1, 0x87: 2, 0x89: 4, 0x8A: 2,
    0x8B: 2, 0x8C: 2, 0x8E: 2, 0x8F: 2, 0x90: 2, 0x91: 2, 0x92: 2, 0x93: 2, 0x94: 2, 0x95: 2,
    0x96: 2, 0x97: 2, 0x98: 2, 0x99: 2, 0x9A: 2, 0x9B: 2, 0x9C: 2, 0x9D: 1, 0x9E: 2, 0x9F: 2,
    0xA0: 2, 0xA1: 2, 0xA2: 2, 0xA3: 2, 0xA4: 2, 0xA5: 2, 0xA6: 2, 0xA7: 2, 0xA8: 2, 0xA9: 1,
    0xAA: 4, 0xAB: 1, 0xAC: 1, 0xAD: 2, 0xAE: 1, 0xAF: 1, 0xB0: 2, 0xB1: 1, 0xB2: 10, 0xB3: 1,
    0xB4: 8, 0xB5: 4, 0xB6: 4, 0xB7: 15, 0xB8: 1, 0xB9: 4, 0xBA: 24, 0xC0: 1,
}  # fmt: skip
TEXTS = (0xB2, 0xB4, 0xB5, 0xB7, 0xBA)
SIGNED = (0xA5, 0xA6, 0xA7, 0xA8)


def number(data):
    """Big-endian, unsigned."""
    value = 0
    for byte in data:
        value = value * 256 + byte
    return value


def checked(body):
    """The frame: header, length, sum."""
    total = len(body) + 8
    head = b"\x4e\x57" + bytes(((total - 2) // 256, (total - 2) % 256))
    added = sum(head + body) % 65536
    return head + body + bytes((0, 0, added // 256, added % 256))


def request(command, data=b"\x00", terminal=0, source=3, record=b"\x00\x00\x00\x00"):
    """A frame from a computer."""
    numbers = bytes((terminal >> 24, terminal >> 16 & 255, terminal >> 8 & 255, terminal & 255))
    return checked(numbers + bytes((command, source, 0)) + data + record + b"\x68")


def body(frame):
    """Ids and data of a reply whose frame is right in every part."""
    assert frame[:2] == b"\x4e\x57" and number(frame[2:4]) == len(frame) - 2
    assert frame[-5] == 0x68 and frame[-4:-2] == b"\x00\x00"
    assert number(frame[-2:]) == sum(frame[:-4]) % 65536
    assert frame[9] == 0 and frame[10] == 1  # from the BMS, a reply
    return frame[11:-9]


def fields(data):
    """([ids in order], {id: number, text or {cell: mV}})."""
    order, found, at = [], {}, 0
    while at < len(data):
        id = data[at]
        order.append(id)
        at += 1
        if id == 0x79:
            n = data[at]
            cells = data[at + 1 : at + 1 + n]
            found[id] = {cells[i]: number(cells[i + 1 : i + 3]) for i in range(0, n, 3)}
            at += 1 + n
            continue
        value = data[at : at + SIZES[id]]
        assert len(value) == SIZES[id]
        at += SIZES[id]
        if id in TEXTS:
            found[id] = bytes(value)
        else:
            found[id] = number(value)
            if id in SIGNED and found[id] > 32767:
                found[id] -= 65536
    return order, found
