"""Pylontech LV RS485 V3.3: the data of one pack, commands 42, 44, 47, 92. Voltages in mV, currents
in 0.1 A (+ charges), temperatures in 0.1 K."""

from firmware import parameter_ids as ids
from firmware.levels import level
from firmware.protocols.serial import kind_table as k
from firmware.protocols.serial import states
from firmware.protocols.serial.kinds import word
from firmware.protocols.serial.states import ABOVE, BELOW, NORMAL, OTHER
from firmware.protocols.serial.wire import ORDER, kelvin, s16, sensors, steps, u16
from firmware.state import OFF

SMALL_MAH = 65000  # above it capacities have three bytes
LARGEST = 0xFFFFFF
STATUS1 = (
    k.PACK_OV | k.HIGH_VOLTAGE,
    k.CELL_UV,
    k.CHARGE_OC | k.CHARGE_SHORT,
    0,
    k.DISCHARGE_OC | k.DISCHARGE_SHORT,
    k.DISCHARGE_OT,
    k.CHARGE_OT,
    k.PACK_UV | k.LOW_VOLTAGE,
)


def analog(view, large, put):
    """Command 42. `large`: capacities with three bytes, in all packs of a group alike."""
    measured, gauge = view.measured, view.gauge
    count, degrees = measured.cell_count, sensors(view)
    put(b">B" + b"H" * count, count, *measured.cell_mv[:count])
    put(b">B" + b"H" * len(degrees), len(degrees), *[kelvin(dc) for dc in degrees])
    left, total = u24(gauge.remaining_mah), u24(gauge.capacity_mah)
    shown_left, shown_total = (0xFFFF, 0xFFFF) if large else (u16(left), u16(total))
    flow = s16(steps(measured.shown_ma, 100)), u16(measured.pack_mv)
    put(b">hHHBHH", *flow, shown_left, 4 if large else 2, shown_total, u16(gauge.cycles))
    if large:
        put(b">BHBH", left >> 16, left & 0xFFFF, total >> 16, total & 0xFFFF)


def u24(mah):
    """A capacity of three bytes; 0 while it is not known."""
    return max(0, min(mah or 0, LARGEST))


def large(view):
    """True when a pack of the group needs three bytes for its capacities."""
    for index in range(view.pack_count):
        if view.pack(index).gauge.capacity_mah > SMALL_MAH:
            return True
    return False


def alarm(view, found, put):
    """Command 44: a state of every value, then five bytes of bits."""
    measured = view.measured
    cells = states.cells(view, found)
    fitted = [i for i in ORDER if measured.temp_dc[i] is not None]
    degrees = [states.sensor(view, found, i) for i in fitted]
    put(b">B" + b"B" * len(cells), len(cells), *cells)
    put(b">B" + b"B" * len(degrees), len(degrees), *degrees)
    errors = 0
    for i in range(len(cells)):
        if cells[i] == OTHER:
            errors |= 1 << i
    inner = OTHER if found & k.OWN_FAULT else NORMAL
    put(
        b">BBBBBBBB",
        ABOVE if found & (k.CHARGE_OC | k.CHARGE_SHORT) else inner,
        state(found, k.PACK_OV | k.HIGH_VOLTAGE, k.PACK_UV | k.LOW_VOLTAGE),
        ABOVE if found & (k.DISCHARGE_OC | k.DISCHARGE_SHORT) else inner,
        word(found, STATUS1),
        switches(view),
        _flows(view),
        errors & 255,
        errors >> 8,
    )


def state(found, above, below):
    """The state code of a value that is one quantity."""
    if found & above:
        return ABOVE
    return BELOW if found & below else NORMAL


def switches(view):
    """Status 2: what is on."""
    mosfets = view.mosfets
    return (
        (view.power.mode != OFF) << 3
        | mosfets.discharge_on << 2
        | mosfets.charge_on << 1
        | mosfets.precharging
    )


def _flows(view):
    """Status 3: what flows."""
    ma = view.measured.shown_ma
    return (ma > 0) << 7 | (ma < 0) << 6 | view.power.heating << 5 | view.gauge.full << 3


def system(view, put):
    """Command 47: the levels of alarm and protection."""
    values = view.values
    put(
        b">HHHHHhHHHHHh",
        values[ids.CELL_OVP_MV],
        values[ids.CELL_UVPR_MV],
        values[ids.CELL_UVP_MV],
        kelvin(values[ids.CHARGE_OTP_DC]),
        kelvin(values[ids.CHARGE_UTP_DC]),
        s16(values[ids.CHARGE_OCP_MA] // 100),
        u16(level(values, ids.PACK_OVP_MV)),
        u16(level(values, ids.PACK_UVPR_MV)),
        u16(level(values, ids.PACK_UVP_MV)),
        kelvin(values[ids.DISCHARGE_OTP_DC]),
        kelvin(values[ids.DISCHARGE_UTP_DC]),
        -s16(values[ids.DISCHARGE_OCP_MA] // 100),
    )


def management(view, put):
    """Command 92: what is asked of the inverter, the discharge current with a minus."""
    put(b">HHhhB", *limits(view, -1), wishes(view))


def limits(view, sign):
    """(charge, discharge voltage in mV, charge, discharge current in 0.1 A) that may be used."""
    charging = view.charging
    return (
        u16(charging.cvl_mv),
        u16(charging.dvl_mv),
        s16(charging.ccl_ma // 100),
        sign * s16(charging.dcl_ma // 100),
    )


def wishes(view):
    """The status byte of commands 92 and 63."""
    charging = view.charging
    return (
        charging.charge_enable << 7
        | charging.discharge_enable << 6
        | charging.force_charge << 5
        | charging.full_charge << 3
    )
