"""The loop in wall time with a clock that the test turns, and the bridges to the ptys."""

import serial

from host_sim import realtime
from host_sim.pack import SimPack
from host_sim.realtime import Pace, RealTime
from host_sim.realtime_log import Log
from host_sim.realtime_ports import close_ports, open_ports
from host_sim.realtime_text import clock, event_line
from host_sim.world import World

REQUEST = bytes.fromhex("01 03 12 00 00 0a c0 b5")


class Clock:
    """Seconds, as the test wants them; each look may cost some."""

    def __init__(self):
        self.now_s = 1000.0
        self.look_s = 0.0

    def __call__(self):
        self.now_s += self.look_s
        return self.now_s


def test_simulated_time_follows_the_clock():
    world, wall = World(), Clock()
    pace = Pace(world, 3.0, wall)
    for step_s, wanted_us in ((0.01, 30_000), (0.1, 330_000), (0.0, 330_000), (0.39, 1_500_000)):
        wall.now_s += step_s
        pace.advance()
        assert abs(world.now_us - wanted_us) <= 1
        assert pace.behind_s == 0 and pace.lost_s == 0
    wall.now_s += 1
    pace.advance(end_us=2_000_000)
    assert world.now_us == 2_000_000


def test_a_slow_computer_falls_behind_and_gives_up_what_is_too_much():
    world, wall = World(), Clock()
    pace = Pace(world, 1.0, wall)
    wall.now_s += 0.3
    wall.look_s = 0.008  # two steps of 20 ms and the budget is used up
    pace.advance()
    assert world.now_us == 40_000
    assert 0.2 < pace.behind_s < 0.35 and pace.lost_s == 0
    wall.now_s += 10
    pace.advance()
    assert 10 < pace.lost_s < 10.5 and pace.behind_s == 0
    lost_us = world.now_us
    wall.look_s = 0
    wall.now_s += 0.1
    pace.advance()
    assert 90_000 <= world.now_us - lost_us <= 200_000  # no catching up


def test_the_sleep_ends_with_the_next_event():
    world, wall = World(), Clock()
    pace = Pace(world, 2.0, wall)
    assert pace.wait_s() == realtime.SLEEP_MAX_S
    world.at(8_000, print)
    assert abs(pace.wait_s() - 0.004) < 1e-6
    wall.now_s += 1
    assert pace.wait_s() == realtime.SLEEP_MIN_S


def test_tasks_come_in_their_period():
    world, wall, called = World(), Clock(), []
    loop = RealTime(Pace(world, 1.0, wall), world, end_us=1_000_000)
    loop.every(0.25, lambda: called.append(round(world.now_us / 1000)))

    def turn():
        wall.now_s += 0.05

    loop._sleep = turn
    loop.run()
    assert len(called) == 3 or len(called) == 4
    assert 240 <= called[0] <= 310 and called[-1] <= 1000


def test_stop_ends_the_loop():
    world = World()
    loop = RealTime(Pace(world), world)
    loop.every(0.0, loop.stop)
    loop.run()
    assert world.now_us < 1_000_000


# req: COM-02, COM-09
def test_bytes_take_their_time_on_the_line(tmp_path):
    world = World()
    pack = SimPack(world)
    bridges = open_ports(pack, tmp_path)
    try:
        world.run_for(1)
        slow = bridges[2]
        assert slow.label == "rs232"
        with serial.Serial(str(slow.pty.link), 115200, timeout=2) as port:  # any rate will do
            port.write(REQUEST)
            slow.take_in()
            world.run_for(0.006)  # 8 bytes at 9600 baud take 8.3 ms
            assert len(slow.node.queue) in (1, 2)
            world.run_for(0.1)
            slow.give_out()
            answer = port.read(25)
        assert answer[:3] == b"\x01\x03\x14" and len(answer) == 25
        bridges[0].take_in()
        assert bridges[0].node.baud == 115200
    finally:
        close_ports(bridges)
    assert list(tmp_path.iterdir()) == []


# req: COM-09
def test_a_flood_waits_in_the_kernel(tmp_path):
    pack = SimPack(World())
    bridges = open_ports(pack, tmp_path)
    try:
        port = bridges[1]
        with serial.Serial(str(port.pty.link), timeout=2, write_timeout=2) as flood:
            assert port.can_wake()
            for _ in range(4):
                flood.write(bytes(900))
                port.take_in()
            assert len(port.node.queue) == 899  # one on the wire; the other 2700 wait
            assert not port.can_wake()
        assert not bridges[0].can_wake()  # nobody has it open
    finally:
        close_ports(bridges)


# req: PNL-05, PRT-15
def test_the_log_tells_what_changes():
    world = World()
    pack = SimPack(world)
    log, said = Log(pack), []
    log.sink = lambda us, text: said.append((us, text))
    world.run_for(3)
    texts = [text for _, text in said]
    assert texts.count("controller starts (power-on)") == 1
    assert texts[-1] == "MOSFETs: charge on, discharge on"
    pack.set_dip(9)
    world.run_for(0.5)
    assert said[-1][1] == "address 9"
    pack.controller.requests.submit(1, 1, {2: 2700})  # the console sets cell_uvp_mv
    world.run_for(0.2)
    assert said[-1][1] == "setting cell_uvp_mv: 2.600 V -> 2.700 V"
    pack.reset()
    world.run_for(0.5)
    texts = [text for us, text in said if us >= 3_700_000]
    assert "MOSFETs: charge off, discharge off" in texts and "controller starts (pin)" in texts
    pack.power_off()
    log.look()
    assert said[-1][1] == "controller's supply off"


def test_times():
    assert clock(12_345_678) == "12.345 s"
    assert clock(12_345_678, 1) == "12.3 s"
    assert clock(3_599_999_000) == "3599.999 s"
    assert clock(3_723_456_000) == "1:02:03.456"
    assert clock(360_000_000_000, 1) == "100:00:00.0"
    assert event_line(1_100_000, "x") == "       1.100 s  x"
