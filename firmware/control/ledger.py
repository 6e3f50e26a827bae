"""The charge ledger: how much more each cell takes than the fullest one (BAL-05).

On LFP's plateau a voltage says nothing about charge; near full the curve is steep. There the
room left in each cell is read from its voltage, and worked off later at any state of charge.
"""

import struct
from array import array

from firmware import parameter_ids as p
from hal.contract import MAX_CELLS

MAH = 3_600_000  # mA x ms
RECEIVED_PCT = 85  # of what a donor gives
# cell voltage 0.1 mV while charging, current taken off -> charge still missing, 0.001 %
LFP = (
    33600, 2400, 33800, 1750, 34000, 1250, 34200, 1050, 34400, 900, 34600, 780, 34800, 680,
    35000, 580, 35500, 340, 36500, 0,
)  # fmt: skip
LI_ION = (40000, 18000, 40700, 10000, 41200, 5000, 42000, 0)
LTO = (25200, 5000, 26000, 2000, 27800, 0)
TABLES = (LFP, LI_ION, LTO)
READ_DMV = (34250, 41000, 25600)  # the highest cell must be here for a reading ...
GOOD_DMV = (34600, 41400, 26200)  # ... and here for a good one
OHMIC_MV = 56  # voltage at 1 C: 0.2 mOhm of a 280 Ah cell, at once ...
SLOW_MV = 90  # ... and 0.32 mOhm that follow within ten minutes
FOLLOWS_MS = 600_000
START_PARTS = 400  # works from 0.25 % of the capacity ...
STOP_PARTS = 1_000  # ... down to 0.1 %
LARGEST = 0x3FFFFFFF
SIZE = 2 * MAX_CELLS + 5


class Ledger:
    """Writes surplus_mah, known and moved_mah of state.balance."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._balance = context.state.balance
        self.room_mah = array("i", [0] * MAX_CELLS)  # more than the fullest cell
        self.slow_ma = 0  # 1/64 mA: the current of the last minutes
        self._gave = 0  # mA x ms not yet carried
        self._took = 0
        self.donor = 0  # set by `pick`
        self.receiver = 0

    def follow(self, ma, dt_ms):
        """The pack current, every cycle."""
        away = (ma * 64 - self.slow_ma) // (FOLLOWS_MS // 100)
        self.slow_ma += away * min(dt_ms, 10_000) // 100

    def count(self, ma, dt_ms):
        """`ma` went from the donor to the receiver for `dt_ms`."""
        balance, room = self._balance, self.room_mah
        dt_ms = min(dt_ms, 10_000)
        given = self._gave + ma * dt_ms
        mah = given // MAH
        self._gave = given - mah * MAH
        taken = self._took + ma * RECEIVED_PCT // 100 * dt_ms
        got = taken // MAH
        self._took = taken - got * MAH
        if mah:
            room[balance.donor] += mah
            balance.moved_mah = min(balance.moved_mah + mah, LARGEST)
        if got:
            room[balance.receiver] -= got

    def read(self, mean_dmv, cells, ma):
        """Mean voltages (0.1 mV) at a small, steady charge current `ma`, near full."""
        values, room = self._values, self.room_mah
        capacity_mah, chemistry = values[p.DESIGN_CAPACITY_MAH], values[p.CHEMISTRY]
        table = TABLES[chemistry]
        shift = (ma // 100 * OHMIC_MV + self.slow_ma // 6400 * SLOW_MV) * 10
        shift //= capacity_mah // 100
        full = 0
        for i in range(cells):
            if mean_dmv[i] > mean_dmv[full]:
                full = i
        high_dmv = mean_dmv[full] - shift
        # at rest a full cell's voltage sinks by itself, and with it the difference
        charging = self.slow_ma // 64 >= capacity_mah // 400
        known = self._balance.known
        if high_dmv < READ_DMV[chemistry] or not (charging or known):
            return
        share = 8 if high_dmv >= GOOD_DMV[chemistry] else 3  # of 16
        least_mah, missing = room[full], headroom(table, high_dmv)
        for i in range(cells):
            dmv = mean_dmv[i] - shift
            mah = part_of(capacity_mah, headroom(table, dmv) - missing)
            if not known:
                room[i] = mah
            elif charging and dmv > table[0]:
                room[i] += (mah - room[i]) * share // 16
            else:  # at least so much, also of another cell's curve
                room[i] = max(room[i], least_mah + mah * 2 // 3)
        self._balance.known = True
        self.publish(cells)

    def publish(self, cells):
        """The fullest cell has 0; surplus counts from the emptiest. Returns the spread, mAh."""
        room, surplus = self.room_mah, self._balance.surplus_mah
        low = high = room[0]
        self.donor = self.receiver = 0
        for i in range(cells):
            mah = room[i]
            if mah < low:
                low, self.donor = mah, i
            if mah > high:
                high, self.receiver = mah, i
        for i in range(cells):
            room[i] -= low
            surplus[i] = high - low - room[i]
        return high - low

    def pick(self, cells, active):
        """True when charge should move from `donor` to `receiver`."""
        if not self._balance.known:
            return False
        parts = STOP_PARTS if active else START_PARTS
        return self.publish(cells) > max(self._values[p.DESIGN_CAPACITY_MAH] // parts, 2)

    def outlier(self, cells):
        """True when the donor is farther from the mean than the receiver."""
        total = 0
        surplus = self._balance.surplus_mah
        for i in range(cells):
            total += surplus[i] // cells
        return surplus[self.donor] > 2 * total

    def encode(self, buffer, at):
        """Put what was learned (SIZE bytes) into a record; its end."""
        balance, unit = self._balance, self._unit()
        for i in range(MAX_CELLS):
            steps = min(max(self.room_mah[i], 0) // unit, 65535)
            struct.pack_into("<H", buffer, at + 2 * i, steps)
        moved = balance.moved_mah
        struct.pack_into("<iB", buffer, at + 2 * MAX_CELLS, moved, 1 if balance.known else 0)
        return at + SIZE

    def restore(self, buffer, at, end):
        """Take the part of a valid record over; another size or nonsense is ignored."""
        if end - at < SIZE:
            return
        balance, unit = self._balance, self._unit()
        moved, known = struct.unpack_from("<iB", buffer, at + 2 * MAX_CELLS)
        if known > 1 or not 0 <= moved <= LARGEST:
            return
        balance.moved_mah = moved
        balance.known = known == 1
        for i in range(MAX_CELLS):
            steps = struct.unpack_from("<H", buffer, at + 2 * i)[0]
            self.room_mah[i] = steps * unit
        self.publish(self._values[p.CELL_COUNT])

    def forget(self):
        """Nothing is known any more."""
        self._balance.known = False
        for i in range(MAX_CELLS):
            self.room_mah[i] = self._balance.surplus_mah[i] = 0

    def _unit(self):
        """Stored in steps of 0.005 % of the capacity."""
        return max(self._values[p.DESIGN_CAPACITY_MAH] // 20_000, 1)


def headroom(table, dmv):
    """Charge missing to full, 0.001 %, at a voltage; not more than the table's first point."""
    if dmv <= table[0]:
        return table[1]
    for k in range(2, len(table), 2):
        high = table[k]
        if dmv < high:
            low, above = table[k - 2], table[k + 1]
            return above + (table[k - 1] - above) * (high - dmv) // (high - low)
    return 0


def part_of(mah, mpct):
    """`mpct` (0.001 %, up to 20 000) of up to 20 000 Ah."""
    return mah // 1000 * mpct // 100 + mah % 1000 * mpct // 100_000
