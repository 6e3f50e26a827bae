"""The external plant interface for judging a balancer or a gauge (docs/plant.md): a truth with
its load profile inside, so that a stranger can plug in another one.
"""

from host_sim.plant import leads
from host_sim.plant.ecm import EcmCells
from host_sim.plant.ems import Ems
from host_sim.plant.household import Household


class BenchPlant:
    """What a truth must offer. Units: s, V, A (+ charges), degC, Ah; cells count from 0.

    A user calls `step` again and again and reads between two steps; every reading is of the end
    of the last step, with its currents. Before the first step readings are of cells at rest.
    """

    cell_count = 0
    capacity_ah = 0.0  # nominal, what a user is told
    balance_efficiency = 0.85  # charge received over charge given

    def step(self, dt_s, donor=0, receiver=0, balance_a=0.0):
        """Let dt_s (> 0, at most 1 s) pass. The balancer takes balance_a from the donor and
        brings balance_a x balance_efficiency to the receiver; 0 = off, cells then ignored."""
        raise NotImplementedError

    def cell_voltages(self):
        """Voltage of each cell where the board senses it, V: with the lead drops, no errors."""
        raise NotImplementedError

    def current_a(self):
        """Current at the shunt, A; the balancer and the board's supply are not in it."""
        raise NotImplementedError

    def temperature_c(self):
        """Mean temperature of the cells, degC."""
        raise NotImplementedError

    # the truth: for grading only

    def soc(self):
        """State of charge of each cell, 0..1, of its own present capacity."""
        raise NotImplementedError

    def capacities_ah(self):
        """Present capacity of each cell, Ah."""
        raise NotImplementedError

    def charge_moved(self):
        """Charge that the balancer took from donors so far, Ah; None when not counted."""
        return None


def start_soc(shape, count, mean, spread):
    """States of charge at the start: linear (mean -+ spread / 2), one-high, one-low (the last
    cell is off by the spread), halves (every other cell up or down by half of it), level.
    ValueError for another shape."""
    half = spread / 2.0
    if shape == "linear":
        return [mean - half + spread * i / max(count - 1, 1) for i in range(count)]
    if shape in ("one-high", "one-low"):
        away = spread if shape == "one-high" else -spread
        return [mean] * (count - 1) + [mean + away]
    if shape == "halves":
        return [mean + (half if i % 2 else -half) for i in range(count)]
    if shape == "level":
        return [mean] * count
    raise ValueError(f"no start {shape!r}: linear, one-high, one-low, halves, level")


class HouseholdPlant(BenchPlant):
    """EcmCells behind a household with PV.

    mode: daily-full (the sun fills it on most days; 10 % is kept) or partial (30..80 % pack SOC);
    start, spread, mean_soc: see start_soc; ocv, self_discharge: see EcmCells; lead_ohm: each
    sense wire or a list; house: another source of net_w(time_s); ems: another Ems;
    standby_a: the board's supply, behind the shunt.
    """

    WINDOWS = {"daily-full": (None, 0.10), "partial": (0.80, 0.30)}
    LOOK_S = 30.0  # the inverter looks at the pack SOC

    def __init__(
        self,
        seed=1,
        mode="daily-full",
        start="linear",
        spread=0.05,
        mean_soc=0.5,
        cell_count=8,
        capacity_ah=280.0,
        ocv="lfp-c",
        self_discharge=0.02,
        lead_ohm=0.010,
        ambient_c=25.0,
        standby_a=0.02,
        house=None,
        ems=None,
    ):
        if mode not in self.WINDOWS:
            raise ValueError(f"no mode {mode!r}: {', '.join(self.WINDOWS)}")
        high, low = self.WINDOWS[mode]
        self.cell_count, self.capacity_ah = cell_count, capacity_ah
        self.balance_efficiency = BenchPlant.balance_efficiency
        self.cells = EcmCells(
            cell_count,
            ocv,
            capacity_ah,
            start_soc(start, cell_count, mean_soc, spread),
            ambient_c,
            seed,
            self_discharge=self_discharge,
        )
        self.lead_ohm = leads.resistances(cell_count, lead_ohm)
        self.house = house or Household(seed)
        self.ems = ems or Ems(soc_high=high, soc_low=low)
        self.ambient_c, self.standby_a = ambient_c, standby_a
        self.time_s = 0.0
        self._amps = 0.0
        self._balance = None
        self._moved_as = 0.0
        self._soc, self._look_s = self.cells.pack_soc(), 0.0

    def step(self, dt_s, donor=0, receiver=0, balance_a=0.0):
        if not 0.0 < dt_s <= 1.0:
            raise ValueError(f"a step of {dt_s} s: allowed are more than 0 and up to 1 s")
        self._balance = balance = self._currents(donor, receiver, balance_a)
        self._moved_as += balance_a * dt_s
        self._look_s += dt_s
        if self._look_s >= self.LOOK_S:
            self._soc, self._look_s = self.cells.pack_soc(), 0.0
        cells, watts = self.cells, self.house.net_w(self.time_s)
        self._amps = self.ems.current_a(watts, cells, balance, dt_s, self._soc)
        cells.step(dt_s, self._amps - self.standby_a, balance, 0.0, self.ambient_c)
        self.time_s += dt_s

    def _currents(self, donor, receiver, balance_a):
        if not balance_a:
            return None
        count = self.cell_count
        if (
            balance_a < 0
            or donor == receiver
            or not (0 <= donor < count and 0 <= receiver < count)
        ):
            raise ValueError(f"balancing {balance_a} A from cell {donor} to {receiver} of {count}")
        balance = [0.0] * count
        balance[donor] = -balance_a
        balance[receiver] = balance_a * self.balance_efficiency
        return balance

    def cell_voltages(self):
        volts = self.terminal_voltages()
        if self._balance is None:
            return volts
        drops = leads.drops(self.lead_ohm, self._balance)
        return [v + d for v, d in zip(volts, drops, strict=True)]

    def terminal_voltages(self):
        """Voltage of each cell at its terminals, V."""
        amps = self._amps - self.standby_a if self.time_s else 0.0
        return self.cells.voltages(amps, self._balance)

    def current_a(self):
        return self._amps

    def temperature_c(self):
        return sum(self.cells.temp_c) / self.cell_count

    def soc(self):
        return list(self.cells.soc)

    def capacities_ah(self):
        return list(self.cells.capacity_ah)

    def charge_moved(self):
        return self._moved_as / 3600.0
