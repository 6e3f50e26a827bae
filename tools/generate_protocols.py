"""The protocols that a port can select, packed for the target from tables/protocols.toml.

`outputs()` gives the generated files; tools/generate.py writes and checks them.
"""

from host_sim import protocols

NOTE = (
    "Generated from tables/protocols.toml by tools/generate_protocols.py; edit the table, not this"
    " file."
)

FIND = '''

def find(kind, number):
    """(module, bits per second) of a protocol, None for a number without a translation."""
    for row in IMPLEMENTED:
        if row[0] == kind and row[1] == number:
            return row[2], row[3]
    return None'''


def mask(bus):
    """A bytes literal: bit n of byte k = protocol 8k + n can be selected."""
    bits = sum(1 << row["id"] for row in protocols.implemented(bus) if row["id"] < 32)
    return 'b"' + "".join(f"\\x{byte:02x}" for byte in bits.to_bytes(4, "little")) + '"'


def registry():
    """The text of firmware/settings/registry.py."""
    rows = [
        f'    ({kind}, {row["id"]}, "{bus}.{row["module"]}", {row["baud"]}),'
        for kind, bus in enumerate(protocols.BUSES)
        for row in protocols.implemented(bus)
    ]
    lines = [
        '"""What can be selected on a port (COM-04, COM-05): numbers only, names stay on the PC.',
        "",
        NOTE,
        '"""',
        "",
        *(f"{bus.upper()} = {kind}" for kind, bus in enumerate(protocols.BUSES)),
        "# kind, number, module of firmware/protocols/, bits per second",
        "IMPLEMENTED = (",
        *rows,
        ")",
        "# 4 bytes: bit n of byte k = protocol 8k + n can be selected (COM-14)",
        *(f"{bus.upper()}_MASK = {mask(bus)}" for bus in protocols.BUSES),
        FIND,
    ]
    return "\n".join(lines) + "\n"


def outputs():
    """{path: text} of the generated files."""
    return {"firmware/settings/registry.py": registry()}
