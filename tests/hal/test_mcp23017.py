"""Bytes on the wires of an MCP23017, literally (DS20001952, table 3-3 with IOCON.BANK = 0)."""

from hal.chips.mcp23017 import Mcp23017
from tests.fakes.wire import FAIL, Wire, r, w

# the panel of a board: lamps at pins 0..9, DIP switch at 10..13, contacts at 14, 15
OUTPUTS, PULL_UPS = 0xC3FF, 0x3C00


def state(olat="00 00", pins="00 3C", directions="00 3C", pull_ups="00 3C"):
    """All registers from IODIR to OLAT in one go."""
    between = "00 00 00 00 00 00 00 00 00 00"
    return r(0x00, f"{directions} {between} {pull_ups} 00 00 00 00 {pins} {olat}")


def start(word="00 00", *seen):
    """Levels, pull-ups, directions, and a look at them."""
    return (w("14 " + word), w("0C 00 3C"), w("00 00 3C")) + (seen or (state(word),))


def make(*script, address=0x20):
    wire = Wire(*script, address=address)
    return wire, Mcp23017(wire, address, OUTPUTS, PULL_UPS)


# req: HAL-01
def test_outputs_are_set_before_they_drive_and_read_back():
    wire, chip = make(*start("A5 42"), w("14 5A 81"), state("5A 81"))
    assert chip.write(0x42A5) and chip.write(0x815A) and wire.done()
    assert chip.errors == 0 and chip.restored == 0


# req: HAL-01
def test_inputs_cannot_be_driven():
    wire, chip = make(*start("FF C3"))
    assert chip.write(0xFFFF) and wire.done()


# req: HAL-01
def test_pins_are_read_with_pull_ups_and_levels():
    wire, chip = make(*start(), state(pins="00 28"))
    assert chip.read() == 0x3C00
    assert chip.read() == 0x2800 and chip.shorted == 0 and wire.done()


# req: HAL-01
def test_the_address_is_settable():
    wire, chip = make(*start(), address=0x27)
    assert chip.write(0) and wire.done()


# req: HAL-01
def test_a_chip_that_was_reset_gets_everything_again():
    forgotten = state(directions="FF FF", pull_ups="00 00")
    wire, chip = make(*start("01 40"), w("14 01 40"), forgotten, *start("01 40"))
    assert chip.write(0x4001) and chip.write(0x4001)
    assert wire.done() and chip.restored == 1
    wire, chip = make(*start("01 40"), forgotten, *start("01 40"))
    assert chip.write(0x4001) and chip.read() == 0x3C00
    assert wire.done() and chip.restored == 1


# req: HAL-01
def test_no_pin_counts_without_its_pull_up():
    lost = state(pins="00 00", pull_ups="00 00")
    wire, chip = make(*start("00 00", lost), *start())
    assert chip.read() == 0x3C00 and wire.done() and chip.errors == 1
    wire, chip = make(*start("00 00", lost), *start("00 00", lost))
    assert chip.read() == -1 and wire.done()


# req: HAL-01
def test_a_wrong_read_back_is_tried_again_then_told():
    wire, chip = make(*start("01 00", state("00 00")), w("14 01 00"), w("0C 00 3C"),
                      w("00 00 3C"), state("00 00"))  # fmt: skip
    assert not chip.write(1) and wire.done() and chip.errors == 2


# req: HAL-01
def test_a_missing_chip_is_told_by_value():
    wire, chip = make(FAIL, FAIL, FAIL, FAIL)
    assert not chip.write(1) and chip.read() == -1
    assert wire.done() and chip.errors == 4


# req: HAL-01
def test_an_output_that_does_not_follow_is_told():
    wire, chip = make(
        *start("03 80"), state("03 80", pins="02 BC"),
    )  # fmt: skip
    assert chip.write(0x8003)
    assert chip.read() == 0xBC02 and chip.shorted == 0x0001 and wire.done()
