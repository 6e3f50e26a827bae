"""The small record that survives a reset: counters, latched reasons, release times, retry counts
and the first fault (PRT-06, PRT-14, PRT-15, SOC-01).

Fixed layout, CRC-16, two slots written in turn, so that a torn write loses only the newest.
"""

import struct
from array import array

from firmware import fault_ids as f
from firmware import fault_table
from firmware.control.reconnect import RECONNECTS
from firmware.control.rules import RECONNECT, TIME
from firmware.control.short_circuit import RETRIES
from firmware.crc16 import crc16

MAGIC = 0x5750
VERSION = 2
# magic, version, sequence, run time, starts, charge, part, capacity, cycle capacity Ah and mAh
HEAD = "<HBBIHiiiiH"
HEAD_SIZE = 28
FIRST = "<Biii8i"  # fault, uptime, time, duration (-1: stands), snapshot
REASONS = 12  # active rules that fit
WINDOWS = 4  # rules of kind RECONNECT
AT_WORDS = HEAD_SIZE
AT_REASONS = AT_WORDS + 12
AT_RECONNECTS = AT_REASONS + 4 * REASONS
AT_SHORTS = AT_RECONNECTS + WINDOWS * RECONNECTS
AT_FIRST = AT_SHORTS + 12
SIZE = AT_FIRST + 45 + 2
NONE = 255

# reasons outside the rules that survive a reset, beside everything latched
KEPT = (
    f.DISCHARGE_SHORT,
    f.CHARGE_SHORT,
    f.AFE_CELL_OV,
    f.AFE_CELL_UV,
    f.AFE_CHARGE_OC,
    f.AFE_DISCHARGE_OC,
    f.WATCHDOG_RESET,  # of the last ten minutes: the next bite finds it
)


def kept_words():
    """Words of 30 bits with the faults that survive a reset."""
    words = list(fault_table.LATCHED)
    for fault in KEPT:
        words[fault // 30] |= 1 << fault % 30
    words[f.OFF_PATH // 30] &= ~(1 << f.OFF_PATH % 30)  # tested again at each start
    return tuple(words)


def seal(buffer):
    """Put the CRC behind the record."""
    struct.pack_into("<H", buffer, SIZE - 2, crc16(buffer, 0, SIZE - 2))


def valid(buffer, n):
    """True when the first `n` bytes hold a whole record."""
    if n < SIZE or struct.unpack_from("<HB", buffer, 0) != (MAGIC, VERSION):
        return False
    return struct.unpack_from("<H", buffer, SIZE - 2)[0] == crc16(buffer, 0, SIZE - 2)


def newest(nvm, buffer, slots):
    """Load the newest valid one of `slots` into `buffer`; its index in `slots`, or -1."""
    best, best_sequence = -1, 0
    for i in range(len(slots)):
        if valid(buffer, nvm.read(slots[i], buffer)):
            sequence = buffer[3]
            if best < 0 or (sequence - best_sequence) & 255 < 128:
                best, best_sequence = i, sequence
    if best >= 0 and not valid(buffer, nvm.read(slots[best], buffer)):
        return -1
    return best


class Record:
    """Encodes the control components' memory into `buffer` and back."""

    def __init__(self, state, faults, protection, shorts, trips, watch, counter, emergency):
        self.state = state
        self.faults = faults
        self.protection = protection
        self.shorts = shorts
        self.trips = trips
        self.watch = watch
        self.counter = counter
        self.emergency = emergency
        self._kept = kept_words()
        self._last = array("i", [0] * (fault_table.WORDS + 1))
        self._same = -1  # moves of faults and rules when nothing differed from `_last`
        self.sequence = 0

    def encode(self, buffer):
        """Fill `buffer` (at least SIZE bytes); the record's length."""
        system, gauge = self.state.system, self.state.gauge
        self.sequence = self.sequence + 1 & 255
        remaining = -1 if gauge.remaining_mah is None else gauge.remaining_mah
        struct.pack_into(
            HEAD, buffer, 0, MAGIC, VERSION, self.sequence, system.run_time_s, system.starts,
            remaining, self.counter.part, gauge.capacity_mah, gauge.cycle_ah, gauge.cycle_mah,
        )  # fmt: skip
        for i in range(fault_table.WORDS):
            word = self.faults.standing[i] & self._kept[i]
            struct.pack_into("<i", buffer, AT_WORDS + 4 * i, word)
        self._encode_rules(buffer)
        self._encode_waits(buffer)
        self._encode_first(buffer)
        seal(buffer)
        return SIZE

    def changed(self):
        """True when a reason that is kept came or went since the last call of `note`."""
        moves = self.faults.moves + self.protection.moves
        if moves == self._same:
            return False
        different = self._last[fault_table.WORDS] != self._active()
        for i in range(fault_table.WORDS):
            if self._last[i] != self.faults.standing[i] & self._kept[i]:
                different = True
        if not different:
            self._same = moves
        return different

    def note(self):
        """Remember the present reasons as stored; True when there is any."""
        last, some = self._last, False
        for i in range(fault_table.WORDS):
            last[i] = self.faults.standing[i] & self._kept[i]
            some = some or last[i] != 0
        last[fault_table.WORDS] = self._active()
        return some or last[fault_table.WORDS] != 0

    def _active(self):
        """Active rules, one bit each (at most 30)."""
        word, bit = 0, 1
        for r in self.protection.rules:
            if r.active:
                word |= bit
            bit <<= 1
        return word

    def _encode_rules(self, buffer):
        at, window = AT_REASONS, AT_RECONNECTS
        now_s = self.state.system.uptime_s
        for r in self.protection.rules:
            if r.kind() == RECONNECT:
                for s in r.again.times_s:
                    buffer[window] = min(max(now_s - s, 0) // 60, NONE)
                    window += 1
            if r.active and at < AT_RECONNECTS:
                wait_s = min(max(r.timer_ms, 0) // 1000 + 1, 65535) if r.kind() == TIME else 0
                if r.kind() == RECONNECT:
                    wait_s = 1 if r.again.locked else 0
                struct.pack_into("<BBH", buffer, at, r.fault, r.quantity, wait_s)
                at += 4
        while at < AT_RECONNECTS:
            buffer[at] = NONE
            at += 4

    def _encode_waits(self, buffer):
        shorts, now_s = self.shorts, self.state.system.uptime_s
        struct.pack_into("<H", buffer, AT_SHORTS, max(shorts.wait_ms, 0) // 1000)
        for i in range(RETRIES + 1):
            age_s = max(now_s - shorts.try_s[i], 0)
            buffer[AT_SHORTS + 2 + i] = min(age_s // 3, NONE)
        granted_s = min(max(now_s - self.emergency.granted_s, 0), 0xFFFF)
        struct.pack_into(
            "<HHH", buffer, AT_SHORTS + 6, self.trips.charge_wait_ms // 1000,
            self.trips.discharge_wait_ms // 1000, granted_s,
        )  # fmt: skip

    def _encode_first(self, buffer):
        first = self.faults.first
        lasted = -1 if first.duration_s is None else first.duration_s
        head = (first.fault, first.uptime_s, first.rtc_s or 0, lasted)
        struct.pack_into(FIRST, buffer, AT_FIRST, *head, *first.values)
