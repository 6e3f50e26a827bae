"""Kinds of faults, one bit each, in the words that inverter protocols share.

Generated from tables/can/sources.toml by tools/generate_registers.py;
edit the table, not this file.
"""

CELL_OV = 0x1
CELL_UV = 0x2
PACK_OV = 0x4
PACK_UV = 0x8
CHARGE_OC = 0x10
DISCHARGE_OC = 0x20
CHARGE_SHORT = 0x40
DISCHARGE_SHORT = 0x80
CHARGE_OT = 0x100
CHARGE_UT = 0x200
DISCHARGE_OT = 0x400
DISCHARGE_UT = 0x800
MOS_OT = 0x1000
MOS = 0x2000
PRECHARGE = 0x4000
TEMPERATURE_SENSOR = 0x8000
VOLTAGE_READING = 0x10000
FRONT_END = 0x20000
SETTINGS = 0x40000
SYSTEM = 0x80000
HIGH_VOLTAGE = 0x100000
LOW_VOLTAGE = 0x200000
HIGH_TEMPERATURE = 0x400000
CELL_DIFFERENCE = 0x800000
LOW_SOC = 0x1000000
TURNING_OFF = 0x2000000
INTERNAL = 0x4000000
HEATER = 0x8000000
# groups
OWN_FAULT = 0xFE000
# pairs of a fault and the bit of its kind
FAULTS = (
    b"\x01\x00\x26\x00\x02\x01\x27\x01\x03\x02\x04\x03\x0a\x04\x0d\x04\x0f\x04\x28\x04"
    b"\x0e\x05\x10\x05\x29\x05\x12\x06\x11\x07\x13\x07\x15\x08\x16\x09\x17\x0a\x18\x0b"
    b"\x19\x0c\x2b\x0d\x2c\x0d\x2d\x0d\x2e\x0d\x2f\x0d\x30\x0e\x1b\x0f\x1c\x0f\x1d\x0f"
    b"\x1f\x10\x20\x10\x21\x10\x22\x10\x24\x11\x25\x11\x2a\x11\x3a\x12\x3b\x12\x0b\x13"
    b"\x1e\x13\x32\x13\x34\x13\x51\x13\x05\x14\x06\x15\x09\x15\x1a\x16\x07\x17\x08\x18"
    b"\x0c\x19\x23\x1a\x35\x1a\x36\x1a\x3d\x1a\x50\x1a\x4a\x1b"
)
