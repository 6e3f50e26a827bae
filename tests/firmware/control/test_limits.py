"""The ceiling of both currents (CHG-02): every cause, its taper and its reason; what a fault
takes and what it leaves."""

from firmware import fault_ids as f
from firmware import fault_table
from firmware import limit_ids as why
from firmware import parameter_ids as p
from tests.fakes.charging import ChargeRig

FAST = {p.REQUESTED_CHARGE_MA: 200_000}


def fast():
    """The shipped pack set to charge as fast as its cells may: 200 A, less 5 % for the OCP."""
    return ChargeRig(changes=FAST)


# req: CHG-02
def test_the_setting_or_a_little_below_the_protection():
    assert ChargeRig().ceiling() == (56, 0, 190, 0)
    assert fast().ceiling() == (190, 0, 190, 0)
    assert ChargeRig("ess").ceiling() == (23.75, 0, 142.5, 0)


# req: CHG-02
def test_a_cold_cell_takes_what_the_cell_maker_allows():
    # 200 A from 10 degC, 56 A at 5, nothing at 0
    r = fast()
    for degc, amps in ((0, 0), (1, 11.2), (2.5, 28), (5, 56), (10, 190), (15, 190)):
        r.temperature(degc)
        charge, reason, discharge, other = r.ceiling()
        assert abs(charge - amps) < 0.1, (degc, charge)
        assert reason == (why.COLD if degc < 10 else 0)
        assert (discharge, other) == (190, 0)
    for degc, amps in ((-20, 0), (-15, 95), (-10, 190)):
        r.temperature(degc)
        assert abs(r.ceiling()[2] - amps) < 0.1


# req: CHG-02
def test_the_coldest_and_the_hottest_sensor_count():
    r = fast()
    r.state.measured.temp_min = 50
    assert r.ceiling()[:2] == (56, why.COLD)
    r.state.measured.temp_min, r.state.measured.temp_max = 250, 575  # 55 .. 60 degC
    assert r.ceiling() == (95, why.HOT, 95, why.HOT)


# req: CHG-02
def test_heat_takes_both_directions_before_the_protection():
    r = fast()
    for degc, amps in ((55, 190), (57.5, 95), (60, 0)):
        r.temperature(degc)
        assert r.ceiling() == (amps, why.HOT if amps < 190 else 0) * 2
    r.temperature(25)
    for dc, amps in ((700, 190), (725, 95), (750, 0)):
        r.state.measured.temp_dc[4] = dc
        assert r.ceiling() == (amps, why.MOS_HOT if amps < 190 else 0) * 2


# req: CHG-02
def test_sensors_that_are_not_fitted_limit_nothing():
    r = fast()
    m = r.state.measured
    m.temp_min = m.temp_max = m.temp_dc[4] = r.state.gauge.soc_dpct = None
    assert r.ceiling() == (190, 0, 190, 0)


# req: CHG-02
def test_the_highest_cell_takes_the_charge_between_rcv_and_ovp():
    for profile, last, zero, ovp in (
        ("dy-n8s24280a", 3512, 3575, 3600),
        ("ess", 3512, 3575, 3600),
        ("li-ion", 4156, 4188, 4200),
        ("lto", 2656, 2688, 2700),
    ):
        r = ChargeRig(profile)
        full = r.ceiling()[0]
        seen = []
        for mv in range(last - 20, ovp + 1):
            r.cells(r.values[p.RFV_MV], high_mv=mv)
            seen.append(r.ceiling()[0])
        assert seen[:21] == [full] * 21 and seen[zero - last + 20 :] == [0] * (ovp - zero + 1)
        steps = [seen[i] - seen[i + 1] for i in range(len(seen) - 1)]
        assert min(steps) >= 0 and max(steps) <= full / 31
        r.cells(r.values[p.RFV_MV], high_mv=last + 10)
        assert r.ceiling()[1:] == (why.CELL_HIGH, r.ceiling()[2], 0)


# req: CHG-02, PRT-25
def test_the_lowest_cell_takes_the_discharge_before_uvp():
    for profile, uvp in (("dy-n8s24280a", 2600), ("li-ion", 2900), ("lto", 1800)):
        r = ChargeRig(profile)
        full = r.ceiling()[2]
        seen = []
        for mv in range(uvp + 101, uvp, -1):
            r.cells(uvp + 300, low_mv=mv)
            seen.append(r.ceiling()[2])
        assert seen[:2] == [full] * 2 and seen[81:] == [0] * 20 and seen[80] > 0
        steps = [seen[i] - seen[i + 1] for i in range(len(seen) - 1)]
        assert min(steps) >= 0 and max(steps) <= full / 80 + 0.1
        assert r.ceiling()[3] == why.CELL_LOW and r.ceiling()[0] > 0


# req: CHG-02
def test_both_ends_of_the_charge_keep_a_fifth_of_the_capacity():
    r = fast()
    for soc, charge, discharge in (
        (0, 190, 56), (50, 190, 123), (100, 190, 190), (500, 190, 190),
        (950, 190, 190), (975, 123, 190), (1000, 56, 190),
    ):  # fmt: skip
        r.state.gauge.soc_dpct = soc
        now = r.ceiling()
        assert abs(now[0] - charge) < 0.1 and abs(now[2] - discharge) < 0.1, soc
        assert now[1] == (why.NEARLY_FULL if charge < 190 else 0)
        assert now[3] == (why.NEARLY_EMPTY if discharge < 190 else 0)


# req: CHG-02
def test_the_smallest_limit_counts_with_its_reason():
    r = fast()
    r.temperature(5)
    r.cells(3400, high_mv=3530)  # 136 A
    assert r.ceiling()[:2] == (56, why.COLD)
    r.cells(3400, high_mv=3570)  # 15 A
    assert r.ceiling()[1] == why.CELL_HIGH and 15 < r.ceiling()[0] < 15.2


# req: CHG-02, PRT-26
def test_a_deeply_discharged_cell():
    r = fast()
    r.faults.put(f.DEEP_DISCHARGE, True)
    assert r.ceiling()[:2] == (11.2, f.DEEP_DISCHARGE)  # four fifths of 0.05 C


# req: CHG-02
def test_every_reason_that_opens_a_mos_takes_its_limit_and_leaves_the_other():
    tried = 0
    for fault in range(1, fault_table.COUNT):
        word, bit = fault // 30, 1 << fault % 30
        charge = fault_table.CHARGE[word] & bit != 0
        discharge = fault_table.DISCHARGE[word] & bit != 0
        if not charge and not discharge:
            continue
        tried += 1
        r = ChargeRig()
        assert r.ceiling() == (56, 0, 190, 0)
        r.faults.put(fault, True)
        now, x = r.ceiling(), r.state.limits
        assert now == ((0, fault) if charge else (56, 0)) + ((0, fault) if discharge else (190, 0))
        assert x.charge_enable != charge and x.discharge_enable != discharge
        r.faults.put(fault, False)
        assert r.ceiling() == (56, 0, 190, 0) and x.charge_enable and x.discharge_enable
    assert tried > 30


# req: PRT-25
def test_a_running_delay_is_told_first():
    r = ChargeRig()
    r.protection.charge_pending = f.CELL_OVP
    assert r.ceiling() == (0, f.CELL_OVP, 190, 0) and not r.state.limits.charge_enable
    r.protection.charge_pending, r.protection.discharge_pending = 0, f.CELL_UVP
    assert r.ceiling() == (56, 0, 0, f.CELL_UVP) and not r.state.limits.discharge_enable


# req: CHG-02
def test_an_empty_pack_is_not_discharged_again_before_it_was_charged():
    r = ChargeRig()
    r.cells(2800, low_mv=2625)
    r.ceiling(9_900)
    r.cells(3000)  # only a dip
    assert r.ceiling()[2] == 190
    r.cells(2800, low_mv=2625)
    r.ceiling(10_100)
    for mv in (2900, 3000, 3150):  # it rests
        r.cells(mv)
        for _ in range(100):
            assert r.ceiling(60_000)[2:] == (0, why.EMPTY)
            assert r.ceiling(0)[0] == 56 and r.state.limits.charge_enable
    r.state.measured.current_ma = 2_000  # too little
    assert r.ceiling(20_000)[2] == 0
    r.state.measured.current_ma = 3_000
    assert r.ceiling(9_000)[2] == 0
    assert r.ceiling(1_000)[2] == 190


# req: CHG-02
def test_a_cell_that_rests_high_was_not_empty():
    r = ChargeRig()
    r.cells(2700, low_mv=2610)  # a heavy load in the cold
    assert r.ceiling(11_000)[3] == why.EMPTY
    r.cells(3250)
    r.ceiling(9_000)
    assert r.ceiling(1_000)[2] == 190


# req: CHG-02, PRT-17
def test_emergency_power_goes_on_with_a_tenth():
    r = ChargeRig()
    r.cells(2500)
    r.faults.put(f.CELL_UVP, True)
    assert r.ceiling()[2] == 0
    r.state.power.emergency_s = 100
    assert r.ceiling()[2:] == (19, f.EMERGENCY) and r.state.limits.discharge_enable


# req: CHG-02
def test_every_setting_that_is_allowed_can_be_worked_out():
    for gap in (1, 2, 3, 4, 7):  # RCV just below OVP
        r = ChargeRig(changes={p.RCV_MV: 3600 - gap})
        r.cells(3400, high_mv=3600)
        assert r.ceiling()[0] == 0
        r.cells(3400, high_mv=3600 - gap)
        assert r.ceiling()[0] == 56
    r = ChargeRig(changes={p.CHARGE_UTP_DC: 49, p.CHARGE_OTPR_DC: 599, p.MOS_OTPR_DC: 749})
    for dc in (40, 49, 50, 599, 600, 700):
        r.state.measured.temp_min = r.state.measured.temp_max = r.state.measured.temp_dc[4] = dc
        charge, _, discharge, _ = r.ceiling()
        assert 0 <= charge <= 56 and 0 <= discharge <= 190
