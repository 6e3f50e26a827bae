"""Who may ask for what: a request that no password guards is checked here, then done (SEC-03)."""

from firmware import requests as r
from firmware.ondemand import call
from firmware.parameters import Refused

# what a locked port may ask for, too
FREE = (r.POWER_OFF, r.EMERGENCY_STOP, r.SET_TIME)


def do(requests, source, kind, payload):
    """Do it; a warning text or None. Raises Refused, with nothing changed."""
    if kind not in FREE and not _turns_off(kind, payload):
        if not requests.unlocked(source) and not _turns_back(requests, source, kind, payload):
            raise Refused("this port is locked: press the key or open it", True)
    values = requests.control.context.parameters.values
    before = [values[id] for id in r.SWITCHES]
    warning = call("actions", "do", requests, kind, payload)
    _note(requests.off_by, source, kind, payload, before)
    return warning


def _turns_off(kind, payload):
    if kind != r.SET or not payload:
        return False
    for id in payload:
        if payload[id] != 0 or (id not in r.SWITCHES and id not in r.OFF):
            return False
    return True


def _turns_back(requests, source, kind, payload):
    """True for nothing but switches that the CAN port itself has turned off."""
    if source != r.CAN or kind != r.SET or not payload:
        return False
    for id in payload:
        if id not in r.SWITCHES or requests.off_by[r.SWITCHES.index(id)] != r.CAN:
            return False
    return True


def _note(off_by, source, kind, payload, before):
    """Remember who turned a switch off; two who did so leave it to a trusted source."""
    if kind != r.SET:
        return
    for i in range(len(r.SWITCHES)):
        if r.SWITCHES[i] not in payload:
            continue
        if payload[r.SWITCHES[i]]:
            off_by[i] = None
        elif before[i] or off_by[i] != source:
            off_by[i] = source if before[i] else None
