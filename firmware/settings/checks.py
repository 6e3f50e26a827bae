"""What makes a set of values safe: ranges, order, absolute windows (PRF-06, PRF-07)."""

from firmware import parameter_ids as ids
from firmware.parameters import FIRST_TEXT, Refused
from firmware.settings import parameter_table as table
from firmware.settings.board import check_cells
from firmware.settings.registry import CAN, IMPLEMENTED, SERIAL
from firmware.settings.rows import (
    COUNT,
    FACTORY,
    READ_ONLY,
    access,
    bounds,
    exists,
    highest_mv,
    key,
    lowest_mv,
)

SERIAL_PORTS = (ids.RS485_1_PROTOCOL, ids.RS485_2_PROTOCOL, ids.RS232_PROTOCOL)


def check_changes(parameters, changes, factory):
    """Raise Refused when {id: value} may not be applied as a whole; changes nothing."""
    for id in changes:
        _check_one(parameters, id, changes[id], factory)
    values = parameters.values
    check_consistency(lambda id: changes.get(id, values[id]))


def check_stored(values, capabilities):
    """Raise Refused unless stored values are in range, consistent and fit the board."""
    check_ranges(values)
    check_consistency(lambda id: values[id])
    check_cells(capabilities, values[ids.CHEMISTRY], values[ids.CELL_COUNT])


def check_ranges(values):
    """Raise Refused when a stored value lies outside its row's range."""
    for id in range(1, COUNT):
        if exists(id):
            low, high, _ = bounds(id)
            if not low <= values[id] <= high:
                raise Refused("%s = %d: allowed are %d..%d" % (key(id), values[id], low, high))


def _ordered(get, names, text):
    """Refuse when the values of `names` do not rise strictly."""
    for i in range(len(names) - 1):
        if get(names[i]) >= get(names[i + 1]):
            low, high = names[i], names[i + 1]
            raise Refused(
                "%s = %d must be below %s = %d (%s)"
                % (key(low), get(low), key(high), get(high), text)
            )


def _at_most(get, low, high):
    if get(low) > get(high):
        raise Refused(
            "%s = %d may be at most %s = %d" % (key(low), get(low), key(high), get(high))
        )


def check_consistency(get):
    """Raise Refused unless the set of values that `get(id)` reads is safe (PRF-06, PRF-07)."""
    _ordered(
        get,
        (ids.POWER_OFF_MV, ids.CELL_UVP_MV, ids.CELL_UVPR_MV, ids.CELL_OVPR_MV, ids.CELL_OVP_MV),
        "power-off < UVP < UVPR < OVPR < OVP",
    )
    _ordered(get, (ids.SOC_0_MV, ids.SOC_100_MV), "SOC 0 % < SOC 100 %")
    _at_most(get, ids.SOC_100_MV, ids.RCV_MV)
    _at_most(get, ids.RFV_MV, ids.RCV_MV)
    _ordered(get, (ids.RCV_MV, ids.CELL_OVP_MV), "RCV < OVP")
    for low, high in (
        (ids.CHARGE_OTPR_DC, ids.CHARGE_OTP_DC),
        (ids.DISCHARGE_OTPR_DC, ids.DISCHARGE_OTP_DC),
        (ids.CHARGE_UTP_DC, ids.CHARGE_UTPR_DC),
        (ids.CHARGE_UTPR_DC, ids.CHARGE_OTPR_DC),
        (ids.DISCHARGE_UTP_DC, ids.DISCHARGE_UTPR_DC),
        (ids.DISCHARGE_UTPR_DC, ids.DISCHARGE_OTPR_DC),
        (ids.MOS_OTPR_DC, ids.MOS_OTP_DC),
        (ids.BATTERY_ALARM_RELEASE_DC, ids.BATTERY_ALARM_DC),
        (ids.CELL_DIFFERENCE_RELEASE_MV, ids.CELL_DIFFERENCE_MV),
        (ids.LOW_SOC_PCT, ids.LOW_SOC_RELEASE_PCT),
        (ids.FORCE_CHARGE_PCT, ids.FORCE_CHARGE_RELEASE_PCT),
    ):
        _ordered(get, (low, high), "recovery inside protection")
    _check_pack_levels(get)
    chemistry = get(ids.CHEMISTRY)
    highest, lowest = highest_mv(chemistry), lowest_mv(chemistry)
    if get(ids.CELL_OVP_MV) > highest:
        raise Refused(
            "cell_ovp_mv = %d: this chemistry allows at most %d" % (get(ids.CELL_OVP_MV), highest)
        )
    if get(ids.CELL_UVP_MV) < lowest:
        raise Refused(
            "cell_uvp_mv = %d: this chemistry allows at least %d" % (get(ids.CELL_UVP_MV), lowest)
        )


def pack_level(get, pack, cell):
    """A pack level in mV: as set, or the cell level times the cell count (PRT-13)."""
    return get(pack) or get(cell) * get(ids.CELL_COUNT)


def _check_pack_levels(get):
    low, low_release = (ids.PACK_UVP_MV, ids.CELL_UVP_MV), (ids.PACK_UVPR_MV, ids.CELL_UVPR_MV)
    high, high_release = (ids.PACK_OVP_MV, ids.CELL_OVP_MV), (ids.PACK_OVPR_MV, ids.CELL_OVPR_MV)
    for inner, outer in ((low, low_release), (low_release, high_release), (high_release, high)):
        below, above = pack_level(get, *inner), pack_level(get, *outer)
        if below >= above:
            raise Refused(
                "%s = %d must be below %s = %d (pack UVP < UVPR < OVPR < OVP)"
                % (key(inner[0]), below, key(outer[0]), above)
            )
    high_alarm, low_alarm = get(ids.PACK_OV_ALARM_MV), get(ids.PACK_UV_ALARM_MV)
    released = pack_level(get, *high_release)
    if high_alarm and high_alarm <= released:
        raise Refused("pack_ov_alarm_mv = %d must be above %d" % (high_alarm, released))
    released = pack_level(get, *low_release)
    if low_alarm and low_alarm >= released:
        raise Refused("pack_uv_alarm_mv = %d must be below %d" % (low_alarm, released))


def _check_one(parameters, id, value, factory):
    if id >= FIRST_TEXT:
        return _check_text(id, value, factory)
    if not exists(id):
        raise Refused("unknown parameter %d" % id, True)
    name = key(id)
    if access(id) == READ_ONLY:
        raise Refused("%s cannot be set" % name, True)
    if not factory and (access(id) == FACTORY or id in parameters.fixed):
        raise Refused("%s is set by the factory" % name, True)
    low, high, _ = bounds(id)
    if not isinstance(value, int) or not low <= value <= high:
        raise Refused("%s = %s: allowed are %d..%d" % (name, value, low, high))
    if id in SERIAL_PORTS:
        _check_protocol(name, SERIAL, value)
    elif id == ids.CAN_PROTOCOL:
        _check_protocol(name, CAN, value)
    return None


def _check_protocol(name, kind, value):
    """Refuse a protocol that has no translation (COM-04, COM-05)."""
    known = [row[1] for row in IMPLEMENTED if row[0] == kind]
    if value not in known:
        text = ", ".join(["%d" % number for number in known])
        raise Refused("%s = %d is not implemented: allowed are %s" % (name, value, text))


def _check_text(id, value, factory):
    index = id - FIRST_TEXT
    if index >= table.TEXT_COUNT:
        raise Refused("unknown parameter %d" % id, True)
    if not factory and access(id) == FACTORY:
        raise Refused("%s is set by the factory" % key(id), True)
    longest = table.TEXT_MAX[index]
    plain = isinstance(value, (bytes, bytearray)) and all(32 <= b < 127 for b in value)
    if not plain or len(value) > longest:
        raise Refused("%s: allowed are up to %d letters and digits" % (key(id), longest))
