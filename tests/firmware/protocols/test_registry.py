"""The list of selectable protocols and the loader."""

from firmware import loader
from firmware.parameters import Refused
from firmware.protocols import registry
from tests.fakes.jk import Bench


# req: COM-04, COM-05
def test_the_lists_are_the_manual_s():
    for kind, number, name in (
        (registry.SERIAL, 0, "4G-GPS Remote module Common protocol V4.2"),
        (registry.SERIAL, 1, "JK BMS RS485 Modbus V1.0"),
        (registry.SERIAL, 5, "PYLON_low_voltage_Protocol_RS485_V3.5"),
        (registry.SERIAL, 13, "(9600) JK BMS RS485 Modbus V1.0"),
        (registry.SERIAL, 20, "RS485 Protocol 20"),
        (registry.SERIAL, 21, None),
        (registry.SERIAL, -1, None),
        (registry.CAN, 2, "PYLON-Low-voltage-V1.2"),
        (registry.CAN, 4, "Victron_CANbus_BMS_protocol_20170717"),
        (registry.CAN, 14, "CAN BUS Protocol 014"),
        (registry.CAN, 15, None),
    ):
        assert registry.name(kind, number) == name, number


# req: COM-14
def test_masks_tell_what_is_implemented():
    for kind in (registry.SERIAL, registry.CAN):
        bits = registry.mask(kind)
        for number in range(32):
            listed = bits[number // 8] >> number % 8 & 1 == 1
            assert listed == (registry.find(kind, number)[1] > registry.NOT_IMPLEMENTED)


# req: COM-01, COM-02, COM-05
def test_the_twins_differ_in_their_rate():
    bench = Bench()
    for number, baud in ((1, 115200), (13, 9600)):
        loaded = loader.load(registry.SERIAL, number, bench.view, bench.requests, 2)
        assert loaded[1] == baud
        assert loaded[0].address() == 1


def refusal(kind, number):
    try:
        loader.load(kind, number, None, None, 2)
    except Refused as refused:
        return str(refused)
    return None


# req: COM-05
def test_what_cannot_be_loaded_is_refused_in_words():
    assert refusal(registry.SERIAL, 2) == "serial protocol 002 (NIU U SERIES) is not implemented"
    assert refusal(registry.SERIAL, 99) == "serial protocol 099 does not exist"
    assert refusal(registry.CAN, 15) == "CAN protocol 015 does not exist"
