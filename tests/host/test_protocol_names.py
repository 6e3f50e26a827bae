"""The manual's lists of protocols, as people see them."""

import pytest

from firmware.settings import registry
from host_sim import protocols, tables


# req: COM-04, COM-05
@pytest.mark.parametrize(
    "bus, number, name",
    [
        ("serial", 0, "4G-GPS Remote module Common protocol V4.2"),
        ("serial", 1, "JK BMS RS485 Modbus V1.0"),
        ("serial", 5, "PYLON_low_voltage_Protocol_RS485_V3.5"),
        ("serial", 13, "(9600) JK BMS RS485 Modbus V1.0"),
        ("serial", 20, "RS485 Protocol 20"),
        ("can", 2, "PYLON-Low-voltage-V1.2"),
        ("can", 4, "Victron_CANbus_BMS_protocol_20170717"),
        ("can", 14, "CAN BUS Protocol 014"),
    ],
)
def test_the_lists_are_the_manual_s(bus, number, name):
    assert protocols.row(bus, number)["name"] == name


# req: COM-04, COM-05
@pytest.mark.parametrize("bus, count", [("serial", 21), ("can", 15)])
def test_numbers_are_complete_and_unique(bus, count):
    numbers = [row["id"] for row in tables.load("protocols")[bus]]
    assert [n for n in numbers if n < 100] == list(range(count))
    assert len(set(numbers)) == len(numbers)
    assert protocols.row(bus, 99) is None
    assert protocols.row(bus, -1) is None


# req: COM-04, COM-05
@pytest.mark.parametrize("bus", protocols.BUSES)
def test_a_protocol_is_found_by_its_short_name(bus):
    keys = [row["key"] for row in protocols.implemented(bus)]
    assert len(set(keys)) == len(keys)
    for row in protocols.implemented(bus):
        assert protocols.number(bus, row["key"]) == row["id"]
        assert protocols.number(bus, str(row["id"])) == row["id"]
    assert protocols.number(bus, "nobody") is None


# req: COM-04
def test_what_has_no_public_layout_says_so():
    states = {row["key"]: row["state"] for row in protocols.implemented("can")}
    assert {key for key, state in states.items() if state == "unverified"} == {"invt", "must"}
    assert protocols.show("can", 7) == "007 INVT BMS CAN Bus protocol V1.02 (unverified)"


# req: COM-05
def test_a_protocol_in_words():
    assert protocols.show("serial", 1) == "001 JK BMS RS485 Modbus V1.0"
    assert protocols.show("serial", 2) == "002 NIU U SERIES (not implemented)"
    assert protocols.show("can", 15) == "015 (does not exist)"


# req: COM-04, COM-05
def test_the_target_loads_what_the_table_says_is_implemented():
    known = [(row[0], row[1], row[3]) for row in registry.IMPLEMENTED]
    assert {(0, 1, 115200), (0, 5, 115200), (0, 14, 9600), (1, 2, 500000)} <= set(known)
    for kind, bus in enumerate(protocols.BUSES):
        listed = [row["id"] for row in protocols.implemented(bus)]
        assert listed == [number for k, number, _ in known if k == kind]
