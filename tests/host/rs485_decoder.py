"""Reads what inverters read, written from the protocol documents alone: no table of ours.

Each function gives {name: value} in the unit of the wire.
"""

import struct


class Broken(Exception):
    """The frame breaks the protocol's own rules."""


def crc(data):
    out = 0xFFFF
    for byte in data:
        out ^= byte
        for _ in range(8):
            out = out >> 1 ^ 0xA001 if out & 1 else out >> 1
    return out


def sealed(data):
    return bytes(data) + struct.pack("<H", crc(data))


def read(first, count, address=1):
    """A request for holding registers."""
    return sealed(struct.pack(">BBHH", address, 3, first, count))


def words(frame, wide=False):
    """Registers of an answer; `wide`: a length of two bytes (Voltronic)."""
    if len(frame) < 5 or crc(frame):
        raise Broken(frame.hex())
    if frame[1] & 0x80:
        raise Broken(f"exception {frame[2]}")
    head = 4 if wide else 3
    length = struct.unpack_from(">H", frame, 2)[0] if wide else frame[2]
    if length != len(frame) - head - 2 or length % 2:
        raise Broken(frame.hex())
    return struct.unpack(f">{length // 2}H", frame[head:-2])


def signed(word):
    return word - 0x10000 if word & 0x8000 else word


def growatt(reg):
    """From {register: word} of 0x0010..0x0029 and 0x0070..0x0080."""
    return {
        "mode": ("soft start", "standby", "charge", "discharge")[reg[0x13] & 3],
        "error": reg[0x13] >> 2 & 1,
        "discharge": reg[0x13] >> 5 & 1,
        "charge": reg[0x13] >> 6 & 1,
        "force": reg[0x13] >> 12 & 1,
        "faults": reg[0x14],
        "soc": reg[0x15],
        "v": reg[0x16],
        "a": signed(reg[0x17]),
        "t": signed(reg[0x18]),
        "ccl": reg[0x19],
        "left": reg[0x1A],
        "full": reg[0x1B],
        "cycles": reg[0x1E],
        "soh": reg[0x20] & 0x7F,
        "cvl": reg[0x21],
        "chemistry": reg[0x22] >> 14,
        "warnings": reg[0x22] & 0x3FFF,
        "dcl": reg[0x23],
        "high": (reg[0x25], reg[0x27]),
        "low": (reg[0x26], reg[0x28]),
        "series": reg[0x29],
        "cells": [reg[0x71 + i] for i in range(16)],
    }


def voltronic(reg):
    """From {register: word} of 0x10..0x77."""
    return {
        "cells": [reg[0x11 + i] for i in range(reg[0x10])],
        "beyond": [reg[0x11 + i] for i in range(reg[0x10], 20)],
        "temps": [reg[0x26 + i] for i in range(reg[0x25])],
        "in": reg[0x30],
        "out": reg[0x31],
        "v": reg[0x32],
        "soc": reg[0x33],
        "full": reg[0x34] << 16 | reg[0x35],
        "packs": reg[0x36],
        "alarms": reg[0x37] | reg[0x38],
        "charge_faults": reg[0x39] | reg[0x3A],
        "discharge_faults": reg[0x3B] | reg[0x3C],
        "design": reg[0x3E] << 16 | reg[0x3F],
        "cell_states": [reg[0x41 + i // 2] >> (0 if i % 2 else 8) & 255 for i in range(reg[0x40])],
        "temp_states": [reg[0x51 + i // 2] >> (0 if i % 2 else 8) & 255 for i in range(reg[0x50])],
        "states": [reg[0x60 + i] for i in range(10)],
        "cvl": reg[0x70],
        "dvl": reg[0x71],
        "ccl": reg[0x72],
        "dcl": reg[0x73],
        "charge": reg[0x74] >> 7 & 1,
        "discharge": reg[0x74] >> 6 & 1,
        "force": reg[0x74] >> 5 & 1,
        "full_request": reg[0x74] >> 3 & 1,
        "left": reg[0x76] << 16 | reg[0x77],
    }


def pace(reg):
    """From {register: word} of 0..36 and 60..114."""
    return {
        "a": signed(reg[0]),
        "v": reg[1],
        "soc": reg[2],
        "soh": reg[3],
        "left": reg[4],
        "full": reg[5],
        "design": reg[6],
        "cycles": reg[7],
        "warnings": reg[9],
        "protections": reg[10],
        "status": reg[11],
        "cells": [reg[15 + i] for i in range(16)],
        "temps": [signed(reg[31 + i]) for i in range(4)],
        "mos": signed(reg[35]),
        "near": signed(reg[36]),
        "pack_high": [reg[60 + i] for i in range(4)],
        "cell_high": [reg[64 + i] for i in range(4)],
        "pack_low": [reg[68 + i] for i in range(4)],
        "cell_low": [reg[72 + i] for i in range(4)],
        "charge_high": [reg[76 + i] for i in range(3)],
        "discharge_high": [reg[79 + i] for i in range(5)],
        "hot_cold": [signed(reg[84 + i]) for i in range(15)],
        "full_mv": reg[107],
    }


def pylon(frame):
    """(return code, INFO) of an answer."""
    if frame[:1] != b"~" or frame[-1:] != b"\r" or frame[5:7] != b"46":
        raise Broken(frame)
    body = frame[1:-5]
    if body + frame[-5:-1] != (body + frame[-5:-1]).upper():
        raise Broken(frame)
    if (sum(body) + int(frame[-5:-1], 16)) % 65536:
        raise Broken(frame)
    length = int(frame[9:13], 16)
    digits = [length >> shift & 15 for shift in (12, 8, 4, 0)]
    if sum(digits) % 16 or length & 0xFFF != len(frame) - 18:
        raise Broken(frame)
    return int(frame[7:9], 16), bytes.fromhex(frame[13:-5].decode())


class Fields:
    """Reads big-endian fields one after the other."""

    def __init__(self, info):
        self.info = info
        self.at = 0

    def take(self, code):
        values = struct.unpack_from(">" + code, self.info, self.at)
        self.at += struct.calcsize(">" + code)
        return values[0] if len(values) == 1 else values

    def end(self):
        if self.at != len(self.info):
            raise Broken(f"{len(self.info) - self.at} bytes too many")


def pylon_analog(info):
    """Command 42: (flag, number, packs)."""
    fields, packs = Fields(info), []
    flag, number = fields.take("BB")
    while fields.at < len(info):
        pack = {"cells": [fields.take("H") for _ in range(fields.take("B"))]}
        pack["temps"] = [fields.take("H") - 2731 for _ in range(fields.take("B"))]
        pack["a"], pack["v"], left, items, total, pack["cycles"] = fields.take("hHHBHH")
        if items == 4:
            if (left, total) != (0xFFFF, 0xFFFF):
                raise Broken("both capacities")
            high, low, high_total, low_total = fields.take("BHBH")
            left, total = high << 16 | low, high_total << 16 | low_total
        elif items != 2:
            raise Broken(f"{items} user items")
        pack["left"], pack["full"] = left, total
        packs.append(pack)
    return flag, number, packs


def pylon_alarm(info):
    """Command 44 of one pack."""
    fields = Fields(info)
    flag, number = fields.take("BB")
    out = {"flag": flag, "number": number}
    out["cells"] = [fields.take("B") for _ in range(fields.take("B"))]
    out["temps"] = [fields.take("B") for _ in range(fields.take("B"))]
    out["in"], out["v"], out["out"] = fields.take("BBB")
    out["status"] = fields.take("BBBBB")
    fields.end()
    return out


def pylon_system(info):
    """Command 61."""
    fields = Fields(info)
    out = {"v": fields.take("H"), "a": fields.take("h"), "soc": fields.take("B")}
    out["cycles"], _ = fields.take("HH")
    out["soh"], _ = fields.take("BB")
    out["high"], out["low"] = fields.take("HBB"), fields.take("HBB")
    out["mean"] = fields.take("H") - 2731
    out["hot"], out["cold"] = fields.take("HBB"), fields.take("HBB")
    out["mos"], out["board"] = fields.take("HHHHH"), fields.take("HHHHH")
    fields.end()
    return out


def pylon_limits(info):
    """Command 63."""
    fields = Fields(info)
    cvl, dvl, ccl, dcl, status = fields.take("HHhhB")
    fields.end()
    return {"cvl": cvl, "dvl": dvl, "ccl": ccl, "dcl": dcl, "charge": status >> 7,
            "discharge": status >> 6 & 1, "force": status >> 5 & 1,
            "full_request": status >> 3 & 1}  # fmt: skip
