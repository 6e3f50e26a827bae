"""`run` as a user starts it: a process with ports, read by a third-party Modbus master."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import serial
from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 10
PORTS = ("can", "rs232", "rs485-1", "rs485-2")


class Run:
    """A headless run in a process of its own; its lines are collected."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.lines = []
        command = [sys.executable, "-m", "host_sim", "run", "--headless", "--ports", str(folder)]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def wait_for(self, pattern):
        """The first line with a match of the pattern; fails when it does not come in time."""

        def found():
            return next((line for line in list(self.lines) if re.search(pattern, line)), None)

        with self._news:
            self._news.wait_for(found, LIMIT_S)
        assert found(), f"no line with {pattern!r} in {self.lines}"
        return found()

    def end(self):
        """Exit code, after the process has ended by itself."""
        code = self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        return code

    def links(self):
        return sorted(path.name for path in self.folder.iterdir())

    def client(self, port="rs485-2", baud=115200):
        master = ModbusSerialClient(str(self.folder / port), baudrate=baud, timeout=2, retries=1)
        assert master.connect()
        return master


@pytest.fixture
def start(tmp_path):
    """`start(options...)` gives a Run; what still runs at the end of a test is ended."""
    runs = []

    def begin(*options):
        runs.append(Run(tmp_path / "ports", *options))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
        run.end()


def cells_of(line):
    """Cell voltages of a status line, mV."""
    return [int(mv) for mv in re.search(r"cells_mv ([\d ]+)", line)[1].split()]


# req: COM-02
def test_a_run_ends_after_its_duration_and_takes_its_links_away(start):
    run = start("--duration", "2")
    run.wait_for("Ctrl-C ends")
    assert run.links() == list(PORTS)
    assert run.end() == 0
    assert run.links() == []
    shown = r"2\.000 s  SOC 60\.0 ±5\.0 % \(true 60\.0\) \| 26\.\d+ V \+0\.00 A"
    assert re.search(shown, run.lines[-2])
    assert run.lines[-1].split() == "2.000 s MOSFETs: charge off, discharge off".split()


# req: PRT-15
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_with_open_mosfets(start, number):
    run = start("--speed", "10")
    run.wait_for("MOSFETs: charge on, discharge on")
    run.process.send_signal(number)
    assert run.end() == 0
    assert run.links() == []
    assert "MOSFETs: charge off, discharge off" in run.lines[-1]
    assert not any("Traceback" in line for line in run.lines)


# req: COM-05, COM-13
def test_a_modbus_master_reads_what_the_run_prints(start):
    run = start("--soc", "70", "--dip", "3", "--current", "-20")
    printed = run.wait_for(r"SOC \d.*discharge on")
    with run.client() as master:
        cells = master.read_holding_registers(0x1200, count=16, device_id=3)
        soc = master.read_holding_registers(0x12A6, count=1, device_id=3)
        current = master.read_holding_registers(0x1298, count=2, device_id=3)
    run.process.terminate()
    assert run.end() == 0
    told = cells_of(printed)
    assert len(told) == 8
    assert cells.registers[8:] == [0] * 8
    for mv, shown in zip(cells.registers, told, strict=False):
        assert 3200 < mv < 3400 and abs(mv - shown) <= 8  # noise of the converter
    assert soc.registers[0] & 0xFF == 70 and re.search(r"SOC (69\.9|70\.0) ±\d\.\d %", printed)
    high, low = current.registers
    ma = (high << 16 | low) - (1 << 32)
    assert -20_300 < ma < -19_700 and re.search(r" -(19\.[89]|20\.[01])\d A ", printed)


# req: COM-01
@pytest.mark.parametrize(("port", "baud"), [("rs485-1", 115200), ("rs232", 9600)])
def test_every_port_answers(start, port, baud):
    run = start("--speed", "2")
    run.wait_for("MOSFETs: charge on")
    with run.client(port, baud) as master:
        assert 3200 < master.read_holding_registers(0x1200, count=1, device_id=1).registers[0]


# req: COM-09
def test_a_reader_may_come_and_go(start):
    run = start("--speed", "5")
    run.wait_for("MOSFETs: charge on")
    link = str(run.folder / "rs485-2")
    for _ in range(3):
        with serial.Serial(link, 115200, timeout=2) as port:
            port.write(bytes.fromhex("01 03 12 00 00 0a c0 b5"))  # and gone before the answer
    with run.client() as master:
        for _ in range(3):
            assert not master.read_holding_registers(0x1200, count=8, device_id=1).isError()
    run.process.terminate()
    assert run.end() == 0


# req: COM-09
def test_after_a_flood_of_garbage_the_port_answers(start):
    run = start("--speed", "5")
    run.wait_for("MOSFETs: charge on")
    link = str(run.folder / "rs485-2")
    noise = bytes(i * 167 + (i >> 3) & 0xFF for i in range(20_000))
    with serial.Serial(link, 115200, timeout=2, write_timeout=LIMIT_S) as port:
        assert port.write(noise) == len(noise)
    with run.client() as master:
        answer = None
        for _ in range(10):  # the rest of the flood may still be on the line
            with contextlib.suppress(ModbusException):
                answer = master.read_holding_registers(0x1200, count=8, device_id=1)
                break
        assert answer is not None and all(3200 < mv < 3400 for mv in answer.registers)
    run.process.terminate()
    assert run.end() == 0
    assert not any(
        "service" in line or "MOSFETs: charge off, discharge on" in line for line in run.lines
    )


# req: PRT-02, PRT-14
def test_a_fault_on_the_command_line_opens_the_charge_mosfet(start):
    run = start("--fault", "cell_high@2", "--duration", "8", "--speed", "4", "--current", "5")
    assert run.end() == 0
    text = [line[16:] for line in run.lines]
    injected = text.index("fault injected: cell_high@2")
    assert "ALM on: cell over-voltage (protection)" in text[injected:]
    opened = text.index("MOSFETs: charge off, discharge on", injected)
    seconds = float(run.lines[opened].split()[0])
    assert 3.0 <= seconds <= 3.3  # 1 s delay and a control period


def test_the_reader_of_the_lines_may_leave(tmp_path):
    folder = tmp_path / "ports"
    command = [sys.executable, "-m", "host_sim", "run", "--headless", "--ports", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(LIMIT_S) == 0
    assert process.stderr.read() == ""
    assert list(folder.iterdir()) == []
