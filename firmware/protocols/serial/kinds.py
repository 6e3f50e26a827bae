"""What is wrong with a pack in the words that inverter protocols share: one bit a kind, made from
the standing faults. A protocol's flag field is a tuple of kinds by bit (see `word`).

Every protection belongs to a kind, so that no protocol keeps quiet about one. A warning that a
protocol has beside its protection is that kind or its early sign (`PACK_OV | PACK_HIGH`).
"""

from firmware import fault_ids as f

NONE = 0
# protections
CELL_OV = 1 << 0
CELL_UV = 1 << 1
PACK_OV = 1 << 2
PACK_UV = 1 << 3
CHARGE_OC = 1 << 4
DISCHARGE_OC = 1 << 5
CHARGE_SHORT = 1 << 6
DISCHARGE_SHORT = 1 << 7
CHARGE_OT = 1 << 8
CHARGE_UT = 1 << 9
DISCHARGE_OT = 1 << 10
DISCHARGE_UT = 1 << 11
MOS_OT = 1 << 12
SENSOR = 1 << 13  # a temperature sensor
CELL_FAULT = 1 << 14  # a cell's wire, a damaged cell, a wrong number of cells
FRONT_END = 1 << 15  # no trustworthy data from the measuring chip
CHARGE_MOS = 1 << 16
DISCHARGE_MOS = 1 << 17
PRECHARGE = 1 << 18
SYSTEM = 1 << 19  # any other inner fault
# early signs and states
PACK_HIGH = 1 << 20
PACK_LOW = 1 << 21
DIFFERENCE = 1 << 22
SOC_LOW = 1 << 23
HOT = 1 << 24
DEEP = 1 << 25  # only a small charge current is allowed
CONFLICT = 1 << 26  # two packs with one address
SILENT = 1 << 27  # the inverter, as far as we hear

SHORT = CHARGE_SHORT | DISCHARGE_SHORT
BATTERY_OT = CHARGE_OT | DISCHARGE_OT
BATTERY_UT = CHARGE_UT | DISCHARGE_UT
MOSFETS = CHARGE_MOS | DISCHARGE_MOS | PRECHARGE
INTERNAL = SENSOR | CELL_FAULT | FRONT_END | MOSFETS | SYSTEM

ROWS = (
    (f.CELL_OVP, CELL_OV),
    (f.AFE_CELL_OV, CELL_OV),
    (f.CELL_UVP, CELL_UV),
    (f.AFE_CELL_UV, CELL_UV),
    (f.PACK_OVP, PACK_OV),
    (f.PACK_UVP, PACK_UV),
    (f.CHARGE_OCP, CHARGE_OC),
    (f.CHARGE_OCP2, CHARGE_OC),
    (f.AFE_CHARGE_OC, CHARGE_OC),
    (f.DEEP_CHARGE_OCP, CHARGE_OC),
    (f.DISCHARGE_OCP, DISCHARGE_OC),
    (f.DISCHARGE_OCP2, DISCHARGE_OC),
    (f.AFE_DISCHARGE_OC, DISCHARGE_OC),
    (f.CHARGE_SHORT, CHARGE_SHORT),
    (f.DISCHARGE_SHORT, DISCHARGE_SHORT),
    (f.SHORT_LATCHED, SHORT),
    (f.CHARGE_OTP, CHARGE_OT),
    (f.CHARGE_UTP, CHARGE_UT),
    (f.DISCHARGE_OTP, DISCHARGE_OT),
    (f.DISCHARGE_UTP, DISCHARGE_UT),
    (f.MOS_OTP, MOS_OT),
    (f.TEMP_SENSOR, SENSOR),
    (f.MOS_SENSOR, SENSOR),
    (f.NO_TEMP_SENSOR, SENSOR),
    (f.CELL_COUNT, CELL_FAULT),
    (f.CELL_IMPLAUSIBLE, CELL_FAULT),
    (f.CELL_DAMAGED, CELL_FAULT),
    (f.PACK_SUM, FRONT_END),
    (f.FROZEN_DATA, FRONT_END),
    (f.AFE_LOST, FRONT_END),
    (f.AFE_CONFIG, FRONT_END),
    (f.AFE_WATCHDOG, FRONT_END),
    (f.CHARGE_MOS_STUCK, CHARGE_MOS),
    (f.CHARGE_MOS_FAILED, CHARGE_MOS),
    (f.DISCHARGE_MOS_STUCK, DISCHARGE_MOS),
    (f.DISCHARGE_MOS_FAILED, DISCHARGE_MOS),
    (f.PRECHARGE_FAILED, PRECHARGE),
    (f.CURRENT_SENSOR, SYSTEM),
    (f.OFF_PATH, SYSTEM),
    (f.TRIP_OUTPUT, SYSTEM),
    (f.CONTROL_EXCEPTION, SYSTEM),
    (f.SETTINGS_INVALID, SYSTEM),
    (f.SETTINGS_CORRUPT, SYSTEM),
    (f.BALANCER_STUCK, SYSTEM),
    (f.PACK_OV_ALARM, PACK_HIGH),
    (f.PACK_UV_ALARM, PACK_LOW),
    (f.CELL_DIFFERENCE, DIFFERENCE),
    (f.LOW_SOC, SOC_LOW),
    (f.BATTERY_HOT, HOT),
    (f.DEEP_DISCHARGE, DEEP),
    (f.ADDRESS_CONFLICT, CONFLICT),
    (f.INVERTER_SILENT, SILENT),
)


def kinds(view):
    """The kinds that stand now."""
    found, stands = 0, view.stands
    for fault, kind in ROWS:
        if stands(fault):
            found |= kind
    return found


def word(found, field):
    """The flag field whose bit n is set when a kind of `field[n]` is among `found`."""
    flags = 0
    for bit in range(len(field)):
        if found & field[bit]:
            flags |= 1 << bit
    return flags
