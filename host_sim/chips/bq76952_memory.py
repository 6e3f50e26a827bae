"""Data memory of a BQ76952: 272 settings with their addresses, types and defaults.

What is written waits until CONFIG_UPDATE mode is left, then everything takes effect together.
The table (bq76952_datamem.csv) is the chip's default configuration as published with the
Flytrex BQ76952 library, checked against TI's reference manual.
"""

import csv
import struct
from functools import cache
from pathlib import Path

FIRST, LAST = 0x9180, 0x9400
FORMATS = {"U1": "<B", "I1": "<b", "U2": "<H", "I2": "<h", "F4": "<f"}


@cache
def table():
    """{address: (format, default, name)}."""
    rows = {}
    path = Path(__file__).with_name("bq76952_datamem.csv")
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            kind, text = row["type"], row["default"]
            default = float(text) if kind == "F4" else int(text, 0)
            rows[int(row["addr"], 16)] = FORMATS[kind], default, row["name"]
    return rows


class Memory:
    """`value(address)` is what acts."""

    def __init__(self):
        self.written = bytearray(LAST - FIRST)
        for address, (form, default, _) in table().items():
            struct.pack_into(form, self.written, address - FIRST, default)
        self.active = bytes(self.written)

    def value(self, address):
        """The setting that acts now."""
        return struct.unpack_from(table()[address][0], self.active, address - FIRST)[0]

    def read(self, address, n):
        """Bytes as written."""
        at = address - FIRST
        return bytes(self.written[at : at + n]).ljust(n, b"\0")

    def write(self, address, data):
        """Bytes that wait for `apply`."""
        at = address - FIRST
        self.written[at : at + len(data)] = data[: LAST - address]

    def apply(self):
        """CONFIG_UPDATE mode was left."""
        self.active = bytes(self.written)
