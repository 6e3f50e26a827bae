"""Contract checks of a CAN controller on a bus with one other node (COM-03).

A bench offers `can`, pass_ms(ms), feed(id, extended, data), sent() (what the other node got, as
(id, extended, bytes)), alone(on) (nobody acknowledges) and disturb(on) (every bit comes back
wrong: the way to bus-off).
"""

from hal.parts import Can, CanFrame


def ready(bench, bitrate=250_000):
    bench.can.set_bitrate(bitrate)
    bench.pass_ms(2)
    return bench.can


def put(bench, id, extended, data):
    """Send, with patience while the buffers are full."""
    for _ in range(50):
        if bench.can.send(id, extended, data, len(data)):
            return
        bench.pass_ms(1)
    raise AssertionError("no room in 50 ms")


def check_both_rates(bench):
    for bitrate in (250_000, 500_000):
        can = ready(bench, bitrate)
        assert can.state() == Can.ACTIVE
        assert can.receive(CanFrame()) is False
        put(bench, 0x351, False, b"\x01")
        bench.pass_ms(5)
        assert bench.sent()[-1] == (0x351, False, b"\x01")


def check_frames_arrive_whole(bench):
    ready(bench)
    frames = (
        (0x000, False, b""),
        (0x7FF, False, b"\x00\xff\x55\xaa\x01\x02\x03\x04"),
        (0x305, False, b"\x80"),
        (0x0, True, b"\x01\x02"),
        (0x1FFFFFFF, True, b"\xff" * 8),
        (0x18FF50E5, True, b"\x12\x34\x56"),
    )
    for frame in frames:
        put(bench, *frame)
        bench.pass_ms(3)
    assert tuple(bench.sent()) == frames


def check_caller_may_change_its_buffer(bench):
    ready(bench)
    data = bytearray(b"\x11\x22")
    assert bench.can.send(0x100, False, data, 1) is True
    data[0] = 0
    bench.pass_ms(3)
    assert bench.sent() == [(0x100, False, b"\x11")]


def check_received_frames(bench):
    can, frame = ready(bench), CanFrame()
    data = frame.data
    frames = ((0x305, False, b"\x01\x02"), (0x1ABCDEF5, True, bytes(range(8))), (1, False, b""))
    for id, extended, payload in frames:
        bench.feed(id, extended, payload)
        bench.pass_ms(1)
        assert can.receive(frame) is True
        assert (frame.id, frame.extended, frame.n) == (id, extended, len(payload))
        assert bytes(frame.data[: frame.n]) == payload and frame.data is data
    assert can.receive(frame) is False


def check_two_frames_wait(bench):
    """In a slice of the firmware two frames may come in."""
    can, frame = ready(bench), CanFrame()
    for id in (0x305, 0x306):
        bench.feed(id, False, b"\x07")
    bench.pass_ms(1)
    assert can.receive(frame) is True and frame.id == 0x305
    assert can.receive(frame) is True and frame.id == 0x306
    assert can.receive(frame) is False


def check_full_is_said(bench):
    """With nobody there the buffers fill; no frame is taken that has no room."""
    can = ready(bench)
    bench.alone(True)
    taken = 0
    while can.send(0x300 + taken, False, b"\x00", 1) and taken < 100:
        taken += 1
    assert 1 <= taken < 100
    bench.alone(False)
    bench.pass_ms(200)
    can.state()
    put(bench, 0x7FF, False, b"\x01")
    bench.pass_ms(5)
    assert bench.sent()[-1][0] == 0x7FF


def check_bus_off_and_back(bench):
    can = ready(bench)
    bench.disturb(True)
    states = []
    for _ in range(200):
        can.send(0x123, False, b"\x01\x02", 2)
        bench.pass_ms(1)
        states.append(can.state())
    assert Can.BUS_OFF in states
    bench.disturb(False)
    can.restart()
    bench.pass_ms(20)
    assert can.state() == Can.ACTIVE
    put(bench, 0x456, False, b"\x03")
    bench.pass_ms(5)
    assert bench.sent()[-1] == (0x456, False, b"\x03")


CHECKS = (
    check_both_rates,
    check_frames_arrive_whole,
    check_caller_may_change_its_buffer,
    check_received_frames,
    check_two_frames_wait,
    check_full_is_said,
    check_bus_off_and_back,
)
