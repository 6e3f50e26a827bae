"""SMA Sunny Island (FSS-ConnectingBat-TI-en-10).

Generated from tables/can/sma.toml by tools/generate_can.py; edit the table, not this file.
"""

from firmware.protocols.can.encoder import Encoder

# fmt: off
TABLE = (
    500000,
    (  # frames: identifier, period in ms, where the code begins
        0x35E, 1200, 0,
        0x35F, 1200, 6,
        0x35A, 1200, 17,
        0x351, 1200, 179,
        0x355, 1200, 200,
        0x356, 1200, 216,
    ),
    (  # code
        b"\x03\x00\xff\x00\x08\x00\x01\x02\x00\x04\x00\x04\x02\x02\x00\x01\x00\x02\x00\x03"
        b"\x01\x02\x07\x0b\x1e\x32\x34\x3a\x3b\x51\x02\x00\x0c\x04\x08\x03\x01\x03\x26\x02"
        b"\x00\x30\x10\x20\x03\x02\x04\x27\x02\x00\xc0\x40\x80\x02\x17\x19\x02\x01\x03\x01"
        b"\x02\x01\x18\x02\x01\x0c\x04\x08\x01\x15\x02\x01\x30\x10\x20\x01\x16\x02\x01\xc0"
        b"\x40\x80\x03\x0e\x10\x29\x02\x02\x03\x01\x02\x04\x0a\x0d\x0f\x28\x02\x02\x0c\x04"
        b"\x08\x06\x2b\x2c\x2d\x2e\x2f\x30\x02\x02\x30\x10\x20\x03\x11\x12\x13\x02\x02\xc0"
        b"\x40\x80\x0f\x0b\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x24\x25\x2a\x32\x34\x51\x02\x04"
        b"\x0c\x04\x08\x01\x05\x02\x04\x30\x10\x20\x02\x06\x09\x02\x04\xc0\x40\x80\x01\x1a"
        b"\x02\x06\xc0\x40\x80\x05\x23\x35\x36\x3d\x50\x02\x07\x03\x01\x02\x01\x07\x00\x01"
        b"\x00\x01\x00\x01\x01\x00\x02\x02\x02\x01\x00\x03\x04\x02\x01\x00\x04\x06\x03\x00"
        b"\x01\x02\x05\x00\x04\x01\x02\x06\x02\x05\x01\x02\x07\x04\x06\x00\x01\x01\x08\x00"
        b"\x07\x01\x01\x09\x02\x08\x01\x08\x0a\x04\x09\x00"
    ),
    (  # kinds of numbers: bytes, mul, add, div, lowest, highest, not known
        2, 1, 500, 1000, 0, 65535, 0,
        2, 1, 0, 100, 0, 630, 0,
        2, 1, 0, 100, 0, 12000, 0,
        2, 1, 99, 100, 410, 480, 0,
        2, 1, 5, 10, 0, 100, 0,
        2, 1, 0, 1, 0, 100, 0,
        2, 1, 5, 10, 0, 10000, 0,
        2, 1, 5, 10, -32768, 32767, 0,
        2, 1, 50, 100, -32768, 32767, 0,
        2, 1, 0, 1, -32768, 32767, -32768,
    ),
    "capacity_mah cvl_mv ccl_ma dcl_ma dvl_mv soc_dpct soh_pct soc_mpct pack_mv shown_ma "
    "temp_mean "
    ,
    (  # received: identifier, length, meaning, frames to send
        0x305, 8, 1, 0,
        0x306, 8, 1, 0,
        0x307, 8, 1, 0,
    ),
    b"\x53\x4d\x41\x20\x20\x20\x20\x20",
)
# fmt: on


def build(view, requests, source):
    """What the loader calls."""
    return Encoder(view, requests, source, TABLE)
