"""The TOML tables, read on the PC: names, units and texts that the target does not carry."""

import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ("ess", "lifepo4", "li-ion", "lto", "dy-n8s24280a")
PRESETS = ("lifepo4", "li-ion", "lto")
BASE = {"dy-n8s24280a": "lifepo4"}  # a profile's values stand on top of its base's, then on ess


@cache
def load(name):
    """The parsed `tables/<name>.toml`."""
    with open(ROOT / "tables" / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


def parameters():
    """Rows of the parameter table, in id order."""
    return sorted(load("parameters")["parameters"], key=lambda row: row["id"])


def default(row, profile):
    """A parameter row's raw default in a profile (PRF-01..03)."""
    while profile is not None:
        if profile in row:
            return row[profile]
        profile = BASE.get(profile)
    return row["default"]


@cache
def fault_rows():
    """Rows of the fault table by id."""
    return {row["id"]: row for row in load("faults")["faults"]}


def fault_id(key):
    """The id of a fault key; KeyError with the known keys otherwise."""
    for row in fault_rows().values():
        if row["key"] == key:
            return row["id"]
    raise KeyError(f"unknown fault {key!r}")


@cache
def parameter_rows():
    """Rows of the parameter table by key."""
    return {row["key"]: row for row in parameters()}


def show(row, raw):
    """A raw value as people write it: '3.600 V', 'LiFePO4', '12'."""
    if "choices" in row:
        return row["choices"][raw] if 0 <= raw < len(row["choices"]) else str(raw)
    scale = row["scale"]
    digits = len(str(scale)) - 1
    number = f"{raw / scale:.{digits}f}" if scale > 1 else str(raw)
    return f"{number} {row['unit']}".strip()
