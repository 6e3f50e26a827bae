"""The external plant interface and its household plant."""

import time

import pytest

from host_sim.plant.bench_plant import BenchPlant, HouseholdPlant, start_soc
from host_sim.plant.ems import Ems


class Steady:
    def __init__(self, watts):
        self.watts = watts

    def net_w(self, time_s):
        return self.watts


def run(plant, seconds, *balance, dt_s=1.0):
    for _ in range(round(seconds / dt_s)):
        plant.step(dt_s, *balance)


def idle(**options):
    return HouseholdPlant(house=Steady(0.0), standby_a=0.0, self_discharge=0.0, **options)


def test_starts():
    assert start_soc("linear", 8, 0.5, 0.05) == pytest.approx(
        [0.475 + 0.05 * i / 7 for i in range(8)]
    )
    assert start_soc("one-high", 4, 0.5, 0.05) == pytest.approx([0.5, 0.5, 0.5, 0.55])
    assert start_soc("one-low", 4, 0.5, 0.05) == pytest.approx([0.5, 0.5, 0.5, 0.45])
    assert start_soc("halves", 4, 0.5, 0.05) == pytest.approx([0.475, 0.525, 0.475, 0.525])
    assert HouseholdPlant(start="level").soc() == [0.5] * 8
    for options in ({"start": "x"}, {"mode": "x"}):
        with pytest.raises(ValueError, match=r"no start|no mode"):
            HouseholdPlant(**options)


def test_interface():
    plant = HouseholdPlant(seed=2)
    assert isinstance(plant, BenchPlant)
    assert plant.cell_count == 8 and plant.capacity_ah == 280.0
    assert plant.balance_efficiency == 0.85
    run(plant, 5, 0, 1, 2.0)
    assert len(plant.cell_voltages()) == len(plant.soc()) == len(plant.capacities_ah()) == 8
    assert 24.0 < plant.temperature_c() < 26.0
    assert plant.charge_moved() == pytest.approx(10 / 3600)
    for bad in ((0.0,), (1.5,), (1.0, 0, 0, 1.0), (1.0, 0, 8, 1.0), (1.0, 0, 1, -1.0)):
        with pytest.raises(ValueError, match=r"step|balancing"):
            plant.step(*bad)


def test_a_balancing_current_moves_charge_and_bends_the_readings():
    plant = idle(seed=1, start="level")
    before = plant.soc()
    run(plant, 3600, 6, 1, 2.0)
    moved = [
        (s - b) * q for s, b, q in zip(plant.soc(), before, plant.capacities_ah(), strict=True)
    ]
    expected = [0.0] * 8
    expected[6], expected[1] = -2.0, 2.0 * 0.85 * 0.9985
    assert moved == pytest.approx(expected, abs=1e-9)
    assert plant.charge_moved() == pytest.approx(2.0)
    assert plant.current_a() == 0.0
    errors = [
        1000 * (seen - true)
        for seen, true in zip(plant.cell_voltages(), plant.terminal_voltages(), strict=True)
    ]
    assert errors == pytest.approx([-17, 34, -17, 0, 0, 20, -40, 20], abs=1e-6)
    run(plant, 1)
    assert plant.cell_voltages() == plant.terminal_voltages()


def test_readings_belong_to_the_step_that_ended():
    plant = HouseholdPlant(
        house=Steady(-1000.0), ems=Ems(efficiency=1.0), standby_a=0.0, start="level"
    )
    rest_v = plant.cell_voltages()[0]
    plant.step(1.0)
    amps = plant.current_a()
    assert amps * sum(plant.cell_voltages()) == pytest.approx(-1000.0, rel=0.001)
    drop_v = plant.cell_voltages()[0] - rest_v
    assert drop_v == pytest.approx(amps * plant.cells.r0_ohm[0], abs=0.0005)


def test_daily_full_and_partial():
    spans = {}
    for mode in ("daily-full", "partial"):
        plant = HouseholdPlant(seed=1, mode=mode)
        seen, high_v = [], 0.0
        for _ in range(2 * 1440):
            run(plant, 60)
            seen.append(plant.cells.pack_soc())
            high_v = max(high_v, *plant.cell_voltages())
        spans[mode] = min(seen), max(seen), high_v
    low, high, volts = spans["daily-full"]
    assert low >= 0.095 and high > 0.98 and volts == pytest.approx(3.50, abs=0.002)
    low, high, volts = spans["partial"]
    assert low == pytest.approx(0.30, abs=0.01) and high == pytest.approx(0.80, abs=0.01)
    assert volts < 3.45


def test_a_plant_repeats_with_its_seed():
    def trail(seed):
        plant, out = HouseholdPlant(seed=seed), []
        for _ in range(100):
            run(plant, 60)
            out.append((plant.current_a(), *plant.cell_voltages()))
        return out

    assert trail(3) == trail(3) != trail(4)


def test_speed_is_printed(capsys):
    plant = HouseholdPlant(seed=1)
    begin = time.process_time()
    run(plant, 5000)
    each_us = (time.process_time() - begin) / 5000 * 1e6
    with capsys.disabled():
        print(f"\nHouseholdPlant(8): {each_us:.1f} us a step")
