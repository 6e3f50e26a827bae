"""The diagnosis state and the event ring."""

from firmware import events
from firmware import fault_ids as f
from firmware import fault_table as table
from firmware.events import Events
from firmware.faults import Faults
from firmware.state import State


def build():
    state = State()
    log = Events(state.system)
    return state, log, Faults(state, log)


def drain(log):
    found, out = [], [0, 0, 0, 0]
    while log.take(out):
        found.append(tuple(out))
    return found


# req: PRT-14
def test_a_fault_is_counted_timed_and_logged_once():
    state, log, faults = build()
    state.system.uptime_s = 100
    faults.put(f.CELL_OVP, True, 3_700)
    faults.put(f.CELL_OVP, True, 3_800)
    state.system.uptime_s = 160
    faults.put(f.CELL_OVP, False)
    faults.put(f.CELL_OVP, False)
    assert drain(log) == [(100, events.FAULT_ON, 1, 3_700), (160, events.FAULT_OFF, 1, 60)]
    assert faults.counts[f.CELL_OVP] == 1
    assert faults.since_s[f.CELL_OVP] == 100
    assert faults.value[f.CELL_OVP] == 3_700


# req: PRT-14
def test_ids_around_the_words_of_thirty_bits():
    for fault in (1, 29, 30, 31, 59, 60, 61, 75):
        _, _, faults = build()
        faults.put(fault, True)
        for other in range(1, table.COUNT):
            assert faults.stands(other) == (other == fault)
        faults.put(fault, False)
        assert not faults.stands(fault) and list(faults.standing) == [0, 0, 0]


# req: PRT-14
def test_first_fault_with_values():
    state, _, faults = build()
    m = state.measured
    m.max_mv, m.max_cell, m.min_mv, m.min_cell = 3_650, 4, 3_300, 1
    m.pack_mv, m.current_ma, m.temp_max = 27_000, -12_000, None
    state.system.uptime_s, state.system.rtc_s = 50, 1_000
    faults.put(f.PACK_OV_ALARM, True)  # a warning is no first fault
    assert faults.first.fault == 0
    faults.put(f.CELL_OVP, True)
    m.max_mv = 4_000
    faults.put(f.PACK_OVP, True)
    first = faults.first
    assert (first.fault, first.uptime_s, first.rtc_s, first.duration_s) == (1, 50, 1_000, None)
    assert list(first.values) == [3_650, 4, 3_300, 1, 27_000, -12_000, -32_768, -1]
    state.system.uptime_s = 80
    faults.put(f.CELL_OVP, False)
    assert first.duration_s == 30
    faults.put(f.CHARGE_OTP, True)  # the next one after it has ended
    assert first.fault == f.CHARGE_OTP and first.duration_s is None


# req: PRT-17
def test_emergency_ignores_under_voltage_only():
    _, _, faults = build()
    for fault in range(1, table.COUNT):
        faults.put(fault, True)
        ignored = faults.blocks_discharge(False) and not faults.blocks_discharge(True)
        assert ignored == (fault in (f.CELL_UVP, f.PACK_UVP)), fault
        faults.put(fault, False)


# req: PRT-14
def test_the_jk_word_is_the_or_of_all_standing_bits():
    _, _, faults = build()
    for fault in (f.CELL_OVP, f.AFE_CELL_OV, f.MOS_OTP, f.DISCHARGE_UTP, f.LIMITING):
        faults.put(fault, True)
    assert faults.jk_word() == 1 << 4 | 1 << 1 | 1 << 27
    faults.put(f.CELL_OVP, False)
    assert faults.jk_word() >> 4 & 1  # the front end's trip still stands


# req: PRT-14
def test_the_worst_reason_is_named():
    _, _, faults = build()
    assert faults.highest(table.CHARGE) == 0
    for fault in (f.CHARGE_SWITCHED_OFF, f.CHARGE_OTP, f.CHARGE_MOS_STUCK, f.CELL_OVP):
        faults.put(fault, True)
    assert faults.highest(table.CHARGE) == f.CHARGE_MOS_STUCK
    faults.put(f.CHARGE_MOS_STUCK, False)
    assert faults.highest(table.CHARGE) == f.CELL_OVP
    faults.put(f.CELL_OVP, False)
    faults.put(f.CHARGE_OTP, False)
    assert faults.highest(table.CHARGE) == f.CHARGE_SWITCHED_OFF
    assert faults.highest(table.DISCHARGE) == 0


# req: PRT-14
def test_events_give_way_oldest_first_and_are_counted():
    state, log, _ = build()
    for n in range(70):
        state.system.uptime_s = n
        log.add(events.KEY, n)
    found = drain(log)
    assert len(found) == 32 and log.lost == 38
    assert found[0] == (38, events.KEY, 38, 0) and found[-1] == (69, events.KEY, 69, 0)
    assert drain(log) == []
    log.add(events.DIP, 3)
    assert drain(log) == [(69, events.DIP, 3, 0)]


def is_in(mask, faults):
    return any(mask[fault // 30] >> fault % 30 & 1 for fault in faults)


# req: PRT-14
def test_what_is_blocked_follows_every_change_among_other_faults():
    _, _, faults = build()
    standing, number = set(), 1
    for _ in range(600):
        number = number * 75 % 65_537  # some order of ons and offs
        fault = number % (table.COUNT - 1) + 1
        on = number >> 8 & 3 == 0
        faults.put(fault, on)
        (standing.add if on else standing.discard)(fault)
        awake = {one for one in standing if not is_in(table.EMERGENCY, [one])}
        assert faults.blocks_charge() == is_in(table.CHARGE, standing)
        assert faults.blocks_discharge(False) == is_in(table.DISCHARGE, standing)
        assert faults.blocks_discharge(True) == is_in(table.DISCHARGE, awake)
        assert faults.blocks_both() == is_in(table.BOTH, standing)


# req: PRT-15
def test_a_log_that_raises_does_not_keep_a_fault_from_blocking():
    _, log, faults = build()

    def raises(*_):
        raise OSError

    log.add_fault = raises
    try:
        faults.put(f.CELL_OVP, True)
        raise AssertionError("the log did not raise")
    except OSError:
        pass
    assert faults.stands(f.CELL_OVP) and faults.blocks_charge()
