"""Brings a selected protocol into memory: at start, before the heap fragments, and on a change.

Protocols are separate modules, so that a controller carries only what its ports speak.
"""

from firmware.ondemand import call


def fetch(kind, number):
    """(module, bits per second) of the protocol `number` of a `kind` (registry.SERIAL or CAN).
    None for a number without a translation, and when memory does not allow it now."""
    try:
        found = call("registry", "find", kind, number)
        if found is None:
            return None
        return __import__("firmware.protocols." + found[0], None, None, ("build",)), found[1]
    except (ImportError, MemoryError):
        return None


def load(kind, number, view, requests, source):
    """(protocol, bits per second) for the port `source`. None as `fetch` (a restart helps); the
    old protocol is still usable then."""
    found = fetch(kind, number)
    try:
        return None if found is None else (found[0].build(view, requests, source), found[1])
    except (ImportError, MemoryError):
        return None
