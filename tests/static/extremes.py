"""Drives the control cycle with everything that a converter and the settings can say.

Runs under tests/static/int31.py, which notes every value beyond 31 bits. Exit code 1 when the
firmware itself caught an exception.
"""

import itertools
import sys

from firmware import fault_ids
from firmware import parameter_ids as ids
from firmware.controller import Controller
from firmware.parameters import Parameters
from firmware.settings.rows import bounds
from hal import contract as c
from host_sim.tables import PROFILES
from tests.fakes.hal import FakeHal

CELL_MV = (0, 500, 1900, 3300, 3650, 5500, 65535)
CURRENT_MA = (0, -1, 250_000, -250_000, 2_000_000, -2_000_000)
TEMP_DC = (250, -400, 1250, c.SENSOR_OPEN, c.SENSOR_SHORT)
WIDE = (
    ids.CELL_COUNT,
    ids.DESIGN_CAPACITY_MAH,
    ids.CURRENT_RANGE_MA,
    ids.CHARGE_OCP_MA,
    ids.DISCHARGE_OCP_MA,
    ids.CURRENT_GAIN,
    ids.VOLTAGE_GAIN,
)


def settings(profile, edge):
    """Parameters of a profile; edge 0 as they are, 1 the widest, -1 the narrowest numbers."""
    parameters = Parameters(profile)
    if edge:
        for id in WIDE:
            low, high, _ = bounds(id)
            parameters.values[id] = high if edge > 0 else low
        parameters.seal()
    return parameters


def drive(parameters):
    """Cycles through all inputs; faults that stood although only exceptions raise them."""
    cells = parameters.values[ids.CELL_COUNT]
    hal = FakeHal(cells)
    controller = Controller(hal, parameters)
    controller.load_all()
    for _ in range(20):  # past the start-up gate
        controller.cycle(100)
    seen = set()
    for mv, ma, temp in itertools.product(CELL_MV, CURRENT_MA, TEMP_DC):
        for cell in range(cells):
            hal.afe.cell_mv[cell] = mv
        hal.afe.current_ma = ma
        hal.afe.temp_dc = [temp] * c.TEMPERATURES
        hal.afe.port_mv = mv * cells
        for dt_ms in (100, 100, 100, 100, 60_000, 100):
            controller.cycle(dt_ms)
            controller.charging.step(dt_ms)
            for fault in (fault_ids.CONTROL_EXCEPTION, fault_ids.GAUGE_EXCEPTION):
                if controller.faults.stands(fault):
                    seen.add((mv, ma, temp, fault))
    return seen


def main():
    """All profiles, ordinary and extreme settings."""
    seen = set()
    for profile, edge in itertools.product(PROFILES, (0, 1, -1)):
        seen |= {(profile, edge, *row) for row in drive(settings(profile, edge))}
    for row in sorted(seen)[:20]:
        print("exception:", row)
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
