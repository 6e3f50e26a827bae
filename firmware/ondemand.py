"""Code that is needed now and then: loaded for one call, dropped behind it.

The settings package (checks, presets, calibration, the parameter table with its keys) takes 15 kB
of heap on a board and works for a few milliseconds a day. Nothing in it keeps state.
"""

import sys

PACKAGE = "firmware.settings"


def call(module, function, *arguments):
    """Result of firmware.settings.`module`.`function`(*arguments)."""
    try:
        loaded = __import__(PACKAGE + "." + module, None, None, (function,))
        return getattr(loaded, function)(*arguments)
    finally:
        _drop()


def _drop():
    for name in list(sys.modules):
        if name == PACKAGE or name.startswith(PACKAGE + "."):
            del sys.modules[name]
    parent = sys.modules["firmware"]
    if hasattr(parent, "settings"):
        delattr(parent, "settings")
