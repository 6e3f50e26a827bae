"""Names and states of the selectable protocols, from tables/protocols.toml (COM-04, COM-05): for
people; the target knows the numbers of the implemented ones only."""

from host_sim import tables

BUSES = ("serial", "can")


def row(bus, number):
    """The row of a protocol on "serial" or "can", None for a number that does not exist."""
    return next((row for row in tables.load("protocols")[bus] if row["id"] == number), None)


def implemented(bus):
    """Rows of the protocols that can be selected, by number."""
    return [row for row in tables.load("protocols")[bus] if "module" in row]


def number(bus, word):
    """The number of an implemented protocol by its key ("pylontech") or number, else None."""
    for row in implemented(bus):
        if word in (row.get("key"), str(row["id"])):
            return row["id"]
    return None


def show(bus, number):
    """A protocol as people write it: number, name and what is wrong with it."""
    found = row(bus, number)
    if found is None:
        return f"{number:03d} (does not exist)"
    note = "" if "module" in found else " (not implemented)"
    if found.get("state") == "unverified":
        note = " (unverified)"
    return f"{number:03d} {found['name']}{note}"
