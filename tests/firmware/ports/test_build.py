"""Which protocol a port speaks, and what happens when there is none for its number."""

from firmware import fault_ids
from firmware import parameter_ids as ids
from tests.fakes.bench import Bench
from tests.fakes.jk import sealed

READ = "03 1200 0001"


def choose(bench, id, number):
    """Set a port's protocol as an accepted request would."""
    bench.parameters.apply({id: number})
    bench.run(0.2)


def answers(bench, port, address):
    """True when the port answers to a JK Modbus request."""
    serial = getattr(bench.hal, port)
    serial.sent = bytearray()
    serial.received.extend(sealed("%02X " % address + READ))
    bench.run(0.2)
    return serial.sent[:3] == bytes((address, 3, 2))


# req: COM-05, COM-09
def test_a_protocol_without_translation_keeps_the_old_one_and_is_a_fault():
    bench = Bench()
    choose(bench, ids.RS485_1_PROTOCOL, 2)
    assert bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)
    assert answers(bench, "rs485_1", 1)
    choose(bench, ids.RS485_1_PROTOCOL, 1)
    assert not bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)
    assert answers(bench, "rs485_1", 1)


# req: COM-05
def test_a_good_port_does_not_hide_what_another_lacks():
    bench = Bench()
    choose(bench, ids.RS485_1_PROTOCOL, 2)
    choose(bench, ids.RS232_PROTOCOL, 17)
    choose(bench, ids.RS485_2_PROTOCOL, 13)
    assert bench.hal.rs485_2.baud == 9600
    assert answers(bench, "rs485_2", 0)
    assert bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)
    choose(bench, ids.RS485_1_PROTOCOL, 13)
    assert bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)
    choose(bench, ids.RS232_PROTOCOL, 1)
    assert bench.hal.rs232.baud == 115200
    assert not bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)


# req: COM-05
def test_a_wrong_number_at_start_falls_back_to_jk_modbus():
    bench = Bench(changes={ids.RS485_1_PROTOCOL: 20})
    assert bench.hal.rs485_1.baud == 115200
    assert answers(bench, "rs485_1", 1)
    assert bench.controller.faults.stands(fault_ids.PROTOCOL_UNAVAILABLE)
