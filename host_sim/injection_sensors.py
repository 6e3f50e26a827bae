"""Faults of sensors and of the front end's converters (see injection.py)."""

from hal import contract as c

SENSORS = {"t1": 0, "t2": 1, "t3": 2, "t4": 3, "mos": c.MOS_SENSOR}


def _force(channel, value):
    """Force a channel; the undo function frees it."""
    channel.forced = value

    def undo():
        channel.forced = None

    return undo


def _flag(owner, name, value=True):
    """Set an attribute; the undo function brings the old value back."""
    old = getattr(owner, name)
    setattr(owner, name, value)
    return lambda: setattr(owner, name, old)


def _open_wire(pack, cell=0):
    """The neighbour sees the voltage of both, the cell itself nothing."""
    cells = pack.sensors.cells
    if not 0 <= cell < len(cells):
        raise ValueError(f"cell {cell}: there are {len(cells)}, counted from 0")
    neighbour = cell + 1 if cell + 1 < len(cells) else cell - 1
    volts = pack.plant.cell_voltages()
    undo = _force(cells[cell], 0)
    undo_too = _force(cells[neighbour], round(1000 * (volts[cell] + volts[neighbour])))

    def both():
        undo()
        undo_too()

    return both


def _cell(default_mv):
    def on(pack, cell=0, mv=default_mv, tap=True):
        sensors = pack.sensors
        if not 0 <= cell < len(sensors.cells):
            raise ValueError(f"cell {cell}: there are {len(sensors.cells)}, counted from 0")
        free = _force(sensors.cells[cell], mv)
        if tap:
            sensors.tap_cells.add(cell)

        def undo():
            sensors.tap_cells.discard(cell)
            free()

        return undo

    return on


def _temperature(special):
    def on(pack, sensor="t1"):
        number = SENSORS.get(sensor, sensor)
        if number not in range(c.TEMPERATURES):
            raise ValueError(f"sensor {sensor}: {', '.join(SENSORS)}")
        return _force(pack.sensors.temperatures[number], special)

    return on


def _reading(default_c, sensors):
    def on(pack, celsius=default_c):
        channels = [pack.sensors.temperatures[i] for i in sensors]
        undone = [_force(channel, round(celsius * 10)) for channel in channels]

        def undo():
            for one in undone:
                one()

        return undo

    return on


def _current_stuck(pack, ma=None):
    return _force(pack.sensors.current, pack.hal.afe.current_ma if ma is None else ma)


def _current_saturated(pack, charging=False):
    range_ma = pack.sensors.range_ma
    return _force(pack.sensors.current, range_ma if charging else -range_ma)


FAULTS = {
    "open_wire": ("a cell wire is open (cell=0): it reads 0, its neighbour both", _open_wire),
    "cell_high": (
        "a cell is high (cell=0, mv=3700); the pack tap sees it unless tap=False",
        _cell(3700),
    ),
    "cell_low": (
        "a cell is low (cell=0, mv=2400); the pack tap sees it unless tap=False",
        _cell(2400),
    ),
    "sensor_open": ("a temperature sensor is open (sensor=t1..t4, mos)", _temperature(-32768)),
    "sensor_short": ("a temperature sensor is short (sensor=t1..t4, mos)", _temperature(32767)),
    "over_temperature": ("battery sensors read hot (celsius=65)", _reading(65, range(4))),
    "cold": ("battery sensors read cold (celsius=-10)", _reading(-10, range(4))),
    "mos_hot": ("the MOS sensor reads hot (celsius=110)", _reading(110, (c.MOS_SENSOR,))),
    "current_saturated": ("current reads its range (charging=False)", _current_saturated),
    "current_stuck": ("current stays at its last reading, or at ma=", _current_stuck),
    "current_reversed": (
        "current reads with the wrong sign",
        lambda pack: _flag(pack.sensors.current, "gain", -pack.sensors.current.gain),
    ),
    "current_offset": (
        "current reads ma=1000 too much",
        lambda pack, ma=1000: _flag(pack.sensors.current, "offset", ma),
    ),
    "frozen_adc": (
        "the voltage converter repeats its codes; current and scan counter run on",
        lambda pack: _flag(pack.hal.afe, "frozen_adc"),
    ),
    "frozen_scan": (
        "the chip stops scanning",
        lambda pack: _flag(pack.hal.afe, "frozen_scan"),
    ),
    "pack_tap_off": ("the pack tap is off", lambda pack: _flag(pack.hal.afe, "no_tap")),
}
