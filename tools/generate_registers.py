"""The register protocols and the kinds of faults, packed for the target, from
tables/registers/*.toml and tables/can/sources.toml.

`outputs()` gives the generated files; tools/generate.py writes and checks them.
"""

import textwrap

from host_sim import tables
from tools import can_table
from tools.generate_can import TEXT_OF_MODULE, Code, literal, rows_of

NONE = 255  # a fault that is of no kind
NOTE = """Generated from tables/{}.toml by tools/generate_registers.py;
edit the table, not this file."""


def protocols():
    """Keys of all register protocols, by name."""
    return sorted(path.stem for path in (tables.ROOT / "tables" / "registers").glob("*.toml"))


def size(row):
    """Bytes that one value of a row takes."""
    return row.get("size") or can_table.TYPES[row.get("type", "u16")][0]


def numbered(row):
    """The rows of a row with a `count`: cell_1, cell_2 and so on, each behind the other."""
    for i in range(row.get("count", 1)):
        at = 2 * row["register"] + i * size(row)
        source = f"{row['from']}_{i + 1}" if "count" in row else row["from"]
        name = f"{row['name']}{i + 1}" if "count" in row else row["name"]
        yield {**row, "name": name, "from": source, "at": at}


def placed(section):
    """A section's rows with byte offsets from register 0; lists by their word."""
    out = {"values": [row for rows in section.get("values", ()) for row in numbered(rows)]}
    for word in ("bits", "alarms"):
        out[word] = [
            {**row, "at": 2 * row["register"] + (row["bit"] < 8), "bit": row["bit"] % 8}
            for row in section.get(word, ())
        ]
    for word in ("texts", "constants"):
        out[word] = [{**row, "at": 2 * row["register"]} for row in section.get(word, ())]
    for row in out["values"]:
        if size(row) == 1 and not ("count" in row or row.get("upper")):
            row["at"] += 1  # one byte stands in the lower half
    return out


def block(section):
    """A section as a frame of can_table: `id` is its first register, `period` its registers."""
    frame = placed(section)
    rows = [row for rows in frame.values() for row in rows]
    first = min(row["register"] for row in rows)
    ends = [row["at"] + length(row) for row in rows]
    for row in rows:
        row["at"] -= 2 * first
    return {**frame, "id": first, "period": -(-max(ends) // 2) - first}


def length(row):
    """Bytes that a placed row fills."""
    if "hex" in row:
        return len(row["hex"]) // 2
    return 1 if "bit" in row else size(row)


def table(key):
    """The table of a protocol, its sections as frames."""
    found = tables.load(f"registers/{key}")
    frames = {name: block(section) for name, section in found["blocks"].items()}
    return {**found, "order": "big", "frames": frames}


def module(key):
    """The text of firmware/protocols/serial/<key>.py."""
    found = table(key)
    code = Code(found)
    where, name = found.get("translator", "registers.Registers").split(".")
    kinds = "kinds of numbers: bytes, mul, add, div, lowest, highest, not known"
    body = []
    for note, rows in (
        ("blocks: first register, registers, where the code begins", rows_of(code.frames, True)),
        ("code", literal(code.code)),
        (kinds, rows_of(code.kinds)),
    ):
        body += [f"    (  # {note}", *(f"        {line}" for line in rows), "    ),"]
    body += [f'    "{line} "' for line in textwrap.wrap(" ".join(code.names), 90)]
    ends = (found["lowest"], found["highest"], found.get("greeting", -1))
    body += ["    ,", f"    {ends},"]
    note = NOTE.format(f"registers/{key}")
    return TEXT_OF_MODULE.format(found["name"], note, f"serial.{where}", name, "\n".join(body))


def kind_table():
    """The text of firmware/protocols/serial/kind_table.py."""
    words = tables.load("can/sources")
    names = [*words["alarms"], *words["warnings"]]
    kinds = bytearray((NONE,)) * (max(tables.fault_rows()) + 1)
    for kind, name in enumerate(names):
        for fault in can_table.faults([name]):
            if kinds[fault] != NONE:
                raise ValueError(f"fault {fault} is of two kinds")
            kinds[fault] = kind
    groups = [
        f"{name.upper()} = {sum(1 << names.index(member) for member in members):#x}"
        for name, members in words["groups"].items()
    ]
    lines = [
        '"""Kinds of faults, one bit each, in the words that inverter protocols share.',
        "",
        *NOTE.format("can/sources").splitlines(),
        '"""',
        "",
        *(f"{name.upper()} = {1 << kind:#x}" for kind, name in enumerate(names)),
        "# groups",
        *groups,
        "# bit of each fault's kind, by its number; 255 = none",
        "KINDS = (",
        *(f"    {line}" for line in literal(kinds)),
        ")",
    ]
    return "\n".join(lines) + "\n"


def outputs():
    """{path: text} of the generated files."""
    out = {"firmware/protocols/serial/kind_table.py": kind_table()}
    for key in protocols():
        out[f"firmware/protocols/serial/{key}.py"] = module(key)
    return out
