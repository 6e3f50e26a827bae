"""The JK register map of the settings, packed for the target from tables/parameters.toml.

`outputs()` gives the generated files; tools/generate.py writes and checks them.
"""

from host_sim import tables

TYPES = {"u32": ("I", 4), "i32": ("i", 4), "u8": ("B", 1), "i8 degC": ("b", 1)}
DEGREES = "b"
GAP = 16  # so many bytes between two fields are skipped, not a reason for another run
NOTE = (
    "Generated from tables/parameters.toml by tools/generate_jk.py; edit the table, not this file."
)


def fields():
    """(register, format, parameter id) of every plain field, by register; the bits apart."""
    plain, bits = [], {}
    for row in tables.parameters():
        if "jk" not in row:
            continue
        register, kind = int(row["jk"][0], 16), row["jk"][1]
        if kind.startswith("bit "):
            bits.setdefault(register, {})[int(kind[4:])] = row["id"]
        else:
            plain.append((register, TYPES[kind][0], row["id"]))
    return sorted(plain), bits


def runs(plain):
    """Neighbours joined into [register, codes, ids]: one struct call packs a run. Temperatures of
    one byte stay apart, because they need a division."""
    sizes = dict(TYPES.values())
    joined, end = [], None
    for register, code, id in plain:
        if end is not None and register < end:
            raise ValueError(f"registers overlap at 0x{register:04X}")
        near = end is not None and register - end <= GAP
        if not near or (joined[-1][1][-1] == DEGREES) != (code == DEGREES):
            joined.append([register, "", []])
            end = register
        joined[-1][1] += "x" * (register - end) + code
        joined[-1][2].append(id)
        end = register + sizes[code]
    return joined


def literal(data):
    return 'b"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


def settings_table():
    """The text of firmware/protocols/jk_settings_table.py."""
    plain, bits = fields()
    if len(bits) != 1:
        raise ValueError("one control word expected")
    ((register, by_bit),) = bits.items()
    lines = [
        '"""The JK settings registers: which parameter stands where.',
        "",
        NOTE,
        '"""',
        "",
        "# register, struct codes, parameter ids (code b: degC, the parameter is in 0.1 degC)",
        "# fmt: off",
        "RUNS = (",
        *(f'    (0x{run:04X}, b"{codes}", {literal(ids)}),' for run, codes, ids in runs(plain)),
        ")",
        "# fmt: on",
        "# the control word: parameter id of bits 0..15, 0 = none",
        f"CONTROL = 0x{register:04X}",
        f"CONTROL_BITS = {literal(by_bit.get(bit, 0) for bit in range(16))}",
    ]
    return "\n".join(lines) + "\n"


def outputs():
    """{path: text} of the generated files."""
    return {"firmware/protocols/jk_settings_table.py": settings_table()}
