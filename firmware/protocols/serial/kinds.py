"""What is wrong with a pack in the words that inverter protocols share: one bit a kind (see
kind_table.py), made from the standing faults. A protocol's flag field is a tuple of kinds by bit.
"""

from firmware.protocols.serial.kind_table import KINDS


def kinds(view):
    """The kinds that stand now."""
    return view.fault_bits(KINDS)


def word(found, field):
    """The flag field whose bit n is set when a kind of `field[n]` is among `found`."""
    flags = 0
    for bit in range(len(field) if found else 0):
        if found & field[bit]:
            flags |= 1 << bit
    return flags
