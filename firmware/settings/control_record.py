"""Takes the control record over at start, before the first cycle (control/record.py)."""

import struct

from firmware import fault_ids as f
from firmware import fault_table
from firmware.control.reconnect import HOUR_S, RECONNECTS
from firmware.control.record import (
    AT_FIRST,
    AT_REASONS,
    AT_RECONNECTS,
    AT_SHORTS,
    AT_WORDS,
    FIRST,
    HEAD,
)
from firmware.control.rules import RECONNECT
from firmware.control.short_circuit import RETRIES, WINDOW_S


def restore(record, buffer):
    """Take a valid record over, before the first cycle."""
    head = struct.unpack_from(HEAD, buffer, 0)
    system, gauge = record.state.system, record.state.gauge
    record.sequence = head[2]
    system.run_time_s, system.starts = head[3], head[4]
    record.counter.load(head[5] if head[5] >= 0 else None, head[6], head[7])
    gauge.cycle_ah, gauge.cycle_mah = head[8], head[9]
    _rules(record, buffer)
    for fault in range(1, fault_table.COUNT):
        at = AT_WORDS + 4 * (fault // 30)
        if struct.unpack_from("<i", buffer, at)[0] >> fault % 30 & 1:
            record.faults.put(fault, True)
    if record.faults.stands(f.TRIP_OUTPUT) and not record.protection.holds(f.TRIP_OUTPUT):
        record.watch.tripped = True
    _waits(record, buffer)
    _first(record, buffer)


def _rules(record, buffer):
    window = AT_RECONNECTS
    for r in record.protection.rules:
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
                record.faults.put(fault, True)


def _waits(record, buffer):
    shorts = record.shorts
    shorts.wait_ms = struct.unpack_from("<H", buffer, AT_SHORTS)[0] * 1000
    for i in range(RETRIES + 1):
        shorts.try_s[i] = -min(buffer[AT_SHORTS + 2 + i] * 3, WINDOW_S)
    charge_s, discharge_s, granted_s = struct.unpack_from("<HHH", buffer, AT_SHORTS + 6)
    record.trips.charge_wait_ms = charge_s * 1000
    record.trips.discharge_wait_ms = discharge_s * 1000
    record.emergency.granted_s = -granted_s


def _first(record, buffer):
    first = record.faults.first
    fields = struct.unpack_from(FIRST, buffer, AT_FIRST)
    first.fault, first.uptime_s = fields[0], fields[1]
    first.rtc_s = fields[2] or None
    first.duration_s = None if fields[3] < 0 else fields[3]
    for i in range(len(first.values)):
        first.values[i] = fields[4 + i]
    if first.fault >= fault_table.COUNT:
        first.fault = 0  # written by a newer program
    elif first.duration_s is None and not record.faults.stands(first.fault):
        first.duration_s = 0  # ended with the restart: the next one is noted again
