"""JK Modbus through the whole controller: bytes in, MOSFETs and parameters out."""

import struct

from firmware import parameter_ids as ids
from tests.fakes.bench import Bench
from tests.fakes.jk import raw, sealed

SWITCH_OFF = "01 10 1070 0002 04 00000000"
SWITCH_ON = "01 10 1070 0002 04 00000001"
SWITCH_ACK = "01 10 1070 0002"


def ask(bench, text, port="rs485_1", seconds=0.2):
    """The answer that one port gives to a frame (its CRC is added)."""
    serial = getattr(bench.hal, port)
    serial.sent = bytearray()
    serial.received.extend(sealed(text))
    bench.run(seconds)
    return bytes(serial.sent)


# req: SEC-03, COM-05, PRT-14
def test_charging_is_switched_off_without_a_password():
    bench = Bench()
    assert bench.mosfets() == (True, True)
    assert ask(bench, SWITCH_OFF) == sealed(SWITCH_ACK)
    bench.run(0.3)
    assert bench.mosfets() == (False, True)
    assert struct.unpack(">I", ask(bench, "01 03 1070 0002")[3:7]) == (0,)
    assert ask(bench, "01 03 12C0 0001")[3:5] == b"\x00\x01"


# req: SEC-03
def test_a_locked_port_refuses_everything_else():
    bench = Bench()
    ask(bench, SWITCH_OFF)
    assert ask(bench, SWITCH_ON) == raw("01 90 02 CDC1")
    assert ask(bench, "01 10 1004 0002 04 00000A8C") == raw("01 90 02 CDC1")
    assert bench.parameters.values[ids.CELL_UVP_MV] == 2600


# req: SEC-03, PRF-06
def test_an_open_port_sets_what_is_consistent():
    bench = Bench(changes={ids.RS485_1_OPEN: 1})
    assert ask(bench, "01 10 1004 0002 04 00000A8C") == sealed("01 10 1004 0002")
    assert bench.parameters.values[ids.CELL_UVP_MV] == 2700
    assert ask(bench, "01 10 1004 0002 04 00000BEA") == raw("01 90 03 0C01")  # above UVPR
    assert ask(bench, "01 10 1004 0004 08 00000A28 00000A28") == raw("01 90 03 0C01")
    assert bench.parameters.values[ids.CELL_UVP_MV] == 2700
    assert ask(bench, "01 10 1004 0002 04 00000A28", "rs232")[:1] != b"\x01"  # address 0 there
    assert ask(bench, "00 10 1004 0002 04 00000A28", "rs232")[1:3] == b"\x90\x02"  # locked


# req: COM-01, COM-06, COM-14, DEV-01
def test_all_three_ports_answer_at_the_same_time():
    bench = Bench()
    hal = bench.hal
    assert (hal.rs485_1.baud, hal.rs485_2.baud, hal.rs232.baud) == (115200, 115200, 9600)
    hal.rs485_1.received.extend(sealed("01 03 1400 0008"))
    hal.rs485_2.received.extend(sealed("00 03 1290 0002"))
    hal.rs232.received.extend(sealed("00 03 1200 0008"))
    bench.run(0.2)
    assert hal.rs485_1.sent[3:14] == b"JK_B2A8S20P"
    assert struct.unpack(">I", hal.rs485_2.sent[3:7]) == (sum(hal.afe.cell_mv),)
    assert list(struct.unpack(">8H", hal.rs232.sent[3:19])) == list(hal.afe.cell_mv)


# req: COM-09, PRT-15
def test_a_flood_on_every_port_does_not_touch_protection():
    bench = Bench()
    bench.hal.afe.cell_mv[3] = 3700
    for _ in range(30):
        for serial in (bench.hal.rs485_1, bench.hal.rs485_2, bench.hal.rs232):
            serial.received.extend(b"\x01\x10\x00\xff" * 60)
        bench.run(0.05)
    assert bench.mosfets() == (False, True)  # over-voltage after its 1 s
    assert bench.state.system.service_faults == 0
    for serial in (bench.hal.rs485_1, bench.hal.rs485_2, bench.hal.rs232):
        serial.received = bytearray()
    bench.run(1)
    assert ask(bench, SWITCH_OFF) == sealed(SWITCH_ACK)
