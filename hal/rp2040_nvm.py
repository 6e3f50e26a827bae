"""Records in files of littlefs, one a slot. littlefs writes elsewhere and changes over when the
file is closed: a power cut leaves the old record or the new one, and never touches another slot.
"""

from hal import contract as c

NAME = "slot%d.bin"


class Nvm(c.Nvm):
    """`open_file` is MicroPython's open; files lie in the root, beside the program."""

    def __init__(self, open_file):
        self._open = open_file

    def read(self, slot, buffer):
        try:
            with self._open(NAME % slot, "rb") as file:
                return file.readinto(buffer) or 0
        except OSError:
            return 0

    def write(self, slot, buffer, n):
        if not 0 <= slot < self.SLOTS or n > self.SIZE:
            return False
        try:
            with self._open(NAME % slot, "wb") as file:
                return file.write(memoryview(buffer)[:n]) == n
        except OSError:  # full, or the flash fails
            return False
