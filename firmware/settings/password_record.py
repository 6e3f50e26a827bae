"""The passwords over a restart: salted hashes in two slots, written in turn, so that a torn write
leaves the passwords before (SEC-03). Loaded for a call only.
"""

import struct

from firmware.crc16 import crc16
from firmware.passwords import SLOTS

HEAD = "<HBB"  # magic, version, sequence
MAGIC, VERSION = 0x5057, 1
PART = 24  # salt and hash
SIZE = 4 + 2 * PART + 2


def load(nvm, passwords, buffer):
    """Take the newest whole record over; without one the default passwords hold. True = well."""
    for slot in SLOTS:
        n = nvm.read(slot, buffer)
        if n >= SIZE and struct.unpack_from("<HB", buffer) == (MAGIC, VERSION):
            if not crc16(buffer, 0, SIZE):
                _take(passwords, buffer)
    return True


def _take(passwords, buffer):
    sequence = buffer[3]
    if passwords.sequence and (sequence - passwords.sequence) & 255 >= 128:
        return
    passwords.sequence = sequence
    for which in (0, 1):
        at = 4 + which * PART
        stored = bytes(memoryview(buffer)[at : at + PART])
        passwords.kept[which] = stored if any(stored) else b""


def save(nvm, passwords, buffer):
    """Write the older slot. False when that failed."""
    sequence = passwords.sequence % 254 + 1
    struct.pack_into(HEAD, buffer, 0, MAGIC, VERSION, sequence)
    at = 4
    for stored in passwords.kept:
        buffer[at : at + PART] = stored or bytes(PART)
        at += PART
    struct.pack_into("<H", buffer, at, crc16(buffer, 0, at))
    if not nvm.write(SLOTS[sequence & 1], buffer, SIZE):
        return False
    passwords.sequence = sequence
    passwords.changed = False
    return True
