"""The model of the MCP2515 against its datasheet (DS20001801), byte by byte and without a driver;
a driver that is right about the model is then right about the chip."""

import pytest

from host_sim.chips import mcp2515_bus as wire
from host_sim.chips.mcp2515 import Mcp2515Chip
from host_sim.chips.mcp2515_filter import Frame

ANY = Frame(0x123, False, b"\x01\x02")


class Probe:
    """SPI by hand; `left`: frames that went out."""

    def __init__(self, oscillator_hz=8_000_000):
        self.chip = Mcp2515Chip(oscillator_hz)
        self.left, self.result = [], wire.ACKNOWLEDGED
        self.chip.bus.wire = self._on_wire
        self.chip.advance(20)

    def _on_wire(self, side, frame):
        self.left.append(frame)
        return self.result

    def say(self, text):
        """One transfer; what came back."""
        self.chip.select()
        back = [self.chip.transfer(byte) for byte in bytes.fromhex(text)]
        self.chip.deselect()
        return bytes(back).hex(" ")

    def read(self, register, n=1):
        return self.say(f"03 {register:02x}" + " 00" * n)[6:]

    def normal(self, settings="01 91 01", rx0="04"):
        """8 MHz, 250 kbit/s; everything is received."""
        self.say("02 28 " + settings + " 03")
        for filters in ("20" + " 00" * 8, "00" + " 00" * 12, "10 00 08" + " 00" * 10):
            self.say("02 " + filters)
        self.say("02 60 " + rx0)
        self.say("05 0F E0 00")
        self.chip.advance(100)
        assert self.chip.registers.refused == 0
        return self


def test_defaults_after_reset():
    probe = Probe().normal()
    probe.say("C0")
    assert probe.say("A0 00") == "ff ff"  # not before 128 cycles of the oscillator
    probe.chip.advance(17)
    assert probe.read(0x0E, 2) == "80 87"
    assert probe.read(0x28, 6) == "00 00 00 00 00 00"
    assert [probe.read(r) for r in (0x1C, 0x1D, 0x30, 0x40, 0x50, 0x60, 0x70)] == ["00"] * 7


def test_status_and_control_repeat_in_every_row():
    probe = Probe()
    for row in range(8):
        assert probe.read(16 * row + 14, 2) == "80 87"
    probe.say("02 5F 07")
    probe.chip.advance(100)
    assert probe.read(0x7F) == "07"


@pytest.mark.parametrize("register", [0x00, 0x0B, 0x0D, 0x10, 0x1B, 0x20, 0x27, 0x28, 0x29, 0x2A])
def test_settings_change_in_configuration_mode_only(register):
    probe = Probe().normal()
    probe.say("05 0F E0 80")
    probe.chip.advance(10)
    before = probe.read(register)
    probe.say("05 0F E0 00")
    probe.chip.advance(100)
    probe.say(f"02 {register:02x} 03")
    assert probe.chip.registers.refused == 1
    probe.say("05 0F E0 80")
    probe.chip.advance(10)
    assert probe.read(register) == before
    probe.say(f"02 {register:02x} 03")
    assert probe.read(register) == "03"


def test_counters_and_received_frames_cannot_be_written():
    probe = Probe().normal()
    probe.chip.bus.receive(ANY)
    for register in (0x1C, 0x1D, 0x61, 0x66, 0x0E):
        before = probe.read(register)
        probe.say(f"02 {register:02x} 55")
        assert probe.read(register) == before


def test_bit_modify_elsewhere_is_a_write():
    probe = Probe()
    probe.say("02 31 F0")
    probe.say("05 31 0F 05")
    assert probe.read(0x31) == "05"
    probe.say("02 2B F0")
    probe.say("05 2B 0F 05")
    assert probe.read(0x2B) == "f5"


@pytest.mark.parametrize(
    ("oscillator", "cnf", "bitrate", "point"),
    [
        (8, "02 90 00", 500_000, 625),  # CNF3 CNF2 CNF1, as an Arduino library has it
        (8, "01 91 00", 500_000, 750),
        (8, "05 B1 00", 250_000, 625),
        (8, "01 B5 00", 250_000, 875),
        (16, "06 F0 00", 500_000, 562),
        (16, "01 91 01", 500_000, 750),
        (16, "01 BC 01", 250_000, 875),
        (16, "01 91 03", 250_000, 750),
        (8, "05 81 00", 0, 0),  # less before than behind the sample point
        (8, "00 91 00", 0, 0),  # a second segment of one quantum
        (8, "01 91 40", 0, 0),  # a jump as long as the second segment
    ],
)
def test_bit_timing(oscillator, cnf, bitrate, point):
    probe = Probe(oscillator * 1_000_000)
    probe.say("02 28 " + cnf)
    assert probe.chip.bus.bitrate == bitrate
    quanta = probe.chip.bus.quanta()
    assert (quanta[0] * 1000 // (quanta[0] + quanta[1]) if quanta else 0) == point


def test_a_frame_is_loaded_sent_and_told():
    probe = Probe().normal()
    probe.say("42 2A 28 00 00 02 AA BB")  # LOAD TX buffer 1 from SIDH on
    probe.say("82")
    assert probe.say("A0 00") == "ff 10"
    probe.say("02 41 FF")  # too late
    assert probe.chip.registers.refused == 1
    probe.chip.advance(1_000)
    assert probe.left == [Frame(0x151 << 18, True, b"\xaa\xbb")]
    assert probe.say("A0 00") == "ff 20"  # TX1IF
    assert probe.read(0x40) == "00"


def test_the_highest_priority_then_the_highest_number_goes_first():
    probe = Probe().normal()
    for buffer, control in ((0, "00"), (1, "03"), (2, "03")):
        probe.say(f"02 {0x30 + 16 * buffer:02x} {control} {buffer:02x} 00 00 00 00")
    probe.say("87")
    probe.chip.advance(3_000)
    assert [frame.id >> 3 for frame in probe.left] == [2, 1, 0]


def test_received_frames_roll_over_then_overflow():
    probe = Probe().normal()
    for n in range(3):
        assert probe.chip.bus.receive(Frame(n + 1, False, bytes((n,))))
    assert probe.chip.interrupt() == 0
    assert probe.say("A0 00") == "ff 03"
    assert probe.read(0x2D) == "80"  # RX1OVR
    assert probe.say("90" + " 00" * 6) == "ff 00 20 00 00 01 00"
    assert probe.say("A0 00") == "ff 02"  # cleared when cs rose
    assert probe.say("96 00") == "ff 01"  # from the data on
    assert probe.say("A0 00") == "ff 00" and probe.chip.interrupt() == 1
    probe.say("05 2D 80 00")
    assert probe.read(0x2D) == "00"


def test_without_roll_over_the_first_buffer_overflows():
    probe = Probe().normal(rx0="00")
    for n in range(2):
        probe.chip.bus.receive(Frame(n + 1, False, b""))
    assert probe.say("A0 00") == "ff 01" and probe.read(0x2D) == "40"


def test_filters_and_masks():
    probe = Probe()
    probe.say("02 20 FF E0 00 00 FF E3 FF FF")
    probe.say("02 00 60 A0 00 00 60 C0 00 00 C7 EB 50 E5")
    probe.say("02 10 C7 EB 50 E5 C7 EB 50 E5 C7 EB 50 E5")
    probe.say("02 28 01 91 01 03")
    probe.say("05 0F E0 00")
    probe.chip.advance(100)
    for frame, status in (
        (Frame(0x304, False, b""), "ff 00"),
        (Frame(0x305, True, b""), "ff 00"),
        (Frame(0x18FF50E6, True, b""), "ff 00"),
        (Frame(0x306, False, b""), "ff 01"),
        (Frame(0x18FF50E5, True, b""), "ff 03"),
    ):
        assert probe.chip.bus.receive(frame)  # acknowledged in any case
        assert probe.say("A0 00") == status
    assert probe.read(0x60) == "01" and probe.read(0x70) == "02"  # the filters that let them in


def test_the_lower_mask_looks_into_standard_frames():
    probe = Probe()
    probe.say("02 20 00 00 FF 00 00 00 00 00")
    probe.say("02 00 00 00 AB 00 00 00 AB 00 00 08 00 00")
    probe.say("02 10" + " 00 08 00 00" * 3)
    probe.say("02 28 01 91 01 03")
    probe.say("05 0F E0 00")
    probe.chip.advance(100)
    probe.chip.bus.receive(Frame(1, False, b"\xac\x00"))
    assert probe.say("A0 00") == "ff 00"
    probe.chip.bus.receive(Frame(1, False, b"\xab\x00"))
    assert probe.say("A0 00") == "ff 01"


def test_nobody_there_makes_passive_never_bus_off():
    probe = Probe().normal()
    probe.result = wire.ALONE
    probe.say("81")
    probe.chip.advance(1_000_000)
    assert probe.read(0x2D) == "15" and probe.read(0x1C) == "80"
    assert probe.chip.bus.attempts > 100  # for ever
    probe.say("05 0F 10 10")
    probe.chip.advance(1_000)
    assert probe.say("A0 00") == "ff 00" and probe.read(0x30) == "50"  # ABTF, TXERR


def test_disturbed_bits_make_bus_off_and_silence_ends_it():
    probe = Probe().normal()
    probe.result = wire.DISTURBED
    probe.say("81")
    while not probe.chip.bus.bus_off:
        probe.chip.advance(100)
    assert probe.read(0x2D) == "35" and probe.read(0x1C) == "ff"
    assert not probe.chip.bus.receive(ANY)
    probe.result = wire.ACKNOWLEDGED
    probe.chip.advance(128 * 11 * 4 + 1)
    assert probe.read(0x2D) == "00" and probe.say("A0 00") == "ff 04"  # what waited goes out now
    probe.chip.advance(1_000)
    assert probe.say("A0 00") == "ff 08"


def test_broken_frames_count_for_the_receiver():
    probe = Probe().normal()
    for _ in range(96):
        probe.chip.bus.disturbed()
    assert probe.read(0x2D) == "03" and probe.read(0x1D) == "60"
    for _ in range(32):
        probe.chip.bus.disturbed()
    assert probe.read(0x2D) == "0b"
    probe.chip.bus.receive(ANY)
    assert probe.read(0x1D) == "7f"


def test_arbitration_is_lost_and_tried_again():
    probe = Probe().normal()
    probe.result = wire.OUTRANKED
    probe.say("81")
    probe.chip.advance(800)
    assert probe.read(0x30)[0] == "2"  # MLOA
    probe.result = wire.ACKNOWLEDGED
    probe.chip.advance(800)
    assert probe.read(0x30) == "00" and probe.read(0x1C) == "00"


def test_loop_back_and_listen_only():
    probe = Probe().normal()
    probe.say("05 0F E0 40")
    probe.chip.advance(10)
    probe.say("40 24 60 00 00 01 77")
    probe.say("81")
    probe.chip.advance(1_000)
    assert probe.left == [] and probe.say("90" + " 00" * 6) == "ff 24 60 00 00 01 77"
    probe.say("05 0F E0 60")
    probe.chip.advance(10)
    assert probe.chip.bus.receive(ANY) is False  # heard, not acknowledged
    assert probe.say("A0 00")[-2:] == "09"


def test_a_held_bus_is_not_joined():
    probe = Probe()
    probe.chip.held = True
    probe.say("02 28 01 91 01")
    probe.say("05 0F E0 00")
    probe.chip.advance(10_000)
    assert probe.read(0x0E) == "80"
    probe.chip.held = False
    probe.chip.advance(43)
    assert probe.read(0x0E) == "80"  # 11 bits at 250 kbit/s
    probe.chip.advance(3)
    assert probe.read(0x0E) == "00"


def test_a_dead_chip_floats():
    probe = Probe().normal()
    probe.chip.dead = True
    assert probe.read(0x0E, 2) == "ff ff"
    probe.chip.floating = 0
    assert probe.read(0x0E, 2) == "00 00"
