"""Stages, voltages and requests of charge control (CHG-01), and its place in the controller."""

from firmware import fault_ids as f
from firmware import fault_table
from firmware import limit_ids as why
from firmware import parameter_ids as p
from firmware.state import ABSORPTION, BULK, FLOAT, NOT_CHARGING
from hal import contract as c
from tests.fakes.bench import Bench
from tests.fakes.charging import ChargeRig

HOUR = 3600


def boom(*_):
    raise ValueError("injected")


def full_rig(**changes):
    """The shipped pack at RCV: 28.0 V, absorption has begun."""
    r = ChargeRig(changes={getattr(p, key): changes[key] for key in changes})
    r.run(1)
    r.cells(3500)
    r.state.gauge.soc_dpct = 1000
    assert r.run(15, lambda: r.out.stage == ABSORPTION) < 11
    return r


# req: CHG-01
def test_voltages_of_each_profile():
    # pack mV in bulk, in float, at which discharging ends
    for profile, rcv, rfv, dvl in (
        ("ess", 56_000, 54_400, 41_920),
        ("dy-n8s24280a", 28_000, 27_200, 20_960),
        ("li-ion", 66_400, 64_800, 46_720),
        ("lto", 42_400, 40_000, 29_120),
    ):
        r = ChargeRig(profile)
        assert r.out.cvl_mv == rcv  # known before the first measurement; nothing else is
        assert not r.out.charge_enable and r.out.ccl_ma == 0 and r.out.dcl_ma == 0
        r.run(1)
        assert (r.out.stage, r.out.cvl_mv, r.out.dvl_mv) == (BULK, rcv, dvl)
        assert r.out.charge_enable and r.out.discharge_enable
        r.control._enter(FLOAT)
        r.run(200)
        assert (r.out.stage, r.out.cvl_mv) == (FLOAT, rfv)


# req: CHG-01
def test_the_voltage_stays_below_a_pack_protection_that_is_set():
    r = ChargeRig(changes={p.PACK_OVP_MV: 28_000, p.PACK_UVP_MV: 23_000})
    r.run(1)
    assert r.out.cvl_mv == 27_800 and r.out.dvl_mv == 23_000


# req: CHG-01
def test_bulk_absorption_float_and_bulk_again():
    r = full_rig()
    r.state.gauge.full = True
    assert r.out.cvl_mv == 28_000
    assert r.run(2 * HOUR, lambda: r.out.stage == FLOAT) in (HOUR, HOUR - 0.25)
    seen = [r.out.cvl_mv]
    for _ in range(50 * 4):  # at most 0.1 V in 5 s down to 27.2 V
        r.run(0.25)
        if r.out.cvl_mv != seen[-1]:
            seen.append(r.out.cvl_mv)
    assert seen[-8:] == list(range(27_900, 27_199, -100))
    r.cells(3330)  # the house takes it
    r.state.gauge.soc_dpct = 951
    r.run(HOUR)
    assert r.out.stage == FLOAT
    r.state.gauge.soc_dpct = 949
    assert 59 <= r.run(100, lambda: r.out.stage == BULK) <= 60
    r.run(50)
    assert r.out.cvl_mv == 28_000


# req: CHG-01
def test_the_voltage_never_steps_by_more_than_a_tenth_in_five_seconds():
    r = full_rig(RCV_TIME_DH=1)
    r.state.gauge.full = True
    steps, last_s = [], -99.0
    volts = r.out.cvl_mv
    for quarter in range(4 * HOUR):
        if quarter == 2 * HOUR:
            r.cells(3200)
        r.run(0.25)
        if r.out.cvl_mv != volts:
            steps.append((abs(r.out.cvl_mv - volts), quarter / 4 - last_s))
            volts, last_s = r.out.cvl_mv, quarter / 4
    assert len(steps) == 16  # 8 down, 8 up
    assert all(mv <= 100 and s >= 5 for mv, s in steps)


# req: CHG-01
def test_float_lasts_its_time_then_bulk_again():
    r = full_rig(RCV_TIME_DH=1, RFV_TIME_DH=5)
    r.state.gauge.full = True
    r.run(HOUR, lambda: r.out.stage == FLOAT)
    r.cells(3400)
    assert abs(r.run(HOUR, lambda: r.out.stage == BULK) - 1800) <= 1


# req: CHG-01
def test_without_float_the_bulk_voltage_stays():
    r = full_rig(RCV_TIME_DH=1, FLOAT_MODE=0)
    r.state.gauge.full = True
    r.run(5 * HOUR)
    assert r.out.stage == ABSORPTION and r.out.cvl_mv == 28_000


# req: CHG-01
def test_a_pack_that_is_not_full_gets_the_hold_time_twice():
    r = full_rig(RCV_TIME_DH=1)
    r.state.gauge.soc_dpct = 930
    assert abs(r.run(HOUR, lambda: r.out.stage == FLOAT) - 720) <= 1
    r.cells(3400)
    r.run(HOUR)
    assert r.out.stage == FLOAT  # what counts is the charge taken out since
    r.state.gauge.soc_dpct = 879
    r.run(61)
    assert r.out.stage == BULK


# req: CHG-01
def test_clouds_interrupt_the_hold_time():
    r = full_rig(RCV_TIME_DH=1)
    r.state.gauge.full = True
    r.run(180)
    r.cells(3440)  # a short one
    r.run(50)
    assert r.out.stage == ABSORPTION
    r.cells(3500)
    r.run(60)
    r.cells(3440)  # a long one
    r.run(600)
    assert r.out.stage == BULK
    r.cells(3500)
    r.run(11)
    assert r.out.stage == ABSORPTION
    assert 105 <= r.run(HOUR, lambda: r.out.stage == FLOAT) <= 121  # 180 + 60 s were held before


# req: CHG-01
def test_a_discharge_voids_the_hold_time():
    r = full_rig(RCV_TIME_DH=1)
    r.state.gauge.full = True
    r.run(300)
    r.state.gauge.soc_dpct = None
    r.cells(3250)
    r.run(100)
    r.cells(3500)
    r.run(11)
    assert 355 <= r.run(HOUR, lambda: r.out.stage == FLOAT) <= 361


# req: CHG-01
def test_one_high_cell_and_a_low_inverter_reach_the_top():
    r = ChargeRig()
    r.cells(3474, high_mv=3499)
    r.run(60)
    assert r.out.stage == BULK
    r.cells(3400, high_mv=3500)
    r.run(11)
    assert r.out.stage == ABSORPTION
    r = ChargeRig()
    r.cells(3475)  # 27.8 V
    r.run(11)
    assert r.out.stage == ABSORPTION


# req: CHG-01
def test_a_stage_outlives_a_fault():
    r = full_rig(RCV_TIME_DH=1)
    r.state.gauge.full = True
    r.run(HOUR, lambda: r.out.stage == FLOAT)
    r.run(60)
    r.faults.put(f.CHARGE_OTP, True)
    r.run(0.25)
    assert r.out.stage == NOT_CHARGING and not r.out.charge_enable and r.out.ccl_ma == 0
    assert r.out.ccl_reason == f.CHARGE_OTP and r.out.discharge_enable
    r.faults.put(f.CHARGE_OTP, False)
    r.run(0.25)
    assert r.out.stage == FLOAT and r.out.cvl_mv == 27_200


# req: CHG-01
def test_force_charge_by_charge():
    r = ChargeRig()
    for soc, force in (
        (60, False),
        (50, False),
        (49, True),
        (99, True),
        (100, False),
        (60, False),
    ):
        r.state.gauge.soc_dpct = soc
        r.run(0.5)
        assert r.out.force_charge == force, soc
    r.state.gauge.soc_dpct = 20
    r.faults.put(f.CHARGE_UTP, True)  # nothing can be charged now
    r.run(0.5)
    assert not r.out.force_charge
    r.faults.put(f.CHARGE_UTP, False)
    r.state.gauge.soc_dpct = 70
    r.run(0.5)
    assert r.out.force_charge


# req: CHG-01
def test_force_charge_by_the_lowest_cell():
    r = ChargeRig()
    r.state.gauge.soc_dpct = None
    r.cells(2900, low_mv=2690)
    r.run(9)
    assert not r.out.force_charge
    r.run(2)
    assert r.out.force_charge
    r.cells(2899)
    r.run(1)
    assert r.out.force_charge
    r.cells(2900)
    r.run(1)
    assert not r.out.force_charge
    r = ChargeRig(changes={p.FORCE_CHARGE_PCT: 0})
    r.state.gauge.soc_dpct = 0
    r.run(1)
    assert not r.out.force_charge


# req: CHG-01
def test_a_full_charge_is_asked_for_after_a_month_or_in_doubt():
    r = ChargeRig()
    system, gauge = r.state.system, r.state.gauge
    gauge.sigma_dpct = 20
    system.uptime_s = 30 * 86_400 - 1
    r.run(0.5)
    assert not r.out.full_charge
    system.uptime_s += 1
    r.run(0.5)
    assert r.out.full_charge
    gauge.full = True
    r.run(0.5)
    gauge.full = False
    r.run(0.5)
    assert not r.out.full_charge
    for sigma, wanted in ((99, False), (100, True), (40, True), (39, False), (99, False)):
        gauge.sigma_dpct = sigma
        r.run(0.5)
        assert r.out.full_charge == wanted, sigma
    r = ChargeRig(changes={p.FULL_CHARGE_DAYS: 0})
    r.state.gauge.sigma_dpct, r.state.system.uptime_s = 300, 90 * 86_400
    r.run(0.5)
    assert not r.out.full_charge


# req: CHG-02, PRT-25
def test_an_empty_pack_ramps_down_then_takes_the_flag_away():
    r = ChargeRig()
    r.run(60)
    r.cells(2800, low_mv=2618)
    flags = []
    for _ in range(60 * 4):
        before = r.out.dcl_ma
        r.run(0.25)
        assert before - r.out.dcl_ma <= 7_000  # C/10 a second
        assert r.out.discharge_enable == (r.out.dcl_ma > 0 or r.out.dcl_reason == why.CELL_LOW)
        flags.append(r.out.discharge_enable)
    assert flags[0] and not flags[-1] and r.out.dcl_reason == why.EMPTY
    assert r.out.charge_enable and r.out.ccl_ma == 56_000 and r.out.force_charge
    r.cells(2800)
    r.state.measured.current_ma = 20_000
    r.run(11)
    assert r.out.discharge_enable


# req: CHG-01
def test_the_reason_of_a_limit_is_told():
    r = ChargeRig()
    r.run(2)
    assert r.out.ccl_reason == why.RISING and r.out.dcl_reason == why.RISING
    r.run(60)
    assert (r.out.ccl_ma, r.out.ccl_reason) == (56_000, 0)
    assert (r.out.dcl_ma, r.out.dcl_reason) == (190_000, 0)
    r.temperature(2)
    r.run(120)
    assert r.out.ccl_reason == why.COLD and 22_000 <= r.out.ccl_ma <= 22_500


# req: CHG-01
def test_nothing_moves_on_numbers_that_are_not_valid():
    r = ChargeRig()
    r.run(5)
    r.state.measured.valid = False
    r.cells(3600)
    r.run(60)
    assert r.out.stage == BULK and not r.out.force_charge
    r.cells(0)
    r.run(60)
    assert not r.out.force_charge


# req: CHG-01, PRT-15
def test_the_controller_asks_after_its_start():
    b = Bench(start=False)
    out = b.state.charging
    assert not out.charge_enable and not out.discharge_enable and out.stage == NOT_CHARGING
    b.run(60)
    assert out.charge_enable and out.discharge_enable and out.stage == BULK
    assert (out.cvl_mv, out.ccl_ma, out.dcl_ma, out.dvl_mv) == (28_000, 56_000, 190_000, 20_960)


# req: PRT-15, CHG-01
def test_an_exception_in_charge_control_takes_both_directions():
    b = Bench()
    b.run(60)
    b.controller.charging._move_voltage = boom
    b.run(0.5)
    out = b.state.charging
    assert out.ccl_ma == 0 and out.dcl_ma == 0 and out.stage == NOT_CHARGING
    assert not out.charge_enable and not out.discharge_enable
    assert out.ccl_reason == out.dcl_reason == f.SERVICE_EXCEPTION
    assert b.stands("service_exception")
    b.cells(3700, 1)  # protection goes on
    b.run(1.5)
    assert b.stands("cell_ovp") and out.ccl_ma == 0


# req: PRT-15, CHG-01
def test_an_exception_in_the_gauge_takes_both_directions():
    b = Bench()
    b.run(60)
    b.controller.control.gauge.step = boom
    b.run(3)
    out = b.state.charging
    assert out.ccl_ma == 0 and out.dcl_ma == 0 and not out.charge_enable
    assert not out.discharge_enable and out.ccl_reason == f.GAUGE_EXCEPTION


# req: MEA-06, CHG-01
def test_lost_data_takes_both_directions():
    b = Bench()
    b.run(60)
    b.hal.afe.read_result = c.BUS_ERROR
    b.run(1)
    out = b.state.charging
    assert out.ccl_ma == 0 and out.dcl_ma == 0 and not out.charge_enable
    assert not out.discharge_enable and out.stage == NOT_CHARGING
    assert out.ccl_reason == out.dcl_reason == f.AFE_LOST


# req: PRT-25, CHG-02
def test_the_inverter_is_told_in_the_cycle_in_which_a_delay_starts():
    b = Bench(changes={p.CHARGE_OCP_DELAY_S: 10}, profile="dy-n8s24280a")
    b.hal.charge_limiter = None
    b.run(60)
    out = b.state.charging
    b.current(205)
    assert b.run(1, lambda: not b.state.limits.charge_enable) < 0.3
    before = b.hal.clock.ticks_ms()
    b.run(1, lambda: not out.charge_enable)
    assert b.hal.clock.ticks_ms() - before <= 10
    assert out.ccl_ma == 0 and out.ccl_reason == f.CHARGE_OCP and out.dcl_ma == 190_000
    assert b.mosfets() == (True, True)


# req: CHG-02
def test_every_reason_that_opens_a_mos_is_told_at_once():
    b = Bench()
    b.run(60)
    out, tried = b.state.charging, 0
    for fault in range(1, fault_table.COUNT):
        word, bit = fault // 30, 1 << fault % 30
        charge = fault_table.CHARGE[word] & bit != 0
        discharge = fault_table.DISCHARGE[word] & bit != 0
        if not charge and not discharge:
            continue
        tried += 1
        b.controller.control.limits.step(100)
        for _ in range(80):
            b.controller.charging.step(1_000)
        assert not b.controller.charging.urgent()
        assert out.ccl_ma == 56_000 and out.dcl_ma == 190_000
        b.faults.put(fault, True)
        b.controller.control.limits.step(100)
        assert b.controller.charging.urgent()
        b.controller.charging.step(1)
        assert not b.controller.charging.urgent()
        assert (out.ccl_ma, out.charge_enable) == ((0, False) if charge else (56_000, True))
        assert (out.dcl_ma, out.discharge_enable) == ((0, False) if discharge else (190_000, True))
        b.faults.put(fault, False)
    assert tried > 30


# req: CHG-01
def test_the_settings_of_charge_control_are_checked():
    b = Bench()
    b.run(1)
    for changes in (
        {p.FORCE_CHARGE_PCT: 10},
        {p.FORCE_CHARGE_RELEASE_PCT: 5},
        {p.REBULK_DROP_PCT: 51},
    ):
        try:
            b.parameters.check_changes(changes, factory=True)
        except ValueError:
            continue
        raise AssertionError(changes)
    b.parameters.check_changes({p.FORCE_CHARGE_PCT: 12, p.FORCE_CHARGE_RELEASE_PCT: 20}, True)
