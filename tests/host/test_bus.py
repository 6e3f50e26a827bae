"""Serial and CAN lines: timing, collisions, noise."""

import pytest

from host_sim.bus import Bus, ExternalNode
from host_sim.can_bus import CanBus, ExternalCanNode
from host_sim.world import World


class Clocked(ExternalNode):
    """Notes when each byte ended."""

    def __init__(self, world, baud):
        ExternalNode.__init__(self, baud)
        self.world = world
        self.times_us = []

    def receive(self, byte):
        ExternalNode.receive(self, byte)
        self.times_us.append(self.world.now_us)


def line(baud=9600, **options):
    world = World()
    bus = Bus(world, **options)
    return world, bus, bus.attach(ExternalNode(baud)), bus.attach(Clocked(world, baud))


# req: COM-01
@pytest.mark.parametrize(("baud", "n", "us"), [(9600, 10, 10_416), (115_200, 288, 25_000)])
def test_bytes_take_ten_bits_each(baud, n, us):
    world, _, sender, listener = line(baud)
    sender.send(bytes(n))
    world.run_for(1)
    assert len(listener.received) == n
    assert listener.times_us[-1] == pytest.approx(us, abs=1)
    assert listener.times_us[0] == pytest.approx(us / n, abs=1)


# req: COM-02
def test_half_duplex_without_echo():
    world, _, sender, listener = line()
    sender.send(b"\x01\x03abc")
    world.run_for(1)
    assert listener.take() == b"\x01\x03abc" and sender.take() == b""


# req: COM-02
def test_echo_where_the_transceiver_hears_itself():
    world, _, sender, _ = line()
    sender.echo = True
    sender.send(b"abc")
    world.run_for(1)
    assert sender.take() == b"abc"


# req: COM-09
def test_collision_garbles_both_for_everyone():
    world, bus, one, two = line()
    third = bus.attach(ExternalNode())
    one.send(b"AAAA")
    world.run_until(1500)  # in the second byte of `one`
    two.send(b"BBBB")
    world.run_for(1)
    heard = third.take()
    assert len(heard) == 8
    assert heard[0] == ord("A")  # before the collision
    assert heard[-1] == ord("B")  # after it
    assert bus.collisions == 6  # A2..A4 and B1..B3
    assert sum(byte not in b"AB" for byte in heard) >= 5


# req: COM-01
def test_full_duplex_does_not_collide():
    world, bus, one, two = line(half_duplex=False)
    one.send(b"AAAA")
    two.send(b"BBBB")
    world.run_for(1)
    assert (one.take(), two.take(), bus.collisions) == (b"BBBB", b"AAAA", 0)


# req: COM-09
def test_other_baud_rate_hears_garbage():
    world, bus, sender, _ = line(9600)
    deaf = bus.attach(ExternalNode(19_200))
    sender.send(b"A" * 20)
    world.run_for(1)
    assert b"A" not in deaf.take()


# req: COM-09
def test_noise_is_repeatable_and_in_proportion():
    def heard(seed):
        world, _, sender, listener = line(115_200, noise=0.1, seed=seed)
        sender.send(b"A" * 1000)
        world.run_for(1)
        return listener.take()

    assert heard(1) == heard(1) != heard(2)
    assert 60 < sum(byte != ord("A") for byte in heard(1)) < 140


# req: COM-09
def test_cut_line_carries_nothing():
    world, bus, sender, listener = line()
    bus.cut = True
    sender.send(b"abc")
    world.run_for(1)
    assert listener.take() == b"" and not sender.active


# req: COM-03
def test_can_lowest_identifier_first_and_bit_time():
    world = World()
    bus = CanBus(world)
    one, two, three = (bus.attach(ExternalCanNode(500_000)) for _ in range(3))
    stranger = bus.attach(ExternalCanNode(250_000))
    one.submit(0x100, False, bytes(8))  # takes the idle bus at once
    two.submit(0x356, False, b"b")
    three.submit(0x351, False, b"c")
    world.run_until(235)
    assert two.received == []
    world.run_until(250)  # 111 bits and stuffing at 500 kbit/s: 222..270 us
    assert two.received == [(0x100, False, bytes(8))]
    world.run_for(1)
    assert [frame[0] for frame in one.received] == [0x351, 0x356]
    assert stranger.received == [] and bus.carried == 3
