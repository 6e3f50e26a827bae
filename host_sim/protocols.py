"""Names and states of the selectable protocols, from tables/protocols.toml (COM-04, COM-05): for
people; the target knows the numbers of the implemented ones only."""

import argparse
import sys

from host_sim import tables

STATES = {
    "capture": "verified by captures",
    "client": "verified by a third-party client",
    "document": "by document",
    "unverified": "unverified",
}
WIDTH = 120  # of lines for a file or a pipe
BUSES = ("serial", "can")
TITLES = {
    "can": "CAN (--can-protocol)",
    "serial": "serial (--rs485-1-protocol, --rs485-2-protocol, --rs232-protocol)",
}
LISTING = "The protocols of the ports: number, name for the options, how far it can be trusted."


def row(bus, number):
    """The row of a protocol on "serial" or "can", None for a number that does not exist."""
    return next((row for row in tables.load("protocols")[bus] if row["id"] == number), None)


def implemented(bus):
    """Rows of the protocols that can be selected, by number."""
    return [row for row in tables.load("protocols")[bus] if "module" in row]


def number(bus, word):
    """The number of an implemented protocol by its key ("pylontech") or number, else None."""
    word = word.replace("_", "-")
    for row in implemented(bus):
        if word in (row.get("key"), str(row["id"])):
            return row["id"]
    return None


def known(bus, word):
    """True for the key or number of a protocol that exists, implemented or not."""
    rows = tables.load("protocols")[bus]
    return any(word in (row.get("key"), str(row["id"])) for row in rows)


def state(row):
    """What is known about a protocol's translation, in words."""
    return STATES[row["state"]] if "module" in row else "not implemented"


def main(arguments):
    """`python -m host_sim protocols`: list them."""
    from rich.console import Console  # noqa: PLC0415  (slow to import)
    from rich.table import Table  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m host_sim protocols", description=LISTING)
    parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for bus in reversed(BUSES):
        table = Table(title=TITLES[bus], title_justify="left", title_style="bold", box=None)
        for head in ("number", "name", "bit/s", "state", "protocol"):
            table.add_column(head, justify="right" if head in ("number", "bit/s") else "left")
        for row in tables.load("protocols")[bus]:
            style = "dim" if "module" not in row else "yellow" * (row["state"] == "unverified")
            baud = str(row.get("baud", ""))
            cells = (f"{row['id']:03d}", row.get("key", ""), baud, state(row), row["name"])
            table.add_row(*cells, style=style)
        console.print(table)
        console.print()
    return 0


def show(bus, number):
    """A protocol as people write it: number, name and what is wrong with it."""
    found = row(bus, number)
    if found is None:
        return f"{number:03d} (does not exist)"
    note = "" if "module" in found else " (not implemented)"
    if found.get("state") == "unverified":
        note = " (unverified)"
    return f"{number:03d} {found['name']}{note}"
