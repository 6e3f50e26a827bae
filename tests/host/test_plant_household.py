"""Household profiles and the inverter that follows them."""

import gzip
import itertools
from pathlib import Path

import pytest

from host_sim.plant.ecm import EcmCells
from host_sim.plant.ems import Ems
from host_sim.plant.household import Household, MeasuredHousehold

MEASURED = Path(__file__).parents[3] / "shared/data/household_net_power_15min.csv.gz"
DAY_S = 86_400


class Steady:
    """A house of one power."""

    def __init__(self, watts):
        self.watts = watts

    def net_w(self, time_s):
        return self.watts


def kwh(power, days):
    """Mean energy of a day, kWh."""
    return sum(power(t) for d in days for t in range(d * DAY_S, (d + 1) * DAY_S, 300)) / (
        len(days) * 12_000
    )


# --- the synthetic house ---------------------------------------------------------------------


def test_profile_repeats_and_may_be_asked_in_any_order():
    first, again, other = Household(3), Household(3), Household(4)
    times = list(range(0, 5 * DAY_S, 1777))
    forward = [first.net_w(t) for t in times]
    assert [again.net_w(t) for t in reversed(times)] == forward[::-1]
    assert [other.net_w(t) for t in times] != forward


def test_sun_by_season_and_by_hour():
    house = Household(2, start_day=1, pv_kwp=5.0)
    june, december = range(150, 180), range(335, 365)
    assert 17 < kwh(house.pv_w, june) < 28  # 50 degrees north: about 4.5 kWh a day and kWp
    assert 2 < kwh(house.pv_w, december) < 6
    assert all(house.pv_w(d * DAY_S + 3600) == 0.0 for d in (0, 100, 200))
    assert max(house.pv_w(170 * DAY_S + t) for t in range(0, DAY_S, 60)) <= 5000
    assert 7 < kwh(house.consumption_w, june) < kwh(house.consumption_w, december) < 16


def test_weather_and_minutes_change():
    house = Household(5, start_day=150)
    days = [kwh(house.pv_w, [d]) for d in range(30)]
    assert max(days) > 1.7 * min(days)
    noon = [house.net_w(12 * 3600 + 60 * m) for m in range(15)]
    assert len(set(noon)) == 15
    assert house.net_w(12 * 3600) == house.net_w(12 * 3600 + 59)


# --- the measured file -----------------------------------------------------------------------


def write(path, rows, head="timestamp,power"):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(head + "\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_measured_file(tmp_path):
    rows = ("2024-03-09 17:07:18,-316", "2024-03-09 17:22:18,240", "2024-03-09 17:37:18,10")
    house = MeasuredHousehold(write(tmp_path / "h.csv.gz", rows), scale=0.5)
    assert [house.net_w(t) for t in (0, 899.9, 900, 1800, 2699)] == [158, 158, -120, -5, -5]
    assert [house.net_w(t) for t in (2700, 3600, 0, 6 * 900)] == [158, -120, 158, 158]  # again
    with pytest.raises(ValueError, match="line 2"):
        MeasuredHousehold(write(tmp_path / "x.csv.gz", ("yesterday,1",)))
    with pytest.raises(ValueError, match="no rows"):
        MeasuredHousehold(write(tmp_path / "y.csv.gz", ()))
    with pytest.raises(ValueError, match="columns"):
        MeasuredHousehold(write(tmp_path / "z.csv.gz", (), "time,watts"))


@pytest.mark.skipif(not MEASURED.exists(), reason="no ../shared/data")
def test_measured_year():
    house = MeasuredHousehold(MEASURED)
    assert house.net_w(0) == 316.0
    year = [house.net_w(t) for t in range(0, 365 * DAY_S, 900)]
    assert sum(year) / len(year) == pytest.approx(19.0, abs=5.0)


# --- the inverter ----------------------------------------------------------------------------


def drive(cells, ems, watts, seconds, balance=None):
    """Run; the rows are (current, highest, lowest cell voltage)."""
    rows = []
    for _ in range(seconds):
        amps = ems.current_a(watts, cells, balance, 1.0, cells.pack_soc())
        cells.step(1.0, amps, balance, 0.0, 25.0)
        volts = cells.voltages(amps, balance)
        rows.append((amps, max(volts), min(volts)))
    return rows


def test_power_and_limits():
    cells = EcmCells(8)
    rows = drive(cells, Ems(efficiency=1.0), 1000.0, 1)
    volts = cells.total_emf_v + rows[0][0] * cells.total_r0_ohm
    assert rows[0][0] * volts == pytest.approx(1000.0, rel=0.001)
    assert Ems(charge_a=50.0).current_a(9000.0, cells, None, 1.0, 0.5) == 50.0
    assert Ems(discharge_a=40.0).current_a(-9000.0, cells, None, 1.0, 0.5) == -40.0
    # an inverter of 96 % takes more from the battery than the house needs
    lossy = Ems().current_a(-960.0, cells, None, 1.0, 0.5)
    assert lossy == pytest.approx(-1000.0 / 26.5, rel=0.02)


def test_the_highest_cell_is_held_at_its_stop_voltage():
    cells = EcmCells(8, soc=[0.94] * 7 + [0.96], seed=2)
    ems = Ems(top_v=3.50, charge_a=60.0, tail_a=5.0, absorb_s=600.0)
    rows = drive(cells, ems, 3000.0, 9000)
    held = [row for row in rows if 0.0 < row[0] < 59.0]
    assert len(held) > 600
    assert all(row[1] == pytest.approx(3.50, abs=0.002) for row in held)
    assert max(row[1] for row in rows) < 3.502
    currents = [row[0] for row in held]
    assert all(b <= a + 0.05 for a, b in itertools.pairwise(currents))  # it tapers
    assert ems.full and rows[-1][0] == 0.0
    assert drive(cells, ems, 500.0, 60)[-1][0] == 0.0  # full stays full ...
    drive(cells, ems, -2000.0, 400)  # ... until 6 Ah are gone
    assert drive(cells, ems, 500.0, 1)[0][0] > 0.0


def test_a_receiving_cell_is_held_too():
    cells = EcmCells(8, soc=0.985)
    balance = [0.0] * 7 + [1.7]
    rows = drive(cells, Ems(top_v=3.45), 3000.0, 1500, balance)
    held = [row[1] for row in rows if 0.0 < row[0] < 100.0]
    assert len(held) > 100
    assert all(v == pytest.approx(3.45, abs=0.002) for v in held)
    assert rows[-1][0] == 0.0 and rows[-1][1] > 3.455  # nobody but the balancer lifts it now


def test_the_lowest_cell_ends_discharging():
    cells = EcmCells(8, soc=[0.05] * 7 + [0.03])
    ems = Ems(low_v=2.90)
    rows = drive(cells, ems, -2600.0, 3600)
    assert min(row[2] for row in rows) > 2.895
    assert rows[-1][0] == 0.0
    drive(cells, ems, 1000.0, 900)
    assert drive(cells, ems, -1000.0, 1)[0][0] < 0.0


def test_window():
    cells = EcmCells(8, soc=0.79)
    ems = Ems(soc_high=0.80, soc_low=0.30)
    drive(cells, ems, 2500.0, 1200)
    assert cells.pack_soc() == pytest.approx(0.80, abs=0.001)
    drive(cells, ems, -2500.0, 6 * 3600)
    assert cells.pack_soc() == pytest.approx(0.30, abs=0.001)
