"""Time from the last byte of a question to the first byte of the answer, on the simulated board
with its CPU model (host_sim/processor.py): a JK answers after 4.5 to 5.5 ms."""

import statistics

import pytest

from firmware import parameter_ids as ids
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.serial_protocols import PROTOCOLS, pylon

QUESTIONS = 60
APART_US = 517_300  # drifts through the control cycle of 100 ms


def latencies(number, baud, question):
    """Milliseconds, one for each question."""
    world, out, sent_us = World(), [], [0]
    sim = SimPack(world, settings={ids.RS485_1_PROTOCOL: number})

    def hear(byte):
        if sent_us[0]:
            byte_us = 10_000_000 // baud
            out.append((world.now_us - byte_us - sent_us[0]) / 1000)
            sent_us[0] = 0

    inverter = sim.host("rs485_1", baud, hear)
    world.run_for(3)
    for _ in range(QUESTIONS):
        inverter.send(question)
        sent_us[0] = world.now_us + round(len(question) * 10_000_000 / baud)
        world.run_for(APART_US / 1_000_000)
    assert len(out) == QUESTIONS
    return out


# req: COM-02, COM-05
@pytest.mark.parametrize(
    "number, baud, question",
    [
        (5, 115200, pylon(0x42, "02")),
        (5, 115200, pylon(0x61)),
        (5, 115200, pylon(0x63)),
        (14, 9600, pylon(0x61)),
        (6, 9600, PROTOCOLS["growatt"][1][0]),
        (7, 9600, PROTOCOLS["voltronic"][1][0]),
        (4, 9600, PROTOCOLS["pace"][1][0]),
        (9, 9600, PROTOCOLS["pace"][1][1]),
    ],
)
def test_an_answer_begins_in_time(number, baud, question):
    times = latencies(number, baud, question)
    middle, worst = statistics.median(times), max(times)
    print(f"{number:03d} {baud}: median {middle:.1f} ms, worst {worst:.1f} ms")
    assert 0 < middle <= 10
    assert worst <= 40  # a control cycle and the other services before it
