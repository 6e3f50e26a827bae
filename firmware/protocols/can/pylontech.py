"""Pylontech low voltage CAN V1.2.

Generated from tables/can/pylontech.toml by tools/generate_can.py; edit the table, not this file.
"""

from firmware.protocols.can.encoder import Encoder

# fmt: off
TABLE = (
    500000,
    (  # frames: identifier, period in ms, where the code begins
        0x351, 1000, 0,
        0x355, 1000, 21,
        0x356, 1000, 34,
        0x359, 1000, 53,
        0x35C, 1000, 182,
        0x35E, 1000, 207,
    ),
    (  # code
        b"\x01\x00\x00\x01\x00\x00\x01\x02\x01\x02\x00\x01\x00\x02\x01\x06\x02\x01\x00\x03"
        b"\x00\x01\x00\x03\x01\x02\x04\x01\x02\x04\x01\x02\x05\x00\x01\x00\x05\x01\x01\x06"
        b"\x01\x02\x06\x01\x01\x07\x01\x04\x07\x01\x08\x08\x00\x02\x00\x02\x02\x00\x03\x01"
        b"\x03\x26\x02\x00\x04\x04\x00\x03\x02\x04\x27\x02\x00\x08\x08\x00\x03\x15\x17\x19"
        b"\x02\x00\x10\x10\x00\x02\x16\x18\x02\x00\x80\x80\x00\x05\x0e\x10\x11\x13\x29\x02"
        b"\x01\x01\x01\x00\x05\x0a\x0d\x0f\x12\x28\x02\x01\x08\x08\x00\x17\x0b\x1b\x1c\x1d"
        b"\x1e\x1f\x20\x21\x22\x24\x25\x2a\x2b\x2c\x2d\x2e\x2f\x30\x32\x34\x3a\x3b\x51\x02"
        b"\x02\x02\x02\x00\x01\x05\x02\x02\x04\x04\x00\x02\x06\x09\x02\x02\x08\x08\x00\x01"
        b"\x1a\x02\x03\x08\x08\x00\x05\x23\x35\x36\x3d\x50\x04\x04\x01\x01\x04\x05\x02\x50"
        b"\x4e\x00\x09\x00\x09\x00\x80\x00\x09\x00\x0a\x00\x40\x00\x09\x00\x0b\x00\x20\x00"
        b"\x09\x00\x0c\x00\x08\x00\x00\x03\x00\xff\x00\x08\x00"
    ),
    (  # kinds of numbers: bytes, mul, add, div, lowest, highest, not known
        2, 1, 0, 100, 0, 65535, 0,
        2, 1, 0, 100, 0, 32767, 0,
        2, 1, 99, 100, 0, 65535, 0,
        2, 1, 5, 10, 0, 100, 0,
        2, 1, 0, 1, 0, 100, 0,
        2, 1, 5, 10, -32768, 32767, 0,
        2, 1, 50, 100, -32768, 32767, 0,
        2, 1, 0, 1, -32768, 32767, 0,
    ),
    "cvl_mv ccl_ma dcl_ma dvl_mv soc_dpct soh_pct pack_mv shown_ma temp_mean charge_enable "
    "discharge_enable force_charge full_charge "
    ,
    (  # received: identifier, length, meaning, frames to send
        0x305, 8, 1, 0,
    ),
    b"\x50\x59\x4c\x4f\x4e\x20\x20\x20",
)
# fmt: on


def build(view, requests, source):
    """What the loader calls."""
    return Encoder(view, requests, source, TABLE)
