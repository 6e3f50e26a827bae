"""boards/pico_bq76952 on a fake machine: what the contract suite does not ask."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from firmware.main import run
from hal import contract as c
from hal import parts as hp
from hal.chips.ds3231 import Ds3231
from host_sim import board_hal
from host_sim.can_bus import ExternalCanNode
from host_sim.chips.bq76952_window import crc8
from host_sim.chips.bus import BusClock, I2cBus
from host_sim.chips.ds3231 import Ds3231Chip
from host_sim.pack import SimPack
from host_sim.world import World
from tests.host.test_rp2040_contract import BoardBench

KILL, PRECHARGE, HEATER, LIMITER, BUZZER = 11, 12, 13, 14, 15
NAME = "pico_bq76952"


@pytest.fixture
def bench():
    return BoardBench()


def edges(sim, numbers):
    """A list that fills with (pin, level) of every change."""
    log = []
    for number in numbers:
        watchers = sim.machine.pads[number].watchers
        watchers.append(lambda level, number=number: log.append((number, level)))
    return log


# --- off first -----------------------------------------------------------------------------------


# req: PRT-15, PRT-21
def test_no_output_moves_while_the_board_starts(bench):
    log = edges(bench.sim, (KILL, PRECHARGE, HEATER, LIMITER, BUZZER))
    bench.restart()
    assert log == []
    assert bench.sim.machine.pads[KILL].level() == 1
    assert [bench.sim.machine.pads[n].level() for n in (12, 13, 14, 15)] == [0] * 4


# req: PRT-15, PRT-21
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError, MemoryError])
def test_the_end_of_the_program_opens_both_mosfets(bench, error):
    sim, world = bench.sim, bench.world
    closed = []

    def idle(ms):
        world.run_for(ms / 1000)
        if sim.gates == (True, True):
            closed.append(world.now_us)
            raise error
        return 0

    with pytest.raises(error):
        run(bench.hal, idle)
    assert closed
    assert sim.gates == (False, False)
    assert bench.hal.kill_line.is_on()
    assert sim.panel.leds == 0
    assert sim.panel.contacts == 0


# req: PRT-15
def test_in_reset_lamps_are_dark_and_contacts_open(bench):
    sim = bench.sim
    bench.hal.panel.set_leds(c.LED_ALL)
    bench.hal.panel.set_contacts(c.DRY1 | c.DRY2)
    assert (sim.panel.leds, sim.panel.contacts) == (c.LED_ALL, 3)
    sim.machine.pads.reset()
    assert (sim.panel.leds, sim.panel.contacts) == (0, 0)


# req: HAL-02, PNL-01
@pytest.mark.parametrize("bit", range(10))
def test_each_lamp_alone(bench, bit):
    bench.hal.panel.set_contacts(c.DRY2)
    bench.hal.panel.set_leds(1 << bit)
    assert bench.sim.panel.leds == 1 << bit
    assert bench.sim.panel.contacts == c.DRY2


# req: PNL-05
@pytest.mark.parametrize("address", range(16))
def test_every_address_of_the_dip_switch(bench, address):
    bench.sim.panel.dip_bits = address
    assert bench.hal.panel.dip() == address


# --- buses ---------------------------------------------------------------------------------------


# req: HAL-02
def test_the_front_end_has_its_bus_at_400_khz(bench):
    assert bench.sim.afe.i2c.frequency == 400_000
    assert list(bench.sim.afe.i2c.devices) == [0x08]


# req: HAL-02, MEA-06
@pytest.mark.parametrize("clocks", [1, 8, 9])
def test_a_held_data_line_is_clocked_free(bench, clocks):
    afe, bus = bench.hal.afe, bench.sim.afe.i2c
    assert afe.start()
    bus.stuck = clocks
    assert afe.mosfets() == 0  # the first transfer fails, the retry finds the bus free
    assert bench.hal.afe_bus.recoveries == 1
    assert not bench.hal.afe_bus.stuck


# req: HAL-02, MEA-06
def test_a_shorted_data_line_is_a_bus_error_that_ends(bench):
    afe, bus, sample = bench.hal.afe, bench.sim.afe.i2c, c.Sample()
    assert afe.start()
    bus.stuck = True
    begin_us = bench.sim.afe.clock.now_us()
    assert afe.read(sample) == c.BUS_ERROR
    assert bench.sim.afe.clock.now_us() - begin_us < 20_000
    assert bench.hal.afe_bus.stuck
    bus.stuck = False
    assert afe.mosfets() == 0
    bench.pass_ms(300)
    assert afe.read(sample) == c.OK


# req: HAL-02, MEA-06
def test_a_byte_that_is_not_acknowledged_is_an_error(bench):
    assert bench.hal.afe.start()  # CRC from now on
    refused = bench.sim.afe.chip.window.refused
    wrong = bytes((0x3E, 0x01, crc8((0x10, 0x3E, 0x01)) ^ 1))
    with pytest.raises(OSError, match="5"):
        bench.hal.afe_bus.writeto(0x08, wrong)
    assert bench.sim.afe.chip.window.refused == refused + 1


# req: HAL-02
def test_a_bus_that_is_held_at_start_is_freed(bench):
    bench.sim.afe.i2c.stuck = 5
    bench.restart()
    assert bench.hal.afe_bus.recoveries == 1
    assert bench.hal.afe.start()


# req: HAL-02
def test_can_frames_pass_both_ways(bench):
    other = bench.sim.buses["can"].attach(ExternalCanNode(500_000))
    can, frame = bench.hal.can, hp.CanFrame()
    can.set_bitrate(500_000)
    assert can.send(0x351, False, b"\x01\x02\x03\x04\x05\x06\x07\x08", 8)
    bench.pass_ms(2)
    assert other.received == [(0x351, False, b"\x01\x02\x03\x04\x05\x06\x07\x08")]
    other.submit(0x18FF50E5, True, b"\xaa\x55")
    bench.pass_ms(2)
    assert can.receive(frame)
    assert (frame.id, frame.extended, bytes(frame.data[: frame.n])) == (0x18FF50E5, True, b"\xaaU")
    assert not can.receive(frame)


# req: HAL-02, COM-03
def test_frames_are_fetched_while_nobody_asks(bench):
    other = bench.sim.buses["can"].attach(ExternalCanNode(500_000))
    can, frame = bench.hal.can, hp.CanFrame()
    can.set_bitrate(500_000)
    for n in range(12):  # the chip holds two
        other.submit(0x300 + n, False, bytes((n,)))
    bench.pass_ms(10)
    assert bench.hal.idle(50) == 16
    for n in range(12):
        assert can.receive(frame)
        assert (frame.id, frame.n, frame.data[0]) == (0x300 + n, 1, n)
    assert not can.receive(frame)
    assert can.overruns == 0


# --- reset, supply, clock ------------------------------------------------------------------------


# req: HAL-02, PRT-15
@pytest.mark.parametrize(
    ("reason", "chip_reset", "cause"),
    [
        (0, 1 << 8, c.RESET_POWER_ON),
        (0, 1 << 16, c.RESET_PIN),
        (1, 1 << 8, c.RESET_WATCHDOG),
        (2, 1 << 16, c.RESET_SOFT),
    ],
)
def test_reset_cause(bench, reason, chip_reset, cause):
    words = bench.sim.machine.mem32.words
    words[0x40058008], words[0x40064008] = reason, chip_reset
    board, sim = bench.sim._board, bench.sim
    assert (
        board.Board(sim.machine, sim.rp2, sim.time, sim.open_file, sim.statvfs).reset_cause
        == cause
    )


# req: HAL-02
def test_a_falling_supply_is_seen(bench):
    assert bench.hal.brown_out() is False
    bench.sim.supply_falling = True
    assert bench.hal.brown_out() is True


# req: HAL-02
def test_a_charger_is_measured(bench):
    sense, sources = bench.hal.charger_sense, bench.sim.plant.sources
    assert sense.voltage_mv() == 0
    sources.charger_a, sources.charger_v = 10.0, 29.2
    bench.sim.change(lambda: None)
    assert abs(sense.voltage_mv() - round(1000 * bench.sim.plant.port_v)) <= 50
    assert sense.voltage_mv() > 26_000


# req: HAL-02, LOG-03
def test_the_time_lasts_over_a_reset_and_counts(bench):
    assert bench.hal.clock.rtc_s() is None
    bench.hal.clock.set_rtc(210_000_000)
    for _ in range(3):
        bench.pass_ms(700_000)
        bench.hal.clock.rtc_s()
    bench.restart()
    assert abs(bench.hal.clock.rtc_s() - 210_002_100) <= 1
    bench.sim.clock_chip.lose_battery()
    bench.restart()
    assert bench.hal.clock.rtc_s() is None


# req: HAL-02, LOG-03
def test_without_an_answer_the_ticks_count_on(bench):
    bench.hal.clock.set_rtc(210_000_000)
    bench.sim.panel_bus.silent = True
    bench.pass_ms(1_300_500)
    assert bench.hal.clock.rtc_s() == 210_001_300


# req: LOG-03
@given(st.integers(0, 79 * 365 * 86_400))
def test_the_clock_chip_knows_the_calendar(seconds):
    clock = BusClock(World())
    chip = Ds3231Chip(clock)
    driver = Ds3231(I2cBus(clock, {0x68: chip}))
    assert driver.seconds() is None
    assert driver.set_seconds(seconds)
    time = datetime(2020, 1, 1) + timedelta(seconds=seconds)
    raw = chip.read_from(0, 7)
    shown = "20%02x-%02x-%02x %02x:%02x:%02x" % (raw[6], raw[5], raw[4], raw[2], raw[1], raw[0])
    assert shown == time.strftime("%Y-%m-%d %H:%M:%S")
    assert driver.seconds() == seconds


# --- memory --------------------------------------------------------------------------------------


# req: HAL-02
def test_a_full_flash_is_a_value_and_keeps_the_record(bench):
    nvm, buffer = bench.hal.nvm, bytearray(8)
    assert nvm.write(2, b"old", 3) is True
    bench.sim.nvm.fails = True
    assert nvm.write(2, b"newer", 5) is False
    assert nvm.read(2, buffer) == 3
    assert bytes(buffer[:3]) == b"old"


# --- serial ports --------------------------------------------------------------------------------


# req: HAL-02, COM-02
@pytest.mark.parametrize("name", ["rs485_1", "rs485_2", "rs232"])
def test_bursts_of_every_length_arrive_whole(bench, name):
    port, host = getattr(bench.hal, name), bench._hosts[name]
    port.set_baud(115_200)
    host.baud = 115_200
    for n in (1, 31, 32, 33, 200, 300):
        data = bytes(i * 7 & 255 for i in range(n))
        host.send(data)
        bench.pass_ms(40)
        got = bytearray(512)
        assert port.read_into(got) == n
        assert bytes(got[:n]) == data
        assert port.write(got, n)
        assert port.sending()
        bench.pass_ms(40)
        assert not port.sending()
        assert host.take() == data
    assert port.overruns() == 0


# req: HAL-02
@pytest.mark.parametrize("name", ["rs485_1", "rs232"])
def test_lost_bytes_are_counted(bench, name):
    port, host = getattr(bench.hal, name), bench._hosts[name]
    host.send(bytes(1100))
    bench.pass_ms(1500)
    buffer = bytearray(64)
    while port.read_into(buffer):
        bench.pass_ms(1)
    assert port.overruns() >= 1
    before = port.overruns()
    host.send(b"again")
    bench.pass_ms(20)
    assert port.read_into(buffer) == 5
    assert port.overruns() == before


# req: HAL-02
@pytest.mark.parametrize("name", ["rs485_1", "rs485_2", "rs232"])
def test_a_new_baud_rate_waits_for_the_transmitter(bench, name):
    port, host = getattr(bench.hal, name), bench._hosts[name]
    assert port.write(b"slow bytes", 10)
    port.set_baud(115_200)
    bench.pass_ms(30)
    assert host.take() == b"slow bytes"
    assert not port.sending()
    host.baud = 115_200
    assert port.write(b"fast", 4)
    bench.pass_ms(5)
    assert host.take() == b"fast"


# req: HAL-02
def test_what_does_not_fit_is_refused_whole(bench):
    for port in (bench.hal.rs485_1, bench.hal.rs232):
        assert port.write(bytes(321), 321) is False
        assert port.write(bytes(300), 300) is True
        assert port.write(bytes(100), 100) is False
        bench.pass_ms(1200)
        assert port.write(bytes(320), 320) is True


# req: HAL-02
def test_waiting_ends_when_something_comes(bench):
    hal, sim = bench.hal, bench.sim
    passed = []

    def sleep_ms(ms):
        passed.append(ms)
        bench.pass_ms(ms)

    sim.time.sleep_ms = sleep_ms
    assert hal.idle(25) == 0
    assert sum(passed) == 25
    for name, bit in (("rs485_1", 2), ("rs485_2", 4), ("rs232", 8)):
        bench._hosts[name].send(b"12345678")  # 8 ms at 9600
        passed.clear()
        assert hal.idle(100) == bit
        assert 9 <= sum(passed) <= 14
        assert getattr(hal, name).read_into(bytearray(16)) == 8
        getattr(hal, name).wanted = 5
        bench._hosts[name].send(b"12345678")
        passed.clear()
        assert hal.idle(100) == bit  # as soon as so many are there
        assert 5 <= sum(passed) <= 7
        bench.pass_ms(4)
        assert getattr(hal, name).read_into(bytearray(16)) == 8
        getattr(hal, name).wanted = 32
    sim.panel.key_bits = c.KEY_ACTIVATE
    assert hal.idle(100) == 1
    assert hal.panel.keys() == c.KEY_ACTIVATE


# req: HAL-02
def test_garbage_is_collected_once_a_second_when_there_is_room(bench, monkeypatch):
    hal, times = bench.hal, []

    def collect():
        times.append(hal.clock.ticks_ms())
        bench.pass_ms(17)

    monkeypatch.setattr("gc.collect", collect)
    bench.sim.time.sleep_ms = bench.pass_ms
    begin = hal.clock.ticks_ms()
    for _ in range(60):
        assert hal.idle(50) == 0
    assert len(times) == 2
    assert 1_000 <= hal.clock.ticks_diff(times[1], times[0]) < 1_100
    assert hal.clock.ticks_diff(hal.clock.ticks_ms(), begin) == 60 * 50  # not a ms longer
    times.clear()
    for _ in range(300):  # never room for one, but overdue all the same
        hal.idle(12)
    assert len(times) == 3
    bench.pass_ms(4_000)
    bench._hosts["rs485_2"].send(b"x")
    bench.pass_ms(2)
    hal.idle(50)  # somebody is speaking
    assert len(times) == 3


# --- a whole pack --------------------------------------------------------------------------------


# req: HAL-01, HAL-02, HAL-03
def test_a_pack_on_the_board_talks_modbus(bench):
    world = World()
    pack = SimPack(world, make_hal=board_hal.front_of(NAME), current_a=-20.0)
    world.run_for(4)
    host = pack.host("rs485_1", 115_200)
    assert pack.hal.gates == (True, True)
    request = bytes.fromhex("01 03 12 00 00 01")
    host.send(request + FramerRTU.compute_CRC(request).to_bytes(2, "big"))
    world.run_for(0.3)
    answer = host.take()
    assert answer[:3] == b"\x01\x03\x02"
    assert 3200 < int.from_bytes(answer[3:5], "big") < 3400


# req: HAL-03
def test_an_unknown_board_is_refused():
    with pytest.raises(ValueError, match="unknown board 'pico'; there are pico_bq76952"):
        board_hal.front_of("pico")


# req: HAL-03
def test_a_part_inside_of_a_chip_cannot_be_left_out():
    with pytest.raises(ValueError, match="port_voltage"):
        BoardBench(absent=("port_voltage",))
