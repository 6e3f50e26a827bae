"""The simulated inverter obeys charge control and stops when it hears nothing."""

import pytest

from host_sim.pack import SimPack
from host_sim.world import World


@pytest.fixture
def pack():
    """A pack at work, with what it asks for put in by hand."""
    pack = SimPack(World(1), absent=("can", "rs485_1", "rs485_2", "rs232"))
    pack.world.run_for(3)
    pack.controller.charging.step = lambda dt_ms: 60_000
    asked = pack.controller.state.charging
    asked.charge_enable = asked.discharge_enable = True
    asked.ccl_ma, asked.dcl_ma, asked.cvl_mv, asked.dvl_mv = 30_000, 40_000, 28_000, 21_000
    return pack


def flows(pack, wanted_a, seconds=12):
    """Current some time after a wish, A."""
    pack.inverter.want(wanted_a)
    pack.world.run_for(seconds)
    return pack.plant.current_a


# req: CHG-01
def test_it_keeps_to_limits_voltage_and_flags(pack):
    asked = pack.controller.state.charging
    assert flows(pack, 10) == pytest.approx(10, abs=0.1)
    assert flows(pack, 100) == pytest.approx(30, abs=0.1)
    asked.cvl_mv = 26_000  # below the pack
    assert flows(pack, 100) == 0
    asked.cvl_mv, asked.charge_enable = 28_000, False
    assert flows(pack, 100) == pytest.approx(0, abs=0.1)
    assert flows(pack, -100) == pytest.approx(-40, abs=0.1)
    asked.discharge_enable = False
    assert flows(pack, -100) == pytest.approx(0, abs=0.1)


# req: CHG-01
def test_it_stops_at_the_lowest_voltage_and_waits_for_more(pack):
    asked = pack.controller.state.charging
    asked.dvl_mv = 27_000  # above the pack
    assert flows(pack, -20) == 0
    asked.dvl_mv = 26_000  # the pack is not 4 % above
    assert flows(pack, -20) == 0
    asked.dvl_mv = 24_000
    assert flows(pack, -20) == pytest.approx(-20, abs=0.1)


# req: CHG-01
def test_it_stops_when_nobody_speaks(pack):
    assert flows(pack, -20) == pytest.approx(-20, abs=0.1)
    pack.power_off()
    pack.world.run_for(3)
    assert pack.plant.sources.inverter_a == pytest.approx(-20, abs=0.1)
    pack.world.run_for(4)
    assert pack.plant.sources.inverter_a == 0
