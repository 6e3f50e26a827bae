"""Bytes on the wire of a BQ76952, literally.

Vectors: TI application note SLUAA11B (software guide) sections 1.1, 1.2, 3.3, 3.4 and 4, the
reference manual SLUUBY2B ("data memory access"), TI's forum (thread 1209591, balancing).
"""

from hal import contract as c
from hal.chips.bq76952 import Bq76952
from hal.chips.bq76952_bus import Block, Bus
from hal.chips.bq76952_link import Link
from tests.fakes.bq import RegisterChip
from tests.fakes.wire import FAIL, Wire, hexed, r, w


def linked(*script):
    wire = Wire(*script)
    return wire, Link(wire, wire.wait_us)


# req: HAL-01, MEA-01
def test_cell_voltage_is_little_endian():
    wire = Wire(r(0x14, "74 0E"))
    block = Block(0x14, 2)
    assert Bus(wire).read(block) and block.word(0) == 3700
    assert wire.done()


# req: HAL-01, PRT-22
def test_crc_of_a_write():
    wire = Wire(w("3E 22 63 00 00"))
    bus = Bus(wire)
    bus.crc = True
    assert bus.write(0x3E, hexed("22 00"), 2) and wire.done()


# req: HAL-01, MEA-06
def test_crc_of_a_read():
    wire = Wire(r(0x14, "68 33 0B 31"))
    bus, block = Bus(wire), Block(0x14, 2)
    bus.crc = True
    assert bus.read(block) and block.word(0) == 2920


# req: MEA-06
def test_a_wrong_crc_is_asked_again_then_reported():
    block = Block(0x14, 2)
    for first in ("68 32 0B 31", "69 33 0B 31", "68 33 0B 30", "68 33 0A 31"):
        wire = Wire(r(0x14, first), r(0x14, "68 33 0B 31"))
        bus = Bus(wire)
        bus.crc = True
        assert bus.read(block) and block.word(0) == 2920 and bus.errors == 1
        wire = Wire(r(0x14, first), r(0x14, first))
        bus = Bus(wire)
        bus.crc = True
        assert not bus.read(block) and wire.done()


# req: MEA-06
def test_no_acknowledge_is_asked_again_then_reported():
    wire = Wire(FAIL, r(0x14, "74 0E"), FAIL, FAIL, FAIL, w("66 82 F0"), FAIL, FAIL)
    bus, block = Bus(wire), Block(0x14, 2)
    assert bus.read(block) and not bus.read(block)
    assert bus.write(0x66, hexed("82 F0"), 2)
    assert not bus.write(0x66, hexed("82 F0"), 2)
    assert wire.done() and bus.errors == 6


# req: PRT-22
def test_settings_with_checksum_and_length():
    for number, data, first, second in (
        (0x9180, "7A 30", "3E 80 91 7A 30", "60 44 06"),  # Cell 1 Gain
        (0x9261, "8C", "3E 61 92 8C", "60 80 05"),  # Enabled Protections A
        (0x9304, "7F 03", "3E 04 93 7F 03", "60 E6 06"),  # Vcell Mode, 9 cells of a BQ76942
        (0x0083, "00 80", "3E 83 00 00 80", "60 FC 06"),  # balance cell 16
        (0x0097, "00", "3E 97 00 00", "60 68 05"),  # FET_CONTROL: nothing forced off
    ):
        wire, link = linked(w(first), w(second))
        data = hexed(data)
        assert link.send(number, data, len(data)) and wire.done()
        assert wire.waited_us >= 2_000


MEMORY = "7A 30" + " 00" * 30


# req: PRT-22
def test_data_memory_is_read_when_the_number_comes_back():
    # checksum of 80 91 7A 30: as in the write above
    script = (w("3E 80 91"), r(0x3E, "FF FF"), r(0x3E, "80 91"), r(0x40, MEMORY + " 44 24"))
    wire, link = linked(*script)
    assert link.receive(0x9180) == 32 and wire.done()
    assert link.answer.word(0) == 0x307A


# req: PRT-22, MEA-06
def test_an_answer_with_wrong_checksum_or_length_is_refused():
    for end in (" 45 24", " 44 04", " 44 25", " 44 00"):
        wire, link = linked(w("3E 80 91"), r(0x3E, "80 91"), r(0x40, MEMORY + end))
        assert link.receive(0x9180) == -1 and wire.done()


# req: MEA-06
def test_a_chip_that_never_finishes_is_given_up():
    script = [w("3E 80 91")] + [r(0x3E, "FF FF")] * 20
    wire, link = linked(*script)
    assert link.receive(0x9180) == -1 and wire.done()
    assert wire.waited_us >= 8_500  # the slowest command takes so long


def commands(chip, act):
    """What a driver writes while it does something."""
    seen = []
    write = chip.writeto
    chip.writeto = lambda address, buffer: (seen.append(bytes(buffer)), write(address, buffer))
    act()
    chip.writeto = write
    return seen


def started(crc=False):
    chip = RegisterChip()
    afe = Bq76952(chip, chip.wait_us, crc=crc)
    assert afe.start()
    return chip, afe


# req: PRT-16, PRT-21
def test_fet_control_has_its_own_bit_order():
    chip, afe = started()
    for charge, discharge, first, second in (
        (True, True, "3E 97 00 00", "60 68 05"),
        (True, False, "3E 97 00 03", "60 65 05"),
        (False, True, "3E 97 00 0C", "60 5C 05"),
        (False, False, "3E 97 00 0F", "60 59 05"),
    ):
        seen = commands(chip, lambda c=charge, d=discharge: afe.set_mosfets(c, d))
        assert seen == [hexed(first), hexed(second)]


# req: PRT-16
def test_fet_status_is_charge_in_bit_0_and_discharge_in_bit_2():
    chip, afe = started()
    for status, bits in ((0x00, 0), (0x01, 1), (0x04, 2), (0x05, 3), (0xFA, 0)):
        chip.registers[0x7F] = status
        assert afe.mosfets() == bits


# req: PRT-22
def test_start_enters_and_leaves_the_configuration_mode():
    chip = RegisterChip()
    afe = Bq76952(chip, chip.wait_us, crc=False)
    seen = commands(chip, afe.start)
    enter, leave = seen.index(hexed("3E 90 00")), seen.index(hexed("3E 92 00"))
    for setting in (
        "3E 34 92 82 28",  # Power Config without SLEEP
        "3E 65 92 98 D5 56",
        "3E 69 92 E4 E6 E2",
        "3E 08 93 2D",  # FET Options: off after a reset
    ):
        assert enter < seen.index(hexed(setting)) < leave
    assert seen.index(hexed("66 82 F0")) > leave  # Alarm Enable of the software guide
    assert hexed("3E 22 00") not in seen  # FET_EN stood already: the toggle would end it


# req: PRT-22
def test_limits_of_the_shipped_pack_in_the_registers():
    chip, afe = started()
    limits = c.HardwareLimits()
    limits.cell_ov_mv, limits.cell_ov_delay_ms = 3650, 2000
    limits.cell_uv_mv, limits.cell_uv_delay_ms = 2150, 4000
    limits.charge_oc_ma, limits.charge_oc_delay_ms = 420_000, 1500
    limits.discharge_oc_ma, limits.discharge_oc_delay_ms = 420_000, 1500
    limits.short_ma, limits.short_delay_us = 525_000, 200
    limits.watchdog_ms, limits.cells = 4000, 8
    seen = commands(chip, lambda: afe.configure(limits))
    block = next(data for data in seen if data[:3] == hexed("3E 75 92"))[3:]
    assert block[0] == 43  # 43 x 50.6 = 2175.8 mV, upwards
    assert block[1:3] == hexed("BA 04")  # (1210 + 2) x 3.3 ms = 3999.6 ms
    assert block[3] == 72  # 3643.2 mV
    assert block[4:6] == hexed("5C 02")  # (604 + 2) x 3.3 ms = 1999.8 ms
    assert block[11:13] == hexed("2A 01")  # 84 mV over 0.2 mOhm; 9.9 ms: a charge short circuit
    assert block[17:19] == hexed("05 0E")  # 100 mV = 500 A; 13 x 15 us = 195 us
    assert block[21:24] == hexed("AC B8 01")  # OCD3: -18260 x 23 mA, 1 s
    assert hexed("3E AF 92 06 C8 00 04 00") in seen  # host watchdog 4 s, recoveries 6 s
    assert hexed("3E 04 93 7F 80") in seen  # 8 of 16: VC1..VC7 and VC16
    assert hexed("3E 61 92 9C 00 82") in seen  # SCD, OCC, COV, CUV; OCD3, HWD
    assert hexed("3E 12 00") not in seen


# req: MEA-06
def test_the_change_to_crc_is_told_to_the_chip():
    chip = RegisterChip()
    afe = Bq76952(chip, chip.wait_us)
    seen = commands(chip, afe.start)
    assert hexed("3E 39 92 12") in seen and hexed("3E BC 29") in seen
    assert chip.crc
    assert afe.set_mosfets(False, False) and afe.read(c.Sample()) == c.OK
