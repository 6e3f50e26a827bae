"""The NW protocol against captured replies, byte for byte, and what writes do.

Requests as the protocols page and its clients build them; replies are read by the decoder of
tests/fakes/nw_decoder.py.
"""

from binascii import unhexlify

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from firmware.protocols.serial import nw
from tests.fakes.bench import Bench as Pack
from tests.fakes.jk import Bench
from tests.fakes.nw_decoder import body, fields, request

READ_ALL = unhexlify("4e570013000000000603000000000000680000" + "0129")
# captured from a 14S pack, printed in a client's documentation (tests/data/jk_nw.json)
CAPTURED = unhexlify(
    "4e57011b00000000060001792a010eed020efa030ef7040eec050ef8060efa070ef1080ef8090ee30a0efa0b0e"
    "f10c0efb0d0efb0e0ef280001d81001e82001c8314ef8480d0850f860287000489000000008a000e8b00008c00"
    "078e16268f10ae900fd2910fa0920005930bea940c1c95000596012c9700079800039900059a00059b0ce49c00"
    "089d019e005a9f0046a00064a10064a20014a30046a40046a5ffeca6fff6a7ffeca8fff6a90eaa0000000eab01"
    "ac01ad0411ae01af01b0000ab114b231323334353600000000b300b4496e707574205573b532313031b60000e2"
    "00b748362e585f5f53362e312e33535f5fb800b900000000ba4254333037323032303132303030303230303532"
    "31303031c0010000000068000054d1"
)
CELLS = (3821, 3834, 3831, 3820, 3832, 3834, 3825, 3832, 3811, 3834, 3825, 3835, 3835, 3826)
# not ours: sleep seconds, password, three texts
OTHER = (0xB0, 0xB2, 0xB4, 0xB7, 0xBA)


def that_pack():
    """The captured pack's state and settings."""
    bench = Bench(source=4, dip=1, protocol=nw)
    state, measured = bench.state, bench.state.measured
    measured.cell_count, measured.pack_mv, measured.shown_ma = 14, 53_590, 2_080
    for i in range(14):
        measured.cell_mv[i] = CELLS[i]
    measured.temp_dc[:] = [300, 280, None, None, 290]
    state.gauge.soc_dpct, state.gauge.cycles, state.system.run_time_s = 150, 4, 57_856 * 60
    state.mosfets.charge_on = state.mosfets.discharge_on = state.balance.active = True
    bench.set(
        {
            p.CELL_COUNT: 14, p.CELL_OVP_MV: 4050, p.CELL_OVPR_MV: 4000, p.CELL_OVP_DELAY_MS: 5000,
            p.CELL_UVP_MV: 3050, p.CELL_UVPR_MV: 3100, p.CELL_UVP_DELAY_MS: 5000,
            p.CELL_DIFFERENCE_MV: 300, p.DISCHARGE_OCP_MA: 7000, p.DISCHARGE_OCP_DELAY_S: 3,
            p.CHARGE_OCP_MA: 5000, p.CHARGE_OCP_DELAY_S: 5, p.BALANCE_START_MV: 3300,
            p.BALANCE_TRIGGER_MV: 8, p.MOS_OTP_DC: 900, p.MOS_OTPR_DC: 700, p.CHARGE_OTP_DC: 700,
            p.DISCHARGE_OTP_DC: 700, p.CHARGE_UTP_DC: -200, p.CHARGE_UTPR_DC: -100,
            p.DISCHARGE_UTP_DC: -200, p.DISCHARGE_UTPR_DC: -100, p.DESIGN_CAPACITY_MAH: 14_000,
            p.CURRENT_GAIN: 10_410, p.CHEMISTRY: 1, p.LOW_SOC_PCT: 20,
        }
    )  # fmt: skip
    bench.parameters.texts[2] = b"210101"
    return bench


# req: COM-01, COM-05
def test_read_all_is_the_captured_reply():
    answer = that_pack().ask(READ_ALL)
    assert len(answer) == len(CAPTURED)
    order, ours = fields(body(answer))
    captured_order, theirs = fields(body(CAPTURED))
    assert order == captured_order
    assert [id for id in order if ours[id] != theirs[id]] == list(OTHER)
    # byte for byte up to the first of these, and the frame around
    end = CAPTURED.index(b"\xb0\x00\x0a")
    assert answer[:end] == CAPTURED[:end] and answer[-9:-4] == CAPTURED[-9:-4]
    assert CAPTURED[end : end + 3] == b"\xb0\x00\x0a"


# req: COM-05, COM-14, SEC-03
def test_who_this_is():
    _, found = fields(body(that_pack().ask(READ_ALL)))
    assert found[0xB2] == bytes(10)  # the password is never shown
    assert found[0xB7] == b"15A_S15.30_____" and found[0xB5] == b"2101"
    assert found[0xB4] == b"Packward"
    assert found[0xBA] == b"Packwarden\0\0JK_B2A8S20P\0"
    assert found[0xB0] == 65535  # 24 h, as much as fits


# req: COM-05
def test_both_ways_to_read_all_and_the_record_number():
    bench = that_pack()
    all_06 = bench.ask(request(6, record=b"\x12\x34\x56\x78"))
    all_03 = bench.ask(request(3, b"\x00"))
    assert body(all_06) == body(all_03) == body(bench.ask(READ_ALL))
    assert all_06[8] == 6 and all_03[8] == 3
    assert all_06[-9:-5] == b"\x12\x34\x56\x78"


# req: COM-05
def test_each_id_is_read_by_itself():
    bench = that_pack()
    order, all_of_them = fields(body(bench.ask(READ_ALL)))
    assert len(order) == 59
    for id in order:
        answer = bench.ask(request(3, bytes((id,))))
        assert fields(body(answer)) == ([id], {id: all_of_them[id]}), id
    for id in (0x88, 0x8D, 0xBB, 0xBE, 0xC1, 0x01, 0xFF):
        assert bench.ask(request(3, bytes((id,)))) == b"", id


# req: COM-05
def test_figures_that_change_sign_or_saturate():
    bench = that_pack()
    measured = bench.state.measured
    for ma, raw in ((0, 0), (2_080, 0x80D0), (-2_080, 0xD0), (-400_000, 0x7FFF), (10, 0x8001)):
        measured.shown_ma = ma
        assert fields(body(bench.ask(READ_ALL)))[1][0x84] == raw, ma
    for dc, raw in ((0, 0), (994, 99), (1000, 100), (-10, 101), (-200, 120), (None, 0)):
        measured.temp_dc[4] = dc
        assert fields(body(bench.ask(READ_ALL)))[1][0x80] == raw, dc
    bench.set({p.PACK_OVP_MV: 58_000, p.PACK_UVP_MV: 40_010})
    bench.state.gauge.cycles = 70_000
    found = fields(body(bench.ask(READ_ALL)))[1]
    assert (found[0x8E], found[0x8F], found[0x87]) == (5800, 4001, 65535)


# req: COM-05, PRT-14
def test_alarm_bits():
    for fault, bits in (
        (f.LOW_SOC, 1), (f.MOS_OTP, 2), (f.PACK_OVP, 4), (f.PACK_UVP, 8), (f.CHARGE_OTP, 16),
        (f.DISCHARGE_OTP, 16), (f.CHARGE_OCP, 32), (f.DISCHARGE_OCP, 64),
        (f.CELL_DIFFERENCE, 128), (f.CHARGE_UTP, 512), (f.CELL_OVP, 1024), (f.CELL_UVP, 2048),
        (f.CELL_COUNT, 4096), (f.AFE_LOST, 4096),
    ):  # fmt: skip
        bench = that_pack()
        bench.faults.put(fault, True)
        assert fields(body(bench.ask(READ_ALL)))[1][0x8B] == bits, fault


# req: COM-08, COM-09
def test_other_terminals_and_replies_pass_by():
    bench = that_pack()
    assert bench.ask(CAPTURED) == b""
    assert bench.ask(request(6, terminal=2)) == b""
    assert bench.port.counters.foreign == 2 and bench.port.counters.bad_bytes == 0
    assert bench.ask(request(6, terminal=1))[4:8] == b"\x00\x00\x00\x01"


# req: COM-05, PRF-05
def test_writes_become_parameters_and_are_acknowledged_with_the_id():
    for data, changes in (
        ("90 0e10", {p.CELL_OVP_MV: 3600}),
        ("92 0003", {p.CELL_OVP_DELAY_MS: 3000}),
        ("8e 1644", {p.PACK_OVP_MV: 57_000}),
        ("97 0064", {p.DISCHARGE_OCP_MA: 100_000}),
        ("a5 fff6", {p.CHARGE_UTP_DC: -100}),
        ("a8 0005", {p.DISCHARGE_UTPR_DC: 50}),
        ("aa 00000118", {p.DESIGN_CAPACITY_MAH: 280_000}),
        ("a9 10", {p.CELL_COUNT: 16}),
        ("ab 00", {p.CHARGE_SWITCH: 0}),
        ("ac 00", {p.DISCHARGE_SWITCH: 0}),
        ("9d 00", {p.BALANCE_SWITCH: 0}),
        ("93 0bb8 94 0c80", {p.CELL_UVP_MV: 3000, p.CELL_UVPR_MV: 3200}),
        ("a3 0046", None),  # as it stands
    ):
        bench = that_pack()
        data = unhexlify(data.replace(" ", ""))
        answer = bench.ask(request(2, data))
        assert answer[8] == 2 and body(answer) == data[:1], data
        if changes is None:
            assert bench.requests.submitted == []
        else:
            assert bench.requests.submitted == [(r.RS232, r.SET, changes)], data


# req: COM-09
def test_writes_that_mean_nothing_stay_unanswered():
    bench = that_pack()
    for data in (
        "90", "90 0e", "90 0e10 91", "90 0e10 91 0e", "80 0010", "85 32", "a0 0050", "a2 0010",
        "ae 05", "b0 0010", "b2 31323334353637383930", "b4 4141414141414141", "bc 01", "bd 01",
        "c0 00", "00", "79 03 010e10", "ff ff",
    ):  # fmt: skip
        assert bench.ask(request(2, unhexlify(data.replace(" ", "")))) == b"", data
    assert bench.requests.submitted == [] and bench.port.counters.refused == 18
    bench.requests.refuses = Refused("out of range")
    assert bench.ask(request(2, b"\x90\x0e\x10")) == b""
    for command in (0, 4, 7, 255):
        assert bench.ask(request(command)) == b""


# req: COM-05, MEA-04
def test_commands():
    bench = that_pack()
    assert body(bench.ask(request(1))) == b"\x00"  # activate
    assert body(bench.ask(request(2, b"\xad\x27\x10"))) == b"\xad"
    bench.state.measured.current_ma = -9_900
    bench.ask(request(2, b"\xad\x27\x10"))
    bench.ask(request(2, b"\xbb\x01"))
    assert [row[1:] for row in bench.requests.submitted] == [
        (r.CALIBRATE_CURRENT, 10_000),
        (r.CALIBRATE_CURRENT, -10_000),
        (r.RESTART, None),
    ]


def talk(pack, frame):
    """The reply on RS232 of a whole pack that speaks NW there."""
    serial = pack.hal.rs232
    serial.sent = bytearray()
    serial.received.extend(frame)
    pack.run(0.2)
    return bytes(serial.sent)


# req: SEC-01, SEC-03, COM-01, COM-05
def test_a_password_opens_the_port_for_writes():
    pack = Pack(changes={p.RS232_PROTOCOL: 0})
    assert pack.hal.rs232.baud == 115200
    write = request(2, b"\x9c\x00\x14")
    assert talk(pack, write) == b""
    assert talk(pack, request(2, b"\xab\x00"))[11:12] == b"\xab"  # off needs nothing
    assert pack.parameters.values[p.CHARGE_SWITCH] == 0
    assert talk(pack, request(5, b"\x00\x00")) == b""  # a client without a password
    assert talk(pack, request(5, b"\xb2654321\0\0\0\0")) == b""
    assert talk(pack, request(5, b"\xb2123456\0\0\0\0")) == b""  # too soon
    pack.run(1)
    assert body(talk(pack, request(5, b"\xb2123456\0\0\0\0"))) == b"\xb2"
    assert body(talk(pack, write)) == b"\x9c"
    assert pack.parameters.values[p.BALANCE_TRIGGER_MV] == 20
    assert body(talk(pack, request(5, b"\x00\x00"))) == b"\x00"


# req: SEC-03
def test_a_key_press_lets_clients_without_a_password_write():
    pack = Pack(changes={p.RS232_PROTOCOL: 0})
    pack.requests.open_window()
    assert body(talk(pack, request(5, b"\x00\x00"))) == b"\x00"
    assert body(talk(pack, request(2, b"\x9c\x00\x14"))) == b"\x9c"


# req: COM-09
def test_damage_is_noticed_and_the_port_goes_on():
    good = request(2, b"\x90\x0e\x10")
    for i in range(len(good)):
        bench = that_pack()
        damaged = bytearray(good)
        damaged[i] ^= 0x40
        assert bench.ask(damaged, 80) == b"", i
        assert bench.requests.submitted == [], i
        assert body(bench.ask(good)) == b"\x90", i


# req: COM-09
def test_lengths_that_cannot_be_are_dropped_at_once():
    for length in (0, 1, 18, 339, 0x4E57, 0xFFFF):
        bench = that_pack()
        head = b"\x4e\x57" + bytes((length >> 8, length & 255))
        assert bench.ask(head + READ_ALL, 6) != b"", length
