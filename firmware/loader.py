"""Brings a selected protocol into memory: at start, before the heap fragments, and on a change.

Protocols are separate modules, so that a controller carries only what its ports speak.
"""

from firmware.parameters import Refused
from firmware.protocols import registry


def load(kind, number, view, requests, source):
    """Build the protocol `number` of a `kind` (registry.SERIAL or CAN) for the port `source`.

    Returns (protocol, bits per second). Raises Refused, with the old protocol still usable, for
    a number without a translation and when memory does not allow it now.
    """
    module, state, baud = registry.find(kind, number)
    if state == registry.NOT_IMPLEMENTED:
        raise Refused(_why_not(kind, number))
    try:
        built = __import__(module, None, None, ("build",)).build(view, requests, source)
    except (ImportError, MemoryError):
        raise Refused(
            "protocol %03d cannot be loaded now: it works after a restart" % number
        ) from None
    return built, baud


def _why_not(kind, number):
    bus = "CAN" if kind == registry.CAN else "serial"
    name = registry.name(kind, number)
    if name is None:
        return "%s protocol %03d does not exist" % (bus, number)
    return "%s protocol %03d (%s) is not implemented" % (bus, number, name)
