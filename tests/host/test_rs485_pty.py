"""pymodbus as the inverter, over a pseudo terminal."""

import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.framer import FramerType

from host_sim.ptys import PtyPort
from tests.fakes.inverter import Bench
from tests.fakes.serial_protocols import PROTOCOLS
from tests.host.test_modbus_pty import Served


class Battery(Served):
    """A bench whose protocol is an inverter's."""

    def __init__(self, key, pty):
        self._key = key
        Served.__init__(self, pty)

    def _bench(self):
        return Bench(PROTOCOLS[self._key][0])


@pytest.fixture(params=["growatt", "pace"])
def line(request, tmp_path):
    """(key, battery, pymodbus master)"""
    with PtyPort("rs485_1", tmp_path) as pty:
        battery = Battery(request.param, pty)
        master = ModbusSerialClient(
            str(pty.link), framer=FramerType.RTU, baudrate=9600, timeout=2, retries=1
        )
        assert master.connect()
        yield request.param, battery.bench, master
        master.close()
        battery.stop()


# req: COM-05
def test_pymodbus_reads_what_inverters_read(line):
    key, bench, master = line
    bench.cells(3300, 3310, 3290, 3305)
    bench.asks(57_600, 44_800, 100_000, 150_000)
    bench.state.measured.shown_ma = -12_340
    first = 0x71 if key == "growatt" else 15
    cells = master.read_holding_registers(first, count=16, device_id=1)
    assert cells.registers == [3300, 3310, 3290, 3305] + [0] * 12
    current, voltage = (0x17, 0x16) if key == "growatt" else (0, 1)
    assert master.read_holding_registers(current, count=1, device_id=1).registers == [0xFB2E]
    assert master.read_holding_registers(voltage, count=1, device_id=1).registers == [1321]
    if key == "growatt":
        limits = master.read_holding_registers(0x21, count=3, device_id=1).registers
        assert limits == [5760, 0, 15000]
        assert not master.write_registers(0x13, [0], device_id=1).isError()
    else:
        assert master.read_holding_registers(107, count=1, device_id=1).registers == [57600]


# req: COM-05, COM-09
def test_pymodbus_is_refused(line):
    _, bench, master = line
    assert master.write_registers(0x21, [1], device_id=1).exception_code == 2
    assert master.write_register(0x21, 1, device_id=1).exception_code == 1
    assert master.read_holding_registers(0x400, count=1, device_id=1).exception_code == 2
    assert master.read_input_registers(1, count=1, device_id=1).exception_code == 1
    assert bench.requests.submitted == []
