"""tables/can/*.toml in numbers: what a protocol's frames hold, for the generators and for people.

`protocol(key)` gives a table with what it takes over from its `base`; `number`, `faults` and
`Scale` say what its words mean.
"""

from fractions import Fraction
from functools import cache

from host_sim import tables

TYPES = {"u8": (1, False), "s8": (1, True), "u16": (2, False), "s16": (2, True),
         "u32": (4, False), "s32": (4, True)}  # fmt: skip
HIGHEST = 2**30 - 1  # small integers of a 32-bit MicroPython
RECORDS = ("charging", "measured", "gauge", "mosfets", "power", "balance", "system", "panel",
           "figures")  # fmt: skip
OWNERS = {"cell": 16, "t": 17, "parameter": 18, "level": 19, "cell_state": 20, "sensor": 21,
          "sensor_state": 22, "battery": 23}  # fmt: skip
UNITS = {"cell": (1000, "V"), "t": (10, "degC"), "cell_state": (1, ""), "sensor": (10, "degC"),
         "sensor_state": (1, ""), "battery": (10, "degC")}  # fmt: skip
MOS = 4


@cache
def protocol(key):
    """The table of a protocol; frames, and members of frames, stand in the place of its base's; a
    frame that is `like` another takes over what it does not say itself."""
    table = tables.load(f"can/{key}")
    base = protocol(table["base"]) if "base" in table else {"frames": {}}
    frames = dict(base["frames"])
    for name, frame in table.get("frames", {}).items():
        frames[name] = {**frames.get(name, {}), **frame}
    frames = {name: {**frames.get(frame.get("like"), {}), **frame}
              for name, frame in frames.items()}  # fmt: skip
    if "period" in table:
        frames = {name: {**frame, "period": table["period"]} for name, frame in frames.items()}
    received = {**base.get("receive", {}), **table.get("receive", {})}
    return {**base, **table, "frames": frames, "receive": received}


def protocols():
    """Keys of all protocols with a table, by name."""
    files = (tables.ROOT / "tables" / "can").glob("*.toml")
    return sorted(path.stem for path in files if path.stem != "sources")


@cache
def number(name):
    """(owner, field or index, per, unit, added first) of a number of sources.toml."""
    row = tables.load("can/sources")["numbers"].get(name)
    if "." in name:  # a parameter, or the level that it sets
        owner, _, key = name.partition(".")
        row = tables.parameter_rows()[key]
        return OWNERS[owner], row["id"], row["scale"], row["unit"], 0
    word, _, rest = name.rpartition("_")
    if row is not None:
        record, field = row["of"].split(".")
        per, unit, add = row.get("per", 1), row.get("unit", ""), row.get("add", 0)
        if record == "parameter":
            return OWNERS[record], tables.parameter_rows()[field]["id"], per, unit, add
        return RECORDS.index(record), field, per, unit, add
    if word in UNITS:
        return OWNERS[word], MOS if rest == "mos" else int(rest) - 1, *UNITS[word], 0
    raise KeyError(f"unknown number {name!r}")


@cache
def alarms():
    """{alarm, warning or group: keys of faults}."""
    words = tables.load("can/sources")
    named = {fault for found in words["alarms"].values() for fault in found if found != "rest"}
    rows = tables.fault_rows().values()
    severe = [row["key"] for row in rows if row["severity"] in ("protection", "latched")]
    out = {**words["alarms"], **words["warnings"], "any_alarm": severe}
    out["system"] = [key for key in severe if key not in named]
    out["any_warning"] = [key for found in words["warnings"].values() for key in found]
    for group, members in words["groups"].items():
        out[group] = [key for member in members for key in out[member]]
    return out


def faults(names):
    """Ids of the faults that stand behind alarms, warnings, groups, or by their own keys."""
    return sorted({tables.fault_id(key) for name in names for key in alarms().get(name, [name])})


class Scale:
    """How a number becomes a count: (value x mul + add) // div within low..high, and back."""

    def __init__(self, row, order):
        self.owner, self.what, per, self.unit, before = number(row["from"])
        bytes_, self.signed = TYPES[row["type"]]
        self.bytes = bytes_
        self.bits = row.get("bits", 8 * bytes_)
        self.big = row.get("order", order) == "big"
        self.step = Fraction(str(row["step"]))
        self.offset = Fraction(str(row.get("offset", 0)))
        one = 1 / (per * self.step)  # counts of one raw unit
        self.mul, self.div = one.numerator, one.denominator
        exact = (before * one - self.offset / self.step) * self.div
        rounding = {"near": self.div // 2, "down": 0, "up": self.div - 1}
        if exact.denominator != 1:
            raise ValueError(f"{row['name']}: offset is no whole number of raw units")
        self.add = int(exact) + rounding[row.get("round", "near")]
        self.low, self.high = self._bounds(row)
        self.absent = row.get("absent", 0)

    def _bounds(self, row):
        if row.get("wrap"):
            return -HIGHEST - 1, HIGHEST
        bits = self.bits
        low, high = (
            (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)
        )
        edges = [self.count(row[word]) for word in ("min", "max") if word in row]
        if "min" in row:
            low = max(low, min(edges))
        if "max" in row:
            high = min(high, max(edges))
        return max(low, -HIGHEST - 1), min(high, HIGHEST)

    def count(self, value):
        """What a value in the unit is in the frame, rounded down."""
        return (Fraction(str(value)) - self.offset) // self.step

    def kind(self):
        """The seven numbers of the encoder."""
        size = -self.bytes if self.big else self.bytes
        return (size, self.mul, self.add, self.div, self.low, self.high, self.absent)
