"""Bytes on the wires of an MCP23017, literally (DS20001952, table 3-3 with IOCON.BANK = 0)."""

from hal.chips.mcp23017 import Mcp23017
from tests.fakes.wire import FAIL, Wire, r, w

# the panel of a board: lamps at pins 0..9, DIP switch at 10..13, contacts at 14, 15
OUTPUTS, PULL_UPS = 0xC3FF, 0x3C00


def start(word="00 00"):
    """Levels, pull-ups, directions, and a look at them."""
    return w("14 " + word), w("0C 00 3C"), w("00 00 3C"), r(0x00, "00 3C")


def make(*script, address=0x20):
    wire = Wire(*script, address=address)
    return wire, Mcp23017(wire, address, OUTPUTS, PULL_UPS)


# req: HAL-01
def test_outputs_are_set_before_they_drive_and_read_back():
    wire, chip = make(*start("A5 42"), w("14 A5 42"), r(0x14, "A5 42"))
    assert chip.write(0x42A5) and wire.done()
    assert chip.errors == 0 and chip.restored == 0


# req: HAL-01
def test_inputs_cannot_be_driven():
    wire, chip = make(*start("FF C3"), w("14 FF C3"), r(0x14, "FF C3"))
    assert chip.write(0xFFFF) and wire.done()


# req: HAL-01
def test_pins_are_read_with_pull_ups_and_levels():
    # GPPU INTF INTCAP GPIO OLAT in one go
    wire, chip = make(*start(), r(0x0C, "00 3C 00 00 00 00 00 28 00 00"))
    assert chip.read() == 0x2800 and chip.shorted == 0 and wire.done()


# req: HAL-01
def test_the_address_is_settable():
    wire, chip = make(*start(), w("14 00 00"), r(0x14, "00 00"), address=0x27)
    assert chip.write(0) and wire.done()


# req: HAL-01
def test_a_chip_that_was_reset_gets_everything_again():
    good = (w("14 01 40"), r(0x14, "01 40"))
    wire, chip = make(*start("01 40"), *good, r(0x00, "FF FF"), *start("01 40"), *good)
    assert chip.write(0x4001) and chip.write(0x4001)
    assert wire.done() and chip.restored == 1


# req: HAL-01
def test_no_pin_counts_without_its_pull_up():
    lost = r(0x0C, "00 00 00 00 00 00 00 00 00 00")
    again = r(0x0C, "00 3C 00 00 00 00 00 3C 00 00")
    wire, chip = make(*start(), lost, *start(), again)
    assert chip.read() == 0x3C00 and wire.done() and chip.errors == 1
    wire, chip = make(*start(), lost, *start(), lost)
    assert chip.read() == -1 and wire.done()


# req: HAL-01
def test_a_wrong_read_back_is_tried_again_then_told():
    wrong = (w("14 01 00"), r(0x14, "00 00"))
    wire, chip = make(*start("01 00"), *wrong, *start("01 00"), *wrong)
    assert not chip.write(1) and wire.done() and chip.errors == 2


# req: HAL-01
def test_a_missing_chip_is_told_by_value():
    wire, chip = make(FAIL, FAIL, FAIL, FAIL)
    assert not chip.write(1) and chip.read() == -1
    assert wire.done() and chip.errors == 4


# req: HAL-01
def test_an_output_that_does_not_follow_is_told():
    wire, chip = make(
        *start("03 80"), w("14 03 80"), r(0x14, "03 80"),
        r(0x00, "00 3C"), r(0x0C, "00 3C 00 00 00 00 02 BC 03 80"),
    )  # fmt: skip
    assert chip.write(0x8003)
    assert chip.read() == 0xBC02 and chip.shorted == 0x0001 and wire.done()
