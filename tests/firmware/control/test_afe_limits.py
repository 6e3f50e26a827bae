"""The front end's own limits against ours, and its trips (PRT-22, PRT-23, PRT-06)."""

from firmware import parameter_ids as p
from firmware.control import afe_limits
from firmware.parameters import Parameters
from firmware.requests import CONSOLE, SET
from hal import contract as c
from hal.chips.bq76952 import Bq76952
from tests.fakes.bench import Bench
from tests.fakes.bq import RegisterChip
from tests.fakes.hal import FakeHal

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


# req: PRT-22, PRT-23, PRT-06
def test_limits_of_the_shipped_pack():
    limits = Bench().hal.afe.configured
    assert (limits.cell_ov_mv, limits.cell_ov_delay_ms) == (3650, 2000)
    assert (limits.cell_uv_mv, limits.cell_uv_delay_ms) == (2150, 4000)  # 2.2 V - 50 mV
    assert (limits.charge_oc_ma, limits.charge_oc_delay_ms) == (420_000, 1500)
    assert (limits.discharge_oc_ma, limits.discharge_oc_delay_ms) == (420_000, 1500)
    assert (limits.short_ma, limits.short_delay_us) == (525_000, 200)
    assert limits.cells == 8


# req: PRT-22, PRT-06
def test_margins_hold_after_the_chip_has_rounded():
    parameters, hal, limits = Parameters(), FakeHal(8), c.HardwareLimits()
    values = parameters.values
    for ovp, uvp, ocp in ((3601, 2599, 100_100), (3649, 2551, 33_333), (3555, 2610, 599_999)):
        values[p.CELL_OVP_MV], values[p.CELL_UVP_MV] = ovp, uvp
        values[p.CHARGE_OCP2_MA] = values[p.DISCHARGE_OCP2_MA] = ocp
        values[p.SCP_MA] = 300_999
        afe_limits.compute(limits, values, hal.afe)
        assert limits.cell_ov_mv >= ovp + 50 and limits.cell_ov_mv % 50 == 0
        assert limits.cell_uv_mv <= uvp - 50 and limits.cell_uv_mv % 50 == 0
        assert limits.charge_oc_ma * 5 >= ocp * 6
        assert limits.discharge_oc_ma * 5 >= ocp * 6
        assert limits.cell_ov_delay_ms > values[p.CELL_OVP_DELAY_MS]
        assert limits.cell_uv_delay_ms > values[p.CELL_UVP_DELAY_MS]
        assert limits.charge_oc_delay_ms > values[p.OCP2_DELAY_MS]
        assert limits.short_ma == 300_000  # a short: rounded to the safe side


# req: PRT-22, PRT-23
def test_the_delay_of_a_real_chip_is_longer_than_ours():
    """A BQ76952 has delays up to 425 ms, or whole seconds for discharge; for charge its comparator
    becomes the one for short circuits."""
    chip, parameters, limits = RegisterChip(), Parameters(), c.HardwareLimits()
    afe, values = Bq76952(chip, chip.wait_us), parameters.values
    for ours_ms, chip_ms in ((100, 425), (420, 425), (425, 1_000), (450, 1_000), (999, 1_000),
                             (1_000, 2_000), (1_400, 2_000), (3_000, 4_000)):  # fmt: skip
        values[p.OCP2_DELAY_MS] = ours_ms
        afe_limits.compute(limits, values, afe)
        assert limits.discharge_oc_delay_ms == chip_ms
        assert limits.charge_oc_delay_ms == 9
        assert limits.charge_oc_ma * 5 >= values[p.CHARGE_OCP2_MA] * 6
        assert limits.discharge_oc_ma * 5 >= values[p.DISCHARGE_OCP2_MA] * 6


# req: PRT-22
def test_a_change_waits_until_both_are_off():
    b = Bench()
    afe, limits = b.hal.afe, b.controller.control.limits_afe
    configures = afe.configures
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_550})
    b.run(1)
    assert limits.pending and afe.configures == configures
    b.cells(3560, 2)
    b.run(1.5)
    assert b.stands("cell_ovp")  # the software acts on the new limit at once
    assert b.mosfets() == DISCHARGE and limits.pending
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 0})
    b.run(0.5)
    assert not limits.pending
    assert afe.configured.cell_ov_mv == 3_600
    assert not b.stands("afe_config")


# req: PRT-22
def test_a_change_that_is_taken_back_is_not_pending():
    b = Bench()
    limits = b.controller.control.limits_afe
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_550})
    b.run(0.3)
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_600})
    b.run(0.3)
    assert not limits.pending


# req: PRT-22
def test_a_setting_of_software_alone_touches_no_chip():
    b = Bench()
    configures = b.hal.afe.configures
    b.requests.submit(CONSOLE, SET, {p.BALANCE_TRIGGER_MV: 7, p.CHARGE_OCP_DELAY_S: 20})
    b.run(1)
    assert not b.controller.control.limits_afe.pending
    assert b.hal.afe.configures == configures


# req: PRT-22
def test_limits_are_read_back_every_minute_also_while_a_change_is_pending():
    for change in ({}, {p.CELL_OVP_MV: 3_550}):
        b = Bench()
        b.requests.submit(CONSOLE, SET, change)
        b.run(5)
        b.hal.afe.configured.discharge_oc_ma = 900_000  # a register tilted
        b.run(61, lambda b=b: b.mosfets() == OFF)
        assert b.mosfets() == OFF
        b.run(2)
        assert b.hal.afe.configured.discharge_oc_ma == 420_000
        assert not b.stands("afe_config")
        assert b.mosfets() == BOTH


def trip(b, bit):
    b.hal.afe.latch_bits |= bit
    b.hal.afe.standing_latches = bit
    b.hal.afe.mosfet_bits = 0


# req: PRT-22
def test_a_trip_of_the_chip_becomes_a_standing_reason():
    for bit, key, left, jk in (
        (c.LATCH_CELL_OV, "afe_cell_ov", DISCHARGE, 4),
        (c.LATCH_CELL_UV, "afe_cell_uv", CHARGE, 11),
        (c.LATCH_CHARGE_OC, "afe_charge_oc", DISCHARGE, 6),
        (c.LATCH_DISCHARGE_OC, "afe_discharge_oc", CHARGE, 26),
    ):
        b = Bench()
        trip(b, bit)
        if bit == c.LATCH_CELL_OV:
            b.cells(3500, 1)
        if bit == c.LATCH_CELL_UV:
            b.cells(2900, 1)
        b.run(0.3)
        assert b.stands(key), key
        assert b.faults.jk_word() == 1 << jk
        b.run(1)
        assert b.mosfets() == left, key


# req: PRT-22
def test_the_chips_own_recovery_closes_nothing():
    b = Bench()
    b.cells(3500, 1)
    trip(b, c.LATCH_CELL_OV)
    b.run(1)
    b.hal.afe.latch_bits = 0  # the chip would close again
    b.hal.afe.standing_latches = 0
    b.run(30)
    assert b.stands("afe_cell_ov")
    assert b.mosfets() == DISCHARGE
    b.cells(3390)
    b.run(1)
    assert not b.stands("afe_cell_ov")
    assert b.mosfets() == BOTH


# req: PRT-22
def test_an_over_current_trip_of_the_chip_waits_for_the_release_time():
    b = Bench()
    b.hal.afe.latch_bits |= c.LATCH_DISCHARGE_OC
    b.hal.afe.mosfet_bits = 0
    b.run(59.5)
    assert b.mosfets() == CHARGE
    b.run(1)
    assert b.mosfets() == BOTH
    assert b.hal.afe.latch_bits == 0


# req: PRT-22, PRT-15
def test_a_chip_trip_survives_a_reset():
    b = Bench()
    b.run(12)
    b.hal.afe.latch_bits |= c.LATCH_DISCHARGE_OC
    b.hal.afe.mosfet_bits = 0
    b.run(3)
    b.hal.afe.latch_bits = 0
    b.boot()
    b.run(50)
    assert b.mosfets() == CHARGE
    b.run(12)
    assert b.mosfets() == BOTH


# req: PRT-22
def test_a_chip_that_takes_no_limits_keeps_both_off():
    b = Bench(start=False)
    b.hal.afe.configure = lambda limits: False
    b.run(5)
    assert b.stands("afe_config")
    assert b.mosfets() == OFF


# req: PRT-22
def test_sleeping_needs_verified_limits():
    b = Bench(changes={p.SMART_SLEEP_ENABLED: 1, p.SMART_SLEEP_H: 1})
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_550})
    b.controller.control.power._idle_s = 3_595
    b.run(10)
    assert b.state.power.mode == 2  # on: the chip still has the old limits
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_600})
    b.run(1)
    assert b.state.power.mode == 3
    assert b.mosfets() == BOTH
