"""The control area of JK Modbus: blocks on demand, one-click presets, calibration, emergency, and
our own commands. Requests, acknowledges and exceptions as captured or from the vendor's document;
what follows them is decoded here by the offsets of the protocols page.
"""

import struct

from firmware import parameter_ids as p
from firmware import requests as r
from firmware.passwords import Throttled
from tests.fakes.bench import Bench as Pack
from tests.fakes.jk import Bench, raw, sealed
from tests.firmware.protocols.test_jk_whole import ask


def parts(answer, kind):
    """(data, acknowledge) of a block and the frame behind it, header and sum checked."""
    assert answer[:6] == b"\x55\xaa\xeb\x90" + bytes((kind, 0)), answer[:8]
    assert sum(answer[:299]) & 255 == answer[299]
    return answer[6:299], answer[300:]


# req: COM-05, COM-08, COM-14
def test_the_three_blocks_are_followed_by_their_captured_acknowledges():
    for address, request, kind, ack in (
        (1, "01 10 1620 0001 02 0000 D6F1", 2, "01 10 1620 0001 044B"),
        (3, "03 10 1620 0001 02 0000 CF91", 2, "03 10 1620 0001 05A9"),
        (1, "01 10 161E 0001 02 0000 D22F", 1, "01 10 161E 0001 6587"),
        (3, "03 10 161E 0001 02 0000 CB4F", 1, "03 10 161E 0001 6465"),
        (1, "01 10 161C 0001 02 0000 D3CD", 3, "01 10 161C 0001 C447"),
        (0, "00 10 161C 0001 02 0000 DE5D", 3, None),
        (0, "00 10 1620 0001 02 0000 DB61", 2, "00 10 1620 0001 059A"),
    ):
        bench = Bench(source=3, dip=address)
        answer = bench.ask(raw(request))
        assert len(answer) == 308, request
        assert ack is None or parts(answer, kind)[1] == raw(ack), request
        assert bench.requests.submitted == []


# req: COM-05, COM-08
def test_what_stands_in_the_blocks():
    bench = Bench(source=3, dip=7)
    measured = bench.state.measured
    measured.cell_count, measured.pack_mv, measured.shown_ma = 2, 6603, -12_345
    measured.cell_mv[0], measured.cell_mv[1] = 3301, 3302
    data, _ = parts(bench.ask(sealed("07 10 1620 0001 02 0000")), 2)
    assert struct.unpack_from("<HHH", data) == (3301, 3302, 0)
    assert struct.unpack_from("<I", data, 0x90) == (6603,)
    assert struct.unpack_from("<i", data, 0x98) == (-12_345,)
    bench.set({p.CELL_OVP_MV: 3599, p.CHARGE_UTP_DC: -200})
    data, _ = parts(bench.ask(sealed("07 10 161E 0001 02 0000")), 1)
    assert struct.unpack_from("<I", data, 0x0C) == (3599,)
    assert struct.unpack_from("<i", data, 0x5C) == (-200,)
    assert struct.unpack_from("<I", data, 0x108) == (7,)
    data, _ = parts(bench.ask(sealed("07 10 161C 0001 02 0000")), 3)
    assert (
        data[:11] == b"JK_B2A8S20P" and data[0x10:0x13] == b"15A" and data[0x18:0x1D] == b"15.30"
    )
    assert not any(data[0x38:0x48]) and not any(data[0x70:0x80])  # PIN and password


# req: COM-09
def test_a_trigger_takes_one_word():
    bench = Bench()
    assert bench.ask(sealed("01 10 1620 0002 04 00000000")) == raw("0190030c01")
    assert bench.ask(sealed("01 10 1620 0001 02 FFFF"))[300:] == raw("01 10 1620 0001 044B")
    assert len(bench.ask(sealed("01 03 1620 0001"))) == 5


def asked(text, **measured):
    """What one write to address 1 asks for; its acknowledge is checked."""
    bench = Bench(source=4)
    bench.protocol.address = lambda: 1
    for name, value in measured.items():
        setattr(bench.state.measured, name, value)
    answer = bench.ask(sealed("01 10 " + text))
    assert answer[-8:] == sealed("01 10 " + text[:9]), text
    ((source, kind, payload),) = bench.requests.submitted
    assert source == r.RS232
    return kind, payload


# req: COM-05, MEA-04
def test_commands_become_requests():
    for text, kind, payload in (
        ("1600 0001 02 6720", r.CALIBRATE_VOLTAGE, 26_400),
        ("1600 0002 04 0000CE40", r.CALIBRATE_VOLTAGE, 52_800),
        ("1604 0001 02 0000", r.POWER_OFF, None),
        ("1604 0001 02 0001", r.POWER_OFF, None),
        ("1606 0002 04 0000C350", r.CALIBRATE_CURRENT, 50_000),
        ("1606 0002 04 FFFF3CB0", r.CALIBRATE_CURRENT, -50_000),
        ("1606 0001 02 C350", r.CALIBRATE_CURRENT, 50_000),
        ("160A 0001 02 0000", r.PRESET, "li-ion"),
        ("160C 0001 02 0000", r.PRESET, "lifepo4"),
        ("160E 0001 02 0000", r.PRESET, "lto"),
        ("1610 0001 02 0001", r.EMERGENCY, None),
        ("1610 0001 02 0000", r.EMERGENCY_STOP, None),
        ("1612 0002 04 0C845880", r.SET_TIME, 210_000_000),
        ("1770 0001 02 0000", r.CALIBRATE_ZERO, None),
        ("1772 0001 02 0000", r.ACKNOWLEDGE, None),
        ("1774 0001 02 01F4", r.SET_SOC, 500),
        ("1776 0001 02 0000", r.TEST_LEADS, None),
        ("1778 0001 02 0000", r.RESTART, None),
    ):
        assert asked(text) == (kind, payload), text


# req: COM-05, MEA-04
def test_a_tool_enters_a_discharge_current_without_its_sign():
    assert asked("1606 0001 02 C350", current_ma=-51_000) == (r.CALIBRATE_CURRENT, -50_000)
    assert asked("1606 0002 04 0000C350", current_ma=-51_000)[1] == -50_000


# req: COM-09
def test_commands_of_a_wrong_length_or_place():
    bench = Bench()
    for text in (
        "1600 0003 06 000000000000",
        "1612 0001 02 0001",
        "160A 0002 04 00000000",
        "1700 0007 0E " + "31" * 14,
        "1710 0008 10 " + "31" * 16,
    ):
        assert bench.ask(sealed("01 10 " + text)) == raw("0190030c01"), text
    for text in ("1602 0001 02 0000", "1601 0001 02 0000", "17FE 0001 02 0000"):
        assert bench.ask(sealed("01 10 " + text)) == raw("019002cdc1"), text
    assert bench.requests.submitted == [] and bench.port.counters.refused == 8


# req: COM-05, PRF-01
def test_one_click_sends_the_new_settings_ahead_of_the_captured_acknowledge():
    pack = Pack(changes={p.RS485_1_OPEN: 1})
    answer = ask(pack, "01 10 160C 0001 02 0000", seconds=0.5)
    data, ack = parts(answer, 1)
    assert ack == raw("01 10 160C 0001 C582")
    assert struct.unpack_from("<I", data, 0x0C) == (pack.parameters.values[p.CELL_OVP_MV],)
    assert pack.parameters.values[p.PROFILE] == 1
    # Li-ion while LiFePO4 cells are measured and the MOSFETs are on: nothing changes
    assert ask(pack, "01 10 160A 0001 02 0000") == raw("0190030c01")
    assert pack.parameters.values[p.PROFILE] == 1


# req: SEC-03, COM-05
def test_a_locked_port_takes_no_command_that_widens_anything():
    pack = Pack()
    for register in ("1600", "1606", "160A", "160C", "160E", "1610", "1770", "1774", "1778"):
        assert ask(pack, "01 10 %s 0001 02 0001" % register) == raw("019002cdc1"), register
    assert pack.state.power.emergency_s == 0
    assert ask(pack, "01 10 1610 0001 02 0000") == sealed("01 10 1610 0001")  # to stop it


def field(text):
    """A password as 16 bytes of hex digits."""
    return "".join("%02X" % ord(c) for c in text) + "00" * (16 - len(text))


# req: SEC-01, SEC-03
def test_the_password_register_opens_the_port():
    pack = Pack()
    widen = "01 10 1014 0002 04 00000014"
    assert ask(pack, widen) == raw("019002cdc1")
    assert ask(pack, "01 10 1700 0008 10 " + field("654321")) == raw("0190030c01")
    assert ask(pack, "01 10 1700 0008 10 " + field("123456")) == sealed("01 90 06")
    pack.run(1)
    assert ask(pack, "01 10 1700 0008 10 " + field("123456")) == sealed("01 10 1700 0008")
    assert ask(pack, widen) == sealed("01 10 1014 0002")
    assert ask(pack, "01 03 1700 0008") == raw("018302c0f1")  # written, never read
    assert ask(pack, "01 10 1700 0008 10 " + field("")) == sealed("01 10 1700 0008")
    assert ask(pack, widen[:-2] + "15") == raw("019002cdc1")  # locked again


# req: SEC-01
def test_the_passwords_are_changed_through_their_registers():
    pack = Pack()
    change = "01 10 1710 0018 30 " + field("123456") + field("Solar9") * 2
    assert ask(pack, change) == sealed("01 10 1710 0018")
    assert ask(pack, change) == raw("0190030c01")  # the old one is no more
    pack.run(1)
    assert ask(pack, "01 10 1700 0008 10 " + field("Solar9")) == sealed("01 10 1700 0008")
    change = "01 10 1740 0018 30 " + field("1234") + field("5678") + field("5679")
    assert ask(pack, change) == raw("0190030c01")


# req: COM-09, SEC-03
def test_a_port_that_waits_is_told_so():
    bench = Bench()
    bench.requests.refuses = Throttled("wait")
    assert bench.ask(sealed("01 10 1700 0008 10 " + field("123456"))) == sealed("01 90 06")
