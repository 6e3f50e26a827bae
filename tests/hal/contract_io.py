"""Contract checks of clock, memory, panel, ports and optional parts."""

from hal import contract as c
from hal import parts as hp


def check_ticks_wrap(bench):
    clock = bench.hal.clock
    half = c.TICKS_PERIOD // 2
    assert 0 <= clock.ticks_ms() < c.TICKS_PERIOD
    assert clock.ticks_diff(5, c.TICKS_PERIOD - 5) == 10
    assert clock.ticks_diff(c.TICKS_PERIOD - 5, 5) == -10
    assert clock.ticks_diff(7, 7) == 0
    assert clock.ticks_diff(half - 1, 0) == half - 1
    assert clock.ticks_diff(half, 0) == -half


def check_ticks_follow_time(bench):
    clock = bench.hal.clock
    before = clock.ticks_ms()
    bench.pass_ms(61_000)  # HALs that can start anywhere start a minute before the wrap
    after = clock.ticks_ms()
    assert 0 <= after < c.TICKS_PERIOD
    assert 60_990 <= clock.ticks_diff(after, before) <= 61_010


def check_rtc(bench):
    clock = bench.hal.clock
    clock.set_rtc(200_000_000)
    assert 200_000_000 <= clock.rtc_s() <= 200_000_002
    bench.restart()
    assert 200_000_000 <= clock.rtc_s() <= 200_000_005


def check_nvm_round_trip(bench):
    nvm, buffer = bench.hal.nvm, bytearray(bench.hal.nvm.SIZE)
    assert nvm.read(0, buffer) == 0 and nvm.read(1, buffer) == 0
    data = bytearray(i * 7 & 255 for i in range(nvm.SIZE))
    assert nvm.write(0, data, nvm.SIZE) is True
    assert nvm.write(1, b"abcdef", 3) is True
    assert nvm.read(0, buffer) == nvm.SIZE and buffer == data
    assert nvm.read(1, buffer) == 3 and bytes(buffer[:3]) == b"abc"
    short = bytearray(2)
    assert nvm.read(1, short) == 2 and bytes(short) == b"ab"
    bench.restart()
    assert nvm.read(1, buffer) == 3 and bytes(buffer[:3]) == b"abc"


def check_nvm_refuses(bench):
    nvm, buffer = bench.hal.nvm, bytearray(bench.hal.nvm.SIZE + 1)
    assert nvm.write(0, buffer, nvm.SIZE + 1) is False
    assert nvm.write(nvm.SLOTS, buffer, 1) is False
    assert nvm.read(0, buffer) == 0


# --- panel, ports ------------------------------------------------------------------------------


def check_panel(bench):
    panel = bench.hal.panel
    assert -1 <= panel.dip() <= 15
    assert panel.keys() == 0
    panel.set_leds(c.LED_ALL)
    panel.set_contacts(c.DRY1 | c.DRY2)
    panel.set_leds(0)
    panel.set_contacts(0)


def serial_ports(hal):
    return [p for p in (hal.rs485_1, hal.rs485_2, hal.rs232) if p is not None]


def check_serial_receives(bench):
    for port in serial_ports(bench.hal):
        port.set_baud(9600)
        buffer = bytearray(4)
        assert port.read_into(buffer) == 0
        bench.feed(port, b"\x01\x00\xffxyz")
        bench.pass_ms(20)
        assert port.read_into(buffer) == 4 and bytes(buffer) == b"\x01\x00\xffx"
        assert port.read_into(buffer) == 2 and bytes(buffer[:2]) == b"yz"
        assert port.read_into(buffer) == 0
        assert port.overruns() == 0


def check_serial_sends(bench):
    for port in serial_ports(bench.hal):
        port.set_baud(9600)
        assert port.sending() is False
        buffer = bytearray(b"hello world")
        assert port.write(buffer, 5) is True
        buffer[0] = 0  # the caller may use its buffer again at once
        bench.pass_ms(50)
        assert port.sending() is False
        assert bench.sent(port) == b"hello"


def check_can(bench):
    can = bench.hal.can
    if can is None:
        return
    frame = hp.CanFrame()
    can.set_bitrate(500_000)
    assert can.receive(frame) is False
    assert can.state() == hp.Can.ACTIVE
    assert can.send(0x351, False, b"\x01\x02\x03\x04\x05\x06\x07\x08", 8) in (True, False)
    can.restart()
    assert can.state() == hp.Can.ACTIVE


def check_watchdog(bench):
    dog = bench.hal.watchdog
    dog.start(2000)
    for _ in range(5):
        bench.pass_ms(1500)
        dog.feed()


def check_optional_readings(bench):
    hal = bench.hal
    if hal.heater is not None:
        hal.heater.set(False)
        assert hal.heater.current_ma() == 0
    if hal.charger_sense is not None:
        assert hal.charger_sense.voltage_mv() >= 0
    if hal.load_detect is not None:
        assert hal.load_detect.load_present() in (True, False)
    if hal.balancer is not None:
        hal.balancer.transfer(0, 1, 1000)
        assert 0 <= hal.balancer.current_ma() <= hal.capabilities.balance_max_ma
        hal.balancer.transfer(0, 1, 0)
        assert hal.balancer.current_ma() == 0
    assert hal.reset_cause is None or hal.reset_cause in range(5)
    assert hal.brown_out is None or hal.brown_out() in (True, False)


CHECKS = (
    check_ticks_wrap,
    check_ticks_follow_time,
    check_rtc,
    check_nvm_round_trip,
    check_nvm_refuses,
    check_panel,
    check_serial_receives,
    check_serial_sends,
    check_can,
    check_watchdog,
    check_optional_readings,
)
