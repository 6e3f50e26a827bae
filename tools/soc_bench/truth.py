"""What really happened: packs of fine cells behind house and inverter, sampled and kept in build/.

A truth knows nothing of sensors and estimators. Each is made once; its file is named after all
that went into it, the plant's source included.
"""

import gzip
import hashlib
import json
import os
from array import array
from dataclasses import asdict, dataclass, field
from pathlib import Path

from host_sim.plant.ecm import EcmCells
from host_sim.plant.ems import Ems
from host_sim.plant.household import Household

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "soc-bench"
PLANT = ROOT / "host_sim" / "plant"
REAL = ROOT.parent / "shared" / "data" / "lfp_1p2ah_25c_1s.csv.gz"
REAL_AH = 1.2
DAY_S = 86_400
STEP_S = 10
CELLS = 8
NOMINAL_AH = 280.0
FORMATS = (("amps", "f"), ("dmv", "H"), ("temp_dc", "h"), ("soc_pct", "f"))


@dataclass(frozen=True)
class Scenario:
    """A month in the life of a pack. `window`: from this day on only 30..80 % is used;
    `idle_a`: consumption beside the house's; `house`: False = stored."""

    days: int
    window: float | None = None
    soc: float = 0.55
    ambient_c: float = 25.0
    fade: float = 0.0
    idle_a: float = 0.0
    house: bool = True
    start_day: int = 150
    load_w: float = 450.0
    step_s: int = STEP_S


SCENARIOS = {
    "full": Scenario(10),
    "full, 0 degC": Scenario(10, ambient_c=0.0),
    "full, 10 degC": Scenario(10, ambient_c=10.0),
    "full, 40 degC": Scenario(10, ambient_c=40.0),
    "partial": Scenario(30, window=0),
    "full, then partial": Scenario(60, window=30),
    "faded": Scenario(15, fade=0.15, load_w=650.0),  # low enough to learn the capacity
    "stored": Scenario(10, soc=0.99, house=False, idle_a=1.0),
    "standby": Scenario(30, idle_a=1.0),
}


@dataclass
class Truth:
    """Equal steps of `step_s`; `dmv`: 0.1 mV, cell after cell; `amps` of the step that ends."""

    cells: int
    step_s: int
    capacity_ah: float = 0.0  # usable
    start_pct: float = 0.0
    amps: array = field(default_factory=lambda: array("f"))
    dmv: array = field(default_factory=lambda: array("H"))
    temp_dc: array = field(default_factory=lambda: array("h"))
    soc_pct: array = field(default_factory=lambda: array("f"))

    def __len__(self):
        return len(self.amps)

    def add(self, amps, volts, temp_c, soc_pct):
        """One step."""
        self.amps.append(amps)
        self.dmv.extend([round(v * 10_000) for v in volts])
        self.temp_dc.append(round(temp_c * 10))
        self.soc_pct.append(soc_pct)


def simulate(scenario, ocv, seed):
    """The truth of one pack: cells of one OCV set, spread from the seed."""
    house = Household(seed, scenario.start_day, load_w=scenario.load_w)
    cells = EcmCells(CELLS, ocv, NOMINAL_AH, scenario.soc, scenario.ambient_c, seed)
    if scenario.fade:
        cells.age(scenario.fade, 2 * scenario.fade)
    free, narrow = Ems(), Ems(soc_low=0.3, soc_high=0.8)
    truth = Truth(CELLS, scenario.step_s, start_pct=100 * cells.pack_soc())
    dt_s, soc = scenario.step_s, cells.pack_soc()
    from_s = scenario.days * DAY_S if scenario.window is None else scenario.window * DAY_S
    for k in range(scenario.days * DAY_S // dt_s):
        amps = 0.0
        if scenario.house:
            ems = free if k * dt_s < from_s else narrow
            amps = ems.current_a(house.net_w(k * dt_s), cells, None, dt_s, soc)
        amps -= scenario.idle_a
        cells.step(dt_s, amps, None, 0.0, scenario.ambient_c)
        soc = cells.pack_soc()
        volts = [e + amps * r for e, r in zip(cells.emf_v, cells.r0_ohm, strict=True)]
        truth.add(amps, volts, sum(cells.temp_c) / CELLS, 100 * soc)
    truth.capacity_ah = usable_ah(cells)
    return truth


def usable_ah(cells):
    """What the weakest cell can give plus what the fullest can take."""
    rows = list(zip(cells.soc, cells.capacity_ah, strict=True))
    return min(s * q for s, q in rows) + min((1 - s) * q for s, q in rows)


def recorded(path=REAL):
    """The recorded cell, scaled to 280 Ah; its reference is uncertain by about 1.8 %."""
    truth = Truth(1, 1, NOMINAL_AH)
    with gzip.open(path, "rt", encoding="ascii") as file:
        next(file)
        for line in file:
            _, ma, mv, soc = line.split(",")
            truth.add(
                float(ma) / 1000 * NOMINAL_AH / REAL_AH, (float(mv) / 1000,), 25, int(soc) / 100
            )
    truth.start_pct = truth.soc_pct[0]
    return truth


def cached(name, ocv, seed):
    """The truth of a scenario from build/, simulated when it is not there."""
    path = CACHE / f"{_key(SCENARIOS[name], ocv, seed)}.truth"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        save(simulate(SCENARIOS[name], ocv, seed), part)
        part.replace(path)
    return load(path)


def _key(scenario, ocv, seed):
    made = hashlib.sha256(json.dumps([asdict(scenario), ocv, seed]).encode())
    for source in (Path(__file__), *sorted(PLANT.glob("*.py"))):
        made.update(source.read_bytes())
    return made.hexdigest()[:24]


def save(truth, path):
    """One line of JSON, then the arrays."""
    head = {"cells": truth.cells, "step_s": truth.step_s, "capacity_ah": truth.capacity_ah}
    head |= {"start_pct": truth.start_pct, "steps": len(truth)}
    with open(path, "wb") as file:
        file.write(json.dumps(head).encode() + b"\n")
        for name, _ in FORMATS:
            getattr(truth, name).tofile(file)


def load(path):
    """What `save` wrote."""
    with open(path, "rb") as file:
        head = json.loads(file.readline())
        steps = head.pop("steps")
        truth = Truth(**head)
        for name, _ in FORMATS:
            getattr(truth, name).fromfile(file, steps * (truth.cells if name == "dmv" else 1))
    return truth
