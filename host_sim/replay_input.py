"""Recorded sensor data for `soc-replay`: a CSV file, checked row by row.

Columns: time_s, current_ma (+ charges), temp_0_1c (may be missing or empty: unknown) and
cell_1_mv .. cell_n_mv, 1..16 cells. Fractions are allowed everywhere.
"""

import csv
import math

MAX_CELLS = 16
LONGEST_S = 10.05  # rows are 0.1..10 s apart; the rest is jitter of the time stamps
REQUIRED = ("time_s", "current_ma")


class BadInput(Exception):
    """One sentence: where, what, and what to do."""


def columns(path, head):
    """Indices (time, current, temperature or None, [cells]) of a header row."""
    names = [name.strip() for name in head]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"{path} line 1: column {twice[0]} stands there twice; name it once")
    for name in REQUIRED:
        if name not in names:
            raise BadInput(f"{path} line 1: column {name} is missing; see docs/soc-replay.md")
    count = sum(name.startswith("cell_") and name.endswith("_mv") for name in names)
    cells = [f"cell_{i + 1}_mv" for i in range(count)]
    missing = [name for name in cells if name not in names]
    if missing or not cells:
        raise BadInput(
            f"{path} line 1: column {(missing or ['cell_1_mv'])[0]} is missing;"
            " cells are cell_1_mv, cell_2_mv .. without a gap"
        )
    if count > MAX_CELLS:
        raise BadInput(f"{path} line 1: {count} cells; at most {MAX_CELLS} are possible")
    unknown = [name for name in names if name not in (*REQUIRED, "temp_0_1c", *cells)]
    if unknown:
        raise BadInput(f"{path} line 1: column {unknown[0]} is unknown; remove it")
    temperature = names.index("temp_0_1c") if "temp_0_1c" in names else None
    order = [names.index(name) for name in cells]
    return names.index("time_s"), names.index("current_ma"), temperature, order


def whole(text):
    """A number, rounded; ValueError for anything that is none."""
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if not math.isfinite(value):
            raise
        return round(value)


def rows(path, file):
    """Yields (number of cells, is there a temperature), then of each row (time as it stands, time
    ms, mA, 0.1 degC or None, [mV])."""
    reader = csv.reader(file)
    head = next(reader, None)
    if head is None:
        raise BadInput(f"{path}: the file is empty; it needs a header line and rows")
    at_time, at_current, at_temperature, cells = columns(path, head)
    yield len(cells), at_temperature is not None
    last_ms, width, some = None, len(head), False
    longest_ms = round(LONGEST_S * 1000)
    for row in reader:
        if not row:
            continue
        some = True
        try:
            if len(row) != width:
                raise BadInput(
                    f"{path} line {reader.line_num}: {len(row)} values for {width} columns"
                )
            now_ms = round(float(row[at_time]) * 1000)
            ma = whole(row[at_current])
            text = "" if at_temperature is None else row[at_temperature]
            temp_dc = whole(text) if text else None
            mv = [whole(row[i]) for i in cells]
        except (ValueError, OverflowError):
            raise BadInput(
                f"{path} line {reader.line_num}: not all values are numbers; correct the line"
            ) from None
        if last_ms is not None and not 0 < now_ms - last_ms <= longest_ms:
            raise BadInput(_step(path, reader.line_num, (now_ms - last_ms) / 1000))
        last_ms = now_ms
        yield row[at_time], now_ms, ma, temp_dc, mv
    if not some:
        raise BadInput(f"{path}: no rows behind the header line")


def _step(path, line, step_s):
    if step_s <= 0:
        return f"{path} line {line}: the time does not rise ({step_s:g} s); sort the rows"
    return (
        f"{path} line {line}: a gap of {step_s:g} s; at most 10 s are possible,"
        " cut the file there or fill it"
    )
