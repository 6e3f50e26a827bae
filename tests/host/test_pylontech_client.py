"""python-pylontech, a client that others read their batteries with, against our port."""

import pytest
from pylontech import Pylontech

from host_sim.ptys import PtyPort
from tests.host.test_rs485_pty import Battery


@pytest.fixture
def line(tmp_path):
    """(battery, client)"""
    with PtyPort("rs485_1", tmp_path) as pty:
        battery = Battery("pylontech", pty)
        bench = battery.bench
        bench.cells(3317, 3320, 3309, 3318, 3318, 3314, 3323, 3314)
        bench.temperatures(250, 249, 248, 252, 251)
        measured, gauge = bench.state.measured, bench.state.gauge
        measured.shown_ma = -12_300
        gauge.remaining_mah, gauge.capacity_mah, gauge.cycles = 168_000, 280_000, 21
        bench.asks(28_000, 21_600, 56_000, 150_000)
        client = Pylontech(str(pty.link), 115200)
        client.s.timeout = 0.4  # it waits so long behind every answer
        yield bench, client
        client.s.close()
        battery.stop()


# req: COM-05, COM-08, COM-13
def test_a_client_finds_and_reads_the_pack(line):
    _, client = line
    assert client.scan_for_batteries(2, 3) == {2: "00000000000" + 5 * "\0"}
    pack = client.get_values_single(2)
    assert pack.NumberOfModule == 2 and pack.NumberOfCells == 8
    assert list(pack.CellVoltages) == [3.317, 3.32, 3.309, 3.318, 3.318, 3.314, 3.323, 3.314]
    assert round(pack.AverageBMSTemperature, 1) == 25.1
    assert [round(t, 1) for t in pack.GroupedCellsTemperatures] == [25.0, 24.9, 24.8, 25.2]
    assert (round(pack.Current, 1), round(pack.Voltage, 3)) == (-12.3, 26.533)
    assert (pack.RemainingCapacity, pack.TotalCapacity, pack.CycleNumber) == (168, 280, 21)
    group = client.get_values()
    assert group.NumberOfModules == 1 and round(group.StateOfCharge, 3) == 0.6


# req: COM-05
def test_a_client_reads_names_and_levels(line):
    bench, client = line
    names = client.get_manufacturer_info()
    assert names.DeviceName == b"DY-N8S2428" and list(names.SoftwareVersion) == [15, 30]
    levels = client.get_system_parameters()
    assert levels.CellHighVoltageLimit == 3.6 and levels.CellUnderVoltageLimit == 2.6
    assert levels.DischargeLowTemperatureLimit == -20 and levels.ChargeCurrentLimit == 200
    limits = client.get_management_info(2)
    assert (limits.ChargeVoltageLimit, limits.DischargeVoltageLimit) == (28.0, 21.6)
    assert (limits.ChargeCurrentLimit, limits.DischargeCurrentLimit) == (56, -150)
    assert limits.status.ChargeEnable and limits.status.DischargeEnable
    assert not limits.status.ChargeImmediately1 and not limits.status.FullChargeRequest
    assert bench.requests.submitted == []
