"""The fine cell model against closed forms and conservation, with numbers worked out here."""

import math
import time

import pytest

from host_sim.pack import SimPack
from host_sim.plant.ageing import Fading
from host_sim.plant.circuit import Circuit
from host_sim.plant.ecm import EcmCells
from host_sim.plant.spread import Spread
from host_sim.world import World


def one(**options):
    """A single cell without self-discharge."""
    return EcmCells(**{"count": 1, "self_discharge": 0.0, **options})


def run(cells, amps, seconds, dt_s=1.0, balance=None, ambient_c=25.0):
    for _ in range(round(seconds / dt_s)):
        cells.step(dt_s, amps, balance, 0.0, ambient_c)


# --- charge ----------------------------------------------------------------------------------


# req: SOC-01
def test_charge_balance():
    cells = one(soc=0.2)
    run(cells, 56.0, 3600)
    assert cells.soc[0] == pytest.approx(0.2 + 0.2 * 0.9985, abs=1e-9)
    run(cells, -56.0, 3600)
    assert cells.soc[0] == pytest.approx(0.2 - 0.2 * 0.0015, abs=1e-9)


# req: SOC-01
def test_self_discharge_is_a_part_of_the_capacity_a_month():
    cells = EcmCells(1, soc=0.5, self_discharge=0.02)
    run(cells, 0.0, 30 * 86_400, 60.0)
    assert cells.soc[0] == pytest.approx(0.48, abs=1e-4)  # its own 25 mW warm it by 0.04 K
    warm = EcmCells(1, soc=0.5, self_discharge=0.02, temp_c=45.0)
    run(warm, 0.0, 86_400, 60.0, ambient_c=45.0)
    # 50 kJ/mol: exp(6014 K x (1/298.15 - 1/318.15)) = 3.55
    assert 0.5 - warm.soc[0] == pytest.approx(3.55 * 0.02 / 30, rel=0.01)


# req: BAL-02
def test_balancer_moves_charge_between_two_cells():
    circuit = Circuit(EcmCells(8, soc=0.5, self_discharge=0.0))
    circuit.standby_a = 0.0
    circuit.set_balance(2, 5, 2.0)
    for _ in range(3600):
        circuit.step(1.0)
    soc = circuit.cells.soc
    assert soc[2] == pytest.approx(0.5 - 2 / 280, abs=1e-9)
    assert soc[5] == pytest.approx(0.5 + 2 * 0.85 * 0.9985 / 280, abs=1e-9)
    assert soc[0] == soc[7] == 0.5


# --- voltage ---------------------------------------------------------------------------------


# req: MEA-01
def test_voltage_is_linear_in_the_current_within_a_step():
    cells = EcmCells(8, seed=4)
    run(cells, 37.0, 100)
    at_0, at_50, at_100 = (cells.voltages(a) for a in (0.0, 50.0, 100.0))
    for low, middle, high, r0 in zip(at_0, at_50, at_100, cells.r0_ohm, strict=True):
        assert high - middle == pytest.approx(middle - low) == pytest.approx(50.0 * r0)
    assert sum(at_50) == pytest.approx(cells.total_emf_v + 50.0 * cells.total_r0_ohm)


# req: MEA-01
def test_relaxation_is_the_sum_of_two_exponentials():
    cells = one(soc=0.5)
    run(cells, 100.0, 300, ambient_c=25.0)
    # 0.17 mOhm / 100 s and 0.15 mOhm / 1800 s; low-SOC rise at 51..53 %: below 0.3 %
    fast_v, slow_v = 0.017 * (1 - math.exp(-3)), 0.015 * (1 - math.exp(-300 / 1800))
    assert cells.emf_v[0] - cells.open_v(0) == pytest.approx(fast_v + slow_v, rel=0.01)
    left_s = 0
    for wait_s in (50, 150, 1000, 3000):
        run(cells, 0.0, wait_s)
        left_s += wait_s
        expected_v = fast_v * math.exp(-left_s / 100) + slow_v * math.exp(-left_s / 1800)
        assert cells.emf_v[0] - cells.open_v(0) == pytest.approx(expected_v, rel=0.01)
    assert cells.r0_ohm[0] == pytest.approx(0.26e-3, rel=0.005)  # 0.20 ohmic + 0.06 transfer


# req: MEA-01
def test_resistances_follow_arrhenius():
    warm, cold = one(temp_c=25.0), one(temp_c=0.0)
    inverse = 1 / 273.15 - 1 / 298.15
    ohmic = 0.20e-3 * math.exp(12_000 / 8.314 * inverse)
    transfer = 0.06e-3 * math.exp(36_000 / 8.314 * inverse)
    assert cold.r0_ohm[0] == pytest.approx(ohmic + transfer)
    ratio = math.exp(21_000 / 8.314 * inverse)
    assert cold.fast_ohm[0] / warm.fast_ohm[0] == pytest.approx(ratio)
    assert cold.slow_ohm[0] / warm.slow_ohm[0] == pytest.approx(ratio)
    assert one(soc=0.02).fast_ohm[0] > 1.9 * warm.fast_ohm[0]  # starved near empty
    assert one(capacity_ah=140.0).r0_ohm[0] == pytest.approx(2 * warm.r0_ohm[0])


# req: MEA-01
def test_long_steps_agree_with_short_ones():
    fine, coarse = one(soc=0.3), one(soc=0.3)
    run(fine, -80.0, 600, 0.1)
    run(coarse, -80.0, 600, 20.0)
    assert coarse.soc[0] == pytest.approx(fine.soc[0], abs=1e-9)
    assert coarse.hysteresis[0] == pytest.approx(fine.hysteresis[0], abs=1e-9)
    assert coarse.emf_v[0] == pytest.approx(fine.emf_v[0], abs=2e-4)


# --- hysteresis ------------------------------------------------------------------------------


# req: MEA-01
def test_hysteresis_follows_the_throughput():
    cells = one(soc=0.30, hysteresis=-1.0)
    run(cells, 28.0, 3600)  # 10 % in
    assert cells.hysteresis[0] == pytest.approx(1 - 2 * math.exp(-8 * 0.1 * 0.9985))
    run(cells, 0.0, 3600)
    before = cells.hysteresis[0]
    run(cells, 0.0, 86_400, 60.0)
    assert cells.hysteresis[0] == before  # rest does not heal it
    run(cells, -28.0, 7200)
    assert cells.hysteresis[0] == pytest.approx((1 + before) * math.exp(-8 * 0.2) - 1)


# req: MEA-01
def test_hysteresis_loop_closes():
    cells = one(soc=0.4)
    turns = []
    for _ in range(6):
        run(cells, 28.0 / 0.9985, 7200, 10.0)
        top = cells.open_v(0)
        run(cells, -28.0, 7200, 10.0)
        turns.append((top, cells.open_v(0), cells.soc[0]))
    assert turns[0][1] != pytest.approx(turns[-1][1], abs=1e-4)  # it began in the middle
    for last, before in zip(turns[-1], turns[-2], strict=True):
        assert last == pytest.approx(before, abs=2e-6)


# req: MEA-01
def test_gap_of_the_branches():
    def gap(temp_c):
        ends = []
        for amps in (28.0, -28.0):
            cells = one(soc=0.5 - amps / 28.0 * 0.45, temp_c=temp_c)
            scale = 0.9985 if amps > 0 else 1.0
            run(cells, amps, 0.45 * 36_000 / scale, 10.0, ambient_c=temp_c)
            cells.temp_c[0] = temp_c
            cells.set_temperature(temp_c)  # not the warmth of the way
            ends.append(cells.open_v(0))
        return ends[0] - ends[1]

    assert gap(25.0) == pytest.approx(0.033, abs=0.0025)  # lfp-a at 50 %; 97 % of the way
    assert gap(-15.0) / gap(25.0) == pytest.approx(2.0, abs=0.02)


# --- energy, heat ----------------------------------------------------------------------------


# req: PRT-07
def test_energy_is_kept():
    """In a closed loop of charge all energy that went in has become heat."""
    cells = EcmCells(1, soc=0.4, self_discharge=0.0, hysteresis=-1.0)
    start_soc, joule = cells.soc[0], 0.0
    program = (  # A, hours
        (84.0, 1.0),
        (0.0, 3.0),
        (-84.0 * 0.9985, 1.0),
        (0.0, 30.0),
    )
    heat = 0.0
    for amps, hours in program:
        for _ in range(round(hours * 3600)):
            before_c = cells.temp_c[0]
            cells.step(1.0, amps, None, 0.0, before_c)  # surroundings as warm: nothing is lost
            heat += (cells.temp_c[0] - before_c) * 5300.0
            joule += amps * cells.voltages(amps)[0]
    assert cells.soc[0] == pytest.approx(start_soc, abs=1e-4)
    assert joule > 20_000
    assert heat == pytest.approx(joule, rel=0.001)


# req: PRT-07
def test_joule_heat_of_a_steady_current():
    cells = EcmCells(1, soc=0.9, self_discharge=0.0, hysteresis=-1.0)
    run(cells, -140.0, 3600)
    # the slow pair is at 1 - exp(-2) = 0.86 in the end, on average at 0.57:
    # 140 A squared x (0.26 + 0.17 + 0.57 x 0.15) mOhm = 10.1 W, half a gap of 17 mV: 2.4 W
    # in 5300 J/K with 0.6 W/K: (12.5 W / 0.6) x (1 - exp(-0.41)) = 7 K
    assert cells.temp_c[0] - 25.0 == pytest.approx(7.0, abs=0.7)


# req: PRT-07
def test_cells_cool_down_exponentially():
    cells = one(temp_c=45.0)
    run(cells, 0.0, 8830, 10.0, ambient_c=25.0)  # 5300 J/K / 0.6 W/K
    assert cells.temp_c[0] == pytest.approx(25.0 + 20.0 / math.e, rel=0.001)


# --- spread, ageing --------------------------------------------------------------------------


# req: SOC-01
def test_spread_repeats_with_its_seed():
    first, again, other = EcmCells(16, seed=7), EcmCells(16, seed=7), EcmCells(16, seed=8)
    assert first.capacity_ah == again.capacity_ah != other.capacity_ah
    assert first.r0_ohm == again.r0_ohm
    assert all(abs(q / 280 - 1) <= 0.015 for q in first.capacity_ah)
    assert all(abs(r / 0.26e-3 - 1) <= 0.0801 for r in first.r0_ohm)
    assert max(first.capacity_ah) - min(first.capacity_ah) > 280 * 0.01
    assert EcmCells(4).capacity_ah == [280.0] * 4
    assert EcmCells(4, seed=1, spread=Spread(capacity=0.0)).capacity_ah == [280.0] * 4


def test_ageing_takes_capacity_and_adds_resistance():
    cells = EcmCells(2, soc=0.5, self_discharge=0.0)
    young_ohm = cells.r0_ohm[1]
    cells.age(0.15, 0.30)
    assert cells.capacity_ah == pytest.approx([238.0, 238.0])
    assert cells.r0_ohm[1] == pytest.approx(1.3 * young_ohm)
    assert cells.total_r0_ohm == pytest.approx(2 * 1.3 * young_ohm)
    run(cells, -23.8, 3600)
    assert cells.soc[0] == pytest.approx(0.4)
    cells.age(0.10, 0.0, cell=1)
    assert cells.capacity_ah == pytest.approx([238.0, 214.2])


def test_fading_by_time_and_by_cycles():
    cells = one(soc=0.5, fading=Fading(calendar=0.0, cycle=0.01, growth=2.0))
    for amps in (70.0, -70.0) * 4:  # 8 x 70 Ah: one cycle of 280 Ah in and out
        run(cells, amps, 3600, 5.0)
    assert cells.capacity_ah[0] == pytest.approx(280 * 0.99)
    assert cells.resistance[0] == pytest.approx(math.exp(0.02))
    stored = one(fading=Fading(calendar=0.02, cycle=0.0))
    run(stored, 0.0, 36.525 * 86_400, 60.0)
    assert stored.capacity_ah[0] == pytest.approx(280 * 0.998, rel=1e-6)


# --- in a pack -------------------------------------------------------------------------------


# req: MEA-01
def test_a_simulated_pack_takes_them():
    world = World()
    cells = EcmCells(8, ocv="lfp-b", soc=0.6, seed=3)
    pack = SimPack(world, cells=cells, sensors={"cell_noise_mv": 0.0, "cell_offset_mv": 0.0})
    world.run_for(3)
    pack.set_current(-100.0)
    world.run_for(20)
    measured = pack.controller.state.measured
    truth = pack.plant.terminal_voltages()
    assert measured.current_ma == pytest.approx(-100_000, abs=100)
    for i in range(8):
        assert measured.cell_mv[i] == pytest.approx(1000 * truth[i], abs=2.5)


# req: MEA-01
@pytest.mark.parametrize("options", [{"capacity_ah": [280.0] * 3}, {"soc": [0.5]}, {"ocv": "x"}])
def test_wrong_arguments(options):
    with pytest.raises(ValueError, match=r"for 4 cells|no OCV set"):
        EcmCells(4, **options)


def test_speed_is_printed(capsys):
    cells = EcmCells(8, seed=1)
    begin = time.process_time()
    run(cells, 20.0, 5000)
    each_us = (time.process_time() - begin) / 5000 * 1e6
    with capsys.disabled():
        print(f"\nEcmCells(8): {each_us:.1f} us a step")
