"""What can be selected on a port (COM-04, COM-05): numbers only, names stay on the PC.

Generated from tables/protocols.toml by tools/generate_protocols.py; edit the table, not this file.
"""

SERIAL = 0
CAN = 1
# kind, number, module of firmware/protocols/, bits per second
IMPLEMENTED = (
    (0, 0, "serial.nw", 115200),
    (0, 1, "serial.jk_modbus", 115200),
    (0, 4, "serial.pace", 9600),
    (0, 5, "serial.pylontech", 115200),
    (0, 6, "serial.growatt_rs485", 9600),
    (0, 7, "serial.voltronic", 9600),
    (0, 9, "serial.pace", 9600),
    (0, 10, "serial.lcd", 2400),
    (0, 13, "serial.jk_modbus", 9600),
    (0, 14, "serial.pylontech", 9600),
    (0, 15, "serial.lcd_pb", 2400),
    (1, 0, "can.jk250", 250000),
    (1, 1, "can.deye", 500000),
    (1, 2, "can.pylontech", 500000),
    (1, 3, "can.growatt", 500000),
    (1, 4, "can.victron", 500000),
    (1, 5, "can.seplos", 500000),
    (1, 6, "can.jk500", 500000),
    (1, 7, "can.pylontech", 500000),
    (1, 8, "can.goodwe", 500000),
    (1, 9, "can.sma", 500000),
    (1, 10, "can.pylontech", 500000),
    (1, 11, "can.luxpower", 500000),
    (1, 100, "can.solark", 500000),
    (1, 101, "can.deye_pcs", 500000),
    (1, 102, "can.sofar", 500000),
)
# 4 bytes: bit n of byte k = protocol 8k + n can be selected (COM-14)
SERIAL_MASK = b"\xf3\xe6\x00\x00"
CAN_MASK = b"\xff\x0f\x00\x00"


def find(kind, number):
    """(module, bits per second) of a protocol, None for a number without a translation."""
    for row in IMPLEMENTED:
        if row[0] == kind and row[1] == number:
            return row[2], row[3]
    return None
