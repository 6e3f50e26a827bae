"""The BQ76952 with its driver in a pack, when something goes wrong: what the chip does alone, what
the driver makes of it, and that no MOSFET closes again by itself."""

import pytest

from hal import contract as c
from hal.chips.bq76952_bleed import Bleeder
from host_sim.chips.afe import ChipAfe
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.controller import TinyController

OFF, BOTH = (False, False), (True, True)


def limits(**values):
    """As the shipped pack asks for them (PRT-22)."""
    out = c.HardwareLimits()
    out.cell_ov_mv, out.cell_ov_delay_ms = 3_650, 2_000
    out.cell_uv_mv, out.cell_uv_delay_ms = 2_150, 4_000
    out.charge_oc_ma, out.charge_oc_delay_ms = 420_000, 1_500
    out.discharge_oc_ma, out.discharge_oc_delay_ms = 420_000, 2_500
    out.short_ma, out.short_delay_us = 525_000, 200
    out.watchdog_ms, out.cells = 4_000, 8
    for name, value in values.items():
        setattr(out, name, value)
    return out


def chip_pack(**values):
    """(world, pack, driver), both MOSFETs on."""
    world, chosen = World(), limits(**values)
    sim = SimPack(
        world,
        build=lambda hal, p: TinyController(hal, p, chosen),
        front_end=ChipAfe,
        start=False,
    )
    world.run_for(0.1)  # the chip's own start
    sim.power_on()
    world.run_for(1)
    assert sim.hal.gates == BOTH
    return world, sim, sim.hal.afe


def opened_after(world, sim, seconds=10):
    """Time until a gate opens, ms."""
    begin = world.now_us
    assert world.run_while(lambda: sim.hal.gates == BOTH, seconds)
    return (world.now_us - begin) / 1000


# req: PRT-06, PRT-22
def test_short_circuit_in_microseconds():
    world, sim, afe = chip_pack()
    sim.hal.change(lambda: setattr(sim.plant.sources, "resistor_ohm", 0.02))
    ms = opened_after(world, sim)
    assert sim.hal.gates == OFF and 0.19 <= ms <= 0.21  # 13 steps of 15 us
    assert afe.latches() == c.LATCH_DISCHARGE_SHORT
    sim.hal.change(lambda: setattr(sim.plant.sources, "resistor_ohm", 0.0))
    world.run_for(20)  # the chip recovers after 6 s
    assert sim.hal.gates == OFF and afe.latches() == c.LATCH_DISCHARGE_SHORT
    assert afe.set_mosfets(True, True) and afe.mosfets() == 0
    assert afe.clear_latches(c.LATCH_DISCHARGE_SHORT) and afe.latches() == 0
    assert sim.hal.gates == OFF
    assert afe.set_mosfets(True, True) and afe.mosfets() == 3


# req: PRT-06
def test_a_short_that_stands_cannot_be_cleared():
    world, sim, afe = chip_pack()
    sim.hal.change(lambda: setattr(sim.plant.sources, "resistor_ohm", 0.02))
    world.run_for(1)
    assert afe.clear_latches(c.LATCH_ALL) and afe.latches() == c.LATCH_DISCHARGE_SHORT


# req: PRT-22
@pytest.mark.parametrize(
    ("asked_ms", "applied_ms", "low_ms", "high_ms"),
    [
        (100, 99, 95, 110),  # OCD1, 3.3 ms a step
        (700, 425, 420, 430),  # its longest
        (1_500, 1_000, 1_000, 1_130),  # OCD3, whole seconds; the current comes with each scan
        (2_500, 2_000, 2_000, 2_130),
    ],
)
def test_discharge_over_current(asked_ms, applied_ms, low_ms, high_ms):
    world, sim, afe = chip_pack(discharge_oc_delay_ms=asked_ms)
    found = c.HardwareLimits()
    assert afe.read_back(found) and found.discharge_oc_delay_ms == applied_ms
    assert found.discharge_oc_ma <= 420_000
    sim.set_current(-found.discharge_oc_ma / 1000 * 0.99)
    world.run_for(5)
    assert sim.hal.gates == BOTH
    sim.set_current(-found.discharge_oc_ma / 1000 * 1.01)
    assert low_ms <= opened_after(world, sim) <= high_ms
    assert sim.hal.gates == (True, False)
    assert afe.latches() == c.LATCH_DISCHARGE_OC


# req: PRT-06, PRT-22
@pytest.mark.parametrize(
    ("asked_ms", "applied_ms", "trip"),
    [
        (100, 99, c.LATCH_CHARGE_OC),
        (425, 425, c.LATCH_CHARGE_OC),
        (426, 9, c.LATCH_CHARGE_SHORT),  # longer than it can: the software's; this is for shorts
        (1_500, 9, c.LATCH_CHARGE_SHORT),
    ],
)
def test_the_comparator_for_charge(asked_ms, applied_ms, trip):
    world, sim, afe = chip_pack(charge_oc_delay_ms=asked_ms)
    found = c.HardwareLimits()
    assert afe.read_back(found)
    assert (found.charge_oc_ma, found.charge_oc_delay_ms) == (420_000, applied_ms)
    sim.set_current(421.0)
    assert applied_ms - 1 <= opened_after(world, sim) <= applied_ms + 2
    assert sim.hal.gates == (False, True) and afe.latches() == trip
    both = trip == c.LATCH_CHARGE_SHORT
    assert afe.mosfets() == (0 if both else c.DISCHARGE_ON)
    sim.set_current(0.0)
    world.run_for(20)
    assert not sim.hal.gates[0] and afe.latches() == trip
    assert afe.clear_latches(trip) and afe.latches() == 0
    assert afe.set_mosfets(True, True) and afe.mosfets() == 3


# req: PRT-06
def test_a_charge_short_is_told_after_a_restart_of_the_controller():
    world, sim, afe = chip_pack()
    sim.set_current(421.0)
    opened_after(world, sim)
    afe.forget()
    assert afe.latches() == c.LATCH_CHARGE_SHORT


# req: PRT-22
@pytest.mark.parametrize(
    ("fault", "mv", "delay_ms", "gates", "latch"),
    [
        ("cell_high", 3_700, 2_000, (False, True), c.LATCH_CELL_OV),
        ("cell_low", 2_100, 4_000, (True, False), c.LATCH_CELL_UV),
    ],
)
@pytest.mark.parametrize("cell", [0, 7])
def test_cell_voltages_of_the_first_and_the_top_input(fault, mv, delay_ms, gates, latch, cell):
    world, sim, afe = chip_pack()
    sim.inject(fault, cell=cell, mv=mv)
    assert delay_ms <= opened_after(world, sim) <= delay_ms + 130
    assert sim.hal.gates == gates and afe.latches() == latch
    sim.clear(fault)
    world.run_for(10)
    assert sim.hal.gates == gates  # recovered in the chip, held off by the host
    assert afe.clear_latches(latch) and afe.set_mosfets(True, True)
    assert afe.mosfets() == 3 and sim.hal.gates == BOTH


# req: PRT-21
def test_a_silent_host_opens_both_within_5_s_and_the_first_reading_keeps_them_open():
    """The chip itself ends its watchdog trip with the first transfer."""
    world, sim, afe = chip_pack()
    sim.inject("cpu_stall")
    sim.hal.watchdog.clear()
    ms = opened_after(world, sim)
    assert sim.hal.gates == OFF and 3_900 <= ms <= 5_000
    world.run_for(30)
    assert sim.hal.gates == OFF
    before_us = afe.clock.now_us()
    afe.read(c.Sample())  # as each cycle begins
    assert sim.hal.gates == OFF and afe.clock.now_us() - before_us < 7_000
    assert afe.latches() & c.LATCH_WATCHDOG and afe.mosfets() == 0
    assert afe.clear_latches(c.LATCH_ALL) and afe.mosfets() == 0


# req: PRT-21
@pytest.mark.parametrize("gates", [(True, True), (True, False), (False, True)])
def test_the_kill_line_beats_the_bus(gates):
    world, sim, afe = chip_pack()
    assert afe.set_mosfets(*gates)
    sim.hal.kill_line.set(True)
    assert sim.hal.gates == OFF and afe.mosfets() == 0
    assert afe.set_mosfets(True, True)
    world.run_for(1)
    assert sim.hal.gates == OFF


# req: MEA-06, PRT-22
def test_a_brown_out_of_the_chip_leaves_both_off_until_it_is_set_up_again():
    world, sim, afe = chip_pack()
    afe.power_on()
    world.run_for(0.05)
    assert sim.hal.gates == OFF
    world.run_for(1)
    assert afe.latches() & c.LATCH_RESET and afe.read(c.Sample()) == c.NOT_READY
    assert afe.set_mosfets(True, True) and afe.mosfets() == 0
    found = c.HardwareLimits()
    assert afe.read_back(found) and found.short_ma == 0  # whatever it has is not ours
    assert afe.configure(limits()) and afe.clear_latches(c.LATCH_ALL)
    assert afe.read_back(found) and found.short_ma == 500_000 and found.cells == 8
    assert afe.set_mosfets(True, True) and afe.mosfets() == 3
    world.run_for(0.5)
    assert sim.controller.results[-1] == c.OK


# req: MEA-06
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_missing_acknowledges_are_tried_again_then_told(n):
    world, sim, afe = chip_pack()
    sample = c.Sample()
    afe.nack = n
    first = afe.read(sample)
    assert first == (c.OK if n == 1 else c.BUS_ERROR)
    world.run_for(0.2)
    afe.nack = 0
    assert afe.read(sample) == c.OK and sim.hal.gates == BOTH


# req: MEA-06, PRT-21
def test_every_call_survives_an_acknowledge_missing_anywhere():
    world, _, afe = chip_pack()
    sample, found = c.Sample(), c.HardwareLimits()
    calls = (
        lambda: afe.read(sample) == c.OK,
        lambda: afe.set_mosfets(True, True),
        lambda: afe.mosfets() == 3,
        lambda: afe.latches() == 0,
        lambda: afe.clear_latches(c.LATCH_ALL),
        lambda: afe.read_back(found) and found.cells == 8,
    )
    for call in calls:
        before = afe.i2c.transfers
        assert call()
        used = afe.i2c.transfers - before
        for first in range(used):
            # two in a row from the n-th transfer on: the second try fails, too
            _fail_from(afe.i2c, first)
            assert call() in (True, False)
            afe.i2c.nack = 0
            world.run_for(0.1)
            assert afe.set_mosfets(True, True) and call()


def _fail_from(i2c, first):
    """The transfers first and first + 1, counted from now on, are not acknowledged."""
    begin, left = i2c._begin, [first]

    def once(address, n):
        left[0] -= 1
        if left[0] < 0:
            i2c.nack = 2
            del i2c._begin
        return begin(address, n)

    i2c._begin = once


# req: PRT-21, MEA-06
@pytest.mark.parametrize("failed", [(True, True), (False, True), (False, False)])
def test_a_command_that_failed_opens_later_and_closes_nothing(failed):
    world, sim, afe = chip_pack()
    for start in ((False, False), (True, False), (True, True)):
        assert afe.set_mosfets(*start) and afe.mosfets() >= 0
        afe.silent = True
        assert not afe.set_mosfets(*failed) and not afe.set_mosfets(*failed)
        afe.silent = False
        world.run_for(0.3)
        assert sim.hal.gates == (start[0] and failed[0], start[1] and failed[1])


# req: MEA-06
def test_a_flipped_bit_never_becomes_a_reading():
    world, _, afe = chip_pack()
    sample, good = c.Sample(), c.Sample()
    assert afe.read(good) == c.OK
    for n in range(1, 30):
        world.run_for(0.1)
        afe.i2c.flips = n % 5
        if afe.read(sample) == c.OK:
            for i in range(8):
                assert abs(sample.cell_mv[i] - good.cell_mv[i]) < 5
        afe.i2c.flips = 0
    assert afe.read(sample) == c.OK


# req: PRT-22
@pytest.mark.parametrize(
    ("field", "raw"), [("cell_ov_mv", 110), ("short_ma", 15), ("cell_uv_mv", 20)]
)
def test_a_setting_that_changed_by_itself_is_read_back(field, raw):
    _, _, afe = chip_pack()
    before, after = c.HardwareLimits(), c.HardwareLimits()
    assert afe.read_back(before)
    afe.flip(field, raw)
    assert afe.read_back(after) and getattr(after, field) != getattr(before, field)


# req: HAL-01, BAL-04
def test_bleeding_ends_20_s_after_the_host_fell_silent():
    world, sim, afe = chip_pack()
    bleeder = Bleeder(afe, 68)
    bleeder.transfer(7, 0, 50)
    world.run_for(90)
    assert afe.chip.balancing == 0x8000 and 40 < bleeder.current_ma() < 60
    sim.inject("cpu_stall")
    sim.hal.watchdog.clear()
    world.run_for(21)
    assert afe.chip.balancing == 0
    assert afe.start() and afe.chip.balancing == 0 and bleeder.current_ma() == 0


# req: HAL-01, BAL-04
def test_bleeding_ends_with_the_settings():
    world, _, afe = chip_pack()
    bleeder = Bleeder(afe, 68)
    bleeder.transfer(0, 1, 50)
    assert afe.chip.balancing == 0x0001
    afe.set_mosfets(False, False)
    assert afe.configure(limits())
    world.run_for(3)
    assert afe.chip.balancing == 0 and bleeder.current_ma() == 0
    bleeder.transfer(0, 1, 0)
    assert afe.chip.balancing == 0
