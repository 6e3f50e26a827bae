"""What can be selected on a port (COM-04, COM-05): numbers only, names stay on the PC.

Generated from tables/protocols.toml by tools/generate_protocols.py; edit the table, not this file.
"""

SERIAL = 0
CAN = 1
# kind, number, module of firmware/protocols/, bits per second
IMPLEMENTED = (
    (0, 1, "serial.jk_modbus", 115200),
    (0, 5, "serial.pylontech", 115200),
    (0, 13, "serial.jk_modbus", 9600),
    (0, 14, "serial.pylontech", 9600),
)
# 4 bytes: bit n of byte k = protocol 8k + n can be selected (COM-14)
SERIAL_MASK = b"\x22\x60\x00\x00"
CAN_MASK = b"\x00\x00\x00\x00"
