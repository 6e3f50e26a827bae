"""The simulated front end protects by itself."""

import pytest

from hal import contract as c
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.controller import TinyController
from tests.host.packs import limits, pack


def latched(world, sim, seconds):
    """(latch bits, gates) after some seconds."""
    world.run_for(seconds)
    return sim.hal.afe.latches(), sim.hal.gates


# --- the chip's own protection -------------------------------------------------------------------


# req: PRT-06
def test_short_opens_both_within_its_delay_and_stays_open():
    world, sim = pack(current_a=-20.0)
    begin_us = world.now_us
    sim.inject("short_circuit")
    assert sim.plant.current_a < -5000.0
    world.run_for(0.001)
    assert sim.plant.current_a == 0.0
    assert sim.hal.gate_log[-1] == (begin_us + 195, False, False)  # 13 steps of 15 us
    assert sim.hal.afe.latches() == c.LATCH_DISCHARGE_SHORT
    assert sim.hal.afe.set_mosfets(True, True) is True
    assert sim.hal.afe.mosfets() == 0  # the latch holds
    assert latched(world, sim, 60) == (c.LATCH_DISCHARGE_SHORT, (False, False))
    sim.clear("short_circuit")
    assert sim.hal.afe.clear_latches(c.LATCH_ALL) is True
    assert sim.hal.afe.mosfets() == 0  # never closes one by itself
    sim.hal.afe.set_mosfets(True, True)
    assert latched(world, sim, 1) == (0, (True, True))


# req: PRT-06
def test_retry_onto_a_standing_short_trips_again():
    world, sim = pack()
    sim.inject("short_circuit")
    world.run_for(0.01)
    sim.hal.afe.clear_latches(c.LATCH_ALL)
    sim.hal.afe.set_mosfets(True, True)
    assert latched(world, sim, 0.001) == (c.LATCH_DISCHARGE_SHORT, (False, False))
    assert len(sim.hal.afe.trips) == 2


# req: PRT-06
def test_charge_short_is_told_from_discharge_short():
    world, sim = pack()
    sim.inject("charge_short")
    assert sim.plant.current_a > 2000.0
    assert latched(world, sim, 0.001) == (c.LATCH_CHARGE_SHORT, (False, False))


# req: PRT-06, PRT-19
@pytest.mark.parametrize(("level_a", "delay_us", "trips"), [(300, 20, True), (525, 200, False)])
def test_switch_on_pulse_into_an_empty_port(level_a, delay_us, trips):
    # 1.9 kA falling with 141 us: 259 us above 300 A, 187 us above 500 A
    world = World()
    chip = limits(short_ma=level_a * 1000, short_delay_us=delay_us)
    sim = SimPack(world, build=lambda hal, p: TinyController(hal, p, chip))
    world.run_for(0.05)
    assert sim.hal.gates == ((False, False) if trips else (True, True))
    assert sim.hal.afe.latches() == (c.LATCH_DISCHARGE_SHORT if trips else 0)


# req: PRT-06
def test_350_a_is_an_allowed_peak():
    world, sim = pack(current_a=-350.0)
    assert latched(world, sim, 5) == (0, (True, True))
    assert sim.plant.current_a == -350.0


# req: PRT-22
def test_chip_over_voltage_opens_the_charge_mos_only():
    world, sim = pack(limits(cell_ov_mv=3650, cell_ov_delay_ms=1000))
    sim.inject("cell_high", cell=3, mv=3644)  # above 72 x 50.6 mV
    assert latched(world, sim, 0.9) == (0, (True, True))
    assert latched(world, sim, 0.4) == (c.LATCH_CELL_OV, (False, True))
    assert sim.hal.afe.clear_latches(c.LATCH_ALL)
    assert sim.hal.afe.latches() == c.LATCH_CELL_OV  # the cause stands
    sim.clear("cell_high")
    world.run_for(0.2)
    sim.hal.afe.clear_latches(c.LATCH_ALL)
    assert latched(world, sim, 5) == (0, (False, True))


# req: PRT-22
def test_chip_delay_starts_anew_when_the_cause_goes():
    world, sim = pack(limits(cell_uv_mv=2480, cell_uv_delay_ms=1000))
    for _ in range(5):
        sim.inject("cell_low", mv=2400)
        world.run_for(0.7)
        sim.clear("cell_low")
        world.run_for(0.3)
    assert sim.hal.afe.latches() == 0
    sim.inject("cell_low", mv=2400)
    assert latched(world, sim, 1.3) == (c.LATCH_CELL_UV, (True, False))


# req: PRT-22, PRT-23
@pytest.mark.parametrize(
    ("amps", "bit", "gates"),
    [
        (430.0, c.LATCH_CHARGE_OC, (False, True)),
        (-430.0, c.LATCH_DISCHARGE_OC, (True, False)),
    ],
)
def test_chip_over_current(amps, bit, gates):
    chip = limits(charge_oc_ma=420_000, discharge_oc_ma=420_000)
    chip.charge_oc_delay_ms = chip.discharge_oc_delay_ms = 2000
    world, sim = pack(chip)
    sim.set_current(amps * 410 / 430)
    assert latched(world, sim, 5) == (0, (True, True))
    sim.set_current(amps)
    assert latched(world, sim, 1.9) == (0, (True, True))
    assert latched(world, sim, 0.4) == (bit, gates)


# req: PRT-21
def test_chip_opens_both_when_the_host_is_silent():
    world, sim = pack(limits(watchdog_ms=4000))
    sim.processor.stop()
    sim.hal.watchdog.clear()
    assert latched(world, sim, 3.8) == (0, (True, True))
    assert latched(world, sim, 0.5) == (c.LATCH_WATCHDOG, (False, False))


# req: PRT-21
def test_kill_line_works_with_a_dead_bus():
    _, sim = pack(current_a=-20.0)
    sim.inject("i2c_silence")
    assert sim.hal.afe.set_mosfets(False, False) is False
    assert sim.plant.current_a == -20.0
    sim.hal.kill_line.set(True)
    assert sim.plant.current_a == 0.0 and sim.hal.gates == (False, False)
    assert sim.hal.afe.mosfets() == -1


# req: PRT-21, PRT-22
def test_chip_that_lost_its_supply_tells_it():
    world, sim = pack(limits(cell_ov_mv=3650))
    sim.inject("afe_reset")
    assert latched(world, sim, 0.1) == (c.LATCH_RESET, (False, False))
    found = c.HardwareLimits()
    sim.hal.afe.read_back(found)
    assert found.cell_ov_mv == 0 and found.short_ma == 0


# req: PRT-06, PRT-15
def test_trip_stays_latched_over_a_firmware_reset():
    world, sim = pack()
    sim.inject("short_circuit")
    world.run_for(0.01)
    sim.reset(c.RESET_BROWN_OUT)
    world.run_for(0.05)
    assert sim.hal.afe.latches() == c.LATCH_DISCHARGE_SHORT


# req: PRT-18
def test_tripped_mos_may_carry_the_other_direction_only():
    world, sim = pack(limits(cell_ov_mv=3650, cell_ov_delay_ms=100), current_a=-20.0)
    sim.inject("cell_high", mv=3700)
    assert latched(world, sim, 0.5) == (c.LATCH_CELL_OV, (False, True))
    sim.hal.afe.set_mosfets(True, True)
    assert latched(world, sim, 1) == (c.LATCH_CELL_OV, (True, True))
    sim.set_current(20.0)
    assert latched(world, sim, 0.11) == (c.LATCH_CELL_OV, (False, True))
    assert sim.plant.current_a == 0.0
    sim.hal.afe.set_mosfets(True, True)
    assert sim.hal.afe.mosfets() == c.DISCHARGE_ON
