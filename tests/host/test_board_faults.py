"""What is wrong with a board is a fault of its running firmware, too, named in words; the
self-test names it before (test_board_selftest.py)."""

import pytest

from firmware import fault_ids as f
from firmware import parameter_ids as p
from host_sim import board_hal
from host_sim.can_bus import ExternalCanNode
from host_sim.pack import SimPack
from host_sim.tables import fault_rows
from host_sim.world import World

TEXT = {row["id"]: row["text"] for row in fault_rows().values()}


class Subject(SimPack):
    """A pack whose controller is the board with its chips. The clock has its battery."""

    def __init__(self, spoil=None, **options):
        SimPack.__init__(
            self, World(), make_hal=board_hal.front_of("pico_bq76952"), start=False, **options
        )
        if spoil is not None:
            spoil(self.hal)
        self.power_on()

    def stands(self, seconds):
        """Texts of the faults that stand after a while."""
        self.world.run_for(seconds)
        return [TEXT[n] for n in TEXT if self.controller.faults.stands(n)]


def _no_chip(hal):
    hal.afe.silent = True


def _swapped(hal):
    hal.afe.i2c.swapped = True


def _stuck(hal):
    hal.afe.i2c.stuck = True


def _no_panel(hal):
    del hal.panel_bus.devices[0x20]


def _no_clock(hal):
    del hal.panel_bus.devices[0x68]


def _no_battery(hal):
    hal.clock_chip.lose_battery()


def _full(hal):
    hal.nvm.fails = True


FAULTY = [
    (_no_chip, "no data from the analog front end"),
    (_swapped, "no data from the analog front end"),
    (_stuck, "no data from the analog front end"),
    (_no_panel, "panel does not answer, or a line of its DIP switch floats"),
    (_no_clock, "real-time clock not set"),
    (_no_battery, "real-time clock not set"),
    (_full, "storage cannot be read or written"),
]


# req: HAL-02, MEA-06
@pytest.mark.parametrize(("spoil", "text"), FAULTY, ids=[spoil.__name__ for spoil, _ in FAULTY])
def test_a_fault_of_the_board_is_named(spoil, text):
    pack = Subject(spoil)
    assert text in pack.stands(15)
    dead = text == TEXT[f.AFE_LOST]
    assert pack.hal.gates == ((False, False) if dead else (True, True))


# req: HAL-02
def test_a_good_board_has_none_of_them():
    pack = Subject()
    pack.world.run_for(5)
    pack.controller.hal.clock.set_rtc(210_000_000)
    assert not {text for _, text in FAULTY} & set(pack.stands(10))


# req: HAL-02, MEA-07
def test_another_number_of_cells_is_named():
    pack = Subject(cell_count=16)
    pack.world.run_for(1)
    pack.controller.parameters.apply({p.CELL_COUNT: 8})
    assert TEXT[f.CELL_COUNT] in pack.stands(5)
    assert pack.hal.gates == (False, False)


# req: HAL-02, COM-10
def test_an_inverter_that_no_longer_acknowledges_is_named():
    pack = Subject()
    can = pack.hal.buses["can"]
    inverter = can.attach(ExternalCanNode(500_000))
    pack.stands(5)
    inverter.submit(0x305, False, bytes(8))  # its answer to each set of frames
    assert TEXT[f.INVERTER_SILENT] not in pack.stands(5)
    assert inverter.received
    can.nodes.remove(inverter)
    seconds = pack.controller.parameters.values[p.INVERTER_SILENCE_S]
    assert seconds > 0
    assert TEXT[f.INVERTER_SILENT] in pack.stands(seconds + 5)
