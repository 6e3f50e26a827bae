"""Bytes on the SPI wires of a MCP2515, literally (Microchip DS20001801: instructions in section
12, registers in section 11; bit timings with a sample point at 75 % by section 5)."""

from hal.chips import mcp2515
from hal.chips.mcp2515 import MCP2515
from hal.parts import Can, CanFrame
from tests.fakes.spi import SpiWire, x

STANDARD = "FF E0 00 00"
# one filter lets standard frames pass, the next one extended frames; three for each half
EVERY_LOW = "00 00 00 00 00 08 00 00 00 00 00 00"
EVERY_HIGH = "00 08 00 00 00 00 00 00 00 08 00 00"


def start(timing="01 91 01", masks="00 00 00 00 00 00 00 00", low=EVERY_LOW, high=EVERY_HIGH):
    """What `set_bitrate` has to say; timing is CNF3 CNF2 CNF1."""
    return (
        x("C0"),
        x("03 0E 00", "FF FF 80"),
        x("02 28 " + timing + " 03"),
        x("02 20 " + masks),
        x("02 00 " + low),
        x("02 10 " + high),
        x("02 60 04"),
        x("02 70 00"),
        look(timing, mode="80 87"),
        x("05 0F E0 00"),
        x("03 0E 00", "FF FF 00"),
    )


def look(timing="01 91 01", enabled="03", flags="00 00", mode="00 07"):
    """The registers 0x28 to 0x2F."""
    answer = " ".join(("FF FF", timing, enabled, flags, mode))
    return x("03 28 00 00 00 00 00 00 00 00", answer)


def status(bits):
    return x("A0 00", "FF " + bits)


def make(*script, crystal_mhz=8, bitrate=500_000, timing="01 91 00", ids=()):
    """(wire, driver), started."""
    wire = SpiWire(*(start(timing) + script))
    can = MCP2515(wire, wire.cs, wire, wire.wait_us, crystal_mhz)
    can.accept(ids)
    can.set_bitrate(bitrate)
    assert can.problem is None
    return wire, can


# req: HAL-01, COM-03
def test_bit_timings_at_both_crystals():
    for crystal_mhz, bitrate, timing in (
        (8, 500_000, "01 91 00"),
        (8, 250_000, "01 91 01"),
        (16, 500_000, "01 91 01"),
        (16, 250_000, "01 91 03"),
    ):
        wire, can = make(crystal_mhz=crystal_mhz, bitrate=bitrate, timing=timing)
        assert wire.done() and can.problem is None


# req: COM-03
def test_a_rate_without_a_timing_is_told():
    wire = SpiWire()
    can = MCP2515(wire, wire.cs, wire, wire.wait_us)
    can.set_bitrate(125_000)
    assert can.problem == mcp2515.UNKNOWN_RATE
    assert can.state() == Can.BUS_OFF and not can.send(1, False, b"", 0)
    assert not can.receive(CanFrame()) and wire.done()


# req: HAL-01
def test_filters():
    low = "60 A0 00 00 C6 29 00 00 60 A0 00 00"  # 0x305, 0x18C50000, 0x305
    high = "C6 29 00 00 60 A0 00 00 C6 29 00 00"
    wire = SpiWire(*start("01 91 00", masks=STANDARD + " " + STANDARD, low=low, high=high))
    can = MCP2515(wire, wire.cs, wire, wire.wait_us)
    can.accept(((0x305, False), (0x18C50000, True)))
    can.set_bitrate(500_000)
    assert wire.done() and can.problem is None


# req: HAL-01
def test_a_standard_frame_is_sent():
    wire, can = make(
        status("00"),
        # highest priority, buffer 2: TXB2CTRL SIDH SIDL EID8 EID0 DLC D0..D7, then RTS
        x("02 50 03 6A 20 00 00 08 11 22 33 44 55 66 77 88"),
        x("84"),
    )
    assert can.send(0x351, False, bytes((0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88)), 8)
    assert wire.done()


# req: HAL-01
def test_an_extended_frame_is_sent():
    wire, can = make(status("00"), x("02 50 03 C7 EB 50 E5 01 AB 00 00 00 00 00 00 00"), x("84"))
    assert can.send(0x18FF50E5, True, b"\xab", 1)
    assert wire.done()


# req: HAL-01
def test_frames_leave_in_the_order_of_sending():
    empty = " 00" * 11
    wire, can = make(
        status("00"), x("02 50 03 00 20" + empty), x("84"),
        status("40"), x("02 40 03 00 40" + empty), x("82"),
        status("50"), x("02 30 03 00 60" + empty), x("81"),
        status("54"),  # full
        status("14"), x("02 50 02 00 80" + empty), x("84"),  # behind: next lower priority
        status("44"), x("02 40 02 00 A0" + empty), x("82"),
    )  # fmt: skip
    assert can.send(1, False, b"", 0) and can.send(2, False, b"", 0) and can.send(3, False, b"", 0)
    assert not can.send(4, False, b"", 0)
    assert can.send(4, False, b"", 0) and can.send(5, False, b"", 0)
    assert not can.send(6, False, b"123456789", 9)
    assert wire.done()


# req: HAL-01
def test_received_frames():
    wire, can = make(
        status("01"), x("90" + " 00" * 13, "FF 60 A0 00 00 02 0A 0B 0C 00 00 00 00 00"),
        status("00"),
        status("02"), x("94" + " 00" * 13, "FF C7 EB 50 E5 08 01 02 03 04 05 06 07 08"),
        status("00"),
        status("00"),
    )  # fmt: skip
    frame = CanFrame()
    assert can.receive(frame) and (frame.id, frame.extended, frame.n) == (0x305, False, 2)
    assert bytes(frame.data[:2]) == b"\x0a\x0b"
    assert can.receive(frame) and (frame.id, frame.extended, frame.n) == (0x18FF50E5, True, 8)
    assert bytes(frame.data) == bytes((1, 2, 3, 4, 5, 6, 7, 8))
    assert not can.receive(frame) and wire.done()


# req: HAL-01
def test_the_older_of_two_frames_comes_first():
    wire, can = make(
        status("03"), x("90" + " 00" * 13, "FF 00 20 00 00 00"),
        status("03"), x("94" + " 00" * 13, "FF 00 40 00 00 00"),  # it was there before
        status("01"), x("90" + " 00" * 13, "FF 00 60 00 00 00"),
        status("00"), status("00"), status("00"),
    )  # fmt: skip
    frame, seen = CanFrame(), []
    for _ in range(3):
        assert can.receive(frame)
        seen.append(frame.id)
    assert seen == [1, 2, 3] and wire.done()


# req: HAL-01
def test_remote_frames_are_passed_over_and_a_length_above_8_means_8():
    wire, can = make(
        status("01"), x("90" + " 00" * 13, "FF 60 B0 00 00 00"),  # standard: SRR in SIDL
        status("01"), x("90" + " 00" * 13, "FF 60 A8 00 00 42"),  # extended: RTR in DLC
        status("01"), x("90" + " 00" * 13, "FF 60 A0 00 00 0F 01 02 03 04 05 06 07 08"),
        status("00"),
    )  # fmt: skip
    frame = CanFrame()
    assert can.receive(frame) and frame.n == 8 and wire.done()


# req: HAL-01
def test_error_states():
    for flags, state in (
        ("00", Can.ACTIVE),
        ("05", Can.WARNING),
        ("03", Can.WARNING),
        ("15", Can.PASSIVE),
        ("0B", Can.PASSIVE),
        ("35", Can.BUS_OFF),
    ):
        wire, can = make(look("01 91 00", flags="00 " + flags), status("00"))
        assert can.state() == state and wire.done()


# req: HAL-01
def test_an_overflow_is_counted_and_cleared():
    wire, can = make(look("01 91 00", flags="20 40"), x("05 2D C0 00"), status("00"))
    assert can.state() == Can.ACTIVE and can.overruns == 1 and wire.done()


# req: HAL-01
def test_what_waits_is_dropped_in_bus_off():
    wire, can = make(
        look("01 91 00", flags="00 35"), status("40"),
        x("05 0F 10 10"), status("00"), x("05 0F 10 00"),
    )  # fmt: skip
    assert can.state() == Can.BUS_OFF and wire.done()


# req: HAL-01
def test_a_frame_that_nobody_takes_is_given_up_after_100_ms():
    wire, can = make(
        status("00"), x("02 50 03 00 20" + " 00" * 11), x("84"),
        look("01 91 00"), status("40"),
        look("01 91 00"), status("40"),
        x("05 0F 10 10"), status("40"), status("00"), x("05 0F 10 00"),
        status("00"), x("02 50 03 00 40" + " 00" * 11), x("84"),
    )  # fmt: skip
    assert can.send(1, False, b"", 0)
    wire.ms = 99
    assert can.state() == Can.ACTIVE and can.aborted == 0
    wire.ms = 100
    assert can.state() == Can.ACTIVE and can.aborted == 1
    assert can.send(2, False, b"", 0) and wire.done()


# req: HAL-01, HAL-03
def test_a_missing_chip_is_told():
    for floating in ("FF FF FF", "00 00 00"):
        wire = SpiWire(x("C0"), *[x("03 0E 00", floating)] * 20)
        can = MCP2515(wire, wire.cs, wire, wire.wait_us)
        can.set_bitrate(250_000)
        assert can.problem == mcp2515.MISSING and wire.done()
        assert can.state() == Can.BUS_OFF and not can.send(1, False, b"", 0)
        assert wire.waited_us <= 2_000


# req: HAL-01
def test_a_chip_that_keeps_nothing_is_told():
    for found in (look("01 91 01", mode="80 87"), look("01 91 00", enabled="00", mode="80 87")):
        wire = SpiWire(*start("01 91 00")[:8], found)
        can = MCP2515(wire, wire.cs, wire, wire.wait_us)
        can.set_bitrate(500_000)
        assert can.problem == mcp2515.FORGETS and wire.done()


# req: HAL-01
def test_a_chip_that_lost_its_settings_is_found_and_set_up_again():
    lost = look("00 00 00", enabled="00", mode="80 87")
    wire, can = make(lost, lost, *start("01 91 00"), look("01 91 00"), status("00"))
    assert can.state() == Can.BUS_OFF and can.problem == mcp2515.LOST
    can.restart()
    assert can.problem is None and can.state() == Can.ACTIVE and wire.done()


# req: HAL-01
def test_one_disturbed_reading_is_no_loss():
    wire, can = make(look("01 91 10"), look("01 91 00"), status("00"))
    assert can.state() == Can.ACTIVE and can.problem is None and wire.done()


# req: HAL-01
def test_nonsense_is_not_a_frame():
    for raw in ("FF FF FF FF FF", "00 04 00 00 00", "00 00 00 00 80"):
        _, can = make(status("FF"), x("90" + " 00" * 13, "FF " + raw), status("00"))
        assert not can.receive(CanFrame())
        assert can.problem == mcp2515.LOST and can.state() == Can.BUS_OFF
