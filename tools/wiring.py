"""Wiring table and picture of a board: the numbers from its board.py, the rest from wiring.toml.

`python -m tools.wiring` renews the marked part of README.md and wiring.svg of every board;
`--check` only says whether they are current.
"""

import sys
import tomllib
from html import escape
from importlib import import_module
from pathlib import Path

BOARDS = Path(__file__).resolve().parent.parent / "boards"
BEGIN, END = "<!-- wiring: begin -->", "<!-- wiring: end -->"
# the Pico's 40 pins, counted from the USB socket: a GPIO number or a name
LEFT = (0, 1, "GND", 2, 3, 4, 5, "GND", 6, 7, 8, 9, "GND", 10, 11, 12, 13, "GND", 14, 15)
RIGHT = ("VBUS", "VSYS", "GND", "3V3_EN", "3V3", "VREF", 28, "AGND", 27, 26, "RUN", 22, "GND", 21,
         20, 19, 18, "GND", 17, 16)  # fmt: skip
FIXED = {
    "VSYS": "5 V supply, behind a Schottky diode",
    "3V3": "MCP23017, DS3231, MCP2515, isolators",
    "RUN": "RST key to ground",
}
WIDTH, ROW, TOP, BODY = 1080, 26, 70, 150


class Wrong(ValueError):
    """board.py and wiring.toml do not fit together."""


def names():
    """Boards with a wiring."""
    return sorted(path.parent.name for path in BOARDS.glob("*/wiring.toml"))


def load(name):
    """(groups, connectors); each pin of a group has its GPIO number."""
    with open(BOARDS / name / "wiring.toml", "rb") as file:
        data = tomllib.load(file)
    board = import_module(f"boards.{name}.board")
    used = {}
    for group in data["group"]:
        for pin in group["pins"]:
            pin["gpio"] = getattr(board, pin["name"], None)
            if pin["gpio"] not in range(30):
                raise Wrong(f"{name}: board.py has no pin {pin['name']}")
            if used.setdefault(pin["gpio"], pin["name"]) != pin["name"]:
                raise Wrong(f"{name}: GP{pin['gpio']} is {used[pin['gpio']]} and {pin['name']}")
    return data["group"], data["connector"]


def position(gpio):
    """Pin number on the Pico, None for a GPIO without one."""
    if gpio in LEFT:
        return LEFT.index(gpio) + 1
    return 40 - RIGHT.index(gpio) if gpio in RIGHT else None


def table(groups, connectors):
    """The wiring as Markdown."""
    lines = ["", "| Pico pin | GPIO | signal | goes to | on the board |", "|" + " --- |" * 5]
    for group in groups:
        for pin in group["pins"]:
            place = position(pin["gpio"]) or "inside"
            cells = (place, f"GP{pin['gpio']}", pin["name"], pin["to"], pin["note"])
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    for name, text in FIXED.items():
        place = 40 - RIGHT.index(name)
        lines.append(f"| {place} | | {name} | {text} | |")
    for connector in connectors:
        lines += ["", f"**{connector['name']}**", "", "| pin | signal |", "| --- | --- |"]
        lines += [f"| {pin} | {signal} |" for pin, signal in connector["pins"].items()]
    return "\n".join([*lines, "", ""])


def picture(name, groups):
    """The Pico from above with a line for each pin, as SVG."""
    known = {}
    for group in groups:
        for pin in group["pins"]:
            known[pin["gpio"]] = f"{pin['name']}  {pin['to']}", group["colour"]
    known.update({key: (f"{key}  {text}", "#1c2833") for key, text in FIXED.items()})
    height = TOP + 20 * ROW + 60
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="20" y="28" font-size="18">{escape(name)}: wiring of the Pico</text>',
    ]
    left = (WIDTH - BODY) // 2
    out.append(f'<rect x="{left}" y="{TOP - 20}" width="{BODY}" height="{20 * ROW + 24}" rx="10" '
               'fill="#eafaf1" stroke="#145a32" stroke-width="2"/>')  # fmt: skip
    out.append(
        f'<rect x="{WIDTH // 2 - 22}" y="{TOP - 34}" width="44" height="26" fill="#aab7b8"/>'
    )
    for row in range(20):
        y = TOP + row * ROW
        out += _pin(LEFT[row], row + 1, left, y, -1, known)
        out += _pin(RIGHT[row], 40 - row, left + BODY, y, 1, known)
    x = 20
    for group in groups:
        out.append(f'<rect x="{x}" y="{height - 34}" width="12" height="12" '
                   f'fill="{group["colour"]}"/>')  # fmt: skip
        out.append(f'<text x="{x + 18}" y="{height - 23}">{escape(group["name"])}</text>')
        x += 150
    return "\n".join([*out, "</svg>", ""])


def _pin(what, number, x, y, side, known):
    """One pin: pad, number, name, and a line to what it is wired to. `side` -1 left, 1 right."""
    label = f"GP{what}" if isinstance(what, int) else what
    anchor, inner = ("end", "start") if side < 0 else ("start", "end")
    text, colour = known.get(what, ("", "#d5d8dc"))
    lines = [
        f'<circle cx="{x}" cy="{y}" r="6" fill="{colour}"/>',
        f'<text x="{x - side * 14}" y="{y + 4}" text-anchor="{inner}">{number} {label}</text>',
    ]
    if text:
        lines.append(f'<line x1="{x + side * 6}" y1="{y}" x2="{x + side * 60}" y2="{y}" '
                     f'stroke="{colour}" stroke-width="2"/>')  # fmt: skip
        lines.append(f'<text x="{x + side * 66}" y="{y + 4}" text-anchor="{anchor}" '
                     f'fill="{colour}">{escape(text)}</text>')  # fmt: skip
    return lines


def pages(name):
    """{path: text} as they should be."""
    groups, connectors = load(name)
    readme = BOARDS / name / "README.md"
    head, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    tail = rest.split(END)[1]
    text = f"{head}{BEGIN}\n{table(groups, connectors)}{END}{tail}"
    return {readme: text, BOARDS / name / "wiring.svg": picture(name, groups)}


def main(arguments):
    """Renew, or check; 1 when something is not current."""
    old = []
    for name in names():
        for path, text in pages(name).items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                old.append(path)
                if "--check" not in arguments:
                    path.write_text(text, encoding="utf-8")
    if "--check" in arguments and old:
        print("not current, run python -m tools.wiring:", *old, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
