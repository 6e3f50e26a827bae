"""What a write to the JK control area 0x1600 asks for, and one to our own commands at 0x1700
(protocols page, 1.7; docs/serial.md). Write only.
"""

from firmware import requests as r
from firmware.parameters import Refused
from firmware.passwords import DEVICE, SETTINGS
from firmware.protocols import jk_settings

FIELD = 16  # bytes of a password, padded with zeros


def _nothing(view, data):
    return None


def _number(view, data):
    return int.from_bytes(data, "big")


def _current(view, data):
    """mA; tools send the magnitude in either direction."""
    ma = int.from_bytes(data, "big")
    if len(data) == 4 and ma >> 31:
        return ma - (1 << 32)
    return -ma if view.measured.current_ma < 0 else ma


def _password(view, data):
    return data


def _change(which):
    return lambda view, data: (which, data[:FIELD], data[FIELD : 2 * FIELD], data[2 * FIELD :])


def _preset(name):
    return lambda view, data: name


# register, least and most words, request, request when all bytes are zero, its payload
ROWS = (
    (0x1600, 1, 2, r.CALIBRATE_VOLTAGE, r.CALIBRATE_VOLTAGE, _number),
    (0x1604, 1, 1, r.POWER_OFF, r.POWER_OFF, _nothing),
    (0x1606, 1, 2, r.CALIBRATE_CURRENT, r.CALIBRATE_CURRENT, _current),
    (0x160A, 1, 1, r.PRESET, r.PRESET, _preset("li-ion")),
    (0x160C, 1, 1, r.PRESET, r.PRESET, _preset("lifepo4")),
    (0x160E, 1, 1, r.PRESET, r.PRESET, _preset("lto")),
    (0x1610, 1, 1, r.EMERGENCY, r.EMERGENCY_STOP, _nothing),
    (0x1612, 2, 2, r.SET_TIME, r.SET_TIME, _number),
    # ours
    (0x1700, 8, 8, r.UNLOCK, r.LOCK, _password),
    (0x1710, 24, 24, r.CHANGE_PASSWORD, r.CHANGE_PASSWORD, _change(SETTINGS)),
    (0x1740, 24, 24, r.CHANGE_PASSWORD, r.CHANGE_PASSWORD, _change(DEVICE)),
    (0x1770, 1, 1, r.CALIBRATE_ZERO, r.CALIBRATE_ZERO, _nothing),
    (0x1772, 1, 1, r.ACKNOWLEDGE, r.ACKNOWLEDGE, _nothing),
    (0x1774, 1, 1, r.SET_SOC, r.SET_SOC, _number),
    (0x1776, 1, 1, r.TEST_LEADS, r.TEST_LEADS, _nothing),
    (0x1778, 1, 1, r.RESTART, r.RESTART, _nothing),
)


def do(view, requests, source, register, data):
    """Carry out the write of `data` to `register`; the area whose block has to be sent ahead of
    the acknowledge, or None. Raises Refused."""
    for first, least, most, kind, zero_kind, payload in ROWS:
        if first == register:
            if not least <= len(data) // 2 <= most:
                raise Refused("%d..%d words" % (least, most))
            requests.submit(source, kind if any(data) else zero_kind, payload(view, data))
            return jk_settings.SETTINGS if kind == r.PRESET else None
    raise Refused("no command", True)
