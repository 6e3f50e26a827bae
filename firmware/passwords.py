"""The two passwords of a pack: what is kept of them and how often one was guessed wrong (SEC-01,
SEC-03). What is done with them is in firmware/settings/password.py.
"""

from firmware.parameters import Refused

DEVICE = 0  # to connect
SETTINGS = 1  # to change anything
SLOTS = (5, 6)  # of the HAL's memory
SOURCES = 6  # of firmware/requests.py


class Throttled(Refused):
    """Refused unread: wrong passwords came before, the next one may come later."""


class Passwords:
    """Salted hashes; there is no way back to a password."""

    def __init__(self):
        self.kept = [b"", b""]  # salt and hash of DEVICE and SETTINGS; empty = the default one
        self.changed = False  # the keeper has to store them
        self.sequence = 0  # of the stored record
        self.wrong = bytearray(2 * SOURCES)  # in a row, by source and password
        self.until_s = [0] * (2 * SOURCES)  # before that nothing is looked at

    def reset(self):
        """Back to the defaults: for an owner at the pack, see panel/keys.py."""
        self.kept = [b"", b""]
        self.changed = True
