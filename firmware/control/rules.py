"""The protection table: each row one rule (PRT-01..05, 07..11, 13, 23, 24, 26).

fault, quantity, ABOVE or BELOW, trip level, release, trip delay, how it is released; a byte each,
so that the board keeps one constant. Levels are parameter ids or the derived levels of
firmware/levels.py; what a fault switches off is in tables/faults.toml.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.levels import (
    DAMAGED_MV,
    DEEP_MA,
    DEEP_MV,
    DEEP_RELEASE_MV,
    HOT_DC,
    HOT_RELEASE_DC,
    OVP_TRIP_MV,
)

ABOVE = 1
BELOW = 0

# quantities: indices of Protection.quantities
CELL_MAX = 0
CELL_MIN = 1
PACK = 2
CHARGE_MA = 3
DISCHARGE_MA = 4
BATTERY_MAX = 5
BATTERY_MIN = 6
MOS = 7
DIFFERENCE = 8
SOC = 9
DEEP_CHARGE_MA = 10  # charge current while a cell is deeply discharged, else 0
QUANTITIES = 11

# how a tripped rule ends
LEVEL = 0  # at the release level
RECONNECT = 1  # release level for 10 s, off for 60 s, three times an hour (PRT-20)
TIME = 2  # after the release time, s
LATCH = 3  # by the key, once the value is back inside the release level

FIXED = 255  # a delay that is not settable
FIXED_MS = 2000

WIDTH = 7  # bytes of a row
RULES = b"".join(map(bytes, (
    (f.CELL_OVP, CELL_MAX, ABOVE, p.CELL_OVP_MV, p.CELL_OVPR_MV, p.CELL_OVP_DELAY_MS, RECONNECT),  # req: PRT-02
    (f.CELL_UVP, CELL_MIN, BELOW, p.CELL_UVP_MV, p.CELL_UVPR_MV, p.CELL_UVP_DELAY_MS, RECONNECT),  # req: PRT-01
    (f.PACK_OVP, PACK, ABOVE, p.PACK_OVP_MV, p.PACK_OVPR_MV, p.CELL_OVP_DELAY_MS, RECONNECT),  # req: PRT-13
    (f.PACK_UVP, PACK, BELOW, p.PACK_UVP_MV, p.PACK_UVPR_MV, p.CELL_UVP_DELAY_MS, RECONNECT),  # req: PRT-13
    (f.PACK_OV_ALARM, PACK, ABOVE, p.PACK_OV_ALARM_MV, p.PACK_OVPR_MV, p.CELL_OVP_DELAY_MS, LEVEL),  # req: PRT-13
    (f.PACK_UV_ALARM, PACK, BELOW, p.PACK_UV_ALARM_MV, p.PACK_UVPR_MV, p.CELL_UVP_DELAY_MS, LEVEL),  # req: PRT-13
    (f.CELL_DIFFERENCE, DIFFERENCE, ABOVE, p.CELL_DIFFERENCE_MV, p.CELL_DIFFERENCE_RELEASE_MV, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: MEA-07
    (f.LOW_SOC, SOC, BELOW, p.LOW_SOC_PCT, p.LOW_SOC_RELEASE_PCT, FIXED, LEVEL),  # req: MEA-07
    (f.CHARGE_OCP, CHARGE_MA, ABOVE, p.CHARGE_OCP_MA, p.CHARGE_OCP_RELEASE_S, p.CHARGE_OCP_DELAY_S, TIME),  # req: PRT-04
    (f.DISCHARGE_OCP, DISCHARGE_MA, ABOVE, p.DISCHARGE_OCP_MA, p.DISCHARGE_OCP_RELEASE_S, p.DISCHARGE_OCP_DELAY_S, TIME),  # req: PRT-05
    (f.CHARGE_OCP2, CHARGE_MA, ABOVE, p.CHARGE_OCP2_MA, p.CHARGE_OCP_RELEASE_S, p.OCP2_DELAY_MS, TIME),  # req: PRT-23
    (f.DISCHARGE_OCP2, DISCHARGE_MA, ABOVE, p.DISCHARGE_OCP2_MA, p.DISCHARGE_OCP_RELEASE_S, p.OCP2_DELAY_MS, TIME),  # req: PRT-23
    (f.CHARGE_OTP, BATTERY_MAX, ABOVE, p.CHARGE_OTP_DC, p.CHARGE_OTPR_DC, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-07
    (f.CHARGE_UTP, BATTERY_MIN, BELOW, p.CHARGE_UTP_DC, p.CHARGE_UTPR_DC, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-08
    (f.DISCHARGE_OTP, BATTERY_MAX, ABOVE, p.DISCHARGE_OTP_DC, p.DISCHARGE_OTPR_DC, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-09
    (f.DISCHARGE_UTP, BATTERY_MIN, BELOW, p.DISCHARGE_UTP_DC, p.DISCHARGE_UTPR_DC, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-08
    (f.MOS_OTP, MOS, ABOVE, p.MOS_OTP_DC, p.MOS_OTPR_DC, p.MOS_TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-10
    (f.BATTERY_HOT, BATTERY_MAX, ABOVE, p.BATTERY_ALARM_DC, p.BATTERY_ALARM_RELEASE_DC, p.TEMPERATURE_DELAY_MS, LEVEL),  # req: PRT-11
    (f.TRIP_OUTPUT, CELL_MAX, ABOVE, OVP_TRIP_MV, p.CELL_OVPR_MV, FIXED, LATCH),  # req: PRT-24
    (f.TRIP_OUTPUT, BATTERY_MAX, ABOVE, HOT_DC, HOT_RELEASE_DC, FIXED, LATCH),  # req: PRT-24
    (f.DEEP_DISCHARGE, CELL_MIN, BELOW, DEEP_MV, DEEP_RELEASE_MV, FIXED, LEVEL),  # req: PRT-26
    (f.DEEP_CHARGE_OCP, DEEP_CHARGE_MA, ABOVE, DEEP_MA, p.CHARGE_OCP_RELEASE_S, FIXED, TIME),  # req: PRT-26
    (f.CELL_DAMAGED, CELL_MIN, BELOW, DAMAGED_MV, DEEP_RELEASE_MV, FIXED, LATCH),  # req: PRT-26
)))  # fmt: skip

SECONDS = (p.CHARGE_OCP_DELAY_S, p.DISCHARGE_OCP_DELAY_S)


def delay_ms(values, id):
    """A trip delay in ms, whatever unit its parameter has."""
    if id == FIXED:
        return FIXED_MS
    return values[id] * 1000 if id in SECONDS else values[id]
