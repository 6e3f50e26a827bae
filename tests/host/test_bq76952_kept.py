"""A reset of the controller alone: the chip is left as it is when all of its settings are ours,
and set up anew when a single bit is not."""

import pytest

from hal import contract as c
from tests.host.test_bq76952 import BOTH, OFF, chip_pack, limits

WRITTEN = (  # all that the driver sets: first address, number of bytes (TRM, data memory)
    (0x91A8, 8), (0x9234, 2), (0x9239, 1), (0x9261, 3), (0x9265, 3), (0x9269, 3), (0x9273, 2),
    (0x9275, 32), (0x92AF, 5), (0x92FA, 10), (0x9304, 2), (0x9308, 1),
)  # fmt: skip


def reset_controller(**values):
    """(world, pack, driver, [addresses written]): a new driver on a chip that goes on."""
    world, sim, afe = chip_pack(**values)
    afe.forget()
    return world, sim, afe, noted(afe.chip.memory)


def noted(memory):
    """A list that gets the address of each write."""
    addresses, write = [], memory.write

    def noting(address, data):
        addresses.append(address)
        write(address, data)

    memory.write = noting
    return addresses


def fields(found):
    return {name: getattr(found, name) for name in c.HardwareLimits.FIELDS}


def as_read(afe):
    """The limits that the chip has, as a dictionary."""
    found = c.HardwareLimits()
    assert afe.read_back(found)
    return fields(found)


# req: PRT-15, PRT-22
def test_a_chip_that_has_our_settings_is_not_written():
    world, sim, afe, written = reset_controller()
    assert sim.hal.gates == BOTH
    assert afe.start() and written == [] and sim.hal.gates == OFF
    wanted = limits()
    afe.quantise(wanted)
    assert as_read(afe) == fields(wanted)
    world.run_for(0.3)
    sample = c.Sample()
    assert afe.read(sample) == c.OK and sample.cells_found == 8
    assert all(mv > 3_000 for mv in sample.cell_mv[:8])
    assert afe.set_mosfets(True, True) and afe.mosfets() == 3 and sim.hal.gates == BOTH


# req: PRT-06
def test_a_kept_chip_still_tells_which_trip_its_comparator_for_charge_is():
    for delay_ms, trip in ((1_500, c.LATCH_CHARGE_SHORT), (100, c.LATCH_CHARGE_OC)):
        world, sim, afe, written = reset_controller(charge_oc_delay_ms=delay_ms)
        assert afe.start() and written == []
        assert afe.set_mosfets(True, True)
        sim.hal.change(lambda sim=sim: setattr(sim.plant.sources, "current_a", 500.0))
        world.run_for(1)
        assert afe.latches() == trip


# req: PRT-15, PRT-22
@pytest.mark.parametrize(("first", "size"), WRITTEN)
def test_any_other_bit_is_noticed(first, size):
    _, _, afe, written = reset_controller()
    before, memory = as_read(afe), afe.chip.memory
    for address in range(first, first + size):
        for bit in range(8):
            afe.forget()
            good = memory.read(address, 1)
            memory.write(address, bytes((good[0] ^ 1 << bit,)))
            memory.apply()
            written.clear()
            assert afe.start()
            other = as_read(afe) != before
            assert other or written, (hex(address), bit)  # the gate writes, or start has
            memory.write(address, good)
            if written:
                assert afe.configure(limits())
            memory.apply()
            assert as_read(afe) == before


# req: PRT-15
def test_a_chip_that_is_not_at_work_is_set_up_anew():
    for spoil in (
        lambda chip: chip.power_on(),
        lambda chip: setattr(chip, "update", True),
        lambda chip: setattr(chip, "por", True),
        lambda chip: setattr(chip.fets, "enabled", False),
    ):
        world, _, afe, written = reset_controller()
        spoil(afe.chip)
        world.run_for(0.1)
        assert afe.start() and len(written) > 8
        assert not afe.chip.update and not afe.chip.por and afe.chip.fets.enabled


# req: PRT-15
def test_a_chip_that_talks_without_crc_is_set_up_anew():
    _, _, afe, written = reset_controller()
    afe.chip.window.crc = False
    assert afe.start() and len(written) > 8 and afe.chip.window.crc


# req: PRT-15
def test_a_second_start_writes_everything():
    _, _, afe, written = reset_controller()
    assert afe.start() and written == []
    assert afe.start() and len(written) > 8
    assert as_read(afe) == fields(c.HardwareLimits())


# req: PRT-15, MEA-06
def test_a_transfer_that_fails_while_looking_is_no_proof():
    for n in range(2, 60, 2):
        _, sim, afe, written = reset_controller()
        afe.i2c.nack = n
        good = afe.start()
        afe.i2c.nack = 0
        assert sim.hal.gates == OFF or not good
        if good and not written:
            assert as_read(afe)["cells"] == 8
