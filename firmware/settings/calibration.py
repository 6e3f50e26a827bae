"""Calibration (MEA-04): the user enters what his meter shows; the result is a parameter change.

Refused when implausible: more than 10 % away, less than 2 A flowing, MOSFETs not off for the zero.
"""

from firmware import parameter_ids as p
from firmware.parameters import Refused

FLOWING_MA = 2_000


def voltage(values, measured, entered_mv):
    """{id: value} so that the measured pack voltage becomes `entered_mv`."""
    if not measured.valid:
        raise Refused("voltage calibration: no valid measurement now")
    _near("voltage calibration", entered_mv, measured.pack_mv, "mV")
    gain = (values[p.VOLTAGE_GAIN] * entered_mv + measured.pack_mv // 2) // measured.pack_mv
    return {p.VOLTAGE_GAIN: _gain("voltage calibration", gain)}


def current(values, measured, entered_ma):
    """{id: value} so that the measured current becomes `entered_ma` (signed, + charges)."""
    if not measured.valid or abs(measured.current_ma) < FLOWING_MA:
        raise Refused("current calibration: at least 2 A must flow")
    _near("current calibration", entered_ma, measured.current_ma, "mA")
    # differences are at most a tenth: in 10 mA the product stays below 2**30 up to 9000 A
    part = 1 if abs(measured.current_ma) < 90_000 else 10
    entered, now = abs(entered_ma) // part, abs(measured.current_ma) // part
    old = values[p.CURRENT_GAIN]
    gain = old + ((entered - now) * old + now // 2) // now
    return {p.CURRENT_GAIN: _gain("current calibration", gain)}


def zero(values, measured, mosfets, raw_ma):
    """{id: value} so that `raw_ma` counts as no current; both MOSFETs must be off."""
    if not measured.valid or mosfets.charge_on or mosfets.discharge_on:
        raise Refused("current zero: both MOSFETs must be off")
    if mosfets.limiting or mosfets.precharging:
        raise Refused("current zero: current flows beside the MOSFETs")
    return {p.CURRENT_ZERO_MA: raw_ma}


def _near(what, entered, measured, unit):
    if abs(entered - measured) > abs(measured) // 10:
        raise Refused(
            "%s: %d %s is more than 10 %% away from the measured %d %s"
            % (what, entered, unit, measured, unit)
        )


def _gain(what, gain):
    if not 9000 <= gain <= 11000:
        raise Refused("%s: gain %d, allowed are 9000..11000" % (what, gain))
    return gain
