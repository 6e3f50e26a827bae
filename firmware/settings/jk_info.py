"""The JK information area 0x1400..0x1524 as it is read (protocols page, 1.6): who this is. Loaded
for a call, because tools read it once.
"""

from firmware.protocols.view import (
    DEVICE_NAME,
    MANUFACTURE_DATE,
    MODEL,
    SERIAL_NUMBER,
    USER_DATA,
)
from firmware.settings import registry

HARDWARE = b"15A"  # what JK tools take us for (COM-14)
SOFTWARE = b"15.30"
LIBRARY = 1
# captured from a unit with that hardware and software: commands it knows, fields tools show
COMMANDS = (
    b"\xfe\xff\xff\xff\x8f\xe9\x1d\x02\x00\x00\x00\x00\x90\x1f\x00\x00"
    b"\x00\x00\xc0\xd8\xe7\xfe\x3f\x00\x00\x01\x00\x00\x00\x00\x00\x00"
)
INFO_FIELDS = b"\xfe\x9f\xe9\xff\x0f"

U32 = 0xFFFFFFFF


def encode(view, put):
    """Put the fields; `put(offset, struct codes, *values)`. Where a JK shows its passwords stand
    zeros (SEC-03)."""
    text, system = view.text, view.system
    put(0, b"15sB8s8s", text(MODEL), 0, HARDWARE, SOFTWARE)
    put(0x20, b"II", system.run_time_s & U32, system.starts)
    user_data = text(USER_DATA)
    put(0x28, b"16s", text(DEVICE_NAME))
    put(0x48, b"8s16s16s", text(MANUFACTURE_DATE), text(SERIAL_NUMBER), user_data)
    put(0x80, b"16s32s", user_data, COMMANDS)
    for offset, mask in ((0xB4, registry.SERIAL_MASK), (0xC4, registry.CAN_MASK)):
        put(offset, b"4s", mask)
    put(0xD5, b"4s", registry.SERIAL_MASK)
    put(0xE7, b"B", LIBRARY)
    put(0x106, b"B", LIBRARY)
    put(0x119, b"5s", INFO_FIELDS)
