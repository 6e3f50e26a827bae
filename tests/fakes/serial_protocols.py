"""Every serial protocol that an inverter may speak: its builder, how its frames are sealed, and
requests that are answered. For tests that treat all of them alike."""

from firmware.protocols.serial import growatt_rs485, jk_modbus, pace, pylontech, voltronic
from tests.fakes.jk import sealed


def pylon(command, info="", address=2, version="20"):
    """A Pylontech request as its clients write it."""
    digits = len(info)
    length = (-(digits // 256 + digits // 16 % 16 + digits % 16) % 16) * 4096 + digits
    body = "%s%02X46%02X%04X%s" % (version, address, command, length, info)
    return ("~%s%04X\r" % (body, -sum([ord(c) for c in body]) % 65536)).encode()


# key of tables/protocols.toml: (builder, requests; the first is answered whatever the state)
PROTOCOLS = {
    "jk-modbus": (jk_modbus.build, (sealed("01 03 1200 000A"), sealed("01 03 1400 0030"))),
    "pace": (
        pace.build,
        (
            sealed("01 03 0000 000D"),
            sealed("01 03 000F 0016"),
            sealed("01 03 003C 0037"),
            sealed("01 03 0096 001E"),
        ),
    ),
    "pylontech": (
        pylontech.build,
        (
            pylon(0x61),
            pylon(0x42, "02"),
            pylon(0x42, "FF"),
            pylon(0x44, "02"),
            pylon(0x47, "02"),
            pylon(0x4F),
            pylon(0x51),
            pylon(0x60),
            pylon(0x62),
            pylon(0x63),
            pylon(0x92, "02"),
            pylon(0x93, "02"),
            pylon(0x96, "02"),
        ),
    ),
    "growatt": (
        growatt_rs485.build,
        (
            sealed("01 03 0010 001B"),
            sealed("01 03 0001 000F"),
            sealed("01 03 0070 0011"),
            sealed("01 10 0013 0001 02 0000"),
        ),
    ),
    "voltronic": (
        voltronic.build,
        (
            sealed("01 03 0033 0001"),
            sealed("01 03 0010 0020"),
            sealed("01 03 0040 0030"),
            sealed("01 03 0070 0008"),
        ),
    ),
}
