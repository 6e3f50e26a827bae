"""Host-controlled balancing of a BQ76952, literally; "cell 16 only" is 83 00 00 80 / FC 06 in TI's
forum (thread 1209591)."""

from hal import contract as c
from hal.chips.bq76952_bleed import Bleeder
from hal.chips.bq76952_link import Link
from tests.fakes.wire import FAIL, Wire, r, w


class FakeAfe:
    """The link, and what is configured."""

    def __init__(self, wire, cells, inputs):
        self.link = Link(wire, wire.wait_us)
        self.cells, self.inputs = cells, inputs


def make(*script, cells=8, inputs=16):
    wire = Wire(*script)
    return wire, Bleeder(FakeAfe(wire, cells, inputs), 68)


def asked(data, checksum):
    """The question what bleeds, and the answer."""
    return w("3E 83 00"), r(0x3E, "83 00"), r(0x40, data + " 00" * 30 + " " + checksum + " 06")


TOP = (w("3E 83 00 00 80"), w("60 FC 06"))
FIRST = (w("3E 83 00 01 00"), w("60 7B 06"))
NONE = (w("3E 83 00 00 00"), w("60 7C 06"))
TOP_BLEEDS, FIRST_BLEEDS = asked("00 80", "FC"), asked("01 00", "7B")
NONE_BLEEDS = asked("00 00", "7C")


def follow(bleeder, n, mv=3_400):
    sample = c.Sample()
    for i in range(16):
        sample.cell_mv[i] = mv
    for _ in range(n):
        bleeder.follow(sample)


# req: HAL-01, BAL-04
def test_the_eighth_of_eight_cells_sits_at_input_16():
    wire, bleeder = make(*(TOP + TOP_BLEEDS))
    bleeder.transfer(7, 0, 50)
    follow(bleeder, 1)
    assert bleeder.current_ma() == 50 and wire.done()  # 3400 mV over 68 Ohm


# req: HAL-01
def test_it_is_asked_and_told_again_before_the_chip_stops():
    again = FIRST_BLEEDS + FIRST
    wire, bleeder = make(*(FIRST + FIRST_BLEEDS + again + again))
    bleeder.transfer(0, 3, 50)
    follow(bleeder, 20)
    assert bleeder.current_ma() == 50 and wire.done()


# req: HAL-01, BAL-04
def test_no_current_is_one_that_ends():
    wire, bleeder = make(*(FIRST + FIRST_BLEEDS + NONE))
    bleeder.transfer(0, 3, 50)
    follow(bleeder, 1)
    bleeder.transfer(0, 0, 0)
    follow(bleeder, 30)
    assert bleeder.current_ma() == 0 and wire.done()


# req: HAL-01
def test_a_chip_that_refuses_shows_no_current():
    wire, bleeder = make(*(FIRST + NONE_BLEEDS))
    bleeder.transfer(0, 3, 50)
    follow(bleeder, 1)
    assert bleeder.current_ma() == 0 and wire.done()
    wire, bleeder = make(*(FIRST + FIRST_BLEEDS + NONE_BLEEDS + FIRST + FIRST_BLEEDS))
    bleeder.transfer(0, 3, 50)
    follow(bleeder, 5)  # it has become too hot
    assert bleeder.current_ma() == 0
    follow(bleeder, 10)
    assert bleeder.current_ma() == 50 and wire.done()


# req: HAL-01
def test_a_bus_error_shows_no_current():
    wire, bleeder = make(FAIL, FAIL)
    bleeder.transfer(0, 3, 50)
    follow(bleeder, 1)
    assert bleeder.current_ma() == 0 and wire.done()


# req: HAL-01
def test_a_cell_that_is_not_there_is_not_bled():
    wire, bleeder = make(*NONE)
    bleeder.transfer(8, 0, 50)
    assert bleeder.current_ma() == 0 and wire.done()


# req: HAL-01
def test_nothing_is_told_again_after_a_stop():
    wire, bleeder = make(*(FIRST + FIRST_BLEEDS))
    bleeder.transfer(0, 3, 50)
    bleeder.stop()
    follow(bleeder, 30)
    assert bleeder.current_ma() == 0 and wire.done()
