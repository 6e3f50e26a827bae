"""I2C byte by byte, as an emulated controller says it, over the model of the BQ76952 (bytes of
TI's software guide SLUAA11B, section 4)."""

import pytest

from host_sim.chips.afe import ChipAfe
from host_sim.chips.bus import I2cDevice
from host_sim.chips.i2c_port import I2cPort
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.sim_hal import SimHal
from host_sim.world import World


@pytest.fixture
def chip():
    """A BQ76952 over 16 cells, awake."""
    hal = SimHal(World(), Circuit(RcCells(16)), Sensors(16), front_end=ChipAfe)
    hal.afe.chip.advance(300_000)
    return hal.afe.chip


def write(port, text):
    """Acknowledges of a write to 0x08."""
    acks = [port.start(0x08, False)] + [port.write(byte) for byte in bytes.fromhex(text)]
    port.stop()
    return acks


def read(port, register, n):
    assert port.start(0x08, False) and port.write(register) and port.start(0x08, True)
    data = bytes(port.read() for _ in range(n))
    port.stop()
    return data


# req: HAL-01
def test_a_cell_and_the_device_number(chip):
    port = I2cPort({0x08: chip.window})
    mv = int.from_bytes(read(port, 0x14, 2), "little")
    assert 3_000 < mv < 3_600
    assert all(write(port, "3E 01 00"))
    assert read(port, 0x3E, 2) == b"\xff\xff"  # under way
    chip.advance(2_000)
    assert read(port, 0x3E, 2) == b"\x01\x00" and read(port, 0x40, 2) == b"\x95\x76"


# req: HAL-01
def test_crc_bytes(chip):
    port = I2cPort({0x08: chip.window})
    chip.window.crc = True
    assert all(write(port, "3E 22 63 00 00"))
    chip.advance(2_000)
    assert chip.fets.enabled
    assert write(port, "3E 22 62 00 00") == [True, True, True, False, False, False]
    chip.advance(2_000)
    assert chip.fets.enabled  # the toggle was refused
    chip.scan.image[0x14:0x16] = b"\x68\x0b"
    assert read(port, 0x14, 4) == b"\x68\x33\x0b\x31"


# req: HAL-01
def test_nobody_at_an_address_and_a_chip_that_boots(chip):
    port = I2cPort({0x08: chip.window})
    assert not port.start(0x09, False) and not port.write(0) and port.read() == 0xFF
    chip.power_on()
    assert not port.start(0x08, False)
    chip.advance(50_000)
    assert port.start(0x08, False)
    port.silent = True
    assert not port.start(0x08, True)


# req: HAL-01
def test_a_read_without_a_register_goes_on_from_the_last_one():
    class Memory(I2cDevice):
        written = []

        def write_from(self, register, data):
            self.written.append((register, data))

        def read_from(self, register, n):
            return bytes(range(register, register + n))

    memory = Memory()
    port = I2cPort({0x20: memory})
    assert port.start(0x20, False) and port.write(0x05)
    port.stop()
    assert port.start(0x20, True)
    assert [port.read(), port.read()] == [5, 6]
    assert port.start(0x20, False) and port.write(0x07) and port.write(0xAA)
    port.stop()
    assert memory.written == [(5, b""), (7, b"\xaa")]
