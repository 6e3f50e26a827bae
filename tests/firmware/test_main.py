"""The entry on a board: however it ends, both MOSFETs are open (PRT-15)."""

from firmware.main import run
from tests.fakes.hal import FakeHal


class Stop(BaseException):
    """Ends the program from outside."""


def started(until_ms, error):
    """A board on which `error` comes while waiting, after `until_ms`."""
    hal = FakeHal(8)
    hal.afe.port_mv = 26_400
    left = [until_ms]

    def idle(wait_ms):
        left[0] -= wait_ms
        hal.clock.advance(wait_ms)
        if left[0] <= 0:
            assert hal.afe.mosfet_bits == 3 and not hal.kill_line.on
            raise error
        return 0

    return hal, idle


# req: PRT-15
def test_any_exit_of_the_main_program_opens_both():
    for error in (KeyboardInterrupt(), SystemExit(), ValueError("x"), MemoryError(), Stop()):
        hal, idle = started(3_000, error)
        try:
            run(hal, idle)
        except BaseException as raised:
            assert raised is error
        else:
            raise AssertionError("it ended by itself")
        assert hal.afe.mosfet_bits == 0
        assert hal.kill_line.on
        assert hal.panel.leds == 0 and hal.panel.contacts == 0


# req: PRT-15
def test_a_controller_that_cannot_be_built_opens_both():
    hal = FakeHal(8)
    hal.afe.mosfet_bits = 3
    hal.kill_line.on = False
    hal.watchdog = None
    try:
        run(hal, None)
    except AttributeError:
        pass
    else:
        raise AssertionError("built without a watchdog")
    assert hal.afe.mosfet_bits == 0
    assert hal.kill_line.on


# req: PRT-15
def test_not_even_a_broken_kill_line_keeps_the_bus_from_opening():
    hal = FakeHal(8)
    hal.afe.mosfet_bits = 3
    hal.watchdog = None

    def boom(on):
        raise OSError("injected")

    hal.kill_line.set = boom
    try:
        run(hal, None)
    except (OSError, AttributeError):
        pass
    assert hal.afe.mosfet_bits == 0
