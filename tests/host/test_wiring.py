"""The board's papers are those of its code: wiring, picture, start-up files."""

import importlib
import re
import runpy
import sys
from xml.etree import ElementTree

import pytest

from boards.pico_bq76952 import board as b
from host_sim import board_hal
from host_sim.fake_machine.pads import IN, OUT
from tests.host.test_rp2040_contract import BoardBench
from tools import wiring

FOLDER = board_hal.FOLDER / "pico_bq76952"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def wired():
    groups, _ = wiring.load("pico_bq76952")
    return {pin["gpio"]: pin["name"] for group in groups for pin in group["pins"]}


# req: HAL-02
def test_table_and_picture_are_current():
    assert wiring.main(["--check"]) == 0


# req: HAL-02
def test_every_pin_that_the_code_uses_is_wired_and_no_other():
    pads = BoardBench().sim.machine.pads
    touched = {
        pad.number
        for pad in (pads[n] for n in range(30))
        if pad.function or pad.mode != IN or pad.pull == 1 or pad.volts
    }
    assert set(wired()) - touched == {b.SERVICE_KEY}  # main.py looks at it
    assert touched - set(wired()) == set()


# req: HAL-02
def test_the_picture_has_each_pin_at_its_place():
    text = (FOLDER / "wiring.svg").read_text(encoding="utf-8")
    shown = [item.text for item in ElementTree.fromstring(text).iter() if item.text]
    for gpio, name in wired().items():
        place = wiring.position(gpio)
        if place is not None:
            assert f"{place} GP{gpio}" in shown
            assert any(line.startswith(name + "  ") for line in shown)
    # some places of the Pico's data sheet
    places = {0: 1, 2: 4, 6: 9, 15: 20, 16: 21, 22: 29, 26: 31, 28: 34}
    assert {gpio: wiring.position(gpio) for gpio in places} == places


# req: HAL-02
def test_a_pin_that_is_taken_twice_is_refused(monkeypatch):
    monkeypatch.setattr(b, "KILL", b.AFE_SDA)
    with pytest.raises(wiring.Wrong, match="GP8 is AFE_SDA and KILL"):
        wiring.load("pico_bq76952")


# req: COM-12
@pytest.mark.parametrize(
    "row",
    [
        "| 1, 8 | B1 |",
        "| 2, 7 | A1 |",
        "| 3, 6 | GND, isolated |",
        "| 4, 5 | not connected |",
        "| 1, 8 and 9, 16 | B2 |",
        "| 2, 7 and 10, 15 | A2 |",
        "| 3, 6 and 11, 14 | GND, isolated |",
        "| 4, 5 and 12, 13 | not connected |",
        "| 1, 2, 6 | not connected |",
        "| 3 | TX of the board |",
        "| 4 | RX of the board |",
        "| 5 | GND, isolated |",
        "| 4 | CAN_H |",
        "| 5 | CAN_L |",
        "| 1 | COM1 |",
        "| 3 | COM2 |",
        "**P1 (cells, 16S; 8S in brackets)**",
        "**P2 (heater)**",
        "**P3 (display)**",
        "**P4 (GPS)**",
        "**P5 (RS485/CAN of a B-series board)**",
        "**P6 (temperature sensors)**",
    ],
)
def test_connector_tables(row):
    assert row in README


# req: COM-12
def test_the_reader_is_told_to_measure_can():
    assert re.search(r"\*\*Measure before you plug in CAN\.\*\*.*12 CANL, 13 CANH", README, re.S)


# --- start-up files ------------------------------------------------------------------------------


def run_file(name, sim, monkeypatch, **modules):
    """A start-up file as MicroPython runs it."""
    monkeypatch.setitem(sys.modules, "machine", sim.machine)
    for module, value in modules.items():
        monkeypatch.setitem(sys.modules, module, value)
    return runpy.run_path(str(FOLDER / name))


# req: HAL-02, PRT-15, PRT-21
def test_boot_holds_every_output_off(monkeypatch):
    sim = BoardBench().sim
    sim.machine.pads.reset()
    sim.panel.leds = 0
    run_file("boot.py", sim, monkeypatch)
    pads = sim.machine.pads
    driven = {n: pads[n].out for n in range(30) if pads[n].mode == OUT}
    off = (b.PRECHARGE, b.HEATER, b.LIMITER, b.BUZZER, b.PANEL_RESET)
    assert driven == {b.KILL: 1, b.LATCH: 1, **dict.fromkeys(off, 0)}


class Start:
    """Notes what main.py starts."""

    def __init__(self):
        self.calls = []

    def main(self):
        self.calls.append("main")

    def service(self):
        self.calls.append("service")


# req: HAL-02, PRT-15
@pytest.mark.parametrize(
    ("pressed", "renewing", "started"),
    [(False, False, "main"), (True, False, "service"), (False, True, "service")],
)
def test_main_starts_the_firmware_or_service_mode(
    monkeypatch, tmp_path, pressed, renewing, started
):
    sim, start = BoardBench().sim, Start()
    sim.machine.pads[b.SERVICE_KEY].resistor = 0 if pressed else 1
    monkeypatch.chdir(tmp_path)
    if renewing:
        (tmp_path / "service").touch()
    import boards.pico_bq76952

    monkeypatch.setattr(boards.pico_bq76952, "start", start, raising=False)
    run_file("main.py", sim, monkeypatch)
    assert start.calls == [started]


@pytest.fixture
def started(monkeypatch):
    """(bench, start.py of the board, imported over the fake machine)."""
    bench = BoardBench()
    sim = bench.sim
    for name, module in (("machine", sim.machine), ("rp2", sim.rp2)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "boards.pico_bq76952.start", raising=False)
    start = importlib.import_module("boards.pico_bq76952.start")
    monkeypatch.setattr(start, "time", sim.time)
    monkeypatch.setattr(start, "open", sim.open_file, raising=False)
    yield bench, start
    sys.modules.pop("boards.pico_bq76952.start", None)


# req: HAL-02, PRT-15, PRT-21
def test_the_kill_line_is_pulled_when_the_program_ends_before_it_has_begun(started, monkeypatch):
    bench, start = started
    monkeypatch.setattr(start, "Board", lambda *_: (_ for _ in ()).throw(MemoryError))
    bench.sim.machine.Pin(b.KILL, OUT, value=0)
    with pytest.raises(MemoryError):
        start.main()
    assert bench.sim.machine.pads[b.KILL].level() == 1


# req: HAL-02, PRT-15
def test_the_firmware_runs_until_ctrl_c_and_ends_off(started, monkeypatch):
    bench, start = started
    sim = bench.sim
    closed = []

    def sleep_ms(ms):
        bench.pass_ms(ms)
        if sim.gates == (True, True):
            closed.append(sim.world.now_us)
            raise KeyboardInterrupt

    sim.time.sleep_ms = sleep_ms
    with pytest.raises(KeyboardInterrupt):
        start.main()
    assert closed
    assert sim.gates == (False, False)
    assert sim.machine.pads[b.KILL].level() == 1


# req: HAL-02
def test_service_mode_answers_on_rs232(started):
    bench, start = started
    sim = bench.sim
    host = bench._hosts["rs232"]
    host.baud = 115_200
    passed = []

    def sleep_ms(ms):
        bench.pass_ms(ms)
        passed.append(ms)
        if len(passed) == 2:
            host.send(b"noise selftest\r\n")
        if sum(passed) > 9_000:
            raise KeyboardInterrupt

    sim.time.sleep_ms = sleep_ms
    with pytest.raises(KeyboardInterrupt):
        start.service()
    said = host.take()
    assert b"ok    front end BQ769x2 with 16 inputs\r\n" in said
    assert b"\r\nself-test: " in said
    assert sim.gates == (False, False)
