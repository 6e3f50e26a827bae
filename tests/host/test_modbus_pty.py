"""Third-party clients against the port over a pseudo terminal."""

import os
import re
import threading
from pathlib import Path

import pytest
import serial
from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient
from pymodbus.framer import FramerType

from firmware import parameter_ids as ids
from hal.contract import Serial
from host_sim.ptys import PtyPort
from tests.fakes.bench import Bench as Pack
from tests.fakes.hal import FakeHal
from tests.fakes.jk import Bench, raw

ROOT = Path(__file__).resolve().parents[2]


class PtySerial(Serial):
    """A HAL serial on a pty: unpaced, never busy."""

    def __init__(self, pty):
        self._pty = pty
        self._waiting = b""

    def set_baud(self, baud):
        self.baud = baud

    def read_into(self, buffer):
        data = self._waiting or self._pty.read()
        taken, self._waiting = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def write(self, buffer, n):
        self._pty.write(bytes(buffer[:n]))
        return True

    def sending(self):
        return False

    def overruns(self):
        return 0


class Checking:
    """Requests that check and store like the parameters do."""

    def __init__(self, parameters):
        self.parameters = parameters

    def submit(self, source, kind, changes):
        self.parameters.check_changes(changes)
        self.parameters.apply(changes)


class Served:
    """A bench whose port is stepped in a thread, as the controller would."""

    def __init__(self, pty):
        self.bench = self._bench()
        self.bench.port._serial = PtySerial(pty)
        self.failed = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _bench(self):
        bench = Bench()
        bench.protocol._requests = Checking(bench.parameters)
        return bench

    def _run(self):
        try:
            while not self._stop.wait(0.001):
                self.bench.port.step(1)
        except Exception as error:  # reported by the test
            self.failed = error

    def stop(self):
        self._stop.set()
        self._thread.join(5)
        assert self.failed is None


@pytest.fixture
def pty(tmp_path):
    with PtyPort("rs485_1", tmp_path) as port:
        yield port


@pytest.fixture
def served(pty):
    pack = Served(pty)
    yield pack
    pack.stop()


@pytest.fixture
def client(pty, served):
    master = ModbusSerialClient(
        str(pty.link), framer=FramerType.RTU, baudrate=115200, timeout=2, retries=1
    )
    assert master.connect()
    yield master
    master.close()


# req: COM-05
def test_pymodbus_reads_settings_and_status(client, served):
    served.bench.state.measured.cell_count = 8
    for i in range(8):
        served.bench.state.measured.cell_mv[i] = 3300 + i
    cells = client.read_holding_registers(0x1200, count=10, device_id=1)
    assert cells.registers == [3300, 3301, 3302, 3303, 3304, 3305, 3306, 3307, 0, 0]
    settings = client.read_holding_registers(0x1004, count=2, device_id=1)
    assert settings.registers == [0, 2600]
    most = client.read_holding_registers(0x1200, count=121, device_id=1)
    assert len(most.registers) == 121


# req: COM-05, PRF-06
def test_pymodbus_writes_and_is_refused(client, served):
    assert not client.write_registers(0x1004, [0, 2700], device_id=1).isError()
    assert served.bench.parameters.values[ids.CELL_UVP_MV] == 2700
    refused = client.write_registers(0x1004, [0, 3100], device_id=1)  # above UVPR 3000
    assert refused.isError() and refused.exception_code == 3
    assert client.write_registers(0x1200, [1], device_id=1).exception_code == 2
    assert client.read_holding_registers(0x1001, count=1, device_id=1).exception_code == 2
    assert client.write_register(0x1004, 1, device_id=1).exception_code == 1
    assert served.bench.parameters.values[ids.CELL_UVP_MV] == 2700


# req: COM-05, SEC-01, SEC-03
def test_the_example_of_the_manual(pty):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/serial.md").read_text(), re.S)
    hal = FakeHal(8)
    hal.rs485_1 = PtySerial(pty)
    hal.panel.dip_bits = 1
    pack, stop = Pack(hal=hal), threading.Event()

    def run():
        while not stop.wait(0.001):
            pack.run(0.002)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        seen = {}
        exec(example.replace("run/ports/rs485-1", str(pty.link)), seen)  # our own page
    finally:
        stop.set()
        thread.join(5)
    assert seen["cells"] == list(hal.afe.cell_mv)
    assert seen["locked"].exception_code == 2
    assert not seen["written"].isError()
    assert pack.parameters.values[ids.BALANCE_TRIGGER_MV] == 8


# req: COM-08, COM-09
def test_a_foreign_address_stays_silent(pty, served):
    with (
        ModbusSerialClient(str(pty.link), timeout=0.2, retries=0) as client,
        pytest.raises(ModbusException),
    ):
        client.read_holding_registers(0x1200, count=1, device_id=2)
    assert served.bench.port.counters.foreign == 1


# req: COM-01
def test_the_reader_may_close_and_open_the_port(pty, served):
    for _ in range(3):
        with serial.Serial(str(pty.link), 115200, timeout=2) as port:
            port.write(raw("01031200000ac0b5"))
            assert port.read(25)[:3] == b"\x01\x03\x14"


# req: COM-09
def test_nobody_reads(pty):
    assert pty.write(b"x" * 100) == 0 and pty.dropped == 100
    with serial.Serial(str(pty.link), timeout=2) as port:
        assert pty.is_open
        for _ in range(40):
            pty.write(b"y" * 4096)  # the kernel takes a few kB, then nothing
        assert pty.dropped > 100_000
        assert port.read(10) == b"y" * 10  # and nothing of what was sent before the opening
    assert pty.read() == b"" and not pty.is_open


# req: COM-09
def test_bytes_pass_unchanged(pty):
    everything = bytes(range(256))
    with serial.Serial(str(pty.link), timeout=2) as port:
        pty.write(everything)
        assert port.read(256) == everything
        port.write(everything)
        port.flush()
        assert pty.read() == everything


# req: COM-01
def test_links(tmp_path):
    link = tmp_path / "ports" / "rs232"
    link.parent.mkdir()
    link.symlink_to("/dev/pts/nothing")  # left behind by a killed run
    port = PtyPort("rs232", link.parent)
    assert os.path.samefile(link, port.device)
    newer = PtyPort("rs232", link.parent)
    port.close()  # not its link any more
    assert os.path.samefile(link, newer.device)
    newer.close()
    newer.close()
    assert not link.is_symlink()
