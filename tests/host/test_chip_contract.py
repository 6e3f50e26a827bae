"""The driver of the BQ76952 over the chip's model keeps the contract, with and without CRC, kill
line and the smaller chip; a controller that restarts finds a chip that did not."""

import pytest

from host_sim.chips.afe import ChipAfe
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.sim_hal import SimHal
from host_sim.world import World
from tests.hal import contract, contract_afe, contract_mosfets

KINDS = {
    "crc": {},
    "plain": {"crc": False},
    "bq76942": {"inputs": 10},
    "no_kill_line": {"absent": ("kill_line",)},
    "16_cells": {"cells": 16},
    "3_cells": {"cells": 3},
}


class ChipBench(contract.Bench):
    """Time passes in the world; a restart makes a new driver, the chip goes on."""

    def __init__(self, crc=True, inputs=16, absent=(), cells=8):
        self.world = World()

        def front_end(board):
            return ChipAfe(board, crc=crc, inputs=inputs)

        plant, sensors = Circuit(RcCells(cells)), Sensors(cells)
        hal = SimHal(self.world, plant, sensors, absent=absent, front_end=front_end)
        contract.Bench.__init__(self, hal)

    def pass_ms(self, ms):
        self.world.run_for(ms / 1000)

    def restart(self):
        self.hal.clear_outputs()

    def break_bus(self, on):
        self.hal.afe.silent = on


def front_end_checks():
    """Those that concern the front end; ports and panel are not of its making."""
    return contract_mosfets.CHECKS + contract_afe.CHECKS


# req: HAL-01, PRT-06, PRT-21, PRT-22
@pytest.mark.parametrize("check", front_end_checks(), ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_contract(check, kind):
    bench = ChipBench(**KINDS[kind])
    bench.pass_ms(50)  # the chip's own start
    check(bench)
