"""The driver of the MCP2515 over its model, when things go wrong."""

import pytest

from hal.chips import mcp2515
from hal.parts import Can, CanFrame
from host_sim.chips import mcp2515_bus as wire
from tests.host.mcp2515_bench import Rig


@pytest.fixture
def rig():
    """Started, with nothing refused by the chip."""
    rig = Rig(start=True)
    yield rig
    assert rig.chip.registers.refused == 0


# req: HAL-01, COM-03
@pytest.mark.parametrize("bitrate", [250_000, 500_000])
@pytest.mark.parametrize("crystal_mhz", [8, 16])
def test_the_sample_point_lies_at_three_quarters_of_the_bit(crystal_mhz, bitrate):
    rig = Rig(crystal_mhz)
    rig.can.set_bitrate(bitrate)
    before, behind, jump = rig.chip.bus.quanta()
    assert rig.chip.bus.bitrate == bitrate
    assert 4 * before >= 3 * (before + behind) and behind > jump
    assert rig.us < 1_000


# req: HAL-01
def test_frames_leave_in_order_while_the_bus_is_slow(rig):
    for n in range(40):
        while not rig.can.send(0x400 - n, False, bytes((n,)), 1):
            rig.spend(137)
    rig.pass_ms(3)
    assert [frame.id for frame in rig.got] == [0x400 - n for n in range(40)]


# req: HAL-01
def test_nobody_on_the_bus_fills_no_buffer_for_ever(rig):
    rig.alone(True)
    for _ in range(100):  # 10 s
        rig.can.send(0x351, False, b"\0", 1)
        rig.pass_ms(100)
        assert rig.can.state() in (Can.ACTIVE, Can.WARNING, Can.PASSIVE)
    assert rig.can.state() == Can.PASSIVE and rig.can.aborted > 30
    rig.alone(False)
    rig.pass_ms(200)
    rig.can.state()
    rig.got.clear()
    assert rig.can.send(0x355, False, b"\1", 1)
    rig.pass_ms(1)
    assert [frame.id for frame in rig.got] == [0x355]  # nothing old
    for _ in range(130):
        rig.can.send(0x355, False, b"\1", 1)
        rig.pass_ms(1)
    assert rig.can.state() == Can.ACTIVE


# req: HAL-01
def test_nothing_old_is_sent_behind_bus_off(rig):
    rig.disturb(True)
    rig.can.send(0x351, False, b"\0", 1)
    while not rig.chip.bus.bus_off:
        rig.spend(100)
    assert rig.can.state() == Can.BUS_OFF
    rig.disturb(False)
    rig.pass_ms(7)  # 128 x 11 bits
    assert rig.can.state() == Can.ACTIVE
    rig.pass_ms(10)
    assert rig.got == []


# req: HAL-01
def test_a_lost_arbitration_delays_only(rig):
    rig.result = wire.OUTRANKED
    assert rig.can.send(0x7FF, False, b"", 0)
    rig.pass_ms(20)
    rig.result = wire.ACKNOWLEDGED
    rig.pass_ms(2)
    assert rig.can.state() == Can.ACTIVE
    assert len(rig.got) == 1 and rig.can.aborted == 0


def interrupted(rig, every):
    """From now on a frame comes in with each `every`-th transfer, if the chip has room, and the
    interrupt of the INT pin fires between any two transfers. The numbers of those frames."""
    came, transfers = [], [0]

    def around(transfer):
        def run(*buffers):
            transfers[0] += 1
            if transfers[0] % every == 0 and rig.chip.registers.value[0x2C] & 3 != 3:
                came.append(len(came))
                rig.feed(0x100 + came[-1], False, bytes((came[-1] & 0xFF,)))
            transfer(*buffers)
            rig.spi.cs(1)  # what an interrupt finds between two transfers
            if not rig.chip.interrupt():
                rig.can.drain()

        return run

    rig.spi.write, rig.spi.write_readinto = around(rig.spi.write), around(rig.spi.write_readinto)
    return came


# req: HAL-01
@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_an_interrupt_at_any_time_disturbs_nothing(every):
    rig = Rig(start=True)
    came, frame, seen = interrupted(rig, every), CanFrame(), []
    for n in range(200):
        while not rig.can.send(0x400 + n, False, bytes((n, 255 - n)), 2):
            rig.spend(200)
        assert rig.can.state() == Can.ACTIVE
        for _ in range(6):
            if rig.can.receive(frame):
                assert frame.data[0] == frame.id - 0x100 & 0xFF and frame.n == 1
                seen.append(frame.id - 0x100)
    rig.pass_ms(3)
    del rig.spi.write, rig.spi.write_readinto
    while rig.can.receive(frame):
        seen.append(frame.id - 0x100)
    assert seen == came and len(came) > 200
    assert rig.sent() == [(0x400 + n, False, bytes((n, 255 - n))) for n in range(200)]
    assert rig.chip.registers.refused == 0 and rig.can.problem is None


# req: HAL-01
def test_fifteen_frames_wait_while_the_controller_is_busy(rig):
    for n in range(15):
        rig.feed(n, False, b"")
        rig.can.drain()
    for n in range(15, 17):  # two more in the chip
        rig.feed(n, False, b"")
        rig.can.drain()
    rig.feed(17, False, b"")  # no room any more
    frame, seen = CanFrame(), []
    while rig.can.receive(frame):
        seen.append(frame.id)
    assert seen == list(range(17))
    assert rig.can.state() == Can.ACTIVE and rig.can.overruns == 1


# req: HAL-01
def test_lost_frames_are_counted(rig):
    for id in range(3):
        rig.feed(id, False, b"")
    assert rig.can.state() == Can.ACTIVE and rig.can.overruns == 1
    assert rig.can.state() == Can.ACTIVE and rig.can.overruns == 1
    frame, seen = CanFrame(), []
    while rig.can.receive(frame):
        seen.append(frame.id)
    assert seen == [0, 1]


# req: HAL-01
def test_only_accepted_frames_come_in(rig):
    rig.can.accept(((0x305, False), (0x306, False), (0x307, False)))
    rig.can.restart()
    frame = CanFrame()
    for id, extended in ((0x304, False), (0x305, True), (0x70B, False), (0x0C140000, True)):
        rig.feed(id, extended, b"\x05\x06")
        assert not rig.can.receive(frame)
    for id in (0x305, 0x306, 0x307):
        rig.feed(id, False, b"\x05\x06")
        assert rig.can.receive(frame) and frame.id == id


# req: HAL-01
def test_extended_frames_can_be_accepted(rig):
    rig.can.accept(((0x18FF50E5, True),))
    rig.can.restart()
    frame = CanFrame()
    for id, extended in ((0x18FF50E5 >> 18, False), (0x14FF50E5, True)):
        rig.feed(id, extended, b"")
        assert not rig.can.receive(frame)
    rig.feed(0x18FF50E5, True, b"\1")
    assert rig.can.receive(frame) and frame.extended and frame.id == 0x18FF50E5


# req: HAL-01
def test_more_than_the_filters_hold_means_everything(rig):
    rig.can.accept([(id, False) for id in range(0x300, 0x307)])
    rig.can.restart()
    frame = CanFrame()
    rig.feed(0x123, False, b"")
    assert rig.can.receive(frame) and frame.id == 0x123


# req: HAL-01
def test_a_brown_out_is_found_and_repaired(rig):
    rig.chip.power_on()
    rig.pass_ms(1)
    assert not rig.can.receive(CanFrame())
    assert rig.can.state() == Can.BUS_OFF and rig.can.problem == mcp2515.LOST
    assert not rig.can.send(1, False, b"", 0)
    rig.can.restart()
    assert rig.can.problem is None and rig.can.state() == Can.ACTIVE
    assert rig.can.send(0x351, False, b"\5", 1)
    rig.pass_ms(1)
    assert [frame.id for frame in rig.got] == [0x351]


# req: HAL-01, HAL-03
@pytest.mark.parametrize("floating", [0x00, 0xFF])
def test_a_chip_that_goes_and_comes_back(rig, floating):
    rig.chip.floating, rig.chip.dead = floating, True
    for _ in range(3):
        assert not rig.can.receive(CanFrame())
        rig.can.send(1, False, b"", 0)
        assert rig.can.state() == Can.BUS_OFF
        rig.can.restart()
        assert rig.can.problem == mcp2515.MISSING
    rig.chip.dead = False
    rig.can.restart()
    assert rig.can.problem is None and rig.can.state() == Can.ACTIVE


# req: HAL-01
def test_a_shorted_bus_at_the_start_is_told(rig):
    rig.chip.held = True
    before = rig.us
    rig.can.restart()
    assert rig.can.problem == mcp2515.HELD and rig.can.state() == Can.BUS_OFF
    assert rig.us - before < 4_000
    rig.chip.held = False
    rig.can.restart()
    assert rig.can.problem is None


# req: HAL-01
def test_a_broken_interrupt_wire_costs_time_not_frames():
    rig = Rig(start=True)
    rig.can._interrupt = lambda: 1
    rig.can.state()
    frame = CanFrame()
    rig.feed(0x305, False, b"\1")
    assert rig.can.receive(frame) and not rig.can.receive(frame)
    rig.feed(0x306, False, b"\1")
    assert not rig.can.receive(frame)
    rig.can.state()  # some times a second
    assert rig.can.receive(frame) and frame.id == 0x306


# req: HAL-01
def test_noise_on_spi_never_raises_and_heals():
    rig = Rig(start=True)
    frame = CanFrame()
    for n in range(400):
        rig.chip.flips = n % 7
        rig.feed(0x300 + n % 16, bool(n % 3), bytes(n % 9))
        rig.can.receive(frame)
        rig.can.send(n, False, b"\0\1", 2)
        if rig.can.state() == Can.BUS_OFF:
            rig.can.restart()
        rig.spend(300)
        assert 0 <= frame.n <= 8
    rig.chip.flips = 0
    rig.can.restart()
    assert rig.can.problem is None and rig.can.state() == Can.ACTIVE
