"""Brings a selected protocol into memory: at start, before the heap fragments, and on a change.

Protocols are separate modules, so that a controller carries only what its ports speak.
"""

from firmware.protocols.registry import IMPLEMENTED


def load(kind, number, view, requests, source):
    """(protocol, bits per second) for the protocol `number` of a `kind` (registry.SERIAL or CAN)
    on the port `source`. None for a number without a translation, and when memory does not allow
    it now (a restart helps); the old protocol is still usable then."""
    for row in IMPLEMENTED:
        if row[0] == kind and row[1] == number:
            try:
                module = __import__("firmware.protocols." + row[2], None, None, ("build",))
                return module.build(view, requests, source), row[3]
            except (ImportError, MemoryError):
                return None
    return None
