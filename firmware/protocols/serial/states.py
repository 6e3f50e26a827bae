"""The state of one value among several: normal, too low, too high, or not to be trusted."""

from firmware import parameter_ids as ids
from firmware.protocols.serial import kind_table as k
from firmware.protocols.view import MOS

NORMAL = 0x00
BELOW = 0x01
ABOVE = 0x02
OTHER = 0xF0
PLAUSIBLE_MV = (500, 5500)
CELL_ALARMS = k.VOLTAGE_READING | k.CELL_OV | k.CELL_UV
BATTERY_OT = k.CHARGE_OT | k.DISCHARGE_OT | k.HIGH_TEMPERATURE
BATTERY_UT = k.CHARGE_UT | k.DISCHARGE_UT


def cells(view, found):
    """The state of every cell."""
    count = view.measured.cell_count
    if not found & CELL_ALARMS:
        return [NORMAL] * count
    return [cell(view, found, i) for i in range(count)]


def cell(view, found, i):
    """The state of a cell while the alarms `found` stand: those beyond the release level are
    meant, and the one that is furthest."""
    measured, values = view.measured, view.values
    mv = measured.cell_mv[i]
    if found & k.VOLTAGE_READING and not PLAUSIBLE_MV[0] <= mv <= PLAUSIBLE_MV[1]:
        return OTHER
    if found & k.CELL_OV and (mv >= values[ids.CELL_OVPR_MV] or i == measured.max_cell):
        return ABOVE
    if found & k.CELL_UV and (mv <= values[ids.CELL_UVPR_MV] or i == measured.min_cell):
        return BELOW
    return NORMAL


def sensor(view, found, i):
    """The state of T1..T4 (0..3) or of the MOSFETs (4); the hottest and the coldest of the battery
    are meant."""
    measured = view.measured
    dc = measured.temp_dc[i]
    if i == MOS:
        return ABOVE if found & k.MOS_OT else NORMAL
    if found & BATTERY_OT and dc == measured.temp_max:
        return ABOVE
    if found & BATTERY_UT and dc == measured.temp_min:
        return BELOW
    return NORMAL
