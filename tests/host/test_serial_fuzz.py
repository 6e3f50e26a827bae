"""Garbage, damaged and cut frames against every serial protocol: no exception, nothing set, only
whole answers, bounded buffers, and the next good frame is answered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.ports.serial_port import RX_SIZE, TX_SIZE
from tests.fakes.inverter import Bench
from tests.fakes.serial_protocols import PROTOCOLS, pylon
from tests.host import rs485_decoder as decoder

KEYS = sorted(PROTOCOLS)
LIKELY = st.sampled_from(list(b"~\r0123456789ABCDEF\x00\x01\x02\x03\x10\x46\x83\xff\x55\xaa"))
NOISE = st.one_of(st.binary(max_size=400), st.lists(LIKELY, max_size=400).map(bytes))


def bench(key):
    ours = Bench(PROTOCOLS[key][0], dip=1)
    ours.cells(3300, 3310, 3290, 3305)
    return ours


def whole(key, answer):
    """An answer follows the protocol's own rules, also when it is a refusal."""
    if key == "pylontech":
        for part in answer.split(b"\r")[:-1]:
            decoder.pylon(part + b"\r")
        return answer.endswith(b"\r")
    return decoder.crc(answer) == 0


def alive(ours, key):
    """After a pause the good frames are answered."""
    for _ in range(60):
        ours.port.step(5)
    question = PROTOCOLS[key][1][0]
    return whole(key, ours.ask(question, 8)) and len(ours.serial.sent) > 0


# req: COM-05, COM-09
@pytest.mark.parametrize("key", KEYS)
def test_garbage_is_harmless(key):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(NOISE, max_size=5), st.integers(1, 300))
    def hear(chunks, chunk_ms):
        ours = bench(key)
        for chunk in chunks:
            ours.serial.received.extend(chunk)
            ours.port.step(chunk_ms)
        assert alive(ours, key)
        assert ours.requests.submitted == []
        assert (len(ours.port._rx), len(ours.port._tx)) == (RX_SIZE, TX_SIZE)

    hear()


# req: COM-05, COM-09
@pytest.mark.parametrize("key", KEYS)
def test_damaged_and_cut_frames_are_harmless(key):
    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def hear(data):
        ours = bench(key)
        good = data.draw(st.sampled_from(PROTOCOLS[key][1]))
        damaged = bytearray(good)
        for _ in range(data.draw(st.integers(1, 3))):
            bit = data.draw(st.integers(0, 8 * len(good) - 1))
            damaged[bit // 8] ^= 1 << bit % 8
        cut = data.draw(st.integers(0, len(good)))
        answer = ours.ask(bytes(damaged[:cut] if data.draw(st.booleans()) else damaged), 20)
        assert not answer or whole(key, answer)
        assert alive(ours, key)
        assert ours.requests.submitted == []

    hear()


# req: COM-05, COM-09
@pytest.mark.parametrize("key", KEYS)
def test_frames_survive_any_split(key):
    @settings(max_examples=30, deadline=None)
    @given(st.data())
    def hear(data):
        questions = data.draw(st.lists(st.sampled_from(PROTOCOLS[key][1]), min_size=1, max_size=4))
        expected = 0
        for question in questions:
            expected += len(bench(key).ask(question, 8))
        ours, stream = bench(key), bytearray(b"".join(questions))
        while stream:
            n = data.draw(st.integers(1, len(stream)))
            ours.serial.received.extend(stream[:n])
            del stream[:n]
            for _ in range(data.draw(st.integers(1, 3))):
                ours.port.step(1)
        for _ in range(40):
            ours.port.step(1)
        assert len(ours.serial.sent) == expected > 0
        assert ours.port.counters.bad_bytes == 0

    hear()


# req: COM-09
@pytest.mark.parametrize("key", KEYS)
def test_any_well_sealed_question_gets_an_answer_or_silence(key):
    @settings(max_examples=80, deadline=None)
    @given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=24))
    def hear(address, command, body):
        ours = bench(key)
        if key == "pylontech":
            question = pylon(command, body.hex().upper(), address)
        else:
            question = decoder.sealed(bytes((address % 3, command)) + body)
        answer = ours.ask(question, 12)
        assert not answer or whole(key, answer)
        assert alive(ours, key)

    hear()


# req: COM-09
def test_pylontech_tells_what_was_wrong():
    good = PROTOCOLS["pylontech"][1][0]
    for at, code in ((13, 2), (9, 3)):  # check sum, length check
        damaged = bytearray(good)
        damaged[at] = ord("1") if damaged[at] != ord("1") else ord("2")
        if code == 3:  # a right sum over a wrong length
            body = damaged[1:13]
            damaged[13:17] = b"%04X" % (-sum(body) % 65536)
        ours = bench("pylontech")
        assert decoder.pylon(ours.ask(bytes(damaged), 8)) == (code, b"")
        assert ours.port.counters.crc_errors == 1
