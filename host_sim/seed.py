"""A first stored record with a known charge, as a pack has that was in use before."""

import struct

from firmware import parameter_ids as ids
from firmware.control import record as r


def seed_record(nvm, soc, parameters):
    """Let the firmware start with a known counter: soc in per cent of the design capacity."""
    capacity_mah = parameters.values[ids.DESIGN_CAPACITY_MAH]
    charge_mah = round(capacity_mah * soc / 100)
    buffer = bytearray(nvm.SIZE)
    struct.pack_into(
        r.HEAD, buffer, 0, r.MAGIC, r.VERSION, 0, 0, 0, charge_mah, 0, capacity_mah, 0, 0
    )
    for i in range(r.REASONS):
        buffer[r.AT_REASONS + 4 * i] = r.NONE
    for i in range(r.AT_RECONNECTS, r.AT_FIRST):
        buffer[i] = 0 if r.AT_SHORTS <= i < r.AT_SHORTS + 2 else r.NONE
    struct.pack_into("<HHH", buffer, r.AT_SHORTS + 6, 0, 0, 0xFFFF)
    r.seal(buffer)
    return nvm.write(0, buffer, r.SIZE)
