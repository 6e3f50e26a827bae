"""The model of the BQ76952 against TI's documents, byte by byte and without a driver: reference
manual SLUUBY2B, software guide SLUAA11B (its vectors), forum thread 1209591 (balancing)."""

import pytest

from host_sim.chips.afe import ChipAfe
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.sim_hal import SimHal
from host_sim.world import World

CHG, DSG = 0x01, 0x04  # of FET Status


class Probe:
    """I2C by hand, 8 cells at 3.3 V; the host watchdog of the board stands aside."""

    def __init__(self):
        hal = SimHal(World(), Circuit(RcCells(8)), Sensors(8), front_end=ChipAfe)
        self.hal, self.plant = hal, hal.plant
        self.chip, self.i2c = hal.afe.chip, hal.afe.i2c
        hal.kill_line.set(False)
        self.plant.port_v = self.plant.pack_v()  # no pulse when the MOSFETs close
        self.pass_ms(400)

    def pass_ms(self, ms):
        self.chip.advance(round(1000 * ms))

    def write(self, text, ms=2):
        self.i2c.writeto(0x08, bytes.fromhex(text))
        self.pass_ms(ms)

    def read(self, register, n=1):
        buffer = bytearray(n)
        self.i2c.readfrom_mem_into(0x08, register, buffer)
        return buffer.hex(" ")

    def set(self, *settings):
        """Data memory in one CONFIG_UPDATE, each as (address and data, checksum and length)."""
        self.write("3E 90 00")
        for data, end in settings:
            self.write("3E" + data)
            self.write("60" + end)
        self.write("3E 92 00")
        assert self.read(0x12)[1] in "08"  # left again

    def memory(self, address, n):
        self.write("3E" + address.to_bytes(2, "little").hex())
        return self.read(0x40, n)

    def current(self, amps):
        """Through the shunt of 0.2 mOhm."""
        self.hal.change(lambda: setattr(self.plant.sources, "current_a", amps))

    def cell(self, n, mv):
        """What the converter sees of a cell."""
        self.hal.sensors.cells[n].forced = mv

    def until_status(self, register, bit):
        """ms until a safety status comes; `alert_ms`: until its alert did. The chip's own time
        is finer than a transfer: it is watched, not asked."""
        begin, group = self.chip.board.world.now_us, "ABC"[(register - 3) // 2]
        self.alert_ms = None
        while not self.chip.protections.status(group) & bit:
            self.pass_ms(0.1)
            ms = (self.chip.board.world.now_us - begin) / 1000
            if self.alert_ms is None and self.chip.protections.alert(group) & bit:
                self.alert_ms = ms
            assert ms < 10_000
        assert int(self.read(register), 16) == bit
        return ms

    def fets_on(self):
        self.write("3E 22 00")
        self.write("3E 97 00 00")
        self.write("60 68 05")
        assert int(self.read(0x7F), 16) == CHG | DSG
        return self


def end(data):
    """Checksum and length of data behind 3E, by the manual's rule."""
    total = bytes.fromhex(data)
    return f"{~sum(total) & 0xFF:02x} {len(total) + 2:02x}"


def setting(data):
    return data, end(data)


def test_the_rule_of_the_checksum_gives_the_vectors():
    assert end("80 91 7A 30") == "44 06"
    assert end("61 92 8C") == "80 05"
    assert end("04 93 7F 03") == "e6 06"
    assert end("83 00 00 80") == "fc 06"


def test_defaults_of_a_new_chip():
    probe = Probe()
    probe.write("3E 01 00")
    assert probe.read(0x40, 2) == "95 76"
    assert probe.read(0x12, 2) == "08 01"  # POR, full access
    assert probe.memory(0x9261, 3) == "88 00 00"  # only COV and SCD
    assert probe.memory(0x9275, 6) == "32 4a 00 56 4a 00"
    assert probe.memory(0x9286, 2) == "00 02"  # 10 mV, 15 us
    assert probe.memory(0x9304, 2) == "00 00"
    assert probe.memory(0x92B2, 2) == "3c 00"
    assert probe.memory(0x91A8, 4) == "f2 41 ef 40"  # 7.4768
    assert probe.read(0x7F) == "00"  # FET test mode


def test_a_read_of_data_memory_has_32_bytes_and_a_checksum():
    probe = Probe()
    probe.write("3E 04 93", ms=0)
    assert probe.read(0x3E, 2) == "ff ff"  # under way
    probe.pass_ms(2)
    assert probe.read(0x3E, 2) == "04 93"
    block = bytes.fromhex(probe.read(0x40, 34).replace(" ", ""))
    assert block[33] == 0x24 and block[32] == ~(0x04 + 0x93 + sum(block[:32])) & 0xFF


def test_settings_act_when_the_update_mode_is_left():
    probe = Probe()
    probe.write("3E 90 00")
    assert probe.read(0x12, 2) == "09 01"
    probe.write("3E 61 92 8C")
    probe.write("60 80 05")
    assert probe.memory(0x9261, 1) == "8c" and probe.chip.memory.value(0x9261) == 0x88
    probe.write("3E 92 00")
    assert probe.chip.memory.value(0x9261) == 0x8C
    assert probe.read(0x12, 2) == "00 01"  # POR is cleared, too


@pytest.mark.parametrize("last", ["81 05", "7F 05", "80 04", "80 03", "80 25", "80 00"])
def test_a_wrong_checksum_or_length_changes_nothing(last):
    probe = Probe()
    probe.set(("61 92 8C", last))
    assert probe.memory(0x9261, 1) == "88" and probe.chip.window.refused == 1


def test_cells_and_current():
    probe = Probe()
    mv = [int.from_bytes(bytes.fromhex(probe.read(0x14 + 2 * i, 2)), "little") for i in range(16)]
    assert all(3_200 < v < 3_400 for v in mv[:7] + mv[15:]) and mv[7:15] == [0] * 8
    probe.set(setting("03 93 06"), setting("A8 91 04 89 15 42"),  # 10 mA a count, 0.2 mOhm
              setting("86 92 0F 02"))  # fmt: skip
    probe.fets_on()
    probe.current(-100.0)
    probe.pass_ms(200)
    counts = int.from_bytes(bytes.fromhex(probe.read(0x3A, 2)), "little", signed=True)
    assert abs(counts + 10_000) < 30


def test_fet_enable_is_a_toggle():
    probe = Probe()
    for expected in ("10 00", "00 00", "10 00"):
        probe.write("3E 22 00")
        probe.write("3E 57 00")
        assert probe.read(0x40, 2) == expected


@pytest.mark.parametrize(
    ("control", "status"),
    [("00", CHG | DSG), ("03", CHG), ("0C", DSG), ("0F", 0), ("01", CHG), ("04", DSG)],
)
def test_the_bits_of_fet_control_are_not_those_of_fet_status(control, status):
    probe = Probe().fets_on()
    probe.write("3E 97 00 " + control)
    probe.write("60" + end("97 00 " + control))
    assert int(probe.read(0x7F), 16) == status


def test_fet_init_off_holds_both_until_the_host_lets_them_go():
    probe = Probe().fets_on()
    probe.set(setting("08 93 2D"))
    assert probe.read(0x7F) == "00"
    probe.write("3E 96 00")
    assert probe.read(0x7F) == "05"


def test_cell_over_voltage_after_n_plus_2_counts():
    probe = Probe().fets_on()
    probe.set(setting("78 92 48 64 00"))  # 72 x 50.6 = 3643 mV, (100 + 2) x 3.3 ms
    probe.cell(0, 3_643)
    probe.pass_ms(500)
    assert probe.read(0x02, 2) == "00 00"
    probe.cell(0, 3_650)
    assert 336 <= probe.until_status(0x03, 0x08) - probe.alert_ms <= 340
    assert int(probe.read(0x7F), 16) == DSG
    probe.cell(0, 3_560)  # hysteresis 2 x 50.6 mV: not below 3542 mV
    probe.pass_ms(5_000)
    assert probe.read(0x03) == "08"
    probe.cell(0, 3_530)
    probe.pass_ms(3_100)
    assert probe.read(0x03) == "00"
    assert int(probe.read(0x7F), 16) == CHG | DSG  # by itself: that is what a host must prevent


def test_the_mask_leaves_out_the_tied_inputs_only():
    probe = Probe().fets_on()
    under = setting("75 92 31 00 00"), setting("61 92 8C")  # 49 x 50.6 = 2479 mV, CUV on
    probe.set(*under)
    probe.pass_ms(300)
    assert probe.read(0x03) == "04"  # inputs 8 to 15 carry nothing
    probe = Probe().fets_on()
    probe.set(*under, setting("04 93 7F 80"))
    probe.pass_ms(300)
    assert probe.read(0x03) == "00"
    probe.cell(7, 2_470)  # the top input
    probe.pass_ms(300)
    assert probe.read(0x03) == "04" and int(probe.read(0x7F), 16) == CHG


@pytest.mark.parametrize(
    ("settings", "amps", "register", "bit", "ms"),
    [
        (("80 92 2A 7F", "61 92 98"), 421.0, 0x03, 0x10, 425.7),  # OCC: 84 mV
        (("82 92 2A 01", "61 92 A8"), -421.0, 0x03, 0x20, 9.9),  # OCD1
        (("84 92 2A 0A", "61 92 C8"), -421.0, 0x03, 0x40, 39.6),  # OCD2
    ],
)
def test_over_currents_wait_n_plus_2_counts(settings, amps, register, bit, ms):
    probe = Probe().fets_on()
    probe.set(*map(setting, settings), setting("86 92 05 02"))  # SCD out of the way: 100 mV
    probe.current(0.99 * amps)
    probe.pass_ms(1_000)
    assert probe.read(register) == "00"
    probe.current(amps)
    assert ms - 0.2 <= probe.until_status(register, bit) - probe.alert_ms <= ms + 0.2


def test_over_current_3_counts_seconds():
    probe = Probe().fets_on()
    # 10 mA a count with the gain of 0.2 mOhm; -10000 counts, 1 s
    probe.set(
        setting("03 93 06"), setting("A8 91 04 89 15 42"), setting("8A 92 F0 D8 01"),
        setting("63 92 80"), setting("86 92 0F 02"),
    )  # fmt: skip
    probe.current(-99.0)
    probe.pass_ms(3_000)
    assert probe.read(0x07) == "00"
    probe.current(-101.0)
    assert 1_000 <= probe.until_status(0x07, 0x80) <= 1_130
    assert int(probe.read(0x7F), 16) == CHG


def test_a_silent_host():
    probe = Probe().fets_on()
    probe.set(setting("B2 92 04 00"), setting("63 92 02"))
    probe.pass_ms(3_900)
    assert probe.hal.gates == (True, True)
    assert probe.read(0x07) == "00"
    probe.pass_ms(4_200)
    assert probe.hal.gates == (False, False)
    probe.read(0x12)
    assert probe.hal.gates == (True, True)  # it recovers with the first transfer


def test_host_balancing_ends_after_20_s():
    probe = Probe()
    probe.write("3E 83 00 00 80")
    probe.write("60 FC 06")
    for ms, bleeds in ((0, "00 80"), (19_900, "00 80"), (200, "00 00")):
        probe.pass_ms(ms)
        probe.write("3E 83 00")
        assert probe.read(0x40, 2) == bleeds
    probe.set(setting("35 93 10"))  # CB_NO_CMD
    probe.write("3E 83 00 00 80")
    probe.write("60 FC 06")
    probe.write("3E 83 00")
    assert probe.read(0x40, 2) == "00 00"


def test_alarms_are_latched_and_cleared_by_ones():
    probe = Probe()
    probe.write("66 82 F0")
    probe.write("62 FF FF", ms=0)
    probe.pass_ms(70)
    assert int(probe.read(0x62), 16) & 0x02
    probe.pass_ms(200)
    assert probe.read(0x62) == "82"
    probe.write("62 80 00", ms=0)
    assert probe.read(0x62) == "02"


def test_reset_forgets_everything():
    probe = Probe().fets_on()
    probe.set(setting("61 92 8C"))
    probe.write("3E 12 00")
    assert probe.hal.gates == (False, False)
    with pytest.raises(OSError):
        probe.read(0x12)
    probe.pass_ms(60)
    assert probe.read(0x12, 2) == "08 01" and probe.memory(0x9261, 1) == "88"


def test_i2c_with_crc_only_when_swapped():
    probe = Probe()
    probe.set(setting("39 92 12"))
    assert len(probe.read(0x14, 2)) == 5
    probe.write("3E BC 29")
    raw = bytes.fromhex(probe.read(0x12, 4).replace(" ", ""))
    assert raw[0::2] == bytes.fromhex("00 01") and raw[1] != 0
