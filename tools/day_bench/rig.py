"""One day of a pack behind an inverter: pack, bus and house together, and what is noted."""

from dataclasses import dataclass, field
from itertools import pairwise

from firmware import fault_table
from firmware import parameter_ids as ids
from host_sim import tables
from host_sim.can_inverter import CanInverter
from host_sim.can_inverter_brands import BRANDS
from host_sim.pack import SimPack
from host_sim.plant.household import Household
from host_sim.sim_hal import SERIAL_PORTS
from host_sim.world import World
from tests.host import can_decoder
from tools.day_bench.turns import Turns

DAY_S = 86_400
SETTLE_S = 30  # start of pack and inverter
PERIOD_MS = 250  # control period: a day takes a third of the time
CELLS, CAPACITY_AH = 16, 280.0
START_SOC = 9.0  # so little that the night asks for forced charging
SETTINGS = {ids.REQUESTED_CHARGE_MA: 100_000}  # so much that it tapers before full
START_CLOCK_S = 1_780_272_000  # a first of June
LAG_S = 5  # an inverter may need so long to follow a limit
POINT_S = 60  # between two points of the picture
LOW = ("low_soc", "L_LowSOC")  # right in this night
HOUSE = {"seed": 2, "start_day": 152, "pv_kwp": 8.0, "load_w": 450.0}
# what counts as a change of direction: V, A
CVL_STEP, CURRENT_STEP = 0.2, 3.0


@dataclass
class Point:
    """The picture's values at one time."""

    hour: float
    soc: float  # per cent, true
    shown: float
    amps: float
    cvl_v: float
    ccl_a: float
    dcl_a: float
    port_v: float
    max_v: float
    ccl_reason: int
    dcl_reason: int
    stage: int


@dataclass
class Day:
    """What a run gave."""

    name: str
    hours: float
    points: list = field(default_factory=list)
    full_hour: float | None = None  # 100 % was shown first
    highest_v: float = 0.0  # of a cell
    lowest_v: float = 9.0
    above_ccl_a: float = 0.0  # charging above all limits of the last LAG_S seconds, worst
    above_cvl_v: float = 0.0  # likewise while charging
    cvl_turns: int = 0
    ccl_turns: int = 0
    dcl_turns: int = 0
    amps_turns: int = 0
    faults: list = field(default_factory=list)  # raised since the start had settled
    trips: int = 0  # a MOSFET opened
    alarms: list = field(default_factory=list)  # on the bus
    rejected: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    stops: int = 0
    frames: int = 0
    sold_ah: float = 0.0

    def wrong(self):
        """What must not be, as sentences; empty when the day was good."""
        out = [f"fault {name}" for name in self.faults if name not in LOW]
        out += [f"alarm {name} on the bus" for name in self.alarms if name not in LOW]
        out += [f"rejected {text}" for text in self.rejected]
        out += [f"unknown frame 0x{id:X}" for id in self.unknown]
        for text, count in (("a MOSFET opened", self.trips), ("inverter stopped", self.stops)):
            if count:
                out.append(f"{text} {count} times")
        if self.full_hour is None:
            out.append("never full")
        return out


class Rig:
    """A pack with the real firmware and an inverter. `settings`: raw parameters over the
    profile's; `soc`: per cent at the start; `net_w`: another house."""

    def __init__(
        self, case, soc=START_SOC, settings=None, net_w=None, period_ms=PERIOD_MS, seed=3
    ):
        self.world = World(seed)
        self.pack = SimPack(
            self.world,
            dip=0,
            soc=soc,
            seed=seed,
            period_ms=period_ms,
            absent=SERIAL_PORTS,  # idle all day
            cell_count=CELLS,
            capacity_ah=CAPACITY_AH,
            settings={ids.CAN_PROTOCOL: case.number, **SETTINGS, **(settings or {})},
        )
        self.pack.hal.clock.set_rtc(START_CLOCK_S)
        self.inverter = CanInverter(
            self.pack,
            can_decoder.messages(case.dbc),
            BRANDS[case.brand],
            case.bitrate,
            net_w or Household(**HOUSE).net_w,
            seed=seed,
        )
        self.turns = {
            "cvl_turns": Turns(CVL_STEP),
            "ccl_turns": Turns(CURRENT_STEP),
            "dcl_turns": Turns(CURRENT_STEP),
            "amps_turns": Turns(CURRENT_STEP),
        }
        self.day = Day(case.name, 0.0)
        self._before = None  # fault counts when the start had settled
        self._gates = 0
        self._ccl = [0.0] * LAG_S
        self._cvl = [99.0] * LAG_S
        self._point_s = 0

    def run(self, hours, told=None):
        """The Day after so many hours; `told(hour)` is called now and then."""
        for _ in range(round(hours * 3600)):
            self.world.run_for(1)
            second = round(self.world.seconds)
            if second == SETTLE_S:
                self._before = list(self.pack.controller.faults.counts)
                self._gates = len(self.pack.hal.gate_log)
            if second >= SETTLE_S:
                self._look(second)
            if told and second % 600 == 0:
                told(second / 3600)
        self._close(hours)
        return self.day

    def _look(self, second):
        day, charging = self.day, self.pack.controller.state.charging
        self.pack.hal.sync()
        plant = self.pack.plant
        amps, volts = plant.current_a, plant.terminal_voltages()
        day.highest_v = max(day.highest_v, *volts)
        day.lowest_v = min(day.lowest_v, *volts)
        self._follow(amps, charging.ccl_ma / 1000, charging.cvl_mv / 1000)
        self.turns["dcl_turns"].add(charging.dcl_ma / 1000)
        gauge = self.pack.controller.state.gauge
        if day.full_hour is None and (gauge.soc_dpct or 0) >= 1000:
            day.full_hour = second / 3600
        if second >= self._point_s:
            self._point_s = second + POINT_S
            self._point(second, amps, volts, charging, gauge)

    def _follow(self, amps, ccl_a, cvl_v):
        """Note what was asked for charging and how far the inverter went above it."""
        day = self.day
        self._ccl = [*self._ccl[1:], ccl_a]
        self._cvl = [*self._cvl[1:], cvl_v]
        day.above_ccl_a = max(day.above_ccl_a, amps - max(self._ccl))
        if amps > 1.0:
            day.above_cvl_v = max(day.above_cvl_v, self.pack.plant.pack_v() - max(self._cvl))
        self.turns["cvl_turns"].add(cvl_v)
        self.turns["ccl_turns"].add(ccl_a)
        self.turns["amps_turns"].add(amps)

    def _point(self, second, amps, volts, charging, gauge):
        self.day.points.append(
            Point(
                second / 3600,
                self.pack.true_soc,
                (gauge.soc_dpct or 0) / 10,
                amps,
                charging.cvl_mv / 1000,
                charging.ccl_ma / 1000,
                charging.dcl_ma / 1000,
                self.pack.plant.port_v,
                max(volts),
                charging.ccl_reason,
                charging.dcl_reason,
                charging.stage,
            )
        )

    def _close(self, hours):
        day, heard, faults = self.day, self.inverter.frames, self.pack.controller.faults
        rows = tables.fault_rows()
        day.hours = hours
        day.faults = [
            rows[i]["key"] for i, n in enumerate(faults.counts)
            if n != self._before[i] and fault_table.SEVERITY[i] > 0
        ]  # fmt: skip
        day.trips = self._openings()
        day.alarms, day.rejected = sorted(heard.ever), sorted(heard.rejected)
        day.unknown = sorted(heard.unknown)
        day.stops, day.frames = self.inverter.stops, heard.heard
        day.sold_ah = self.inverter.sold_ah
        for name, turns in self.turns.items():
            setattr(day, name, turns.count)

    def _openings(self):
        """How often a MOSFET that was closed opened, after the start."""
        log = list(self.pack.hal.gate_log)[self._gates - 1 :]
        pairs = pairwise(log)
        return sum((a[1] and not b[1]) or (a[2] and not b[2]) for a, b in pairs)


def run_case(case, hours=24.0, told=None):
    """One case's Day."""
    return Rig(case).run(hours, told)
