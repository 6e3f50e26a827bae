"""RS485-1, RS485-2, RS232 and CAN at work at the same time, on the simulated board."""

from firmware import parameter_ids as ids
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.serial_protocols import pylon
from tests.host import rs485_decoder as decoder

JK_STATUS = decoder.read(0x1200, 10)
GROWATT = decoder.read(0x10, 27)
ROUNDS = 40


# req: COM-01, COM-02, COM-06
def test_every_port_answers_every_question():
    world = World()
    sim = SimPack(
        world,
        settings={ids.RS485_1_PROTOCOL: 5, ids.RS485_2_PROTOCOL: 1, ids.RS232_PROTOCOL: 6},
    )
    lines = (
        (sim.host("rs485_1", 115200), pylon(0x61), 0.211),
        (sim.host("rs485_2", 115200), JK_STATUS, 0.173),
        (sim.host("rs232", 9600), GROWATT, 0.307),
    )
    heard = sim.can_host(500_000)
    world.run_for(3)
    heard.received.clear()

    def ask(node, question, left, apart_us):
        node.send(question)
        if left > 1:
            world.after(apart_us, ask, node, question, left - 1, apart_us)

    for node, question, apart_s in lines:
        ask(node, question, ROUNDS, round(apart_s * 1_000_000))
    world.run_for(ROUNDS * 0.307 + 1)
    inverter, pc, display = [node.take() for node, _, _ in lines]
    replies = inverter.split(b"\r")
    assert len(replies) == ROUNDS + 1
    assert all(decoder.pylon_system(decoder.pylon(r + b"\r")[1])["v"] for r in replies[:-1])
    assert len(pc) == ROUNDS * 25 and len(display) == ROUNDS * 59
    for data, length in ((pc, 25), (display, 59)):
        for at in range(0, len(data), length):
            assert decoder.words(data[at : at + length])
    sets = [id for id, _, _ in heard.received].count(0x351)
    assert sets >= ROUNDS * 0.307 / 1.1  # the CAN set goes on, once a second
    assert {id for id, _, _ in heard.received} >= {0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E}
