"""Every CAN controller keeps the same contract: the driver of the MCP2515 over its model, and the
simulated controller of the whole-pack simulation."""

import pytest

from hal.parts import Can
from host_sim.can_bus import CanBus, ExternalCanNode, SimCan
from host_sim.world import World
from tests.hal import contract_can
from tests.host.mcp2515_bench import Rig


class SimBench:
    """SimCan on a CanBus."""

    def __init__(self):
        self.world = World()
        self.bus = CanBus(self.world)
        self.can = SimCan(lambda: None)
        self.other = ExternalCanNode()
        self.bus.attach(self.can.node)
        self.bus.attach(self.other)

    def pass_ms(self, ms):
        self.other.bitrate = self.can.node.bitrate
        self.world.run_for(ms / 1000)

    def feed(self, id, extended, data):
        self.other.submit(id, extended, data)
        self.world.run_for(0.001)

    def sent(self):
        return self.other.received

    def alone(self, on):
        self.other.acknowledges = not on

    def disturb(self, on):
        self.can.hold_state(Can.BUS_OFF if on else None)


BENCHES = {
    "mcp2515_8mhz": Rig,
    "mcp2515_16mhz": lambda: Rig(16),
    "mcp2515_without_int": lambda: Rig(interrupt=False),
    "simulation": SimBench,
}


# req: HAL-01, HAL-03
@pytest.mark.parametrize("check", contract_can.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", BENCHES)
def test_contract(check, kind):
    check(BENCHES[kind]())
