"""Cell and pack voltage rules at work, from the front end's reading to the gate drivers."""

from firmware import parameter_ids as p
from firmware.parameters import Refused
from firmware.requests import CONSOLE, SET
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def trip(bench, key, seconds):
    """Run until the fault stands; the time it took."""
    return bench.run(seconds, lambda: bench.stands(key))


# req: PRT-02
def test_any_cell_over_ovp_opens_the_charge_mos_only_after_the_delay():
    b = Bench()
    b.cells(3601, 4)
    b.run(0.9)
    assert b.mosfets() == BOTH
    took = trip(b, "cell_ovp", 1)
    b.run(0.1)
    assert 0 < took <= 0.3
    assert b.mosfets() == DISCHARGE
    assert b.faults.value[1] == 3601


# req: PRT-02
def test_exactly_ovp_is_not_over_voltage():
    b = Bench()
    b.cells(3600)
    b.run(10)
    assert not b.stands("cell_ovp")
    assert b.mosfets() == BOTH


# req: PRT-02, PRT-20
def test_over_voltage_is_released_only_when_all_cells_are_below_ovpr():
    b = Bench()
    b.cells(3620)
    b.run(2)
    b.cells(3390)
    b.cells(3400, 7)  # one cell exactly at OVPR
    b.run(90)
    assert b.stands("cell_ovp")
    assert b.mosfets() == DISCHARGE
    b.cells(3399, 7)
    b.run(9.7)
    assert b.mosfets() == DISCHARGE
    b.run(0.6)
    assert not b.stands("cell_ovp")
    assert b.mosfets() == BOTH


# req: PRT-02
def test_a_short_peak_starts_the_delay_anew():
    b = Bench()
    for _ in range(5):
        b.cells(3650, 0)
        b.run(0.8)
        b.cells(3500, 0)
        b.run(0.2)
    assert not b.stands("cell_ovp")


# req: PRT-01
def test_any_cell_under_uvp_opens_the_discharge_mos_only():
    b = Bench()
    b.cells(2600, 2)
    b.run(5)
    assert b.mosfets() == BOTH  # exactly UVP
    b.cells(2599, 2)
    b.run(1.9)
    assert b.mosfets() == BOTH
    b.run(0.4)
    assert b.stands("cell_uvp")
    assert b.mosfets() == CHARGE


# req: PRT-01, PRT-20
def test_under_voltage_is_released_only_when_all_cells_are_above_uvpr():
    b = Bench()
    b.cells(2590)
    b.run(3)
    b.cells(3100)
    b.cells(3000, 3)  # exactly UVPR
    b.run(90)
    assert b.mosfets() == CHARGE
    b.cells(3001, 3)
    b.run(9.7)
    assert b.mosfets() == CHARGE
    b.run(0.8)
    assert b.mosfets() == BOTH


# req: PRT-20
def test_the_mos_stays_off_for_a_minute_at_least():
    b = Bench()
    b.cells(3650)
    trip(b, "cell_ovp", 3)
    b.cells(3300)
    b.run(59)
    assert b.mosfets() == DISCHARGE
    b.run(1.5)
    assert b.mosfets() == BOTH


# req: PRT-20
def test_the_release_level_must_hold_without_a_break():
    b = Bench()
    b.cells(2500)
    b.run(65)
    for _ in range(4):
        b.cells(3050)
        b.run(9)
        b.cells(2990, 1)
        b.run(0.2)
    assert b.mosfets() == CHARGE


def used_up(quantity_low):
    """A pack whose under- or over-voltage came back three times within an hour."""
    b = Bench()
    for _ in range(4):
        b.cells(2500 if quantity_low else 3650)
        b.run(3)
        assert b.mosfets() == (CHARGE if quantity_low else DISCHARGE)
        b.cells(3300)
        b.run(61)
    return b


# req: PRT-20
def test_a_fourth_under_voltage_waits_for_charging_current():
    b = used_up(True)
    b.run(120)
    assert b.stands("cell_uvp")
    assert b.mosfets() == CHARGE
    b.current(-2)  # discharging is no reason to reconnect
    b.run(0.5)
    b.current(0)
    b.run(0.5)
    assert b.stands("cell_uvp")
    b.current(0.6)
    b.run(0.3)
    assert not b.stands("cell_uvp")
    assert b.mosfets() == BOTH


# req: PRT-20
def test_a_fourth_over_voltage_waits_for_discharging_current():
    b = used_up(False)
    assert b.mosfets() == DISCHARGE
    b.current(-0.6)
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-20
def test_the_key_reconnects_a_fourth_time():
    b = used_up(True)
    b.controller.control.key()
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-20
def test_an_hour_alone_does_not_reconnect():
    b = used_up(True)
    b.state.system.uptime_s += 3700
    b.run(20)
    assert b.mosfets() == CHARGE


# req: PRT-20, PRT-15
def test_used_up_reconnects_survive_a_reset():
    b = used_up(True)
    b.run(70)  # the record is stored
    b.boot()
    b.run(80)
    assert b.stands("cell_uvp")
    assert b.mosfets() == CHARGE


# req: PRT-13
def test_pack_levels_follow_the_cells_unless_set():
    b = Bench()
    b.cells(3590)  # 28.72 V: below 8 x 3.60 V, above the alarm at (3.50 + 3.60) / 2
    b.run(5)
    assert b.stands("pack_ov_alarm") and not b.stands("pack_ovp")
    assert b.mosfets() == BOTH
    b.cells(3610)
    b.run(2)
    assert b.stands("pack_ovp")
    assert b.mosfets() == DISCHARGE
    b.calm()
    b.cells(3390)  # 27.12 V: below 8 x 3.40
    b.run(75)
    assert not b.stands("pack_ovp") and not b.stands("pack_ov_alarm")
    assert b.mosfets() == BOTH


# req: PRT-13
def test_a_set_pack_over_voltage_acts_alone():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.PACK_OVP_MV: 28_000, p.PACK_OVPR_MV: 27_000})
    b.cells(3510)  # 28.08 V
    b.run(2)
    assert b.stands("pack_ovp") and not b.stands("cell_ovp")
    assert b.mosfets() == DISCHARGE
    b.cells(3380)  # 27.04 V
    b.run(70)
    assert b.mosfets() == DISCHARGE
    b.cells(3370)  # 26.96 V
    b.run(11)
    assert b.mosfets() == BOTH


# req: PRT-13
def test_pack_under_voltage_alarm_and_protection():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.PACK_UVP_MV: 22_000, p.PACK_UVPR_MV: 23_000})
    b.cells(2800)  # 22.4 V: below the alarm at 22.5 V
    b.run(5)
    assert b.stands("pack_uv_alarm") and not b.stands("pack_uvp")
    assert b.mosfets() == BOTH
    b.run(60)  # three jumps of voltage alone within a minute would be a stuck current sensor
    b.cells(2740)  # 21.92 V, every cell above UVP
    b.run(3)
    assert b.stands("pack_uvp") and not b.stands("cell_uvp")
    assert b.mosfets() == CHARGE
    b.cells(2900)  # 23.2 V
    b.run(75)
    assert not b.stands("pack_uvp") and not b.stands("pack_uv_alarm")
    assert b.mosfets() == BOTH


# req: PRT-13, PRF-06
def test_pack_levels_out_of_order_are_refused():
    b = Bench()
    for changes in (
        {p.PACK_OVP_MV: 27_000},  # below 8 x OVPR
        {p.PACK_UVPR_MV: 20_000},
        {p.PACK_OV_ALARM_MV: 27_000},
        {p.PACK_UV_ALARM_MV: 24_500},
    ):
        try:
            b.requests.submit(CONSOLE, SET, changes)
        except Refused:
            continue
        raise AssertionError(changes)


# req: MEA-07
def test_cell_difference_warning_moves_no_mosfet():
    b = Bench()
    b.cells(3500, 0)
    b.cells(3199, 1)  # 301 mV apart
    b.run(6)
    assert b.stands("cell_difference")
    assert b.mosfets() == BOTH
    b.cells(3260, 1)  # 240 mV
    b.run(1)
    assert not b.stands("cell_difference")


# req: MEA-07
def test_low_soc_warning():
    b = Bench()
    b.state.gauge.remaining_mah = 55_000  # 19.6 % of 280 Ah
    b.run(3)
    assert b.stands("low_soc")
    assert b.mosfets() == BOTH
    b.state.gauge.remaining_mah = 67_000  # 23.9 %
    b.run(1)
    assert b.stands("low_soc")
    b.state.gauge.remaining_mah = 73_000  # 26.0 %
    b.run(1)
    assert not b.stands("low_soc")


# req: PRT-26
def test_a_deeply_discharged_cell_charges_with_a_twentieth_of_c():
    b = Bench()
    b.cells(2100)
    b.cells(1990, 5)
    b.run(3)
    assert b.stands("deep_discharge")
    assert b.mosfets() == CHARGE
    assert 0 < b.state.limits.charge_ma <= 14_000  # 0.05 x 280 A
    b.current(13)
    b.run(5)
    assert b.state.mosfets.charge
    b.current(15)
    b.run(2.5)
    assert b.stands("deep_charge_ocp")
    assert not b.state.mosfets.charge
    b.current(0)
    b.run(59)
    assert b.stands("deep_charge_ocp")
    b.run(2)
    assert not b.stands("deep_charge_ocp")
    b.cells(2110)
    b.run(1)
    assert not b.stands("deep_discharge")


# req: PRT-26
def test_a_cell_below_one_and_a_half_volts_is_damaged_for_good():
    b = Bench()
    b.cells(2100)
    b.cells(1490, 5)
    b.run(2.5)
    assert b.stands("cell_damaged")
    assert b.mosfets() == OFF
    b.cells(2200)
    b.run(5)
    assert b.stands("cell_damaged")
    b.run(2)
    b.boot()
    b.run(5)
    assert b.stands("cell_damaged")
    assert not b.mosfets()[0]
    b.controller.control.key()
    b.run(1)
    assert not b.stands("cell_damaged")


# req: PRT-26
def test_deep_discharge_levels_of_the_other_chemistries():
    for profile, deep, damaged in (("li-ion", 2490, 1990), ("lto", 1490, 1190)):
        b = Bench(profile=profile, changes={p.CELL_COUNT: 8}, start=False)
        b.cells(deep + 20)
        b.run(5)
        assert not b.stands("deep_discharge")
        b.cells(deep)
        b.run(2.5)
        assert b.stands("deep_discharge") and not b.stands("cell_damaged")
        b.cells(damaged)
        b.run(2.5)
        assert b.stands("cell_damaged")


# req: PRT-24
def test_a_cell_far_over_ovp_trips_for_good():
    b = Bench()
    b.cells(3751, 3)  # OVP + 151 mV
    b.run(1.9)
    assert not b.stands("trip_output")
    b.run(0.4)
    assert b.stands("trip_output")
    assert b.mosfets() == OFF
    assert b.state.limits.charge_ma == 0 and b.state.limits.discharge_ma == 0
    b.cells(3300)
    b.run(75)
    assert b.stands("trip_output")
    b.controller.control.key()
    b.run(1)
    assert not b.stands("trip_output")
    assert b.mosfets() == BOTH


# req: PRT-24
def test_the_key_does_not_release_a_trip_that_still_has_its_cause():
    b = Bench()
    b.cells(3800, 3)
    b.run(3)
    b.controller.control.key()
    b.run(1)
    assert b.stands("trip_output")
    assert b.mosfets() == OFF


# req: PRT-24
def test_a_key_pressed_too_early_releases_no_latch_later():
    b = Bench()
    b.cells(3760, 0)
    b.run(3)
    assert b.stands("trip_output")
    b.controller.control.key()
    b.run(1)
    assert b.stands("trip_output")
    b.cells(3300)
    b.run(5)
    assert b.stands("trip_output") and b.mosfets() == (False, False)
    b.controller.control.key()
    b.run(1)
    assert not b.stands("trip_output")
