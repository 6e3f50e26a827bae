"""What an NW write or password frame asks for (protocols page, 2). Loaded for a call only."""

from firmware import requests as r
from firmware.parameters import Refused
from firmware.protocols.serial import nw

# id, request and what the value becomes: True = mA in the direction that flows now
COMMANDS = ((0xAD, r.CALIBRATE_CURRENT, True), (0xBB, r.RESTART, False))


def do(view, requests, source, command, data):
    """Carry out `data`, ids with their values. Raises Refused."""
    if command == nw.PASSWORD:
        text = data[1:].rstrip(b"\0")
        if text:
            requests.submit(source, r.UNLOCK, text)
        elif not requests.unlocked(source):  # some clients send none
            raise Refused("this port is locked: press the key or open it", True)
        return
    for id, kind, current in COMMANDS:
        if data[0] == id:
            value = _value(data, 0)
            if current:
                value = -value if view.measured.current_ma < 0 else value
            requests.submit(source, kind, value if current else None)
            return
    changes = _changes(view, data)
    if changes:
        requests.submit(source, r.SET, changes)


def _value(data, at):
    """The number behind the id at data[at]."""
    size = nw.size_of(data[at])
    if not size or size > 4 or at + 1 + size > len(data):
        raise Refused("length", True)
    value = int.from_bytes(data[at + 1 : at + 1 + size], "big")
    return value - 65536 if size == 2 and value > 32767 else value


def _changes(view, data):
    """{parameter id: raw value}; what is written as it stands already is left out."""
    changes, at = {}, 0
    while at < len(data):
        value = _value(data, at)
        param, digits = _parameter(data[at])
        if value != nw.shown(view, param, digits):
            changes[param] = value * 10**digits
        at += 1 + nw.size_of(data[at])
    return changes


def _parameter(id):
    rows = nw.PARAMETERS
    for at in range(0, len(rows), 3):
        if rows[at] == id and 0 < rows[at + 1] < nw.ADDRESS and id != 0xB0:
            return rows[at + 1], rows[at + 2]
    raise Refused("no setting", True)
