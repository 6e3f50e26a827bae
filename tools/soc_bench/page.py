"""The measured part of docs/soc.md, and its pictures."""

from tools.soc_bench import cases
from tools.soc_bench.truth import ROOT

PAGE = ROOT / "docs" / "soc.md"
IMAGES = ROOT / "docs" / "img"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = (
    "row", "case", "cells", "median", "worst", "pure counting", "JK-like", "lfp-a", "must", "goal",
    "",
)  # fmt: skip


def verdict(line):
    """One or two words."""
    if line.met is None:
        return ""
    if not line.met:
        return "MISSED"
    return "met, goal" if line.at_goal else "met"


def table(lines):
    """The lines as Markdown."""
    out = [HEAD, ["---"] * len(HEAD)]
    for n in lines:
        word = verdict(n)
        out.append(
            (n.id, n.text, n.sets, n.median, n.worst, n.counting, n.jk, n.familiar, n.must,
             n.goal, f"**{word}**" if n.met is False else word)
        )  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in out)


def renewed(text, lines, runs, faults):
    """The page's text with the measured part renewed; the rest is written by hand."""
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    seeds = ", ".join(f"{name} {seed}" for name, seed in cases.SEEDS.items())
    missed = [n.id for n in lines if n.met is False]
    note = (
        f"{runs} runs. Seeds of house, cells and sensors: {seeds}."
        f" Faults that the measurement raised: {faults}.\n\n"
        f"Missed: {', '.join(missed) if missed else 'none'}."
    )
    return f"{head}{BEGIN}\n\n{note}\n\n{table(lines)}\n\n{END}{tail}"


def write(lines, runs, faults):
    """Renew the page."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), lines, runs, faults), "utf-8")


def write_pictures(pictures):
    """soc-NAME.svg for each."""
    for name, text in pictures.items():
        (IMAGES / f"soc-{name}.svg").write_text(text, "utf-8")
