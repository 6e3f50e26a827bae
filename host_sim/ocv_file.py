"""A user's open-circuit voltage table: TOML, JSON or CSV in, packed bytes for the target out.

Accepted (docs/ocv-tables.md): lists or rows of state of charge with discharge and charge branch,
or with one voltage; per cent or 0..1; mV or V.
"""

import argparse
import csv
import json
import sys
import tomllib
from itertools import pairwise
from math import isfinite
from pathlib import Path

from rich.console import Console
from rich.table import Table

from firmware.settings import ocv_table
from host_sim import ocv_packed
from host_sim.replay_input import BadInput

SOC = ("soc_pct", "soc", "soc_percent")
BOTH = ("ocv_mv", "ocv", "ocv_v", "voltage_mv", "voltage", "voltage_v", "mv", "v")
DISCHARGE = ("discharge_mv", "discharge", "discharge_v", "ocv_discharge_mv", "ocv_discharge")
CHARGE = ("charge_mv", "charge", "charge_v", "ocv_charge_mv", "ocv_charge")
OWN_SPREAD_MV = 4.0  # a curve of the pack's own cells, both branches
ONE_BRANCH_MV = 15.0  # a mean alone: the branches lie about so far from it
NOISE_MV = 0.5
END_PCT = 2.0  # so far from 0 and 100 % the ends are extrapolated


def load(name):
    """Packed table by name (lfp, li-ion, lto) or from a file."""
    if name in ocv_packed.CHEMISTRIES:
        return ocv_table.TABLES[ocv_packed.CHEMISTRIES.index(name)]
    return compile_table(name)


def compile_table(path):
    """Packed bytes of a table file; BadInput in one sentence when it cannot be used."""
    chemistry, points = read(path)
    return ocv_packed.pack(chemistry, points)


def read(path):
    """(chemistry, checked points) of a file; points as ocv_packed.pack takes them."""
    table = _parse(path)
    if not isinstance(table, dict):
        raise BadInput(f"{path}: no table; see docs/ocv-tables.md")
    chemistry = str(table.get("chemistry", "lfp")).lower()
    if chemistry not in ocv_packed.CHEMISTRIES:
        raise BadInput(f"{path}: chemistry {chemistry}: {', '.join(ocv_packed.CHEMISTRIES)}")
    points = _points(path, table)
    _check(path, points)
    return chemistry, points


def _parse(path):
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        if text.lstrip().startswith(("{", "[[")) or str(path).endswith(".json"):
            data = json.loads(text)
            return {"points": data} if isinstance(data, list) else data
        if str(path).endswith(".csv"):
            return _columns(list(csv.DictReader(text.splitlines())))
        return tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; name lfp, li-ion, lto or a file") from None
    except (ValueError, UnicodeDecodeError):
        raise BadInput(f"{path}: neither TOML, JSON nor CSV; see docs/ocv-tables.md") from None


def _columns(rows):
    names = rows[0].keys() if rows else ()
    return {name.strip(): [row[name] for row in rows] for name in names if name}


def _first(table, names):
    for name in names:
        if name in table:
            return table[name]
    return None


def _points(path, table):
    rows = table.get("points")
    try:
        if rows is not None:
            if rows and isinstance(rows[0], dict):
                table = {**table, **_columns(rows)}
            else:
                low = [float(r[1]) for r in rows]
                high = [float(r[2]) for r in rows] if len(rows[0]) > 2 else None
                extra = [float(r[3]) for r in rows] if len(rows[0]) > 3 else None
                return _join(table, [float(r[0]) for r in rows], low, high, extra)
        soc = _numbers(_first(table, SOC))
        low, high = _numbers(_first(table, DISCHARGE)), _numbers(_first(table, CHARGE))
        mean = _numbers(_first(table, BOTH))
        if soc is None and (low or mean):
            n = len(low or mean)
            soc = [100 * i / (n - 1) for i in range(n)]  # evenly from 0 to 100 %
        if soc is None or not (mean or low or high):
            raise BadInput(
                f"{path}: needs soc_pct with discharge_mv and charge_mv, or with ocv_mv;"
                " see docs/ocv-tables.md"
            )
        if low and high:
            return _join(table, soc, low, high, None)
        return _join(table, soc, mean or low or high, None, None)
    except (TypeError, IndexError, KeyError, ValueError, OverflowError):
        raise BadInput(f"{path}: not all points are numbers, or lists differ in length") from None


def _numbers(values):
    return None if values is None else [float(v) for v in values]


def _join(table, soc, low, high, spread):
    default = OWN_SPREAD_MV if high is not None else ONE_BRANCH_MV
    high = low if high is None else high
    if not len(soc) == len(low) == len(high):
        raise ValueError
    given = table.get("spread_mv", default)
    if spread is None:
        spread = given if isinstance(given, list) else [float(given)] * len(soc)
    percent = 100.0 if max(soc) <= 1.001 else 1.0
    millivolt = 1000.0 if max(low) < 10 else 1.0
    points = sorted(
        (s * percent, d * millivolt, c * millivolt, float(w))
        for s, d, c, w in zip(soc, low, high, spread, strict=True)
    )
    if not all(isfinite(value) for point in points for value in point):
        raise ValueError
    return points


def _check(path, points):
    if len(points) < 5:
        raise BadInput(f"{path}: {len(points)} points; at least 5 are needed")
    if points[0][0] > END_PCT or points[-1][0] < 100 - END_PCT or points[-1][0] > 100.01:
        raise BadInput(f"{path}: goes from {points[0][0]:g} to {points[-1][0]:g} %, not 0 to 100")
    for (s0, d0, c0, _), (s1, d1, c1, _) in pairwise(points):
        if s1 <= s0:
            raise BadInput(f"{path}: two points at {s0:g} %; remove one")
        if d1 < d0 - NOISE_MV or c1 < c0 - NOISE_MV:
            raise BadInput(f"{path}: the voltage falls between {s0:g} and {s1:g} %; correct it")
    for s, d, c, _ in points:
        if c < d - NOISE_MV:
            raise BadInput(f"{path}: at {s:g} % the charge branch lies below the discharge branch")
        if not 500 <= d <= 5000 or not 500 <= c <= 5000:
            raise BadInput(f"{path}: at {s:g} % no cell has {d:g} or {c:g} mV")
    low = high = 0.0
    for i, (s, d, c, w) in enumerate(points):  # what is noise becomes flat
        low, high = max(low, d), max(high, c, d)
        points[i] = (s, low, high, w)


def main(arguments):
    """`ocv-table`: print a table as it is read, and write the packed form on demand."""
    parser = argparse.ArgumentParser(prog="python -m host_sim ocv-table", description=__doc__)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--out", metavar="FILE.bin", help="write the packed table (511 bytes)")
    options = parser.parse_args(arguments)
    try:
        chemistry, points = read(options.file)
        if options.out:
            Path(options.out).write_bytes(ocv_packed.pack(chemistry, points))
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    table = Table("SOC", "discharge mV", "charge mV", "+- mV", title=f"{chemistry}")
    for s, d, c, w in points:
        table.add_row(f"{s:g} %", f"{d:.1f}", f"{c:.1f}", f"{w:g}")
    Console().print(table)
    return 0
