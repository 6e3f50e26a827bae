"""Turns the TOML tables into the packed tables of the target and the generated pages.

`python -m tools.generate` writes what changed; `--check` writes nothing and fails when a
generated file is not current.
"""

import struct
import subprocess
import sys
from pathlib import Path

from host_sim import ocv_packed, tables
from tools import generate_can, generate_jk, generate_protocols, generate_registers
from tools.pages import faults_page, parameters_page

ROOT = Path(__file__).resolve().parent.parent
NOTE = "Generated from tables/{}.toml by tools/generate.py; edit the table, not this file."
ACCESS = {"user": 0, "factory": 1, "readonly": 2}
NEEDS = {None: 0, "heater": 1, "charge_limiter": 2, "buzzer": 3, "balancer": 4}
SEVERITY = {"info": 0, "warning": 1, "protection": 2, "latched": 3}
LAMP = {"off": 0, "on": 1, "level": 1, "frames": 1, "flicker": 2}
SENSE = {"never": 0, "above": 1, "below": 2, "fault": 3, "state": 4}
VALUES = (
    "none",
    "soc",
    "pack_mv",
    "max_mv",
    "min_mv",
    "charge_ma",
    "discharge_ma",
    "hottest",
    "coldest",
    "mos",
)
MEASURED = {
    "pack_mv": "pack_mv",
    "max_mv": "max_mv",
    "min_mv": "min_mv",
    "charge_ma": "current_ma",
    "discharge_ma": "current_ma",
    "hottest": "temp_max",
    "coldest": "temp_min",
}
CHEMISTRY = ("lifepo4", "li-ion", "lto")


def literal(name, data, width=20):
    """A bytes constant in lines of `width` bytes."""
    lines = [f"{name} = ("]
    for at in range(0, len(data), width):
        lines.append('    b"' + "".join(f"\\x{b:02x}" for b in data[at : at + width]) + '"')
    return "\n".join([*lines, ")"])


def module(table, doc, *parts):
    return f'"""{doc}\n\n{NOTE.format(table)}\n"""\n\n' + "\n".join(parts) + "\n"


def keys(rows, count):
    """Keys joined by NUL in id order, so that the n-th word is id n."""
    names = [""] * count
    for row in rows:
        names[row["id"]] = row["key"]
    return "\\x00".join(names)


def parameter_table():
    rows = tables.parameters()
    texts = tables.load("parameters")["texts"]
    count = rows[-1]["id"] + 1
    packed = bytearray(14 * count)
    for row in rows:
        flags = 1 | 2 * row.get("preset", False) | 4 * row.get("afe", False)
        access = ACCESS[row.get("access", "user")] | NEEDS[row.get("needs")] << 4
        values = (row["min"], row["max"], tables.default(row, "ess"))
        struct.pack_into("<BBiii", packed, 14 * row["id"], flags, access, *values)
    window = tables.load("parameters")["absolute"]
    limits = [tuple(window[name].values()) for name in CHEMISTRY]
    return module(
        "parameters",
        "The parameter table, packed: 14 bytes a row (flags, access + needs, min, max, default).",
        f"TEXT_COUNT = {len(texts)}",
        f"ABSOLUTE_MV = {tuple(v for pair in limits for v in pair)}  # OVP max, UVP min",
        literal("ROWS", packed),
        f'KEYS = b"{keys(rows, count)}"',
        f"TEXT_MAX = {bytes(row['max'] for row in texts)!r}".replace("'", '"'),
        f"TEXT_ACCESS = {bytes(ACCESS[row['access']] for row in texts)!r}".replace("'", '"'),
        'TEXT_KEYS = b"' + "\\x00".join(row["key"] for row in texts) + '"',
        'TEXT_DEFAULTS = b"' + "\\x00".join(row["default"] for row in texts) + '"',
    )


def profile_table():
    parts, fixed = [], {}
    for profile in tables.PROFILES:
        data = bytearray()
        for row in tables.parameters():
            value = tables.default(row, profile)
            if value != row["default"]:
                data += struct.pack("<Bi", row["id"], value)
        name = profile.upper().replace("-", "_")
        parts.append(literal(name, data))
        fixed[profile] = bytes(
            row["id"] for row in tables.parameters() if profile in row.get("fixed_in", ())
        )
        parts.append(literal(name + "_FIXED", fixed[profile]))
    names = [p.upper().replace("-", "_") for p in tables.PROFILES]
    parts.append(f"NAMES = {tables.PROFILES!r}".replace("'", '"'))
    parts.append("VALUES = (" + ", ".join(names) + ")")
    parts.append("FIXED = (" + ", ".join(n + "_FIXED" for n in names) + ")")
    doc = "What each profile changes against `ess`: 5 bytes a value (id, i32)."
    return module("parameters", doc, *parts)


def ids(table, doc, rows):
    count = max(row["id"] for row in rows) + 1
    names = (f"{row['key'].upper()} = {row['id']}" for row in rows)
    return module(table, doc, *names, f"COUNT = {count}  # one above the highest id")


def fault_table():
    rows = list(tables.fault_rows().values())
    count = max(row["id"] for row in rows) + 1
    words = -(-count // 30)

    def mask(wanted):
        out = [0] * words
        for row in rows:
            if wanted(row):
                out[row["id"] // 30] |= 1 << row["id"] % 30
        return tuple(out)

    def off(letter):
        return lambda row: letter in row["off"]

    masks = {
        "CHARGE": mask(off("C")),
        "DISCHARGE": mask(off("D")),
        "BALANCE": mask(off("B")),
        "BOTH": mask(lambda row: "C" in row["off"] and "D" in row["off"]),
        "ALM": mask(lambda row: row.get("alm", False)),
        "LATCHED": mask(lambda row: row["severity"] == "latched"),
        "EMERGENCY": mask(lambda row: row.get("emergency", False)),
    }
    severity, jk = bytearray(count), bytearray(b"\xff" * count)
    for row in rows:
        severity[row["id"]] = SEVERITY[row["severity"]]
        jk[row["id"]] = row.get("jk", 255)
    return module(
        "faults",
        "The fault table, packed: words of 30 bits by action, bytes by id.",
        f"COUNT = {count}",
        f"WORDS = {words}",
        *(f"{name} = {value}" for name, value in masks.items()),
        literal("SEVERITY", severity),
        literal("JK_BIT", jk),
    )


def system_faults():
    """Keys of the faults that light ALM and are no mere warnings (PNL-02, SEC-02)."""
    rows = tables.fault_rows().values()
    return [r["key"] for r in rows if r.get("alm") and SEVERITY[r["severity"]] >= 2]


def fault_mask(names):
    """Words of 30 bits with a bit for each fault key, as in the fault table; "system" stands for
    all system faults."""
    out = [0] * -(-(max(tables.fault_rows()) + 1) // 30)
    for name in system_faults() if names == "system" else names:
        fault = tables.fault_id(name)
        out[fault // 30] |= 1 << fault % 30
    return tuple(out)


def panel_sources(rows):
    """(packed rows by id, fault masks of the sources that look at faults)."""
    packed = bytearray(4 * (max(row["id"] for row in rows) + 1))
    masks = []
    for row in rows:
        value = VALUES.index(row.get("value", "none"))
        if "faults" in row:
            value = len(masks)
            masks.append(fault_mask(row["faults"]))
        fields = (SENSE[row["sense"]], value, row.get("per", 0), row.get("steady", False))
        packed[4 * row["id"] : 4 * row["id"] + 4] = bytes(fields)
    return packed, masks


def panel_table():
    panel = tables.load("panel")
    states = bytearray()
    for row in sorted(panel["states"], key=lambda row: row["id"]):
        lamps = (LAMP[row[name]] for name in ("on_off", "run", "alm", "bar", "link"))
        states += bytes((row["id"], *lamps))
    bar = [row["up_to"] for row in sorted(panel["bar"], key=lambda row: row["lamps"])]
    sources, masks = panel_sources(panel["sources"])
    names = [f"{row['key'].upper()} = {row['id']}" for row in panel["states"]]
    triggers = [f"{row['key'].upper()} = {row['id']}" for row in panel["sources"]]
    return module(
        "panel",
        "Panel states (id, ON/OFF, RUN, ALM, bar, Link: 0 off, 1 on, 2 flicker), bar, sources.",
        *names,
        literal("STATES", states, 6),
        f"BAR_UP_TO = {tuple(bar[:-1])}  # 0.1 %; of the last one nothing is above",
        "# trigger sources",
        *(t if t != "OFF = 0" else "NO_SOURCE = 0" for t in triggers),
        "# senses",
        *(f"{name.upper()} = {number}" for name, number in SENSE.items()),
        "# measured values, and the fields of State.measured that hold them",
        *(f"VALUE_{name.upper()} = {VALUES.index(name)}" for name in VALUES[1:]),
        f"FIELDS = {tuple(MEASURED.get(name, '') for name in VALUES[:-1])}".replace("'", '"'),
        "# by source id: sense, measured value or faults, raw steps per unit, 1 = never pulses",
        literal("SOURCES", sources, 4),
        "# faults that close a contact; with PROTECTING, those that open it",
        f"FAULTS = {tuple(masks)}",
    )


def ocv_table():
    curves = tables.load("ocv")
    packed = [ocv_packed.pack(name, curves[name]["points"]) for name in ocv_packed.CHEMISTRIES]
    names = [name.upper().replace("-", "_") for name in ocv_packed.CHEMISTRIES]
    return module(
        "ocv",
        "Open-circuit voltage tables (packed as firmware/gauge/ocv.py says), by chemistry.",
        *(literal(name, data) for name, data in zip(names, packed, strict=True)),
        f"TABLES = ({', '.join(names)})",
        "\n\ndef table(chemistry):",
        '    """The packed table of a chemistry, by number."""',
        "    return TABLES[chemistry]",
    )


def outputs():
    faults = list(tables.fault_rows().values())
    return {
        "firmware/settings/parameter_table.py": parameter_table(),
        "firmware/parameter_ids.py": ids(
            "parameters", "Permanent parameter ids.", tables.parameters()
        ),
        "firmware/settings/profile_table.py": profile_table(),
        "firmware/fault_table.py": fault_table(),
        "firmware/fault_ids.py": ids("faults", "Permanent fault ids.", faults),
        "firmware/panel/panel_table.py": panel_table(),
        "firmware/settings/ocv_table.py": ocv_table(),
        "docs/parameters.md": parameters_page(),
        "docs/faults.md": faults_page(),
        **generate_can.outputs(),
        **generate_jk.outputs(),
        **generate_protocols.outputs(),
        **generate_registers.outputs(),
    }


def formatted(name, text):
    if not name.endswith(".py"):
        return text
    command = [sys.executable, "-m", "ruff", "format", "-q", "--stdin-filename", name, "-"]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def main(arguments):
    check = "--check" in arguments
    stale = []
    for name, text in outputs().items():
        path, text = ROOT / name, formatted(name, text)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text)
            print(f"wrote {name}")
    if check and stale:
        print("not current: " + ", ".join(stale) + "; run `make generate` and commit the result")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
