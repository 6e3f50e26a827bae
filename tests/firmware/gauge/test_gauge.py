"""The gauge as a whole, on readings that are set by hand (SOC-01..06)."""

from firmware.gauge import reasons
from firmware.gauge.ocv import Curve
from firmware.parameters import Refused
from firmware.settings import ocv_table
from tests.fakes.gauge import Rig


# req: SOC-01, SOC-04
def test_counting_moves_estimate_and_display_alike():
    rig = Rig(soc_dpct=500)
    rig.run(600, 28_000)  # 0.1 C for ten minutes: 1.67 %
    assert abs(rig.estimate() - 51_667) < 60
    assert abs(rig.soc() - 51_667) < 60
    assert rig.shown.sigma_dpct >= 40  # a told charge is believed to about 5 %


# req: SOC-03
def test_a_full_pack_goes_to_100_without_a_jump():
    rig = Rig(soc_dpct=900)
    rig.cells(3480)
    last, steps = rig.soc(), []
    for _ in range(120):
        rig.run(10, 5_000)
        steps.append(rig.soc() - last)
        last = rig.soc()
    assert reasons.FULL in rig.reasons
    assert last == 100_000 and rig.shown.full
    assert max(steps) <= 700  # 0.6 % of correction and what was charged in ten seconds


# req: SOC-03
def test_full_needs_voltage_and_a_small_current():
    for mean_mv, ma in ((3440, 5_000), (3480, 60_000), (3480, -5_000)):
        rig = Rig(soc_dpct=900)
        rig.cells(mean_mv)
        rig.run(300, ma)
        assert reasons.FULL not in rig.reasons, (mean_mv, ma)
        assert rig.soc() < 99_500


# req: SOC-03
def test_empty_is_a_cell_at_its_lower_end():
    rig = Rig(soc_dpct=100)
    rig.cells(2900, low_mv=2590)
    rig.run(120, -5_000)
    assert reasons.EMPTY in rig.reasons
    rig.run(300, -1_000)
    assert rig.soc() <= 100 and rig.shown.empty


# req: SOC-03
def test_neither_end_is_shown_unless_reached():
    rig = Rig(soc_dpct=980)
    rig.cells(3360)
    rig.run(900, 60_000)
    assert 99_000 < rig.soc() <= 99_400
    rig = Rig(soc_dpct=20)
    rig.cells(3000)
    rig.run(900, -60_000)
    assert 400 <= rig.soc() < 1_000


# req: SOC-04
def test_an_unknown_charge_jumps_once_into_what_the_voltage_allows():
    rig = Rig()
    rig.cells(3000)
    rig.run(600, 0)
    assert rig.reasons.count(reasons.ASSUMED) == 1
    assert rig.reasons.count(reasons.COLD_START) == 1
    assert 2_000 < rig.soc() < 9_000


# req: SOC-05
def test_set_by_hand_is_shown_at_once_and_logged():
    rig = Rig(soc_dpct=500)
    rig.run(20, 0)
    rig.gauge.by_hand(730)
    assert rig.soc() == 73_000
    rig.run(20, 0)
    assert reasons.SET in rig.reasons


# req: SOC-06
def test_forecast_and_energy():
    rig = Rig(soc_dpct=500)
    rig.run(1800, 28_000)
    assert 367 <= rig.shown.energy_in_wh <= 370  # 26.4 V x 28 A x 0.5 h = 369.6
    assert 265 <= rig.shown.time_to_full_min <= 275  # 45 % of 280 Ah at 28 A
    assert rig.shown.time_to_empty_min is None
    rig.run(1800, -28_000)
    assert 367 <= rig.shown.energy_out_wh <= 370
    assert rig.shown.time_to_full_min is None and 290 <= rig.shown.time_to_empty_min <= 305


# req: MEA-04, SOC-04
def test_with_both_mosfets_off_the_sensor_shows_its_own_error():
    rig = Rig(soc_dpct=500)
    rig.state.mosfets.charge_on = rig.state.mosfets.discharge_on = False
    rig.run(600, 150)
    assert 140_000 < rig.shown.bias_ua < 155_000
    assert reasons.ZERO in rig.reasons
    rig.state.mosfets.precharging = True  # a current flows beside the MOSFETs
    before = rig.shown.bias_ua
    rig.run(300, 900)
    assert rig.shown.bias_ua == before


# req: SOC-01
def test_what_was_learned_survives_and_another_packs_is_refused():
    rig = Rig(soc_dpct=640)
    rig.counter.bias = 77
    rig.gauge.voltage.learned.low[40] = 32_800
    buffer = bytearray(512)
    n = rig.gauge.encode(buffer, 9)
    again = Rig()
    assert again.gauge.restore(buffer, n) == 9
    assert abs(again.soc() - 64_000) <= 1 and again.counter.bias == 77
    assert abs(again.gauge.voltage.learned.low[40] - 32_800) <= 5
    assert again.gauge.fusion.common == rig.gauge.fusion.common
    for other in (Rig(cells=16), Rig(ocv=ocv_table.TABLES[1]), Rig(changes={57: 100_000})):
        try:
            other.gauge.restore(buffer, n)
        except Refused as error:
            assert "another pack" in str(error)
        else:
            raise AssertionError("taken")
    for at in range(0, n, 7):
        bad = bytearray(buffer)
        bad[at] ^= 0x10
        try:
            Rig().gauge.restore(bad, n)
        except Refused:
            continue
        raise AssertionError(at)


# req: SOC-04
def test_a_table_that_falls_or_is_damaged_is_refused():
    good = ocv_table.TABLES[0]
    assert Curve(good).find(20_000, 0, 100) == 0
    for bad in (b"", good[:-1], good[:50] + b"\x00" + good[51:], b"XX" + good[2:]):
        try:
            Curve(bad)
        except Refused:
            continue
        raise AssertionError(len(bad))


# req: SOC-02
def test_capacity_is_learned_from_full_to_low_and_back_only():
    rig = Rig(soc_dpct=990)
    capacity = rig.gauge.capacity
    assert capacity.full(280_000, 280_000) == 0  # never low
    capacity.start()
    capacity.move(-214_200, 18_000)  # 90 % of 238 Ah went out
    capacity.low(10_000, 1_000)
    capacity.move(214_200, 18_000)
    found = capacity.full(280_000, 280_000)
    assert 238_000 <= found < 239_500 and capacity.learned == 1
    capacity.start()
    capacity.move(-20_000, 3_600)
    capacity.low(10_000, 1_000)  # 22 Ah of 280: not plausible
    capacity.move(20_000, 3_600)
    assert capacity.full(280_000, 280_000) == 0


# req: SOC-02
def test_a_sensor_error_cancels_in_the_capacity():
    capacity = Rig(soc_dpct=990).gauge.capacity
    capacity.start()
    capacity.move(-252_000 + 1_000, 36_000)  # 0.1 A too much for 10 h each way
    capacity.low(10_000, 1_000)
    capacity.move(252_000 + 1_000, 36_000)
    assert abs(capacity.full(280_000, 280_000) - 280_000) < 300
