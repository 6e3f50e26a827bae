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
# bit of each fault's kind, by its number; 255 = none
KINDS = (
    b"\xff\x00\x01\x02\x03\x14\x15\x17\x18\x15\x04\x13\x19\x04\x05\x04\x05\x07\x06\x07"
    b"\xff\x08\x09\x0a\x0b\x0c\x16\x0f\x0f\x0f\x13\x10\x10\x10\x10\x1a\x11\x11\x00\x01"
    b"\x04\x05\x11\x0d\x0d\x0d\x0d\x0d\x0e\xff\x13\xff\x13\x1a\x1a\xff\xff\xff\x12\x12"
    b"\xff\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x1b\xff\xff\xff\xff\xff"
    b"\x1a\x13\xff"
)
