"""Contract checks of the front end: samples, errors, limits, latches (MEA-06, PRT-22)."""

from array import array

from hal import contract as c
from tests.hal.contract_mosfets import ready


def limits():
    """Plausible limits of an LFP pack, deliberately on no front end's steps."""
    out = c.HardwareLimits()
    out.cell_ov_mv, out.cell_ov_delay_ms = 3717, 1503
    out.cell_uv_mv, out.cell_uv_delay_ms = 2433, 2507
    out.charge_oc_ma, out.charge_oc_delay_ms = 423_456, 2_003
    out.discharge_oc_ma, out.discharge_oc_delay_ms = 433_456, 2_003
    out.short_ma, out.short_delay_us = 525_123, 203
    out.watchdog_ms = 4_999
    out.cells = 8
    return out


def fields(record):
    return [getattr(record, name) for name in record.FIELDS]


def check_read_fills_sample(bench):
    afe, sample = ready(bench), c.Sample()
    assert afe.read(sample) == c.OK
    assert 3 <= sample.cells_found <= c.MAX_CELLS
    for i in range(sample.cells_found):
        assert 500 < sample.cell_mv[i] < 5500
    assert len(sample.cell_mv) == c.MAX_CELLS and len(sample.temp_dc) == c.TEMPERATURES
    assert isinstance(sample.current_ma, int) and isinstance(sample.scan, int)
    for value in sample.temp_dc:
        assert value in (c.SENSOR_OPEN, c.SENSOR_SHORT) or -500 < value < 1500
    if sample.pack_mv != -1:
        assert abs(sample.pack_mv - sum(sample.cell_mv)) < 1000


def check_scan_counts(bench):
    afe, sample = ready(bench), c.Sample()
    assert afe.read(sample) == c.OK
    first = sample.scan
    bench.pass_ms(2 * bench.hal.capabilities.period_ms)
    assert afe.read(sample) == c.OK
    assert sample.scan != first


def check_read_error_leaves_sample(bench):
    afe, sample = ready(bench), c.Sample()
    sample.cell_mv[0], sample.current_ma, sample.scan = 1234, -77, 4321
    sample.cells_found, sample.pack_mv, sample.temp_dc[0] = 5, 99, 111
    bench.break_bus(True)
    assert afe.read(sample) == c.BUS_ERROR
    found = (sample.cell_mv[0], sample.current_ma, sample.scan, sample.cells_found)
    assert found == (1234, -77, 4321, 5)
    assert (sample.pack_mv, sample.temp_dc[0]) == (99, 111)
    bench.break_bus(False)
    assert afe.read(sample) == c.OK
    assert sample.cell_mv[0] != 1234


def check_bus_errors_are_values(bench):
    afe = ready(bench)
    bench.break_bus(True)
    assert afe.set_mosfets(True, True) is False
    assert afe.mosfets() == -1
    assert afe.configure(limits()) is False
    assert afe.read_back(c.HardwareLimits()) is False
    assert afe.latches() == -1
    assert afe.clear_latches(c.LATCH_ALL) is False
    assert afe.start() is False
    bench.break_bus(False)
    assert afe.mosfets() == 0


def check_configure_only_when_off(bench):
    afe, before, after = ready(bench), c.HardwareLimits(), c.HardwareLimits()
    for charge, discharge in ((True, False), (False, True), (True, True)):
        assert afe.read_back(before) is True
        assert afe.set_mosfets(charge, discharge) is True
        assert afe.configure(limits()) is False
        assert afe.read_back(after) is True
        assert fields(before) == fields(after)
    afe.set_mosfets(False, False)
    assert afe.configure(limits()) is True


def check_read_back_is_quantised(bench):
    afe, wanted, found = ready(bench), limits(), c.HardwareLimits()
    assert afe.configure(wanted) is True
    assert fields(wanted) == fields(limits())  # the caller's record is left alone
    assert afe.read_back(found) is True
    afe.quantise(wanted)
    assert fields(found) == fields(wanted)


def check_quantise_is_safe_and_stable(bench):
    afe, asked, got = bench.hal.afe, limits(), limits()
    afe.quantise(got)
    assert 0 < got.cell_ov_mv <= asked.cell_ov_mv
    assert got.cell_uv_mv >= asked.cell_uv_mv
    assert 0 < got.charge_oc_ma <= asked.charge_oc_ma
    assert 0 < got.discharge_oc_ma <= asked.discharge_oc_ma
    assert 0 < got.short_ma <= asked.short_ma
    assert 0 < got.short_delay_us <= asked.short_delay_us
    assert 0 < got.cell_ov_delay_ms <= asked.cell_ov_delay_ms
    once = fields(got)
    afe.quantise(got)
    assert fields(got) == once


def check_zero_limits_stay_off(bench):
    afe, wanted, found = ready(bench), c.HardwareLimits(), c.HardwareLimits()
    assert afe.configure(wanted) is True
    assert afe.read_back(found) is True
    assert fields(found) == [0] * len(c.HardwareLimits.FIELDS)


def check_latches_clear(bench):
    afe = ready(bench)
    assert afe.configure(limits()) is True
    assert afe.clear_latches(c.LATCH_ALL) is True
    bench.pass_ms(500)
    assert afe.latches() == 0


def check_sample_untouched_by_arrays(bench):
    """A driver fills the arrays of the sample and never replaces them."""
    afe, sample = ready(bench), c.Sample()
    cells, temps = sample.cell_mv, sample.temp_dc
    assert afe.read(sample) == c.OK
    assert sample.cell_mv is cells and sample.temp_dc is temps
    assert isinstance(cells, array)


CHECKS = (
    check_read_fills_sample,
    check_scan_counts,
    check_read_error_leaves_sample,
    check_bus_errors_are_values,
    check_configure_only_when_off,
    check_read_back_is_quantised,
    check_quantise_is_safe_and_stable,
    check_zero_limits_stay_off,
    check_latches_clear,
    check_sample_untouched_by_arrays,
)
