"""A scenario file (docs/scenarios.md): read and checked as a whole before anything runs."""

import tomllib
from pathlib import Path

from firmware.controller import Controller
from firmware.parameters import Parameters, Refused
from firmware.settings import profile_table
from firmware.settings.rows import exists, find
from host_sim import scenario_kinds as k
from host_sim.pack import SimPack
from host_sim.scenario_events import INSIDE, check_event
from host_sim.scenario_kinds import Malformed
from host_sim.scenario_watch import LAMPS, NUMBERS, SIGNALS, sort_of
from host_sim.sim_hal import OPTIONAL

SAMPLE_S = 0.05
FLICKER_SAMPLE_S = 0.1  # a lamp that flickers at 2 Hz needs at least this many looks

TOP = {
    "title": k.TEXT,
    "req": k.TEXTS,
    "duration": k.POSITIVE,
    "seed": k.WHOLE,
    "sample_s": k.POSITIVE,
    "note": k.TEXT,
    "trace": k.FLAG,
    "pack": k.TABLE,
    "sensors": k.TABLE,
    "parameters": k.TABLE,
    "event": k.TABLES,
    "expect": k.TABLES,
}
PACK = {
    "profile": k.one_of(profile_table.NAMES),
    "soc": k.NUMBER,
    "cells_soc": k.NUMBERS,
    "dip": k.ADDRESS,
    "current_a": k.NUMBER,
    "cell_count": k.COUNT,
    "capacity_ah": k.POSITIVE,
    "temp_c": k.NUMBER,
    "absent": k.TEXTS,
    "period_ms": ("a whole number of ms, 10..2000", lambda v: k.COUNT[1](v) and 10 <= v <= 2000),
    "seed_soc": k.FLAG,
    "start": k.FLAG,
    "services": k.FLAG,
}
SENSORS = {
    "cell_noise_mv": k.NUMBER,
    "cell_offset_mv": k.NUMBER,
    "cell_gain": k.NUMBER,
    "current_noise_ma": k.NUMBER,
    "current_offset_ma": k.NUMBER,
    "current_gain": k.NUMBER,
    "current_step_ma": k.POSITIVE,
    "temp_noise_dc": k.NUMBER,
    "range_ma": k.POSITIVE,
}
EXPECT = {
    "what": k.TEXT,
    "is": k.SCALAR,
    "min": k.NUMBER,
    "max": k.NUMBER,
    "at": k.TIME,
    "within": k.SPAN,
    "during": k.SPAN,
    "note": k.TEXT,
}


class Scenario:
    """A parsed and checked scenario file. Malformed says what is wrong, with the path."""

    def __init__(self, path):
        self.path = Path(path)
        self.name = self.path.stem
        try:
            self.data = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Malformed(f"{path}: cannot be read ({error.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Malformed(f"{path}: not a TOML file: {error}") from None
        try:
            self._check()
        except Malformed as error:
            raise Malformed(f"{path}: {error}") from None

    @property
    def replayable(self):
        """False when an event or `services` reaches into the firmware past its hardware, which
        no replay knows."""
        acts = {event.get("fault", event["do"]) for event in self.events}
        services = self.data.get("pack", {}).get("services", True)
        return services and not acts & set(INSIDE)

    @property
    def traceable(self):
        """False also for a run that is too long to record whole (`trace = false`)."""
        return self.replayable and self.data.get("trace", True)

    def build(self, world, build=None, make_hal=None):
        """The pack as the file describes it, in a world; `build` makes its controller, `make_hal`
        its board (as in SimPack)."""
        options = dict(self.data.get("pack", {}))
        if "cells_soc" in options:
            options["soc"] = options.pop("cells_soc")
        if not options.pop("services", True):
            build = _battery_only
        sensors = self.data.get("sensors")
        seed = self.data.get("seed", 1)
        try:
            return SimPack(
                world,
                settings=self.settings,
                sensors=sensors,
                build=build,
                seed=seed,
                make_hal=make_hal,
                **options,
            )
        except (Refused, TypeError, ValueError) as error:
            raise Malformed(f"{self.path}: [pack]: {error}") from None

    def _check(self):
        data = self.data
        k.check(data, TOP, ("title", "req", "duration"), "the file")
        pack = data.get("pack", {})
        k.check(pack, PACK, (), "[pack]")
        if "soc" in pack and "cells_soc" in pack:
            raise Malformed("[pack]: either soc or cells_soc")
        for name in pack.get("absent", []):
            if name not in OPTIONAL:
                raise Malformed(f"[pack]: no optional part {name!r}: {', '.join(OPTIONAL)}")
        k.check(data.get("sensors", {}), SENSORS, (), "[sensors]")
        self.settings = _settings(data.get("parameters", {}), pack)
        self.duration_s = data["duration"]
        self.sample_s = data.get("sample_s", SAMPLE_S)
        self.events = data.get("event", [])
        self.expectations = data.get("expect", [])
        for index, event in enumerate(self.events):
            check_event(event, index, self.path.parent)
            self._in_time(event["at"], f"event {index + 1}")
        for index, row in enumerate(self.expectations):
            self._check_expectation(row, f"expectation {index + 1}")

    def _in_time(self, time_s, where):
        if time_s > self.duration_s:
            raise Malformed(f"{where}: {time_s:g} s is behind the end at {self.duration_s:g} s")

    def _check_expectation(self, row, where):
        k.check(row, EXPECT, ("what",), where)
        name = row["what"]
        if name not in SIGNALS and name not in NUMBERS:
            allowed = ", ".join(sorted({*SIGNALS, *NUMBERS}))
            raise Malformed(f"{where}: unknown signal {name!r}; allowed: {allowed}")
        where = f"{where}, {name}"
        times = [key for key in ("at", "within", "during") if key in row]
        if len(times) != 1:
            raise Malformed(f"{where}: exactly one of at, within, during")
        self._in_time(row["at"] if "at" in row else row[times[0]][1], where)
        if name in NUMBERS:
            self._check_number(row, where)
        else:
            self._check_value(row, where)

    def _check_number(self, row, where):
        if "is" in row or "within" in row or not ("min" in row or "max" in row):
            raise Malformed(f"{where}: a number needs min or max or both, and at or during")
        if row.get("min", row.get("max")) > row.get("max", row.get("min")):
            raise Malformed(f"{where}: min is above max")

    def _check_value(self, row, where):
        if "is" not in row or "min" in row or "max" in row:
            raise Malformed(f"{where}: needs `is`; min and max belong to numbers")
        wanted, test = sort_of(row["what"])
        if not test(row["is"]):
            raise Malformed(f"{where}: is = {row['is']!r} must be {wanted}")
        if row["what"] in LAMPS and row["is"] == "flicker" and self.sample_s > FLICKER_SAMPLE_S:
            raise Malformed(f"{where}: flicker needs sample_s of {FLICKER_SAMPLE_S} or less")


def _battery_only(hal, parameters):
    """The firmware with its control cycle alone: panel and ports rest."""
    controller = Controller(hal, parameters)
    controller.load_all()
    for service in controller.services:
        service.disabled = True
    return controller


def _settings(given, pack):
    """{id: raw value} of [parameters], checked as a whole on top of the profile."""
    parameters = Parameters(*([pack["profile"]] if "profile" in pack else []))
    settings = {}
    try:
        for key, value in given.items():
            id = find(key)
            if not exists(id):
                raise Malformed(f"[parameters]: {key} is a text, only numbers can be given")
            if not k.WHOLE[1](value):
                raise Malformed(f"[parameters]: {key} = {value!r} must be {k.WHOLE[0]}")
            settings[id] = value
        changes = dict(settings)
        if "cell_count" in pack:
            changes[find("cell_count")] = pack["cell_count"]
        parameters.check_changes(changes, factory=True)
    except Refused as error:
        raise Malformed(f"[parameters]: {error}") from None
    return settings
