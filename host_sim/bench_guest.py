"""A plant of anybody's (docs/plant.md), loaded by name and checked at every reading.

Whatever is wrong with it ends in a BadPlant: one sentence that says what and where.
"""

import inspect
import math
import os
import sys
from importlib import import_module

from host_sim.plant.bench_plant import BenchPlant

REQUIRED = ("step", "cell_voltages", "current_a", "soc", "capacities_ah")
CELLS = (3, 16)  # what a board has inputs for
CAPACITY_AH = (2.0, 20_000.0)
ROOM_C = 25.0  # without temperature_c()


class BadPlant(Exception):
    """One sentence: what the plant does wrong."""


def find(spec):
    """The class of `module:Class`; modules of the current directory count."""
    module, colon, name = spec.partition(":")
    if not (module and colon and name):
        raise BadPlant(f"--plant {spec}: write MODULE:CLASS, mine.truth:Pack for example")
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        made = import_module(module)
    except Exception as error:
        raise BadPlant(f"--plant {spec}: cannot import {module}: {_told(error)}") from error
    for part in name.split("."):
        made = getattr(made, part, None)
    if not callable(made):
        raise BadPlant(f"--plant {spec}: {module} has no class {name}")
    return made


def construct(spec, seed, options, strict=False):
    """(plant, options that its constructor does not know). The seed is handed over only when the
    constructor takes one; `strict`: an unknown option is refused."""
    made = find(spec)
    try:
        parameters = inspect.signature(made).parameters
    except (TypeError, ValueError):
        parameters = {}
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = [
        n for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    ignored = [] if anything else [name for name in options if name not in named]
    if ignored and strict:
        raise BadPlant(f"--option {ignored[0]}: unknown; there are {', '.join(named)}")
    given = {"seed": seed} if anything or "seed" in named else {}
    given.update((name, value) for name, value in options.items() if name not in ignored)
    try:
        return made(**given), ignored
    except Exception as error:
        raise BadPlant(f"plant {spec}: constructor raised {_told(error)}") from error


class Guest:
    """The plant behind checks: plain lists of floats come out, whatever it returns."""

    def __init__(self, spec, plant):
        self.spec = spec
        for name in REQUIRED:
            if not callable(getattr(plant, name, None)):
                raise BadPlant(f"plant {spec}: required method {name}() is missing")
        self._step, self._volts, self._amps = plant.step, plant.cell_voltages, plant.current_a
        self._soc, self._capacities = plant.soc, plant.capacities_ah
        self._temperature = getattr(plant, "temperature_c", None)
        self.cells = 0  # not known yet: any number
        volts = self.volts()
        self.cells = self._number(plant, "cell_count", len(volts))
        if self.cells != len(volts) or not CELLS[0] <= self.cells <= CELLS[1]:
            raise BadPlant(
                f"plant {spec}: cell_count {self.cells:g} and {len(volts)} voltages;"
                f" {CELLS[0]}..{CELLS[1]} cells are possible, and both must agree"
            )
        self.cells = len(volts)
        if max(volts) > 10.0:
            raise BadPlant(f"plant {spec}: a cell of {max(volts):g} V; give volts")
        if max(self._list("soc", self._soc)) > 1.5:
            raise BadPlant(f"plant {spec}: soc() above 1; give 0..1, not per cent")
        capacities = sorted(self._list("capacities_ah", self._capacities))
        self.capacity_ah = self._number(plant, "capacity_ah", capacities[self.cells // 2])
        if not CAPACITY_AH[0] <= self.capacity_ah <= CAPACITY_AH[1]:
            raise BadPlant(f"plant {spec}: capacity_ah {self.capacity_ah:g} is not in 2..20000")
        self.efficiency = self._number(plant, "balance_efficiency", BenchPlant.balance_efficiency)
        if not 0.0 < self.efficiency <= 1.0:
            raise BadPlant(f"plant {spec}: balance_efficiency {self.efficiency:g} is not in 0..1")

    def step(self, donor, receiver, amps):
        """One second with so much from donor to receiver."""
        try:
            self._step(1.0, donor, receiver, amps)
        except Exception as error:
            raise self._raised("step", error) from error

    def volts(self):
        """Cell voltages at the board, V."""
        return self._list("cell_voltages", self._volts)

    def amps(self):
        """Current at the shunt, A."""
        try:
            amps = float(self._amps())
        except Exception as error:
            raise self._raised("current_a", error) from error
        if not math.isfinite(amps):
            raise BadPlant(f"plant {self.spec}: current_a() gave {amps}")
        return amps

    def temperature(self):
        """degC; 25 where the plant has none."""
        if self._temperature is None:
            return ROOM_C
        try:
            value = self._temperature()
            value = ROOM_C if value is None else _mean(value)
        except Exception as error:
            raise self._raised("temperature_c", error) from error
        if not math.isfinite(value):
            raise BadPlant(f"plant {self.spec}: temperature_c() gave {value}")
        return value

    def headroom_ah(self):
        """The truth: what each cell still takes, Ah."""
        soc = self._list("soc", self._soc)
        capacities = self._list("capacities_ah", self._capacities)
        return [(1.0 - s) * q for s, q in zip(soc, capacities, strict=True)]

    def _list(self, name, method):
        try:
            values = [float(value) for value in method()]
        except Exception as error:
            raise self._raised(name, error) from error
        if (self.cells and len(values) != self.cells) or not values:
            raise BadPlant(
                f"plant {self.spec}: {name}() gave {len(values)} values for {self.cells} cells"
            )
        if not math.isfinite(sum(values)):
            cell = next((i for i, v in enumerate(values) if not math.isfinite(v)), 0)
            raise BadPlant(f"plant {self.spec}: {name}() gave {values[cell]} for cell {cell}")
        return values

    def _number(self, plant, name, otherwise):
        value = getattr(plant, name, None)
        try:
            value = value() if callable(value) else value
            value = otherwise if value is None else float(value)
        except Exception as error:
            raise self._raised(name, error) from error
        if not math.isfinite(value):
            raise BadPlant(f"plant {self.spec}: {name} is {value}")
        return value

    def _raised(self, name, error):
        return BadPlant(f"plant {self.spec}: {name}() raised {_told(error)}")


def _mean(value):
    """A number as it is, or the mean of one for each cell."""
    try:
        return float(value)
    except TypeError:
        return sum(float(v) for v in value) / len(value)


def _told(error):
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
