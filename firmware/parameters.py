"""The parameter values in RAM: read by id, changed all or nothing.

The rows (limits, defaults, access) are in tables/parameters.toml, packed by the generator.
Values are raw integers in the unit of the key; `values[id]` is the fast way to read one.
"""

import struct
from array import array

from firmware import parameter_ids as ids
from firmware import parameter_table as table
from firmware.crc16 import crc16

COUNT = table.COUNT
FIRST_TEXT = 200
ROW = 14

# flags
EXISTS = 1
PRESET = 2
AFE = 4

# access
USER = 0
FACTORY = 1
READ_ONLY = 2

LFP = 0
LI_ION = 1
LTO = 2

DEFAULT_PROFILE = "dy-n8s24280a"


class Refused(ValueError):
    """A request that changes nothing; the text names parameter, value and allowed range."""

    def __init__(self, text, register=False):
        super().__init__(text)
        self.register = register  # True: the parameter itself is refused, not the value


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


class Parameters:
    """All values of one pack. `generation` changes whenever a value does."""

    def __init__(self, profile=DEFAULT_PROFILE):
        self.values = array("i", [0] * COUNT)
        self.texts = [bytes(t) for t in table.TEXT_DEFAULTS.split(b"\x00")]
        self.fixed = b""
        self.generation = 0
        self._crc = 0
        self._at = 0
        self._sum = 0xFFFF
        self._block = bytearray(4)
        self.load_profile(profile)

    def load_profile(self, name):
        """Every value from a profile, also currents and cell count: first start and factory
        reset only (a one-click preset is `preset_changes`)."""
        values, self.fixed, _ = profile(name)
        for id in range(COUNT):
            self.values[id] = bounds(id)[2] if exists(id) else 0
        for id in values:
            self.values[id] = values[id]
        self.seal()

    def seal(self):
        """Note the present values as the wanted ones (after a checked change)."""
        self.generation = self.generation + 1 & 0x3FFFFFFF
        self._crc = self._crc_of(0, COUNT, 0xFFFF)
        self._at, self._sum = 0, 0xFFFF

    def check(self, rows=8):
        """Go on with the CRC over the values, a few rows a call. False when a whole pass found a
        difference: memory is damaged (MEA-09). A pass takes COUNT / rows calls."""
        end = min(self._at + rows, COUNT)
        self._sum = self._crc_of(self._at, end, self._sum)
        self._at = end
        if end < COUNT:
            return True
        good = self._sum == self._crc
        self._at, self._sum = 0, 0xFFFF
        return good

    def _crc_of(self, start, end, crc):
        block, values = self._block, self.values
        for id in range(start, end):
            value = values[id]
            block[0] = value & 255
            block[1] = value >> 8 & 255
            block[2] = value >> 16 & 255
            block[3] = value >> 24 & 255
            crc = crc16(block, 0, 4, crc)
        return crc

    def text(self, id):
        """A text parameter as bytes, without padding."""
        return self.texts[id - FIRST_TEXT]

    def check_changes(self, changes, factory=False):
        """Raise Refused when {id: value} may not be applied as a whole; changes nothing."""
        for id in changes:
            self._check_one(id, changes[id], factory)
        check_consistency(lambda id: changes.get(id, self.values[id]))

    def apply(self, changes):
        """Store changes that `check_changes` has accepted."""
        for id in changes:
            if id >= FIRST_TEXT:
                self.texts[id - FIRST_TEXT] = bytes(changes[id])
            else:
                self.values[id] = changes[id]
        self.seal()

    def _check_one(self, id, value, factory):
        if id >= FIRST_TEXT:
            return self._check_text(id, value, factory)
        if not exists(id):
            raise Refused("unknown parameter %d" % id, True)
        name = key(id)
        if access(id) == READ_ONLY:
            raise Refused("%s cannot be set" % name, True)
        if not factory and (access(id) == FACTORY or id in self.fixed):
            raise Refused("%s is set by the factory" % name, True)
        low, high, _ = bounds(id)
        if not isinstance(value, int) or not low <= value <= high:
            raise Refused("%s = %s: allowed are %d..%d" % (name, value, low, high))
        return None

    def _check_text(self, id, value, factory):
        index = id - FIRST_TEXT
        if index >= table.TEXT_COUNT:
            raise Refused("unknown parameter %d" % id, True)
        if not factory and access(id) == FACTORY:
            raise Refused("%s is set by the factory" % key(id), True)
        longest = table.TEXT_MAX[index]
        plain = isinstance(value, (bytes, bytearray)) and all(32 <= b < 127 for b in value)
        if not plain or len(value) > longest:
            raise Refused("%s: allowed are up to %d letters and digits" % (key(id), longest))


def profile(name):
    """({id: value}, fixed ids, number) of a profile: loaded, read and dropped again."""
    from firmware import profile_table

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


def check_ranges(values):
    """Raise Refused when a stored value lies outside its row's range."""
    for id in range(1, COUNT):
        if exists(id):
            low, high, _ = bounds(id)
            if not low <= values[id] <= high:
                raise Refused("%s = %d: allowed are %d..%d" % (key(id), values[id], low, high))


def _ordered(get, names, text):
    """Refuse when the values of `names` do not rise strictly."""
    for i in range(len(names) - 1):
        if get(names[i]) >= get(names[i + 1]):
            low, high = names[i], names[i + 1]
            raise Refused(
                "%s = %d must be below %s = %d (%s)"
                % (key(low), get(low), key(high), get(high), text)
            )


def _at_most(get, low, high):
    if get(low) > get(high):
        raise Refused(
            "%s = %d may be at most %s = %d" % (key(low), get(low), key(high), get(high))
        )


def check_consistency(get):
    """Raise Refused unless the set of values that `get(id)` reads is safe (PRF-06, PRF-07)."""
    _ordered(
        get,
        (ids.POWER_OFF_MV, ids.CELL_UVP_MV, ids.CELL_UVPR_MV, ids.CELL_OVPR_MV, ids.CELL_OVP_MV),
        "power-off < UVP < UVPR < OVPR < OVP",
    )
    _ordered(get, (ids.SOC_0_MV, ids.SOC_100_MV), "SOC 0 % < SOC 100 %")
    _at_most(get, ids.SOC_100_MV, ids.RCV_MV)
    _at_most(get, ids.RFV_MV, ids.RCV_MV)
    _ordered(get, (ids.RCV_MV, ids.CELL_OVP_MV), "RCV < OVP")
    for low, high in (
        (ids.CHARGE_OTPR_DC, ids.CHARGE_OTP_DC),
        (ids.DISCHARGE_OTPR_DC, ids.DISCHARGE_OTP_DC),
        (ids.CHARGE_UTP_DC, ids.CHARGE_UTPR_DC),
        (ids.CHARGE_UTPR_DC, ids.CHARGE_OTPR_DC),
        (ids.DISCHARGE_UTP_DC, ids.DISCHARGE_UTPR_DC),
        (ids.DISCHARGE_UTPR_DC, ids.DISCHARGE_OTPR_DC),
        (ids.MOS_OTPR_DC, ids.MOS_OTP_DC),
        (ids.BATTERY_ALARM_RELEASE_DC, ids.BATTERY_ALARM_DC),
        (ids.CELL_DIFFERENCE_RELEASE_MV, ids.CELL_DIFFERENCE_MV),
        (ids.LOW_SOC_PCT, ids.LOW_SOC_RELEASE_PCT),
    ):
        _ordered(get, (low, high), "recovery inside protection")
    _check_pack_levels(get)
    chemistry = get(ids.CHEMISTRY)
    highest, lowest = table.ABSOLUTE_MV[2 * chemistry], table.ABSOLUTE_MV[2 * chemistry + 1]
    if get(ids.CELL_OVP_MV) > highest:
        raise Refused(
            "cell_ovp_mv = %d: this chemistry allows at most %d" % (get(ids.CELL_OVP_MV), highest)
        )
    if get(ids.CELL_UVP_MV) < lowest:
        raise Refused(
            "cell_uvp_mv = %d: this chemistry allows at least %d" % (get(ids.CELL_UVP_MV), lowest)
        )


def pack_level(get, pack, cell):
    """A pack level in mV: as set, or the cell level times the cell count (PRT-13)."""
    return get(pack) or get(cell) * get(ids.CELL_COUNT)


def _check_pack_levels(get):
    low, low_release = (ids.PACK_UVP_MV, ids.CELL_UVP_MV), (ids.PACK_UVPR_MV, ids.CELL_UVPR_MV)
    high, high_release = (ids.PACK_OVP_MV, ids.CELL_OVP_MV), (ids.PACK_OVPR_MV, ids.CELL_OVPR_MV)
    for inner, outer in ((low, low_release), (low_release, high_release), (high_release, high)):
        below, above = pack_level(get, *inner), pack_level(get, *outer)
        if below >= above:
            raise Refused(
                "%s = %d must be below %s = %d (pack UVP < UVPR < OVPR < OVP)"
                % (key(inner[0]), below, key(outer[0]), above)
            )
    high_alarm, low_alarm = get(ids.PACK_OV_ALARM_MV), get(ids.PACK_UV_ALARM_MV)
    released = pack_level(get, *high_release)
    if high_alarm and high_alarm <= released:
        raise Refused("pack_ov_alarm_mv = %d must be above %d" % (high_alarm, released))
    released = pack_level(get, *low_release)
    if low_alarm and low_alarm >= released:
        raise Refused("pack_uv_alarm_mv = %d must be below %d" % (low_alarm, released))
