"""Panel states (id, ON/OFF, RUN, ALM, bar, Link: 0 off, 1 on, 2 flicker), bar, sources.

Generated from tables/panel.toml by tools/generate.py; edit the table, not this file.
"""

SHUTDOWN = 1
RESET = 2
RECOVERY = 3
ALARM = 4
SLEEP = 6
NORMAL = 5
STATES = (
    b"\x01\x00\x00\x00\x00\x00"
    b"\x02\x00\x00\x00\x00\x00"
    b"\x03\x01\x00\x02\x00\x01"
    b"\x04\x01\x01\x02\x01\x01"
    b"\x05\x01\x01\x00\x01\x01"
    b"\x06\x01\x00\x00\x00\x01"
)
BAR_UP_TO = (166, 332, 498, 664, 830)  # 0.1 %; of the last one nothing is above
# trigger sources
NO_SOURCE = 0
LOW_SOC = 1
BATTERY_OVER_VOLTAGE = 2
BATTERY_UNDER_VOLTAGE = 3
CELL_OVER_VOLTAGE = 4
CELL_UNDER_VOLTAGE = 5
CHARGE_OVER_CURRENT = 6
DISCHARGE_OVER_CURRENT = 7
BATTERY_OVER_TEMPERATURE = 8
MOS_OVER_TEMPERATURE = 9
SYSTEM_ALARM = 10
BATTERY_LOW_TEMPERATURE = 11
REMOTE_CONTROL = 12
ABOVE_SOC = 13
MOS_ABNORMAL = 14
TRIP_OUTPUT = 15
PROTECTING = 16
# senses
NEVER = 0
ABOVE = 1
BELOW = 2
FAULT = 3
STATE = 4
# measured values, and the fields of State.measured that hold them
VALUE_SOC = 1
VALUE_PACK_MV = 2
VALUE_MAX_MV = 3
VALUE_MIN_MV = 4
VALUE_CHARGE_MA = 5
VALUE_DISCHARGE_MA = 6
VALUE_HOTTEST = 7
VALUE_COLDEST = 8
VALUE_MOS = 9
FIELDS = (
    "",
    "",
    "pack_mv",
    "max_mv",
    "min_mv",
    "current_ma",
    "current_ma",
    "temp_max",
    "temp_min",
)
# by source id: sense, measured value or faults, raw steps per unit, 1 = never pulses
SOURCES = (
    b"\x00\x00\x00\x00"
    b"\x02\x01\x0a\x00"
    b"\x01\x02\x01\x00"
    b"\x02\x02\x01\x00"
    b"\x01\x03\x01\x00"
    b"\x02\x04\x01\x00"
    b"\x01\x05\x01\x00"
    b"\x01\x06\x01\x00"
    b"\x01\x07\x0a\x00"
    b"\x01\x09\x0a\x00"
    b"\x03\x00\x00\x00"
    b"\x02\x08\x0a\x00"
    b"\x04\x00\x00\x01"
    b"\x01\x01\x0a\x00"
    b"\x03\x01\x00\x00"
    b"\x03\x02\x00\x01"
    b"\x04\x03\x00\x01"
)
# faults that close a contact; with PROTECTING, those that open it
FAULTS = ((1005579294, 811073503, 2097152), (0, 507904, 0), (0, 1048576, 0), (0, 810606672, 0))
