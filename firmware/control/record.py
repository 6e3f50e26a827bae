"""The small record that survives a reset: counters, latched reasons, release times, retry counts
and the first fault (PRT-06, PRT-14, PRT-15, SOC-01).

Fixed layout, CRC-16, two slots written in turn, so that a torn write loses only the newest.
"""

import struct
from array import array

from firmware import fault_ids as f
from firmware import fault_table
from firmware.control.reconnect import HOUR_S, RECONNECTS
from firmware.control.rules import RECONNECT, TIME
from firmware.control.short_circuit import RETRIES, WINDOW_S
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
        self._state = state
        self._faults = faults
        self._protection = protection
        self._shorts = shorts
        self._trips = trips
        self._watch = watch
        self._counter = counter
        self._emergency = emergency
        self._kept = kept_words()
        self._last = array("i", [0] * (fault_table.WORDS + 1))
        self._moves = -1  # of faults and rules, when `_different` was found
        self._different = False
        self.sequence = 0

    def encode(self, buffer):
        """Fill `buffer` (at least SIZE bytes); the record's length."""
        system, gauge = self._state.system, self._state.gauge
        self.sequence = self.sequence + 1 & 255
        remaining = -1 if gauge.remaining_mah is None else gauge.remaining_mah
        struct.pack_into(
            HEAD, buffer, 0, MAGIC, VERSION, self.sequence, system.run_time_s, system.starts,
            remaining, self._counter.part, gauge.capacity_mah, gauge.cycle_ah, gauge.cycle_mah,
        )  # fmt: skip
        for i in range(fault_table.WORDS):
            word = self._faults.standing[i] & self._kept[i]
            struct.pack_into("<i", buffer, AT_WORDS + 4 * i, word)
        self._encode_rules(buffer)
        self._encode_waits(buffer)
        self._encode_first(buffer)
        seal(buffer)
        return SIZE

    def changed(self):
        """True when a reason that is kept came or went since the last call of `note`."""
        moves = self._faults.moves + self._protection.moves
        if moves != self._moves:
            self._moves = moves
            self._different = self._last[fault_table.WORDS] != self._active()
            for i in range(fault_table.WORDS):
                if self._last[i] != self._faults.standing[i] & self._kept[i]:
                    self._different = True
        return self._different

    def note(self):
        """Remember the present reasons as stored; True when there is any."""
        last, some = self._last, False
        self._moves = -1
        for i in range(fault_table.WORDS):
            last[i] = self._faults.standing[i] & self._kept[i]
            some = some or last[i] != 0
        last[fault_table.WORDS] = self._active()
        return some or last[fault_table.WORDS] != 0

    def _active(self):
        """Active rules, one bit each (at most 30)."""
        word, bit = 0, 1
        for r in self._protection.rules:
            if r.active:
                word |= bit
            bit <<= 1
        return word

    def restore(self, buffer):
        """Take a valid record over, before the first cycle."""
        head = struct.unpack_from(HEAD, buffer, 0)
        system, gauge = self._state.system, self._state.gauge
        self.sequence = head[2]
        system.run_time_s, system.starts = head[3], head[4]
        self._counter.load(head[5] if head[5] >= 0 else None, head[6], head[7])
        gauge.cycle_ah, gauge.cycle_mah = head[8], head[9]
        self._restore_rules(buffer)
        for fault in range(1, fault_table.COUNT):
            at = AT_WORDS + 4 * (fault // 30)
            if struct.unpack_from("<i", buffer, at)[0] >> fault % 30 & 1:
                self._faults.put(fault, True)
        if self._faults.stands(f.TRIP_OUTPUT) and not self._protection.holds(f.TRIP_OUTPUT):
            self._watch.tripped = True
        self._restore_waits(buffer)
        self._restore_first(buffer)

    def _encode_rules(self, buffer):
        at, window = AT_REASONS, AT_RECONNECTS
        now_s = self._state.system.uptime_s
        for r in self._protection.rules:
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

    def _restore_rules(self, buffer):
        window = AT_RECONNECTS
        for r in self._protection.rules:
            if r.kind() == RECONNECT:
                for i in range(RECONNECTS):
                    age_s = buffer[window] * 60
                    r.again.times_s[i] = -min(age_s, HOUR_S)
                    window += 1
            for at in range(AT_REASONS, AT_RECONNECTS, 4):
                fault, quantity, wait_s = struct.unpack_from("<BBH", buffer, at)
                if fault == r.fault and quantity == r.quantity:
                    r.active = True
                    if r.kind() == RECONNECT:
                        r.again.locked = wait_s == 1
                    else:
                        r.timer_ms = wait_s * 1000
                    self._faults.put(fault, True)

    def _encode_waits(self, buffer):
        shorts, now_s = self._shorts, self._state.system.uptime_s
        struct.pack_into("<H", buffer, AT_SHORTS, max(shorts.wait_ms, 0) // 1000)
        for i in range(RETRIES + 1):
            age_s = max(now_s - shorts.try_s[i], 0)
            buffer[AT_SHORTS + 2 + i] = min(age_s // 3, NONE)
        granted_s = min(max(now_s - self._emergency.granted_s, 0), 0xFFFF)
        struct.pack_into(
            "<HHH", buffer, AT_SHORTS + 6, self._trips.charge_wait_ms // 1000,
            self._trips.discharge_wait_ms // 1000, granted_s,
        )  # fmt: skip

    def _restore_waits(self, buffer):
        shorts = self._shorts
        shorts.wait_ms = struct.unpack_from("<H", buffer, AT_SHORTS)[0] * 1000
        for i in range(RETRIES + 1):
            shorts.try_s[i] = -min(buffer[AT_SHORTS + 2 + i] * 3, WINDOW_S)
        charge_s, discharge_s, granted_s = struct.unpack_from("<HHH", buffer, AT_SHORTS + 6)
        self._trips.charge_wait_ms = charge_s * 1000
        self._trips.discharge_wait_ms = discharge_s * 1000
        self._emergency.granted_s = -granted_s

    def _encode_first(self, buffer):
        first = self._faults.first
        lasted = -1 if first.duration_s is None else first.duration_s
        head = (first.fault, first.uptime_s, first.rtc_s or 0, lasted)
        struct.pack_into(FIRST, buffer, AT_FIRST, *head, *first.values)

    def _restore_first(self, buffer):
        first = self._faults.first
        fields = struct.unpack_from(FIRST, buffer, AT_FIRST)
        first.fault, first.uptime_s = fields[0], fields[1]
        first.rtc_s = fields[2] or None
        first.duration_s = None if fields[3] < 0 else fields[3]
        for i in range(len(first.values)):
            first.values[i] = fields[4 + i]
        if first.fault >= fault_table.COUNT:
            first.fault = 0  # written by a newer program
        elif first.duration_s is None and not self._faults.stands(first.fault):
            first.duration_s = 0  # ended with the restart: the next one is noted again
