"""Packs an open-circuit voltage table for the target (docs/ocv-tables.md has the layout)."""

import struct

from firmware.crc16 import crc16

POINTS = 101
VERSION = 1
CHEMISTRIES = ("lfp", "li-ion", "lto")
SPREAD_STEP_MV = 0.5


def resample(points, beyond=True):
    """Values of [(x, y), ...], rising in x, at 0, 1 .. 100; linear, also beyond the ends or held
    there."""
    values, at = [], 0
    for x in range(POINTS):
        while at < len(points) - 2 and points[at + 1][0] <= x:
            at += 1
        (x0, y0), (x1, y1) = points[at], points[at + 1]
        part = (x - x0) / (x1 - x0)
        if not beyond:
            part = min(max(part, 0.0), 1.0)
        values.append(y0 + (y1 - y0) * part)
    return values


def _dmv(mv):
    return min(max(round(mv * 10), 0), 65_535)


def pack(chemistry, points):
    """Bytes of a table; points: (soc %, discharge mV, charge mV, spread mV), rising in soc."""
    discharge = resample([(p[0], p[1]) for p in points])
    charge = resample([(p[0], p[2]) for p in points])
    spread = resample([(p[0], p[3]) for p in points], beyond=False)
    head = b"OC" + bytes((VERSION, CHEMISTRIES.index(chemistry)))
    body = struct.pack(f"<{POINTS}H", *map(_dmv, discharge))
    body += struct.pack(f"<{POINTS}H", *map(_dmv, charge))
    body += bytes(min(max(round(v / SPREAD_STEP_MV), 0), 255) for v in spread)
    return head + body + struct.pack("<H", crc16(head + body, 0, len(head + body)))
