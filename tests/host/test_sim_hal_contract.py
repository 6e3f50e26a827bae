"""The simulated board keeps the contract, with and without its optional parts."""

import pytest

from hal import contract as c
from host_sim.bus import ExternalNode
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.sim_hal import OPTIONAL, SERIAL_PORTS, SimHal
from host_sim.world import World
from tests.hal import contract

BARE = tuple(part for part in OPTIONAL if part not in (*SERIAL_PORTS, "can"))


class SimBench(contract.Bench):
    """Time passes in the world; a restart is what the reset pin does."""

    def __init__(self, absent=(), cells=8):
        self.world = World()
        plant = Circuit(RcCells(cells))
        contract.Bench.__init__(self, SimHal(self.world, plant, Sensors(cells), absent=absent))
        self._hosts = {}

    def pass_ms(self, ms):
        self.world.run_for(ms / 1000)

    def restart(self):
        self.hal.clear_outputs()

    def break_bus(self, on):
        self.hal.afe.silent = on

    def _host(self, port):
        if port not in self._hosts:
            self._hosts[port] = port.bus.attach(ExternalNode(port.baud))
        return self._hosts[port]

    def feed(self, port, data):
        self._host(port).send(data)

    def sent(self, port):
        return self._host(port).take()


class SendBench(SimBench):
    """The host listens from the start."""

    def __init__(self, *args, **options):
        SimBench.__init__(self, *args, **options)
        for port in (self.hal.rs485_1, self.hal.rs485_2, self.hal.rs232):
            self._host(port)


# req: HAL-01, PRT-21
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("absent", [(), BARE], ids=["full", "bare"])
def test_contract(check, absent):
    check(SendBench(absent))


# req: HAL-01
def test_unknown_optional_part_is_refused():
    with pytest.raises(ValueError, match="precharge"):
        SimBench(absent=("no_such_part",))


# req: HAL-01, PRT-15
def test_world_starts_60_s_before_the_tick_wrap():
    bench = SimBench()
    assert bench.hal.clock.ticks_ms() == 2**30 - 60_000
    bench.pass_ms(59_999)
    assert bench.hal.clock.ticks_ms() == 2**30 - 1
    bench.pass_ms(1)
    assert bench.hal.clock.ticks_ms() == 0


# req: PRT-22
@pytest.mark.parametrize(
    ("field", "asked", "applied"),
    [
        ("cell_ov_mv", 3650, 3643),  # 72 x 50.6 mV
        ("cell_uv_mv", 2500, 2530),  # 50 x 50.6 mV, upwards
        ("cell_uv_mv", 2479, 2480),  # 49 x 50.6 = 2479.4
        ("short_ma", 525_000, 500_000),  # 100 mV over 0.2 mOhm
        ("short_ma", 499_999, 400_000),  # 80 mV
        ("short_delay_us", 200, 195),  # 15 us steps
        ("short_delay_us", 20, 15),
        ("charge_oc_ma", 423_456, 420_000),  # 2 mV over 0.2 mOhm
        ("discharge_oc_ma", 9_000, 20_000),  # the chip's least
        ("watchdog_ms", 4_999, 4_000),
        ("cell_ov_mv", 0, 0),
    ],
)
def test_limits_are_rounded_to_the_chips_steps(field, asked, applied):
    limits = c.HardwareLimits()
    setattr(limits, field, asked)
    SimBench().hal.afe.quantise(limits)
    assert getattr(limits, field) == applied
