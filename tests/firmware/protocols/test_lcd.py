"""The display protocols against captured frames; the others are taken apart here by the layout of
the protocols page."""

import struct
from binascii import unhexlify

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.protocols.serial import lcd, lcd_pb
from tests.fakes.bench import Bench as Pack
from tests.fakes.jk import Bench

# captured on the line to a screen: a 13S pack at 52.53 V
CAPTURED = unhexlify(
    "a55a5d821000148500000003006300e0001a001800010fc90000000100010fd00fcd0fd11033102f0f5c0f53"
    "0fc30fc20fcf0fc10fcf0fd0" + "00" * 40
)
CELLS = (4048, 4045, 4049, 4147, 4143, 3932, 3923, 4035, 4034, 4047, 4033, 4047, 4048)
# captured colour frames: normal, highest, lowest, unused
GREEN, BLUE = unhexlify("a55a0582202307e0"), unhexlify("a55a05822033001f")
RED, UNUSED = unhexlify("a55a05822063f800"), unhexlify("a55a058220f30000")
# captured second figures of an 8S pack: words 7, 8, 9 and 14 are understood
MORE = unhexlify(
    "a55a2b8213000005018f000000000000000000000d010cfc0cff004800000033001e000500170001000100010001"
)


def that_pack(module=lcd):
    bench = Bench(source=4, dip=3, protocol=module)
    measured = bench.state.measured
    measured.cell_count, measured.pack_mv = 13, 52_530
    for i in range(13):
        measured.cell_mv[i] = CELLS[i]
    measured.max_cell, measured.min_cell = 3, 6
    measured.max_mv, measured.min_mv = 4147, 3923
    measured.average_mv, measured.difference_mv = 4041, 224
    measured.temp_dc[4], measured.temp_max = 262, 240
    bench.state.gauge.soc_dpct = 990
    bench.state.mosfets.charge_on = bench.state.mosfets.discharge_on = True
    bench.faults.put(f.PASSWORD_DEFAULT, True)  # a warning without a word of its own
    return bench


def second(bench):
    """What one second brings."""
    bench.serial.sent = bytearray()
    for _ in range(11):
        bench.port.step(100)
    return bytes(bench.serial.sent)


def frames(sent, header):
    """[(address, words)] of what was sent, every byte accounted for."""
    found = []
    while sent:
        assert sent[:2] == header and sent[3] == 0x82, sent[:8]
        n = (sent[2] - 3) // 2
        words = struct.unpack_from(">%dH" % n, sent, 6)
        found.append((sent[4] << 8 | sent[5], list(words)))
        sent = sent[3 + sent[2] :]
    return found


# req: COM-05
def test_the_main_frame_is_the_captured_one():
    sent = second(that_pack())
    assert sent[:96] == CAPTURED


# req: COM-05
def test_colours_of_all_cells_in_three_seconds():
    bench = that_pack()
    sent = b""
    for _ in range(3):
        part = second(bench)
        assert part[:96] == CAPTURED
        assert len(part) <= 192  # 0.8 s at 2400 baud
        sent += part
    assert GREEN in sent and BLUE in sent and UNUSED in sent
    assert sent.count(b"\xa5\x5a\x05\x82\x20\x63\xf8\x00") == 1 == sent.count(RED)
    colours = [row for row in frames(sent, b"\xa5\x5a") if len(row[1]) == 1]
    assert [address for address, _ in colours] == [0x2003 + 16 * i for i in range(24)]
    values = [words[0] for _, words in colours]
    assert values.count(0x07E0) == 11 and values.count(0) == 11


# req: COM-05
def test_the_second_figures_have_their_known_words():
    bench = that_pack()
    measured = bench.state.measured
    measured.max_mv, measured.min_mv = 3329, 3324
    measured.average_mv, measured.difference_mv = 3327, 5
    ours = [words for address, words in frames(second(bench), b"\xa5\x5a") if address == 0x1300]
    (theirs,) = [words for _, words in frames(MORE, b"\xa5\x5a")]
    for word in (7, 8, 9, 14):
        assert ours[0][word] == theirs[word]
    assert len(ours[0]) == len(theirs)


# req: COM-05, PRT-14
def test_alarm_words():
    for fault, word in (
        (f.CELL_UVP, 36), (f.CELL_OVP, 37), (f.DISCHARGE_OCP, 38), (f.MOS_OTP, 39),
        (f.DISCHARGE_OTP, 40), (f.DISCHARGE_SHORT, 41), (f.AFE_LOST, 42), (f.CELL_COUNT, 44),
    ):  # fmt: skip
        bench = that_pack()
        bench.faults.put(fault, True)
        words = frames(second(bench), b"\xa5\x5a")[0][1]
        assert [i for i in range(36, 45) if words[i]] == [word], fault
    bench = that_pack()
    bench.faults.put(f.PASSWORD_DEFAULT, False)
    assert frames(second(bench), b"\xa5\x5a")[0][1][7] == 0


# req: COM-05
def test_signs_and_missing_sensors():
    bench = that_pack()
    bench.state.measured.shown_ma = -12_345
    bench.state.measured.temp_dc[4], bench.state.measured.temp_max = -100, None
    words = frames(second(bench), b"\xa5\x5a")[0][1]
    assert (words[1], words[5], words[6]) == (65536 - 123, 65536 - 10, 0)


# req: COM-05
def test_the_screen_of_the_pb_series():
    bench = that_pack(lcd_pb)
    bench.state.measured.shown_ma = -9_000
    bench.state.gauge.capacity_mah, bench.state.gauge.remaining_mah = 280_000, 140_050
    found = frames(second(bench), b"\x5a\xa5")
    (address, words), (cells_address, cells) = found[:2]
    assert address == 0x1000 and len(words) == 15
    assert words[:3] == [5253, 65536 - 90, 99] and words[4:8] == [2800, 1400, 4041, 24]
    assert words[14] == 3
    assert cells_address == 0x1210 and len(cells) == 27
    assert cells[:13] == list(CELLS) and cells[13:16] == [0, 0, 0]
    assert cells[17:21] == [99, 2800, 1400, 224] and cells[22:24] == [24, 65536 - 90]
    assert found[2] == (0x2003, [0x07E0])
    for _ in range(2):
        assert len(second(bench)) <= 240  # a second at 2400 baud


# req: COM-05, COM-06
def test_a_port_that_shows_answers_nothing_and_the_others_go_on():
    pack = Pack(changes={p.RS232_PROTOCOL: 10})
    assert pack.hal.rs232.baud == 2400
    pack.hal.rs232.sent = bytearray()
    pack.run(10)
    sent = bytes(pack.hal.rs232.sent)
    assert 9 <= sent.count(b"\xa5\x5a\x5d\x82\x10\x00") <= 11
    frames(sent, b"\xa5\x5a")
    pack.hal.rs232.received.extend(unhexlify("010316200001"))
    pack.run(0.3)
    assert not pack.controller.state.system.service_faults
