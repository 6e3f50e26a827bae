"""The rows of the parameter table: keys, limits, access; presets and profiles (PRF-01..05).

The rows are in tables/parameters.toml, packed by the generator.
"""

import struct

from firmware import parameter_ids as ids
from firmware.parameters import FIRST_TEXT, Refused
from firmware.settings import parameter_table as table
from firmware.settings import profile_table

COUNT = ids.COUNT
ROW = 14

# flags
EXISTS = 1
PRESET = 2
AFE = 4

# access
USER = 0
FACTORY = 1
READ_ONLY = 2


def key(id):
    """The key of a parameter id, for texts and logs."""
    if id >= FIRST_TEXT:
        return str(table.TEXT_KEYS.split(b"\x00")[id - FIRST_TEXT], "ascii")
    return str(table.KEYS.split(b"\x00")[id], "ascii")


def find(name):
    """The id of a key; Refused when there is none."""
    wanted = name.encode()
    for first, keys in ((0, table.KEYS), (FIRST_TEXT, table.TEXT_KEYS)):
        for i, word in enumerate(keys.split(b"\x00")):
            if word and word == wanted:
                return first + i
    raise Refused("unknown parameter %s" % name, True)


def exists(id):
    """True for an id of the table (numbers only)."""
    return 0 < id < COUNT and table.ROWS[id * ROW] & EXISTS == EXISTS


def flags(id):
    """EXISTS | PRESET | AFE."""
    return table.ROWS[id * ROW]


def access(id):
    """USER, FACTORY or READ_ONLY, before profiles fix a parameter."""
    if id >= FIRST_TEXT:
        return table.TEXT_ACCESS[id - FIRST_TEXT]
    return table.ROWS[id * ROW + 1] & 15


def needs(id):
    """Number of the optional part that the parameter needs, 0 = none (see NEEDS in boards)."""
    return table.ROWS[id * ROW + 1] >> 4


def bounds(id):
    """(min, max, ess default) of a row."""
    return struct.unpack_from("<iii", table.ROWS, id * ROW + 2)


def profile(name):
    """({id: value}, fixed ids, number) of a profile."""
    if name not in profile_table.NAMES:
        raise Refused("unknown profile %s: %s" % (name, ", ".join(profile_table.NAMES)), True)
    number = profile_table.NAMES.index(name)
    data = profile_table.VALUES[number]
    values = {}
    for at in range(0, len(data), 5):
        id, value = struct.unpack_from("<Bi", data, at)
        values[id] = value
    return values, profile_table.FIXED[number], number


def preset_changes(name):
    """{id: value} that a one-click preset sets: chemistry, voltages, delays and temperatures,
    never capacity, cell count, currents, addresses or passwords (PRF-01)."""
    values, fixed, number = profile(name)
    changes = {}
    for id in range(1, COUNT):
        if exists(id) and flags(id) & PRESET:
            changes[id] = values.get(id, bounds(id)[2])
    changes[ids.PROFILE] = number
    return changes, fixed


def fill(parameters, name):
    """Every value of `parameters` from a profile, and the texts."""
    values, parameters.fixed, _ = profile(name)
    for id in range(COUNT):
        parameters.values[id] = bounds(id)[2] if exists(id) else 0
    for id in values:
        parameters.values[id] = values[id]
    parameters.texts = [bytes(text) for text in table.TEXT_DEFAULTS.split(b"\x00")]


def lowest_mv(chemistry):
    """Lowest UVP that any profile, port or password may set (PRF-07)."""
    return table.ABSOLUTE_MV[2 * chemistry + 1]


def highest_mv(chemistry):
    """Highest OVP that any profile, port or password may set (PRF-07)."""
    return table.ABSOLUTE_MV[2 * chemistry]
