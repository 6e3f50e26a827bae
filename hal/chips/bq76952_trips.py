"""Safety Status of a BQ76952 as LATCH_ bits of the contract, and the MOSFETs that they block."""

from hal import contract as c

CARRY_MA = 500  # body-diode carrying: a latch of one direction does not block (PRT-18)

CHARGE_TRIPS = c.LATCH_CELL_OV | c.LATCH_CHARGE_OC
DISCHARGE_TRIPS = c.LATCH_CELL_UV | c.LATCH_DISCHARGE_OC
BOTH_TRIPS = c.LATCH_DISCHARGE_SHORT | c.LATCH_CHARGE_SHORT | c.LATCH_WATCHDOG


def standing(a, third, charge):
    """LATCH_ bits of Safety Status A and C; `charge` is the one that OCC stands for."""
    bits = c.LATCH_DISCHARGE_SHORT if a & 0x80 or third & 0x40 else 0  # SCD, SCDL
    if a & 0x60 or third & 0xA0:  # OCD1, OCD2, OCD3, OCDL
        bits |= c.LATCH_DISCHARGE_OC
    if a & 0x10:
        bits |= charge
    if a & 0x08 or third & 0x10:  # COV, COVL
        bits |= c.LATCH_CELL_OV
    if a & 0x04:
        bits |= c.LATCH_CELL_UV
    return bits | c.LATCH_WATCHDOG if third & 0x02 else bits


def blocked(latched, current_ma):
    """MOSFETs that may not be on. The trip of one direction lets a current of the other one pass:
    the chip's body-diode protection watches it (PRT-18)."""
    if latched & BOTH_TRIPS:
        return c.CHARGE_ON | c.DISCHARGE_ON
    bits = 0
    if latched & CHARGE_TRIPS and current_ma > -CARRY_MA:
        bits = c.CHARGE_ON
    if latched & DISCHARGE_TRIPS and current_ma < CARRY_MA:
        bits |= c.DISCHARGE_ON
    return bits
