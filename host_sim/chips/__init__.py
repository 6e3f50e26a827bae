"""Chips at register level, behind the buses of MicroPython's `machine`, over the plant."""
