"""Noise, splits and floods against the port: never an exception, never a wrong write, bounded
memory, and the next good frame is answered."""

import struct
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.crc16 import crc16
from firmware.ports.serial_port import RX_SIZE, TX_SIZE
from tests.fakes.jk import Bench, raw

READ = raw("01 03 1200 000A C0B5")
OFF = raw("01 10 1070 0002 04 00000000 394B")
OFF_ACK = raw("01 10 1070 0002 44D3")


def sealed(data):
    return data + struct.pack("<H", crc16(data, 0, len(data)))


def pause(bench, ms=40):
    """Silence on the line; the port works off what it has."""
    for _ in range(ms):
        bench.port.step(1)
    bench.serial.sent = bytearray()


def alive(bench):
    """A good frame after a pause is answered."""
    pause(bench)
    return bench.ask(OFF, 6) == OFF_ACK


# bytes that look like ours: addresses, functions, registers
LIKELY = st.sampled_from((0, 1, 2, 3, 4, 16, 0x10, 0x12, 0x55, 0xAA, 0x83, 0x90, 0xFF))
NOISE = st.one_of(st.binary(max_size=600), st.lists(LIKELY, max_size=600).map(bytes))
FRAMES = st.builds(
    lambda address, function, body: sealed(bytes((address, function)) + body),
    st.sampled_from((0, 1, 2, 247, 255)),
    st.integers(0, 255),
    st.binary(max_size=40),
)
REQUESTS = st.builds(
    lambda register, words: sealed(struct.pack(">BBHH", 1, 3, register, words)),
    st.one_of(st.integers(0, 0xFFFF), st.integers(0x0FFE, 0x1130), st.integers(0x11FE, 0x1530)),
    st.one_of(st.integers(0, 130), st.integers(0, 0xFFFF)),
)
WRITES = st.builds(
    lambda register, data, words: sealed(
        struct.pack(">BBHHB", 1, 16, register, words or len(data) // 2, len(data)) + data
    ),
    st.one_of(st.integers(0, 0xFFFF), st.integers(0x0FFE, 0x1130), st.integers(0x14E0, 0x1510)),
    st.binary(max_size=250),
    st.one_of(st.just(0), st.integers(0, 0xFFFF)),
)


# req: COM-09
@settings(max_examples=120)
@given(st.lists(NOISE, max_size=6), st.integers(1, 300))
def test_garbage_sets_nothing_and_the_next_frame_is_answered(chunks, chunk_ms):
    bench = Bench()
    for chunk in chunks:
        bench.serial.received.extend(chunk)
        bench.port.step(chunk_ms)
    assert bench.requests.submitted == []
    assert alive(bench)
    assert len(bench.requests.submitted) == 1


# req: COM-09
@settings(max_examples=150)
@given(st.one_of(FRAMES, REQUESTS, WRITES))
def test_every_well_sealed_frame_gets_an_answer_or_silence(frame):
    bench = Bench()
    answer = bench.ask(frame, 8)
    assert len(answer) <= TX_SIZE
    if answer:
        assert answer[0] == 1 and crc16(answer, 0, len(answer)) == 0
        if answer[1] & 0x80:
            assert len(answer) == 5 and answer[2] in (1, 2, 3)
            assert bench.requests.submitted == []
        elif answer[1] == 3:
            assert answer[2] == len(answer) - 5
        else:
            assert answer[:6] == frame[:6] and len(answer) == 8
    assert alive(bench)


# req: COM-09
@settings(max_examples=80)
@given(st.data())
def test_frames_survive_any_split(data):
    stream, answers = bytearray(), []
    for _ in range(data.draw(st.integers(1, 5))):
        frame, answer = data.draw(st.sampled_from(((READ, 25), (OFF, 8))))
        stream += frame
        answers.append(answer)
    bench = Bench()
    while stream:
        n = data.draw(st.integers(1, len(stream)))
        bench.serial.received.extend(stream[:n])
        del stream[:n]
        for _ in range(data.draw(st.integers(1, 4))):
            bench.port.step(1)
    for _ in range(30):
        bench.port.step(1)
    assert len(bench.serial.sent) == sum(answers)
    assert bench.port.counters.bad_bytes == 0


# req: COM-09
@settings(max_examples=100)
@given(st.integers(0, len(OFF) - 1), st.binary(min_size=1, max_size=3), st.booleans())
def test_a_damaged_write_is_not_executed(at, wrong, cut):
    damaged = bytearray(OFF)
    damaged[at : at + len(wrong)] = wrong
    if cut:
        damaged = damaged[:at]
    if damaged.startswith(OFF):  # unharmed, only something behind it
        return
    bench = Bench()
    bench.ask(damaged, 20)
    assert bench.requests.submitted == []
    assert alive(bench)


# req: COM-09
def test_an_endless_stream_takes_no_memory_and_the_port_recovers():
    bench = Bench()
    block = bytes(range(256)) + OFF[:-1] + READ[:5] + b"\x01\x03" * 40

    def flood(rounds):
        for _ in range(rounds):
            bench.serial.received.extend(block)
            for _ in range(8):
                assert bench.port.step(1) <= 50
            bench.serial.received = bytearray()

    flood(20)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    flood(100)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2000
    assert len(bench.port._rx) == RX_SIZE and len(bench.port._tx) == TX_SIZE
    assert bench.requests.submitted == []
    assert alive(bench)
