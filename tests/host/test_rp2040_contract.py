"""The RP2040's HAL, as boards/pico_bq76952 builds it, keeps the contract over a fake `machine`
and the models of its chips."""

import pytest

from host_sim import board_hal
from host_sim.bus import ExternalNode
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.world import World
from tests.hal import contract

PORTS = ("rs485_1", "rs485_2", "rs232")


class BoardBench(contract.Bench):
    """Time passes in the world; a restart is what the watchdog does to the chip: every pad is an
    input, and the board's code starts anew."""

    def __init__(self, cells=8, absent=()):
        self.world = World()
        plant = Circuit(RcCells(cells))
        make = board_hal.front_of("pico_bq76952")
        self.sim = make(self.world, plant, Sensors(cells), absent=absent)
        self.pass_ms(50)  # the front end's own start
        contract.Bench.__init__(self, self.sim.firmware_side())
        self._hosts = {name: self.sim.buses[name].attach(ExternalNode(9600)) for name in PORTS}

    def pass_ms(self, ms):
        self.world.run_for(ms / 1000)

    def restart(self):
        self.sim.clear_outputs()
        self.hal = self.sim.firmware_side()

    def break_bus(self, on):
        self.sim.afe.silent = on

    def _host(self, port):
        return self._hosts[next(name for name in PORTS if getattr(self.hal, name) is port)]

    def feed(self, port, data):
        self._host(port).send(data)

    def sent(self, port):
        return self._host(port).take()


# req: HAL-01, HAL-02, PRT-21
@pytest.mark.parametrize("cells", [8, 16])
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
def test_contract(check, cells):
    check(BoardBench(cells))
