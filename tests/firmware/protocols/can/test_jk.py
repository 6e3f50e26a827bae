"""JK CAN: addresses, captured frames, charger and control frame."""

from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from tests.fakes.bench import Bench as Board
from tests.fakes.can import Bench

CONTROL = 0x18F0F428


# req: COM-03, COM-04
def test_both_rates_send_the_same():
    slow, fast = Bench("jk250"), Bench("jk500")
    assert (slow.protocol.bitrate, fast.protocol.bitrate) == (250_000, 500_000)
    for bench in (slow, fast):
        bench.set(measured_pack_mv=53_100, measured_shown_ma=1_800, gauge_soc_dpct=810)
        assert bench.frame(0x2F4) == "1302b20f51000000"  # as captured
    assert slow.frames() == fast.frames()
    assert not slow.protocol.silence_matters


# req: COM-04
def test_identifiers_carry_the_address():
    bench = Bench("jk250")
    bench.state.panel.dip = 2
    protocol = bench.protocol
    ids = {protocol.id(i) for i in range(protocol.frames)}
    assert 0x2F6 in ids and 0x7F6 in ids and 0x18E028F6 in ids
    assert 0x1806E5F4 in ids  # the charger's own
    bench.fault(1)
    bench.state.panel.dip = 11
    assert bench.frame(0x7FF) is not None
    bench.state.panel.dip = 12  # 0x800 is no identifier of 11 bits
    assert bench.frame(0x800) is None
    assert bench.frame(0x300) is not None


# req: COM-04
def test_current_and_temperature_have_an_offset():
    bench = Bench("jk250")
    bench.set(measured_shown_ma=-56_700, measured_temp_max=-30, measured_temp_min=-999)
    assert bench.frame(0x2F4)[4:8] == "690d"  # 343.3 A above -400 A
    assert bench.frame(0x5F4) == "2f00000000000000"
    bench.set(measured_shown_ma=-500_000)
    assert bench.frame(0x2F4)[4:8] == "0000"


# req: COM-04
def test_sensors_that_are_not_there():
    bench = Bench("jk250")
    bench.state.measured.temp_dc[:] = (220, None, None, None, 300)
    assert bench.frame(0x18F228F4, True) == "0548ff50ffff0000"


# req: COM-04
def test_a_charger_is_asked_while_it_is_there():
    bench = Bench("jk250")
    bench.set(charging_cvl_mv=57_600, charging_ccl_ma=95_000, charging_charge_enable=True)
    assert bench.frame(0x1806E5F4, True) is None
    bench.set(measured_shown_ma=1_000)
    assert bench.frame(0x1806E5F4, True) == "024003b600000000"
    bench.set(measured_shown_ma=0, measured_pack_mv=53_000, measured_port_mv=54_000)
    bench.set(charging_charge_enable=False, power_heating=True)
    assert bench.frame(0x1806E5F4, True) == "024003b601010000"
    bench.set(measured_port_mv=53_100)
    assert bench.frame(0x1806E5F4, True) is None


# req: COM-04
def test_a_charger_that_speaks_is_answered_once():
    bench = Bench("jk250")
    protocol = bench.protocol
    assert not bench.hear(0x18FF50E5, "0000000000000000", True)
    assert protocol.due != 0
    i = 0
    while protocol.due >> i != 1:
        i += 1
    assert protocol.id(i) == 0x1806E5F4
    assert bench.encode(i) is not None
    assert bench.encode(i) is None


def switches(bench):
    return [bench.parameters.values[id] for id in r.SWITCHES]


def at_work():
    """JK CAN at a whole controller, whose requests decide."""
    board = Board()
    board.run(3)
    bench = Bench("jk500")
    bench.view.system = board.state.system
    bench.view.values = board.parameters.values
    bench.protocol._requests = board.requests
    bench.parameters = board.parameters
    return bench, board


# req: COM-04, SEC-03
def test_the_control_frame_switches_off_and_back_on():
    bench, board = at_work()
    assert board.mosfets() == (True, True)
    bench.hear(CONTROL, "01000000", True)
    assert switches(bench) == [0, 1, 1]
    board.run(1)
    assert board.mosfets()[0] is False
    bench.hear(CONTROL, "01010000", True)
    assert switches(bench) == [0, 1, 1]  # not within five seconds
    board.run(6)
    bench.hear(CONTROL, "0101000000000000", True)
    assert switches(bench) == [1, 1, 1]
    bench.hear(CONTROL, "0700000000000000", True)
    assert switches(bench) == [0, 0, 0]


# req: COM-04, SEC-03
def test_the_control_frame_does_not_undo_what_others_have_switched_off():
    bench, board = at_work()
    board.requests.submit(r.CONSOLE, r.SET, {p.DISCHARGE_SWITCH: 0})
    bench.hear(CONTROL, "0700000000000000", True)
    board.run(6)
    bench.hear(CONTROL, "0701010100000000", True)
    assert switches(bench) == [1, 0, 1]
    bench.hear(CONTROL, "0100000000000000", True)
    board.requests.submit(r.RS485_1, r.SET, {p.CHARGE_SWITCH: 0})  # wants it off, too
    board.run(6)
    bench.hear(CONTROL, "0101000000000000", True)
    assert switches(bench) == [0, 0, 1]


# req: COM-04, SEC-03
def test_garbage_in_the_control_frame_does_nothing():
    bench = Bench("jk250")
    for data in ("08000000", "ffffffff", "07000002", "01", "0000", "00000000", "010000000000"):
        bench.hear(CONTROL, data, True)
    bench.hear(CONTROL, "0100000000000000", False)
    bench.hear(0x18F0F429, "0100000000000000", True)
    assert bench.requests.submitted == []
    bench.hear(CONTROL, "07010101", True)  # what is on stays on without a request
    assert bench.requests.submitted == []


# req: COM-04
def test_a_refused_control_frame_is_forgotten():
    bench = Bench("jk250")
    bench.requests.refuses = Refused("locked", True)
    assert bench.hear(CONTROL, "01000000", True) is False
    bench.requests.refuses = MemoryError()
    assert bench.hear(CONTROL, "01000000", True) is False
