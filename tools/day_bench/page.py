"""The table of the days: on the terminal and in docs/inverters.md, and the picture."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from host_sim import limit_reasons
from tools.day_bench import plot
from tools.day_bench.cases import cases

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "inverters.md"
PICTURE = ROOT / "docs" / "img" / "inverter-day.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = ("protocol", "100 % at", "SOC at the end", "cells", "over CCL", "over CVL",
        "turns CVL, CCL, DCL, current", "into the grid", "frames a second",
        "what went wrong")  # fmt: skip


def clock(hour):
    """13:05 of 13.08."""
    return "-" if hour is None else f"{int(hour):02d}:{int(hour * 60) % 60:02d}"


def row(day):
    """A day as texts, one a column."""
    return (
        day.name,
        clock(day.full_hour),
        f"{day.points[-1].shown:.0f} %",
        f"{day.lowest_v:.3f}..{day.highest_v:.3f} V",
        f"{day.above_ccl_a:.1f} A",
        f"{day.above_cvl_v:.2f} V",
        f"{day.cvl_turns}, {day.ccl_turns}, {day.dcl_turns}, {day.amps_turns}",
        f"{day.sold_ah:.1f} Ah",
        f"{day.frames / day.hours / 3600:.1f}",
        "; ".join(day.wrong()) or "nothing",
    )


def show(days, console):
    """The table on the terminal."""
    table = Table(*HEAD)
    for day in days:
        *values, wrong = row(day)
        table.add_row(*map(Text, values), Text(wrong, "bold red" if day.wrong() else "green"))
    console.print(table)


def renewed(text, days):
    """The page's text with the measured part renewed; the rest is written by hand."""
    head, rest = text.split(BEGIN)
    rows = [HEAD, ["---"] * len(HEAD), *map(row, days)]
    table = "\n".join("| " + " | ".join(r) + " |" for r in rows)
    ran = {day.name for day in days}
    missing = ", ".join(case.name for case in cases() if case.name not in ran)
    note = f"Not run for a whole day: {missing}.\n\n" if missing else ""
    return f"{head}{BEGIN}\n\n{table}\n\n{note}{END}{rest.split(END)[1]}"


def picture(day):
    """The day as SVG."""
    return plot.svg(f"A day behind an inverter ({day.name})", day.points, limit_reasons.words)


def write(days):
    """Renew page and picture; the picture shows the first day."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), days), "utf-8")
    PICTURE.write_text(picture(days[0]), "utf-8")
