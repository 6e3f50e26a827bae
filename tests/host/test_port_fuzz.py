"""Every serial protocol under noise, damage, splits and floods: never an exception, never a
setting from a damaged frame, bounded buffers and time, and the next good frame is answered
(COM-09).

`make test` runs a sample, `make nightly` 200000 damaged frames for each protocol.
"""

import os
import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from firmware.ports.serial_port import IDLE_MS, RX_SIZE, TX_SIZE
from tests.host.serial_cases import CASES

NIGHTLY = "NIGHTLY" in os.environ
FRAMES = 200_000 if NIGHTLY else 5_000
EXAMPLES = 1_000 if NIGHTLY else 40
ROUND = 10  # damaged frames between two checks that the port is alive
PAUSE_MS = 200  # of silence, to work off a full buffer
ANSWER_MS = 8
NAMES = {"ids": lambda case: case.name}


def pause(bench, ms=PAUSE_MS):
    """Silence on the line; every step keeps its bounds."""
    for _ in range(ms):
        step(bench, 1)


def step(bench, ms):
    """One step of the port; it is due again soon enough."""
    assert 0 <= bench.port.step(ms) <= IDLE_MS + TX_SIZE * 10_000 // bench.port.baud
    assert len(bench.port._rx) == RX_SIZE and len(bench.port._tx) == TX_SIZE
    assert 0 <= bench.port._n <= RX_SIZE


def alive(case, bench):
    """A good frame after a pause is served, each in its way."""
    pause(bench)
    for frame in case.questions[:1]:
        assert bench.ask(frame, ANSWER_MS), frame.hex()
    if case.writes:
        before = len(bench.requests.submitted)
        assert bench.ask(case.writes[0], ANSWER_MS)
        assert len(bench.requests.submitted) == before + 1
    if bench.port.protocol.poll_ms:
        bench.serial.sent = bytearray()
        pause(bench, bench.port.protocol.poll_ms + 60)
        assert bench.serial.sent


def damage(chance, frame, case):
    """The frame with one to three of: a flipped bit, a wrong, missing, doubled or foreign part."""
    data = bytearray(frame)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 2:
            del data[at : at + chance.randint(1, 4)]
        elif kind == 3:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        elif kind == 4:
            data = data[:at]
        elif kind == 5:
            data[at:at] = data[: chance.randint(0, len(data))]
        data = data or bytearray(b"\0")
    return bytes(data)


# req: COM-09, SEC-03
@pytest.mark.parametrize("case", CASES, **NAMES)
def test_damaged_frames_set_nothing(case):
    chance = random.Random(20_261_126)
    bench, frames = case.bench(), (*case.questions, *case.writes) or (bytes(range(40)),)
    for done in range(0, FRAMES, ROUND):
        heard = bytearray()
        before = len(bench.requests.submitted)
        for _ in range(ROUND):
            data = damage(chance, chance.choice(frames), case)
            heard += data
            bench.serial.received.extend(data)
            for _ in range(chance.randrange(1, 5)):
                step(bench, chance.choice((0, 1, 1, 3, 25)))
        pause(bench, 60)
        if len(bench.requests.submitted) > before:
            assert case.holds_a_frame(bytes(heard)), heard.hex()
        if done % (10 * ROUND) == 0:
            alive(case, bench)
            bench.requests.submitted.clear()


# req: COM-09
@pytest.mark.parametrize("case", CASES, **NAMES)
def test_a_flood_ends_and_nothing_has_grown(case):
    chance = random.Random(7)
    bench = case.bench()
    frames = (*case.questions, *case.writes) or (b"\xa5\x5a\x05\x82",)
    for _ in range(40):
        cut = [frame[: chance.randrange(1, len(frame))] for frame in frames]
        bench.serial.received.extend(b"".join(cut) * 3 + chance.randbytes(chance.randrange(300)))
        for _ in range(4):
            step(bench, 1)
    for _ in range(4000):
        if not bench.serial.received:
            break
        step(bench, 1)
    assert not bench.serial.received
    alive(case, bench)


class Line(RuleBasedStateMachine):
    """A line with everything on it, in any order; `case` is set by a subclass."""

    case = None

    def __init__(self):
        super().__init__()
        self.bench = self.case.bench()
        self.heard = bytearray()
        self.good = 0  # writes that went out whole after a pause

    def hear(self, data, steps):
        self.heard += data
        self.bench.serial.received.extend(data)
        for ms in steps:
            step(self.bench, ms)

    @precondition(lambda self: self.case.questions)
    @rule(data=st.data())
    def good_frame_in_any_split(self, data):
        pause(self.bench)
        frame = data.draw(st.sampled_from(self.case.questions + self.case.writes))
        self.good += frame in self.case.writes
        self.bench.serial.sent = bytearray()
        cuts = sorted(data.draw(st.lists(st.integers(1, len(frame) - 1), max_size=6, unique=True)))
        for first, end in zip([0, *cuts], [*cuts, len(frame)], strict=True):
            self.hear(frame[first:end], data.draw(st.lists(st.integers(0, 18), max_size=1)))
        for _ in range(ANSWER_MS):
            step(self.bench, 1)
        assert self.bench.serial.sent, frame.hex()

    @rule(noise=st.binary(max_size=300), ms=st.integers(0, 30))
    def noise(self, noise, ms):
        self.hear(noise, (ms, 1))

    @rule(data=st.data())
    def damaged_frame(self, data):
        frames = self.case.questions + self.case.writes or (b"\xa5\x5a\x05\x82\x20\x23",)
        chance = random.Random(data.draw(st.integers(0, 1 << 32)))
        self.hear(damage(chance, data.draw(st.sampled_from(frames)), self.case), (1, 0, 2))

    @rule(byte=st.integers(0, 255), n=st.integers(300, 3000))
    def flood(self, byte, n):
        self.hear(bytes((byte,)) * n, (1,) * 20)
        self.bench.serial.received = bytearray()

    @rule()
    def long_gap_of_the_processor(self):
        step(self.bench, 400)

    @invariant()
    def nothing_is_set_that_was_not_sent(self):
        if len(self.bench.requests.submitted) > self.good:
            assert self.case.holds_a_frame(bytes(self.heard)), self.heard.hex()
            self.good = len(self.bench.requests.submitted)
            del self.heard[:-400]  # a frame may have begun

    def teardown(self):
        self.bench.serial.received = bytearray()
        alive(self.case, self.bench)


# req: COM-09
@pytest.mark.parametrize("case", CASES, **NAMES)
def test_a_line_with_everything_on_it(case):
    kind = type(f"Line_{case.name}", (Line,), {"case": case})
    budget = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(kind, settings=budget)
