"""The driver of the MCP23017 over its model: lamps and contacts, DIP switch, brown-out, bus."""

import pytest

from hal.chips.mcp23017 import ADDRESS, Mcp23017
from host_sim.chips.bus import BusClock, I2cBus
from host_sim.chips.mcp23017 import Mcp23017Chip
from host_sim.world import World

OUTPUTS, PULL_UPS = 0xC3FF, 0x3C00


class Rig:
    """`closed`: DIP switches that pull their pin low."""

    def __init__(self):
        self.closed = 0
        self.chip = Mcp23017Chip(lambda: (self.closed << 10, 0))
        self.bus = I2cBus(BusClock(World()), {ADDRESS: self.chip})
        self.driver = Mcp23017(self.bus, ADDRESS, OUTPUTS, PULL_UPS)

    def dip(self):
        word = self.driver.read()
        return word if word < 0 else ~word >> 10 & 15


@pytest.fixture
def rig():
    return Rig()


def test_the_model_starts_as_the_datasheet_says(rig):
    read = rig.bus.readfrom_mem_into
    buffer = bytearray(22)
    read(ADDRESS, 0, buffer)
    assert buffer == b"\xff\xff" + bytes(20)
    rig.bus.writeto(ADDRESS, b"\x12\x5a")  # GPIO writes go to OLAT
    read(ADDRESS, 0x14, memoryview(buffer)[:2])
    assert buffer[0] == 0x5A and rig.chip.outputs() == 0
    rig.bus.writeto(ADDRESS, b"\x00\xf0")
    assert rig.chip.outputs() == 0x0A


# req: HAL-01
def test_outputs_and_switches(rig):
    assert rig.driver.write(0x8201) and rig.chip.outputs() == 0x8201
    for closed in range(16):
        rig.closed = closed
        assert rig.dip() == closed
    assert rig.driver.restored == 0 and rig.driver.errors == 0


# req: HAL-01
def test_a_brown_out_never_reads_as_a_closed_switch(rig):
    rig.driver.write(0)
    for _ in range(3):
        rig.chip.power_on()
        assert rig.dip() == 0
    rig.driver.write(0x4003)
    rig.chip.power_on()
    assert rig.driver.read() >= 0 and rig.chip.outputs() == 0x4003
    assert rig.driver.restored == 4


# req: HAL-01
def test_reset_pin_and_silent_bus(rig):
    assert rig.driver.write(0x0001)
    rig.chip.reset(True)
    assert rig.driver.write(0x0003) is False and rig.driver.read() == -1
    assert rig.chip.outputs() == 0
    rig.chip.reset(False)
    assert rig.driver.read() >= 0 and rig.chip.outputs() == 0x0003  # what was wanted meanwhile
    rig.bus.silent = True
    assert rig.driver.write(0) is False
    rig.bus.silent = False
    rig.bus.nack = 1
    assert rig.driver.write(0) and rig.chip.outputs() == 0


# req: HAL-01
def test_every_flipped_bit_on_the_bus_is_noticed(rig):
    for n in range(1, 8):
        rig.driver.write(0x0005)
        rig.bus.flips = n
        done = rig.driver.write(0x4002)
        rig.bus.flips = 0
        assert not done or rig.chip.outputs() == 0x4002
        assert rig.driver.read() >= 0 and rig.chip.outputs() == 0x4002


# req: HAL-01
def test_a_shorted_lamp_is_told(rig):
    rig.driver.write(0x0007)
    rig.chip.stuck_low = 0x0002
    assert rig.driver.read() >= 0 and rig.driver.shorted == 0x0002
