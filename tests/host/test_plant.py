"""The plant against hand calculation and general knowledge of LFP packs."""

import itertools

import pytest

from host_sim.plant import ocv
from host_sim.plant.cells import RcCells
from host_sim.plant.sensors import Sensors
from host_sim.plant.sources import Profile
from tests.host.circuits import force, pack, run

# --- cells -----------------------------------------------------------------------------------


# req: MEA-01
@pytest.mark.parametrize(
    ("chemistry", "low", "middle", "high"),
    [
        ("lfp", (2.4, 2.6), (3.28, 3.33), (3.6, 3.7)),
        ("li-ion", (2.9, 3.1), (3.6, 3.8), (4.15, 4.25)),
        ("lto", (1.7, 1.9), (2.2, 2.4), (2.7, 2.85)),
    ],
)
def test_open_circuit_voltage_of_the_chemistries(chemistry, low, middle, high):
    for soc, (least, most) in ((0.0, low), (0.5, middle), (1.0, high)):
        assert least <= ocv.voltage(chemistry, soc) <= most
    values = [ocv.voltage(chemistry, i / 200) for i in range(201)]
    assert all(b > a for a, b in itertools.pairwise(values))


# req: SOC-01
def test_one_hour_of_56_a_moves_a_fifth_of_280_ah():
    circuit = pack(soc=0.2)
    force(circuit, current_a=56.0)
    run(circuit, 3600, 1.0)
    assert circuit.cells.soc[0] == pytest.approx(0.2 + 0.2 * 0.9985, abs=1e-6)
    force(circuit, current_a=-56.0)
    run(circuit, 3600, 1.0)
    assert circuit.cells.soc[0] == pytest.approx(0.2 - 0.2 * 0.0015, abs=1e-6)


# req: MEA-01
def test_ohmic_step_then_slow_rise():
    circuit = pack(soc=0.5)
    rest_v = circuit.cell_voltages()[0]
    force(circuit, current_a=100.0)
    assert circuit.cell_voltages()[0] - rest_v == pytest.approx(0.020, abs=0.0005)  # 0.2 mOhm
    run(circuit, 500)
    risen_v = circuit.cells.emf_v[0] - ocv.voltage("lfp", circuit.cells.soc[0])
    assert risen_v == pytest.approx(0.020 * 0.993, abs=0.0005)  # 0.2 mOhm x (1 - e**-5)


# req: MEA-01
def test_cold_cells_have_more_resistance():
    warm, cold = RcCells(8, temp_c=25.0), RcCells(8, temp_c=0.0)
    assert warm.r0_ohm[0] == pytest.approx(0.2e-3)
    assert 1.4 < cold.r0_ohm[0] / warm.r0_ohm[0] < 1.7  # exp(1443 x (1/273 - 1/298)) = 1.56


# req: MEA-01
def test_long_steps_agree_with_short_ones():
    fine, coarse = pack(soc=0.3), pack(soc=0.3)
    for circuit in (fine, coarse):
        force(circuit, current_a=-80.0)
    run(fine, 600, 0.1)
    run(coarse, 600, 10.0)
    assert coarse.cells.soc[3] == pytest.approx(fine.cells.soc[3], abs=1e-5)
    assert coarse.cell_voltages()[3] == pytest.approx(fine.cell_voltages()[3], abs=0.001)


# req: PRT-07
def test_200_a_warms_280_ah_cells_slowly():
    circuit = pack()
    force(circuit, current_a=-200.0)
    run(circuit, 600, 1.0)
    # 8..16 W a cell in 5300 J/K: 0.9 K with the ohmic part alone, 1.8 K with all polarisation
    assert 0.9 < circuit.cells.temp_c[0] - 25.0 < 1.8


# req: PWR-04
def test_heater_warms_the_cells():
    circuit = pack(temp_c=-10.0)
    circuit.ambient_c = -10.0
    circuit.set_heater(True)
    run(circuit, 1800, 1.0)
    # 100 W / 8 cells = 12.5 W for 1800 s in 5300 J/K, less the loss: about 3.8 K
    assert circuit.cells.temp_c[5] == pytest.approx(-10.0 + 3.84, abs=0.1)
    assert circuit.heater_a() == pytest.approx(100 / 26.4, abs=0.1)


# req: SOC-01
def test_true_soc_is_usable_charge():
    # 5 Ah above empty in the weakest cell, 5 Ah below full in the fullest: 50 % of 10 Ah
    cells = RcCells(3, capacity_ah=[100, 100, 100], soc=[0.05, 0.5, 0.95])
    assert cells.pack_soc() == pytest.approx(0.5)
    assert RcCells(4, soc=0.37).pack_soc() == pytest.approx(0.37)


# req: BAL-02
def test_balancer_moves_charge_from_cell_to_cell():
    circuit = pack(soc=0.5)
    circuit.set_balance(2, 5, 2.0)
    run(circuit, 3600, 1.0)
    assert circuit.cells.soc[2] == pytest.approx(0.5 - 2 / 280, abs=1e-6)
    assert circuit.cells.soc[5] == pytest.approx(0.5 + 2 * 0.85 * 0.9985 / 280, abs=1e-5)
    assert circuit.cells.soc[0] == pytest.approx(0.5)


# --- sensors, profiles ------------------------------------------------------------------


# req: MEA-01
def test_sensors_repeat_with_their_seed():
    volts = [3.3] * 8
    one, two, other = Sensors(8, seed=5), Sensors(8, seed=5), Sensors(8, seed=6)
    rows = [s.cells_mv(volts) for s in (one, two, other)]
    assert rows[0] == rows[1] != rows[2]
    assert all(abs(mv - 3300) <= 6 for mv in rows[0])


# req: MEA-09
def test_current_sensor_saturates_and_has_steps():
    sensor = Sensors(8, range_ma=750_000, current_step_ma=10)
    assert sensor.current_ma(-6400.0) == -750_000
    assert sensor.current_ma(6400.0) == 750_000
    assert sensor.current_ma(12.3456) % 10 == 0
    exact = Sensors(8, current_noise_ma=0.0, current_offset_ma=200.0, current_step_ma=1)
    assert exact.current_ma(-10.0) == -9_800


# req: MEA-02
def test_profile_file(tmp_path):
    file = tmp_path / "day.csv"
    file.write_text("time_s,power_w\n0,-500\n60,1200.5\n", encoding="utf-8")
    profile = Profile.read(file)
    assert profile.power and profile.rows == [(0.0, -500.0), (60.0, 1200.5)]
    file.write_text("time_s,volts\n0,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="current_a or power_w"):
        Profile.read(file)
    file.write_text("time_s,current_a\n0,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        Profile.read(file)
