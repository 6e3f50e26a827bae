"""The self-test of boards/pico_bq76952 names what is wrong with the board."""

import pytest

from boards.pico_bq76952 import selftest
from hal import contract as c
from host_sim.can_bus import ExternalCanNode
from tests.host.test_rp2040_contract import BoardBench


class Subject(BoardBench):
    """A board that is tested; while it sleeps, the world goes on."""

    def __init__(self, cells=8):
        BoardBench.__init__(self, cells)
        self.sim.time.sleep_ms = self.pass_ms
        self.inverter = self.sim.buses["can"].attach(ExternalCanNode(500_000))
        self.hal.clock.set_rtc(200_000_000)
        self.seen = set()
        panel = self.sim.panel
        self.sim.time.sleep_ms = lambda ms: (self.seen.add((panel.leds, panel.contacts)),
                                             self.pass_ms(ms))  # fmt: skip

    def report(self):
        """(passed, lines)."""
        lines = []
        passed = selftest.run(self.hal, self.sim.machine, self.sim.time, lines.append)
        return passed, lines


@pytest.fixture
def bench():
    return Subject()


def bad(lines):
    return [line for line in lines if not line.startswith("ok ")][:-1]


# req: HAL-02
def test_a_good_board_passes(bench):
    passed, lines = bench.report()
    assert passed
    assert bad(lines) == []
    assert lines[-1] == "self-test: passed"
    assert "ok    front end BQ769x2 with 16 inputs" in lines
    assert any(line.startswith("ok    8 cells, 33") for line in lines)
    assert "ok    DIP switch: address 1" in lines


# req: HAL-02, PRT-21
def test_the_mosfets_stay_off_and_everything_is_walked(bench):
    bench.report()
    assert set(bench.sim.gate_log) <= {(us, False, False) for us, *_ in bench.sim.gate_log}
    assert bench.sim.machine.pads[11].level() == 1
    assert {leds for leds, _ in bench.seen} >= {1 << bit for bit in range(10)}
    assert {contacts for _, contacts in bench.seen} >= {c.DRY1, c.DRY2}
    assert (bench.sim.panel.leds, bench.sim.panel.contacts) == (0, 0)
    assert not bench.sim.buzzer.is_on()


def _swapped(bench):
    bench.sim.afe.i2c.swapped = True


def _no_chip(bench):
    bench.sim.afe.silent = True


def _stuck(bench):
    bench.sim.afe.i2c.stuck = True


def _no_panel(bench):
    del bench.sim.panel_bus.devices[0x20]


def _no_clock(bench):
    del bench.sim.panel_bus.devices[0x68]


def _dip_floats(bench):
    bench.sim.panel.floating = True
    bench.sim.panel.dip_bits = 2  # a closed switch would hold the line


def _full(bench):
    bench.sim.free_blocks = 3


def _low_supply(bench):
    bench.sim.supply_falling = True


def _no_can_chip(bench):
    bench.sim.can.node.chip.dead = True


def _sensor_short(bench):
    bench.sim.sensors.temperatures[1].forced = 32767


def _lamp_short(bench):
    bench.sim.panel_bus.devices[0x20].stuck_low = 1 << 3


FAULTS = [
    (_swapped, "BQ76952: SDA and SCL are swapped (GP8, GP9)"),
    (_no_chip, "BQ76952 does not answer at 0x08: supply, ground, GP8 (SDA), GP9 (SCL)"),
    (_stuck, "front end bus is stuck low at GP8 (SDA), GP9 (SCL)"),
    (_no_panel, "panel MCP23017 does not answer at 0x20"),
    (_no_clock, "clock DS3231 does not answer at 0x68"),
    (_dip_floats, "DIP switch line 1 floats"),
    (_full, "flash is full: 12288 bytes free, 65536 are needed"),
    (_low_supply, "supply (VSYS) is 4000 mV, 4500 are needed"),
    (_no_can_chip, "CAN: MCP2515 does not answer"),
    (_sensor_short, "T2 sensor is shorted"),
    (_lamp_short, "panel outputs 0x0008 do not follow"),
]


# req: HAL-02
@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=[f.__name__ for f, _ in FAULTS])
def test_a_fault_is_named(bench, fault, words):
    fault(bench)
    passed, lines = bench.report()
    assert not passed
    assert any(line.startswith("FAIL  " + words) for line in bad(lines)), bad(lines)
    assert "FAILED" in lines[-1]


# req: HAL-02, MEA-03
@pytest.mark.parametrize(
    ("dc", "text"), [(-5, "-0.5"), (-123, "-12.3"), (0, "0.0"), (257, "25.7")]
)
def test_a_temperature_is_written_as_people_do(dc, text):
    lines = []
    selftest.sensor(dc, "T1", selftest.Report(lines.append))
    assert lines == [f"ok    T1 sensor: {text} degC"]


# req: HAL-02, MEA-07
def test_another_cell_count_is_named():
    passed, lines = Subject(16).report()
    assert not passed
    assert bad(lines) == ["FAIL  front end finds 16 cells, 8 are set: wiring, or the setting"]


# req: HAL-02, COM-03
def test_a_can_bus_without_acknowledge_is_a_note(bench):
    bench.sim.buses["can"].nodes.remove(bench.inverter)
    passed, lines = bench.report()
    assert passed
    assert [line[:29] for line in bad(lines)] == ["note  CAN: nobody acknowledges"[:29]]


# req: HAL-02, LOG-03
def test_a_clock_without_battery_is_a_note(bench):
    bench.sim.clock_chip.lose_battery()
    passed, lines = bench.report()
    assert passed
    assert bad(lines) == ["note  clock has stood still: no battery, or it was never set"]


# req: HAL-02
def test_the_image_of_another_processor_is_refused(bench, monkeypatch):
    monkeypatch.setattr("sys.platform", "esp32")
    passed, lines = bench.report()
    assert not passed
    assert lines == ["FAIL  wrong image: pico_bq76952 is for a RP2040, this is esp32"]
