"""Faults of the power circuit: MOSFETs, shorts, surges, heat (see injection.py)."""


def switch(flag):
    """A MOSFET fault: an attribute of the circuit."""

    def on(pack):
        plant = pack.plant

        def put(value):
            setattr(plant, flag, value)
            plant.switches_changed()

        pack.hal.change(lambda: put(True))
        return lambda: pack.hal.change(lambda: put(False))

    return on


def _attribute(owner_of, name):
    """A fault that puts a value into an attribute of the circuit; undone with the old one."""

    def on(pack, value):
        owner = owner_of(pack)
        old = getattr(owner, name)
        pack.hal.change(lambda: setattr(owner, name, value))
        return lambda: pack.hal.change(lambda: setattr(owner, name, old))

    return on


_resistor = _attribute(lambda pack: pack.plant.sources, "resistor_ohm")
_ambient = _attribute(lambda pack: pack.plant, "ambient_c")
_abuse = _attribute(lambda pack: pack.plant, "abuse_w")
_heater = _attribute(lambda pack: pack.plant, "heater_stuck")


def _source(pack, amps, volts):
    sources = pack.plant.sources
    old = sources.charger_a, sources.charger_v

    def put(pair):
        sources.charger_a, sources.charger_v = pair

    pack.hal.change(lambda: put((amps, volts)))
    return lambda: pack.hal.change(lambda: put(old))


def _charge_short(pack, volts=10.0):
    return _source(pack, 20_000.0, pack.plant.pack_v() + volts)


def _surge(pack, amps=250.0, volts=None):
    top = pack.plant.pack_v() * 1.3 if volts is None else volts
    return _source(pack, amps, top)


def _set_cells(pack, celsius=-5.0):
    pack.hal.change(lambda: pack.plant.cells.set_temperature(celsius))


def _lead(pack, cell=0, ohm=0.8):
    wires = pack.plant.lead_ohm
    if cell not in range(len(wires) - 1):
        raise ValueError(f"cell {cell}: there are {len(wires) - 1}, counted from 0")
    old = wires[cell + 1]

    def put(value):
        wires[cell + 1] = value

    pack.hal.change(lambda: put(ohm))
    return lambda: pack.hal.change(lambda: put(old))


FAULTS = {
    "mos_charge_stuck": ("the charge MOS conducts for ever", switch("charge_stuck")),
    "mos_discharge_stuck": ("the discharge MOS conducts for ever", switch("discharge_stuck")),
    "mos_charge_fails": ("the charge MOS does not switch on", switch("charge_fails")),
    "mos_discharge_fails": ("the discharge MOS does not switch on", switch("discharge_fails")),
    "short_circuit": (
        "a short at the port (ohm=0.002)",
        lambda pack, ohm=0.002: _resistor(pack, ohm),
    ),
    "port_load": (
        "a plain resistor at the port that never locks out (ohm=10): pre-charge fails",
        lambda pack, ohm=10.0: _resistor(pack, ohm),
    ),
    "charge_short": ("a stiff source of the wrong voltage (volts=10 above)", _charge_short),
    "charger_surge": ("a charger out of control (amps=250, volts=1.3 x pack)", _surge),
    "thermal_runaway": (
        "heat in the cells (watts=20000)",
        lambda pack, watts=20_000.0: _abuse(pack, watts),
    ),
    "lead": (
        "a bad positive balance lead (cell=0, ohm=0.8); the next cell shares it",
        _lead,
    ),
    "heater_stuck": ("the heater stays on", lambda pack: _heater(pack, True)),
    "ambient": (
        "surroundings of another temperature (celsius=-10)",
        lambda pack, celsius=-10.0: _ambient(pack, celsius),
    ),
    "cells_at": ("all cells jump to a temperature (celsius=-5); an event", _set_cells),
}
