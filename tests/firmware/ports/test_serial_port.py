"""The serial port: splits, bursts, garbage, silence, echo, protocol changes, noise."""

from binascii import unhexlify

from firmware import fault_ids
from firmware.ports import serial_port
from firmware.ports.serial_port import SerialPort
from tests.fakes.jk import Bench, sealed

# captured layout, address 1: FC03 0x1200 x 10 words (request of a known client)
READ = unhexlify("01031200000ac0b5")
# vendor sample: switch charging off, and its acknowledge
OFF = unhexlify("0110107000020400000000394b")
OFF_ACK = unhexlify("01101070000244d3")
# captured on a bus: a status request to pack 2 and its acknowledge by a pack 1
OTHER = unhexlify("021016200001020000c201")
OTHER_ACK = unhexlify("011016200001044b")
SHORT = unhexlify("0190030c01")


# req: COM-09
def test_a_frame_in_single_bytes():
    bench = Bench()
    for i in range(len(READ)):
        assert not bench.serial.sent
        bench.serial.received.extend(READ[i : i + 1])
        bench.port.step(1)
    assert bench.serial.sent[:3] == b"\x01\x03\x14" and len(bench.serial.sent) == 25


# req: COM-09
def test_a_frame_that_breaks_off_is_dropped_after_20_ms():
    bench = Bench()
    bench.serial.received.extend(READ[:5])
    assert bench.port.step(0) == 20
    assert bench.port.step(19) == 1
    bench.port.step(1)
    assert bench.port.counters.length_errors == 1
    assert bench.port.counters.bad_bytes == 5
    assert bench.ask(READ[5:], 20) == b""
    assert len(bench.ask(READ)) == 25


# req: COM-09
def test_the_pause_is_four_characters_on_a_slow_line():
    bench = Bench()
    bench.port.select(bench.protocol, 1200)  # 8.3 ms a character
    bench.port.step(1)
    bench.serial.received.extend(READ[:5])
    bench.port.step(1)
    bench.port.step(32)
    bench.serial.received.extend(READ[5:])
    bench.port.step(1)
    assert len(bench.serial.sent) == 25
    bench.serial.received.extend(READ[:5])
    bench.port.step(40)
    bench.port.step(1)
    bench.port.step(33)
    assert bench.port.counters.length_errors == 1


# req: COM-09
def test_what_waited_through_a_long_gap_begins_no_frame():
    bench = Bench()
    bench.serial.received.extend(unhexlify("01101000002040"))  # a write of 64 bytes begins
    bench.port.step(1)
    bench.serial.received.extend(READ)
    for _ in range(3):
        bench.port.step(300)
    assert len(bench.serial.sent) == 25


# req: COM-09
def test_a_damaged_request_to_another_pack_hides_nothing():
    for damaged in ("020313000001ffff", "020300000001ffff", "0210100000030400ff"):
        bench = Bench()
        assert len(bench.ask(unhexlify(damaged) + READ, 12)) == 25, damaged


# req: COM-09
def test_several_frames_in_one_read_are_answered_one_a_step():
    bench = Bench()
    bench.serial.received.extend(READ + OFF + READ)
    sizes = []
    for _ in range(8):
        before = len(bench.serial.sent)
        bench.port.step(1)
        sizes.append(len(bench.serial.sent) - before)
    assert [size for size in sizes if size] == [25, 8, 25]
    assert bench.port.counters.answered == 3


# req: COM-09
def test_more_waiting_after_a_foreign_frame_is_due_at_once():
    bench = Bench()
    bench.serial.received.extend(OTHER + READ)
    assert bench.port.step(1) == 0
    assert not bench.serial.sent
    bench.port.step(0)
    assert len(bench.serial.sent) == 25
    assert bench.port.counters.foreign == 1


# req: COM-09
def test_garbage_before_a_frame_in_one_burst():
    for garbage in (
        b"\x00",
        b"\xff\xff\xff",
        b"\x55\xaa\x00",
        bytes(range(200, 250)),
        b"\x01\x00",
    ):
        bench = Bench()
        assert len(bench.ask(garbage + READ, 12)) == 25, garbage


# req: COM-08, COM-09
def test_other_members_of_the_bus_pass_by():
    bench = Bench(source=3, dip=5)
    answer = unhexlify("0103021234b533")  # another pack's reply of one word
    block = bytearray(300)
    block[:6] = unhexlify("55aaeb900200")
    block[299] = sum(block) & 255
    for frame in (READ, answer, OTHER, OTHER_ACK, bytes(block), SHORT):
        assert bench.ask(frame) == b""
    assert bench.port.counters.foreign == 6
    assert bench.port.counters.crc_errors == 0 and bench.port.counters.bad_bytes == 0
    assert bench.ask(sealed("05 03 1000 0001")) != b""


# req: COM-09
def test_our_own_echo_is_dropped():
    bench = Bench()
    first = bench.ask(READ, 1)
    bench.serial.busy = True
    for i in range(0, len(first), 7):
        bench.serial.received.extend(first[i : i + 7])
        bench.port.step(1)
    bench.serial.busy = False
    bench.port.step(1)
    assert bench.port.counters.echoes == 1 and bench.port.counters.bad_bytes == 0
    assert bench.ask(OFF) == OFF_ACK
    assert len(bench.requests.submitted) == 1


# req: COM-09
def test_an_echo_that_comes_late_and_in_pieces():
    bench = Bench()
    answer = bench.ask(READ, 1)
    for part in (answer[:9], b"", answer[9:20], answer[20:]):
        bench.serial.received.extend(part)
        bench.port.step(1)
    assert bench.port.counters.echoes == 1 and bench.port.counters.bad_bytes == 0


# req: COM-09
def test_an_echo_and_the_next_request_in_one_read():
    bench = Bench()
    first = bench.ask(OFF, 1)
    assert first == OFF_ACK
    assert len(bench.ask(first + READ)) == 25
    assert bench.port.counters.bad_bytes == 0


# req: COM-09
def test_a_request_that_begins_like_our_answer_is_no_echo():
    bench = Bench()
    assert bench.ask(OFF, 1) == OFF_ACK  # 01 10 10 70 00 02 ..., as the next request begins
    bench.serial.sent = bytearray()
    bench.serial.received.extend(OFF[:4])
    bench.port.step(1)
    bench.serial.received.extend(OFF[4:])
    for _ in range(3):
        bench.port.step(1)
    assert bytes(bench.serial.sent) == OFF_ACK
    assert len(bench.requests.submitted) == 2


# req: COM-09
def test_a_damaged_echo_sets_nothing_and_the_port_goes_on():
    bench = Bench()
    bench.serial.busy = True
    bench.serial.received.extend(READ)
    bench.serial.busy = False
    bench.port.step(1)
    damaged = bytearray(bench.serial.sent)
    damaged[9] ^= 4
    bench.ask(damaged, 60)
    assert bench.requests.submitted == []
    assert bench.ask(OFF) == OFF_ACK


# req: COM-09
def test_a_frame_in_ten_reads_with_pauses():
    bench = Bench()
    for i in range(8):
        bench.serial.received.extend(READ[i : i + 1])
        bench.port.step(15)
    bench.port.step(1)
    assert len(bench.serial.sent) == 25 and bench.port.counters.bad_bytes == 0


# req: COM-09
def test_a_good_frame_that_a_damaged_one_has_swallowed():
    # the beginning of a write of 246 bytes, of a block, of a foreign answer: none of them ends
    for half in ("01101000007bf6", "55aaeb9002", "0203f4"):
        bench = Bench()
        bench.serial.received.extend(unhexlify(half) + READ)
        for _ in range(18):
            bench.port.step(1)
        assert not bench.serial.sent, half
        for _ in range(8):
            bench.port.step(1)
        assert len(bench.serial.sent) == 25, half
        assert bench.port.counters.length_errors == 1, half


# req: COM-09
def test_a_buffer_full_of_beginnings_is_worked_off():
    class Greedy:
        """Never has a whole frame."""

        poll_ms = 0
        shortest = 1

        def frame_length(self, buf, n):
            return 0

    bench = Bench()
    port = SerialPort(bench.serial, Greedy(), 115200)
    bench.serial.received.extend(bytes(2000))
    for _ in range(200):
        port.step(1)
    assert not bench.serial.received
    assert port.counters.bad_bytes == 2000 and port.counters.length_errors >= 1


# req: COM-09
def test_wrong_check_sums_over_long_frames_are_bounded():
    bench = Bench()
    longest = unhexlify("01101000007bf6") + bytes(400)  # damaged: any length field will do
    bench.serial.received.extend(unhexlify("01101000007bf6") * 40 + longest)
    before = 0
    for _ in range(400):
        bench.port.step(1)
        assert bench.port.counters.crc_errors - before <= serial_port.CHECKS_A_STEP
        before = bench.port.counters.crc_errors
    assert before > 20
    assert bench.ask(OFF) == OFF_ACK


# req: COM-09
def test_the_answer_s_latency_is_measured():
    bench = Bench()
    counters = bench.port.counters
    assert counters.answer_ms == counters.answer_max_ms == -1
    for waited_ms, longest_ms in ((7, 7), (12, 12), (3, 12)):
        bench.serial.quiet = waited_ms
        bench.ask(READ)
        assert (counters.answer_ms, counters.answer_max_ms) == (waited_ms, longest_ms)
    bench.serial.quiet = 90
    bench.ask(OTHER)
    assert counters.answer_ms == 3


# req: COM-04, COM-05
def test_a_change_waits_until_the_answer_has_left():
    bench = Bench()
    bench.serial.received.extend(OFF)
    bench.port.step(1)
    bench.serial.busy = True
    bench.port.select(bench.protocol, 9600)
    bench.port.step(1)
    assert bench.serial.baud == 115200
    bench.serial.busy = False
    bench.port.step(1)
    assert bench.serial.baud == 9600 and bench.port.baud == 9600
    assert bench.ask(OFF) == OFF_ACK


# req: COM-09
def test_a_transmitter_that_takes_nothing():
    bench = Bench()
    bench.serial.full = True
    assert bench.ask(OFF) == b""
    bench.serial.full = False
    bench.port.step(1)
    assert bytes(bench.serial.sent) == OFF_ACK  # later, but once
    bench.port.step(1)
    assert bench.serial.writes == 1
    bench.serial.full = True
    bench.ask(OFF)
    for _ in range(8):
        bench.port.step(200)
    bench.serial.full = False
    assert bench.ask(b"") == b""  # given up after 100 ms
    assert bench.ask(OFF) == OFF_ACK


# req: COM-09
def test_a_flood_is_worked_off_in_bounded_steps():
    bench = Bench()
    taken = 0
    for value in (0, 1, 3, 16, 85, 170, 255):
        bench.serial.received.extend(bytes([value]) * 2000)
        while len(bench.serial.received):
            before = bench.port.counters.bad_bytes
            bench.port.step(1)
            taken = max(taken, bench.port.counters.bad_bytes - before)
    assert taken <= serial_port.RX_SIZE
    for _ in range(100):
        bench.port.step(1)
    assert bench.ask(OFF) == OFF_ACK
    assert bench.port.counters.bad_bytes > 13_000


class Talker:
    """A protocol that sends by itself every 250 ms and takes every 2 bytes as a frame."""

    def __init__(self):
        self.counters = None
        self.poll_ms = 250
        self.shortest = 2
        self.polled = []

    def frame_length(self, buf, n):
        return 2 if n >= 2 else 0

    def answer(self, buf, n, out):
        return 0

    def poll(self, dt_ms, out):
        self.polled.append(dt_ms)
        out[0] = 65 + len(self.polled)
        return 1


# req: COM-07
def test_a_protocol_that_sends_by_itself():
    bench = Bench()
    talker = Talker()
    port = SerialPort(bench.serial, talker, 115200)
    due_ms, now_ms, sent_ms = 0, 0, []
    while now_ms < 1200:
        due_ms = max(1, due_ms)
        now_ms += due_ms
        before = len(bench.serial.sent)
        due_ms = port.step(due_ms)
        if len(bench.serial.sent) > before:
            sent_ms.append(now_ms)
    assert bytes(bench.serial.sent) == b"BCDE"
    gaps = [sent_ms[i + 1] - sent_ms[i] for i in range(3)]
    assert min(gaps) >= 250 and max(gaps) <= 253
    assert sum(talker.polled) == sent_ms[-1]


# req: COM-09
def test_persistent_noise_is_a_fault_until_a_good_frame():
    bench = Bench()
    noise = b"\xaa" * 16
    for _ in range(99):
        bench.ask(noise, 1)
        bench.port.step(100)
    assert not bench.faults.stands(fault_ids.SERIAL_NOISE)
    for _ in range(5):
        bench.ask(noise, 1)
        bench.port.step(100)
    assert bench.faults.stands(fault_ids.SERIAL_NOISE)
    bench.ask(OTHER, 4)
    assert not bench.faults.stands(fault_ids.SERIAL_NOISE)


# req: COM-09
def test_little_noise_and_a_quiet_line_are_no_fault():
    bench = Bench()
    for _ in range(20):  # 20 bytes each 3 s, but good frames between
        bench.ask(b"\xaa" * 20, 1)
        bench.port.step(3000)
        bench.ask(OTHER, 2)
    bench.ask(b"\xaa" * 150, 12)
    for _ in range(60):
        bench.ask(b"\xaa", 1)
        bench.port.step(12_000)  # quiet for more than 10 s
    for _ in range(90):  # 180 bytes in 90 s
        bench.ask(b"\xaa\xaa", 1)
        bench.port.step(1000)
    assert not bench.faults.stands(fault_ids.SERIAL_NOISE)


# req: COM-09
def test_overruns_are_shown():
    bench = Bench()
    bench.serial.lost = 7
    bench.ask(READ)
    assert bench.port.counters.overruns == 7
