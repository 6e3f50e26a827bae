"""Values as inverter protocols want them: rounded to the wire's step and held at its ends, never
wrapped."""

from firmware.protocols.view import MOS, UNKNOWN_DC

ORDER = (MOS, 0, 1, 2, 3)  # of the temperature sensors


def u16(value):
    """0..65535; what is not known is 0."""
    return max(0, min(value or 0, 65535))


def s16(value):
    """-32768..32767."""
    return max(-32768, min(value, 32767))


def steps(value, step):
    """The nearest whole number of steps."""
    return (value + step // 2) // step


def kelvin(dc):
    """0.1 degC as an unsigned 0.1 K."""
    return u16(dc + 2731)


def known_dc(dc):
    """0.1 degC; UNKNOWN_DC where there is no value."""
    return UNKNOWN_DC if dc is None else dc


def board_dc(view):
    """0.1 degC of the MOSFETs; a board without that sensor shows its warmest other one."""
    dc = view.measured.temp_dc[MOS]
    return known_dc(view.measured.temp_max) if dc is None else dc


def sensors(view):
    """0.1 degC of the sensors that have a value: the MOSFETs first, then the battery."""
    return [dc for dc in [view.measured.temp_dc[i] for i in ORDER] if dc is not None]
