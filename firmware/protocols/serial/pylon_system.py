"""Pylontech LV RS485 V3.5: the data of the whole group, commands 60 to 63. Voltages in mV,
temperatures in 0.1 K; the current is in 10 mA in 61, in 0.1 A in 63. Packs count from 0, cells and
sensors from 1, as captured."""

from firmware.protocols.can.figures import Figures
from firmware.protocols.serial import kind_table as k
from firmware.protocols.serial import pylon_pack
from firmware.protocols.serial.kinds import kinds, word
from firmware.protocols.serial.wire import board_dc, kelvin, known_dc, s16, steps, u16

OVER = k.PACK_OV | k.HIGH_VOLTAGE
UNDER = k.PACK_UV | k.LOW_VOLTAGE
# bits from 0; the alarms, then the protections
ALARM1 = (
    k.CELL_DIFFERENCE,
    k.MOS_OT,
    k.CHARGE_UT | k.DISCHARGE_UT,
    k.CHARGE_OT | k.DISCHARGE_OT | k.HIGH_TEMPERATURE,
    k.CELL_UV,
    k.CELL_OV,
    UNDER,
    OVER,
)
ALARM2 = (
    0,
    0,
    0,
    0,
    k.FRONT_END | k.TEMPERATURE_SENSOR | k.INTERNAL,
    k.DISCHARGE_OC | k.DISCHARGE_SHORT,
    k.CHARGE_OC | k.CHARGE_SHORT,
    0,
)
PROTECTION1 = (
    0,
    k.MOS_OT,
    k.CHARGE_UT | k.DISCHARGE_UT,
    k.CHARGE_OT | k.DISCHARGE_OT,
    k.CELL_UV,
    k.CELL_OV,
    k.PACK_UV,
    k.PACK_OV,
)
PROTECTION2 = (
    0,
    0,
    0,
    k.OWN_FAULT,
    0,
    k.DISCHARGE_OC | k.DISCHARGE_SHORT,
    k.CHARGE_OC | k.CHARGE_SHORT,
)


def analog(view, put):
    """Command 61."""
    measured, gauge, sensors = view.measured, view.gauge, Figures(view)
    cycles, soh = u16(gauge.cycles), min(gauge.soh_pct, 100)
    board = kelvin(board_dc(view))
    put(
        b">HhBHHBBHBBHBBHHBBHBB",
        u16(measured.pack_mv),
        s16(steps(measured.shown_ma, 10)),
        view.soc_pct(),
        cycles,
        cycles,
        soh,
        soh,
        measured.max_mv,
        0,
        measured.max_cell + 1,
        measured.min_mv,
        0,
        measured.min_cell + 1,
        kelvin(known_dc(sensors.temp_mean)),
        kelvin(known_dc(measured.temp_max)),
        0,
        u16(sensors.temp_max_no),
        kelvin(known_dc(measured.temp_min)),
        0,
        u16(sensors.temp_min_no),
    )
    for _ in range(2):  # of the MOSFETs, of the controller
        put(b">HHHHH", board, board, 0, board, 0)


def alarm(view, put):
    """Command 62."""
    found = kinds(view)
    alarms = word(found, ALARM1), word(found, ALARM2)
    put(b">BBBB", *alarms, word(found, PROTECTION1), word(found, PROTECTION2))


def management(view, put):
    """Command 63."""
    put(b">HHhhB", *pylon_pack.limits(view, 1), pylon_pack.wishes(view))
