"""The CAN protocols, packed for the target, and their DBC files, from tables/can/*.toml.

`outputs()` gives the generated files; tools/generate.py writes and checks them.
"""

import textwrap

from host_sim import tables
from tools import can_table, dbc

NOTE = "Generated from tables/can/{}.toml by tools/generate_can.py; edit the table, not this file."
# as steps.py and can/encoder.py
END, VALUE, ALARM, TEXT, CONSTANT, DIGITS, ONLY, ASKED, NOT_EMPTY, FLAG = range(10)
EXTENDED = 0x20000000
ADDRESSED = 0x8000
ALIVE, CONTROL = 1, 2
BRAND = 255
MOST_FRAMES = 30  # bits of `due`

TEXT_OF_MODULE = '''"""{0}.

{1}
"""

from firmware.protocols.{2} import {3}

# fmt: off
TABLE = (
{4}
)
# fmt: on


def build(view, requests, source):
    """What the loader calls."""
    return {3}(view, requests, source, TABLE)
'''


class Code:
    """The code of a protocol's frames, its kinds of numbers and the names it counts."""

    def __init__(self, table):
        self.table = table
        self.code = bytearray()
        self.kinds = []
        self.names = []
        self.frames = [self._frame(frame) for frame in table["frames"].values()]
        if len(self.frames) > MOST_FRAMES:
            raise ValueError(f"{table['name']}: more than {MOST_FRAMES} frames")

    def _frame(self, frame):
        start = len(self.code)
        for name, least in frame.get("only", {}).items():
            self.code += bytes((ONLY, *self._source(name), least))
        if frame.get("asked"):
            self.code.append(ASKED)
        self._numbers(frame.get("values", ()))
        for row in frame.get("bits", ()):
            one = (1 << row.get("bits", 1)) - 1 << row["bit"]
            on, off = (0, one) if row.get("invert") else (one, 0)
            self.code += bytes((FLAG, *self._source(row["from"]), row["at"], on, off))
        for row in frame.get("alarms", ()):
            self._alarm(row)
        for row in frame.get("texts", ()):
            first = row.get("first", 0)
            self.code += bytes((TEXT, row["at"], text_index(row["text"]), first, row["size"]))
        for row in frame.get("digits", ()):
            add = can_table.number(row["from"])[4]
            self.code += bytes((DIGITS, *self._source(row["from"]), add, row["at"]))
        for row in frame.get("constants", ()):
            data = bytes.fromhex(row["hex"])
            self.code += bytes((CONSTANT, row["at"], len(data))) + data
        if frame.get("not_empty"):
            self.code.append(NOT_EMPTY)
        self.code.append(END)
        flag = ADDRESSED if frame.get("addressed") else 0
        return (identifier(frame), frame["period"], start | flag)

    def _source(self, name):
        owner, what = can_table.number(name)[:2]
        if isinstance(what, str):
            if what not in self.names:
                self.names.append(what)
            what = self.names.index(what)
        return owner, what

    def _numbers(self, rows):
        """Neighbours of one kind are one step."""
        steps = []  # [at, kind, sources]
        for row in rows:
            kind = can_table.Scale(row, self.table["order"]).kind()
            if kind not in self.kinds:
                self.kinds.append(kind)
            last = steps[-1] if steps else [None, None, ()]
            behind = last[1] == kind and row["at"] == last[0] + abs(kind[0]) * len(last[2])
            if not behind:
                steps.append([row["at"], kind, []])
            steps[-1][2].append(self._source(row["from"]))
        for at, kind, sources in steps:
            self.code += bytes((VALUE, at, self.kinds.index(kind), len(sources)))
            self.code += bytes(number for source in sources for number in source)

    def _alarm(self, row):
        faults = can_table.faults(row["of"])
        self.code += bytes((ALARM, row["at"], *levels(row), len(faults), *faults))

    def received(self):
        """Four numbers for each frame of the inverter."""
        names = list(self.table["frames"])
        for frame in self.table.get("receive", {}).values():
            means = ALIVE * frame.get("alive", False) | CONTROL * frame.get("control", False)
            answers = frame.get("answers", ())
            due = sum(1 << names.index(n) for n in (names if answers == "all" else answers))
            yield (identifier(frame), frame["length"], means, due)


def identifier(frame):
    return frame["id"] | (EXTENDED if frame.get("extended") else 0)


def levels(row):
    """(bits it has, bits while it stands, bits while it does not) of an alarm."""
    bit = row["bit"]
    if row.get("pair"):
        return 3 << bit, 1 << bit, 2 << bit
    if "level" in row:
        return 3 << bit, row["level"] << bit, 0
    return 1 << bit, 1 << bit, 0


def text_index(key):
    if key == "brand":
        return BRAND
    rows = tables.load("parameters")["texts"]
    return next(row["id"] for row in rows if row["key"] == key) - rows[0]["id"]


def literal(data, width=20):
    """Lines of a bytes constant."""
    for at in range(0, len(data), width):
        yield 'b"' + "".join(f"\\x{byte:02x}" for byte in data[at : at + width]) + '"'


def rows_of(rows, hexadecimal=False):
    """Lines of a tuple of numbers, one row of the table each."""
    for row in rows:
        first = f"0x{row[0]:X}" if hexadecimal else str(row[0])
        yield ", ".join([first, *map(str, row[1:])]) + ","


def module(key):
    """The text of firmware/protocols/can/<key>.py."""
    table = can_table.protocol(key)
    code = Code(table)
    where, name = table.get("translator", "encoder.Encoder").split(".")
    parts = (
        ("frames: identifier, period in ms, where the code begins", rows_of(code.frames, True)),
        ("code", literal(code.code)),
        (
            "kinds of numbers: bytes, mul, add, div, lowest, highest, not known",
            rows_of(code.kinds),
        ),
    )
    body = [f"    {table['bitrate']},"]
    for note, rows in parts:
        body += [f"    (  # {note}", *(f"        {line}" for line in rows), "    ),"]
    body += [f'    "{line} "' for line in textwrap.wrap(" ".join(code.names), 90)]
    body += ["    ,", "    (  # received: identifier, length, meaning, frames to send"]
    body += [f"        {line}" for line in rows_of(code.received(), True)]
    body += ["    ),", f"    {brand(table)},"]
    return TEXT_OF_MODULE.format(
        table["name"], NOTE.format(key), f"can.{where}", name, "\n".join(body)
    )


def brand(table):
    data = table.get("brand", "").encode().ljust(8, b"\0")
    return next(literal(data))


def outputs():
    """{path: text} of the generated files."""
    out = {}
    for key in can_table.protocols():
        out[f"firmware/protocols/can/{key}.py"] = module(key)
        out[f"docs/dbc/{key}.dbc"] = dbc.text(key)
    return out
