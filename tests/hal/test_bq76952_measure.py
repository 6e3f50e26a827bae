"""What the driver of the BQ76952 makes of registers: cells by wiring, signs, units, sensors."""

from hal import contract as c
from hal.chips.bq76952 import Bq76952
from hal.chips.bq76952_measure import NOT_FITTED, TS1, TS3
from tests.fakes.bq import RegisterChip


def put(chip, register, value):
    chip.registers[register] = value & 0xFF
    chip.registers[register + 1] = value >> 8 & 0xFF


def bench(cells, crc=False, **options):
    """A chip with 3301, 3302 ... mV where the wiring has the cells; a configured driver."""
    chip = RegisterChip()
    afe = Bq76952(chip, chip.wait_us, crc=crc, **options)
    assert afe.start()
    limits = c.HardwareLimits()
    limits.cells = cells
    assert afe.configure(limits)
    for i in range(cells):
        put(chip, 0x14 + 2 * (i if i < cells - 1 else 15), 3301 + i)
    for pin in range(9):
        put(chip, 0x6A + 2 * pin, 2982)
    return chip, afe, c.Sample()


# req: MEA-01, HAL-01
def test_every_number_of_cells_is_read_in_order():
    for cells in range(3, 17):
        for crc in (False, True):
            _chip, afe, sample = bench(cells, crc)
            assert afe.read(sample) == c.OK
            assert sample.cells_found == cells
            wanted = [3301 + i for i in range(cells)] + [0] * (16 - cells)
            assert list(sample.cell_mv) == wanted


# req: MEA-06, MEA-07
def test_an_open_wire_leaves_a_hole_where_the_cell_is():
    chip, afe, sample = bench(8)
    put(chip, 0x14 + 2 * 2, -40)
    put(chip, 0x14 + 2 * 3, 6600)
    assert afe.read(sample) == c.OK
    assert list(sample.cell_mv)[:5] == [3301, 3302, 0, 6600, 3305]
    assert sample.cells_found == 7


# req: MEA-07
def test_another_number_of_cells_than_configured_is_told():
    chip, afe, sample = bench(8)
    put(chip, 0x14 + 2 * 7, 3300)  # a ninth on VC8
    assert afe.read(sample) == c.OK and sample.cells_found == 9
    chip, afe, sample = bench(8)
    put(chip, 0x14 + 2 * 15, 0)
    assert afe.read(sample) == c.OK and sample.cells_found == 7


# req: MEA-02, MEA-09
def test_current_is_signed_scaled_and_saturates_at_the_range():
    chip, afe, sample = bench(8)  # 750 A: 23 mA a count
    for counts, ma in ((0, 0), (1, 23), (-1, -23), (8696, 200_008), (-8696, -200_008)):
        put(chip, 0x3A, counts)
        assert afe.read(sample) == c.OK and sample.current_ma == ma
    for counts, ma in ((32767, 750_000), (-32768, -750_000), (32609, 750_000), (32608, 749_984)):
        put(chip, 0x3A, counts)
        assert afe.read(sample) == c.OK and sample.current_ma == ma


# req: MEA-01, MEA-08
def test_stack_and_port_come_in_ten_millivolts():
    chip, afe, sample = bench(8)
    put(chip, 0x34, 2656)
    put(chip, 0x36, 2650)
    put(chip, 0x38, 1)  # LD
    assert afe.read(sample) == c.OK
    assert (sample.pack_mv, sample.port_mv) == (26_560, 26_500)


# req: MEA-03
def test_temperatures_and_sensors_that_cannot_be():
    chip, afe, sample = bench(8, sensors=(TS1, NOT_FITTED, 8, 0, TS3))
    for pin, raw in ((3, 2982), (8, 2731), (0, 2531), (5, 3731)):
        put(chip, 0x6A + 2 * pin, raw)
    assert afe.read(sample) == c.OK
    assert list(sample.temp_dc) == [251, c.SENSOR_OPEN, 0, -200, 1000]
    for raw, dc in ((0, c.SENSOR_OPEN), (2230, c.SENSOR_OPEN), (4232, c.SENSOR_SHORT)):
        put(chip, 0x6A + 2 * 3, raw)
        for _ in range(5):  # temperatures are read every fifth time
            assert afe.read(sample) == c.OK
        assert sample.temp_dc[0] == dc


# req: MEA-06
def test_the_scan_counter_follows_the_chips_alarm_bit():
    chip, afe, sample = bench(8)
    assert afe.read(sample) == c.OK
    first = sample.scan
    chip.registers[0x62] = 0
    assert afe.read(sample) == c.OK and sample.scan == first
    chip.registers[0x62] = 2
    assert afe.read(sample) == c.OK and sample.scan == first + 1


# req: MEA-06, PRT-15
def test_nothing_is_read_before_the_first_full_scan():
    chip, afe, sample = bench(8)
    chip.registers[0x62] = 2
    assert afe.read(sample) == c.NOT_READY
    chip.registers[0x62] = 0x82
    assert afe.read(sample) == c.OK


# req: PRT-22
def test_rounding_is_to_the_safe_side_and_stable():
    for shunt in (100, 200, 250, 300, 333, 500, 1000, 2000):
        chip = RegisterChip()
        afe = Bq76952(chip, chip.wait_us, shunt_uohm=shunt, range_ma=150_000_000 // shunt)
        for step in range(60):
            asked, got = c.HardwareLimits(), c.HardwareLimits()
            for limits in (asked, got):
                limits.cell_ov_mv, limits.cell_uv_mv = 2000 + 37 * step, 1500 + 31 * step
                limits.cell_ov_delay_ms = limits.cell_uv_delay_ms = 11 + 83 * step
                limits.charge_oc_ma = 4_000_000 // shunt + 1_111 * step
                limits.charge_oc_delay_ms = 10 + 7 * step
                limits.discharge_oc_ma = 4_000_000 // shunt + 1_777 * step
                limits.discharge_oc_delay_ms = 10 + 47 * step
                limits.short_ma = 10_000_000 // shunt + 7_001 * step
                limits.short_delay_us = 7 * step
                limits.watchdog_ms = 1_000 + 99 * step
            afe.quantise(got)
            assert 0 <= asked.cell_ov_mv - got.cell_ov_mv <= 50
            assert 0 <= got.cell_uv_mv - asked.cell_uv_mv <= 50
            for name in ("cell_ov_delay_ms", "cell_uv_delay_ms"):
                assert 0 <= getattr(asked, name) - getattr(got, name) <= 4
            for name in c.HardwareLimits.FIELDS:
                if name not in ("cell_uv_mv", "cells"):
                    assert getattr(got, name) <= getattr(asked, name), name
            again = c.HardwareLimits()
            for name in c.HardwareLimits.FIELDS:
                setattr(again, name, getattr(got, name))
            afe.quantise(again)
            for name in c.HardwareLimits.FIELDS:
                assert getattr(again, name) == getattr(got, name), name
