"""Two passwords: who may do what with them, throttling, storage (SEC-01, SEC-03)."""

from hashlib import sha256

from firmware import events
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.panel import keys
from firmware.parameters import Refused
from firmware.passwords import DEVICE, SETTINGS, SLOTS, Throttled
from tests.fakes.bench import Bench

OLD, NEW = b"123456", b"Solar9"
WIDEN = {p.BALANCE_TRIGGER_MV: 20}


def outcome(b, source, kind, payload=None):
    """ "taken", "refused" or "throttled"."""
    try:
        b.requests.submit(source, kind, payload)
    except Throttled:
        return "throttled"
    except Refused:
        return "refused"
    return "taken"


def change(b, which, old, new, again=None, source=r.RS232):
    return outcome(b, source, r.CHANGE_PASSWORD, (which, old, new, again or new))


def later(b, seconds):
    b.state.system.uptime_s += seconds


# req: SEC-01, SEC-03
def test_the_settings_password_opens_its_own_port_for_ten_minutes():
    b = Bench()
    assert outcome(b, r.RS232, r.SET, WIDEN) == "refused"
    assert outcome(b, r.RS232, r.UNLOCK, b"1234") == "refused"  # the device's is another one
    later(b, 1)
    assert outcome(b, r.RS232, r.UNLOCK, b"123456" + bytes(10)) == "taken"  # a padded field
    assert outcome(b, r.RS232, r.SET, WIDEN) == "taken"
    assert outcome(b, r.RS485_1, r.SET, WIDEN) == "refused"
    later(b, 599)
    assert outcome(b, r.RS232, r.SET, WIDEN) == "taken"
    later(b, 1)
    assert outcome(b, r.RS232, r.SET, WIDEN) == "refused"


# req: SEC-03
def test_a_port_can_be_locked_again():
    b = Bench()
    assert outcome(b, r.RS485_2, r.UNLOCK, OLD) == "taken"
    assert outcome(b, r.RS485_2, r.LOCK) == "taken"
    assert outcome(b, r.RS485_2, r.SET, WIDEN) == "refused"


# req: SEC-01
def test_both_passwords_have_their_defaults_and_change_independently():
    b = Bench()
    assert outcome(b, r.RS232, r.CONNECT, b"1234") == "taken"
    assert change(b, SETTINGS, OLD, NEW) == "taken"
    assert outcome(b, r.RS232, r.CONNECT, b"1234") == "taken"
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "refused"
    later(b, 1)
    assert outcome(b, r.RS232, r.UNLOCK, NEW) == "taken"
    assert change(b, DEVICE, b"1234", b"9876") == "taken"
    assert outcome(b, r.RS232, r.CONNECT, b"1234") == "refused"
    assert outcome(b, r.RS232, r.UNLOCK, NEW) == "taken"


# req: SEC-01
def test_a_change_needs_the_old_one_and_the_new_one_twice():
    b = Bench()
    for source in (r.KEY, r.CONSOLE, r.RS232):
        assert change(b, SETTINGS, b"654321", NEW, source=source) == "refused"
    later(b, 1)
    assert change(b, SETTINGS, OLD, NEW, b"Solar8") == "refused"
    for bad in (b"", b"abc", b"elevenbytes", b"with space", b"caf\xc3\xa9s", b"tab\tx"):
        assert change(b, SETTINGS, OLD, bad) == "refused", bad
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "taken"


# req: SEC-03, COM-09
def test_wrong_passwords_make_their_port_wait_longer_and_longer():
    b = Bench()
    for wait_s in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        assert outcome(b, r.RS485_1, r.UNLOCK, b"000000") == "refused", wait_s
        later(b, wait_s - 1)
        # not even the right one is looked at, and asking does not lengthen the wait
        assert outcome(b, r.RS485_1, r.UNLOCK, OLD) == "throttled", wait_s
        later(b, 1)
    assert outcome(b, r.RS485_1, r.UNLOCK, OLD) == "taken"
    assert outcome(b, r.RS485_1, r.UNLOCK, b"000000") == "refused"
    later(b, 1)  # a right one ends the row
    assert outcome(b, r.RS485_1, r.UNLOCK, OLD) == "taken"


# req: SEC-03
def test_a_guesser_locks_nobody_out():
    b = Bench()
    for _ in range(40):
        outcome(b, r.RS485_1, r.UNLOCK, b"000000")
        later(b, 1)
    assert outcome(b, r.RS485_2, r.UNLOCK, OLD) == "taken"  # other ports
    assert outcome(b, r.RS485_1, r.SET, {p.CHARGE_SWITCH: 0}) == "taken"  # off is always off
    b.requests.open_window()  # and the key
    assert outcome(b, r.RS485_1, r.SET, WIDEN) == "taken"


# req: SEC-03
def test_the_known_device_password_does_not_reset_the_guesses_at_the_other():
    b = Bench()
    for _ in range(3):
        assert outcome(b, r.RS232, r.UNLOCK, b"000000") == "refused"
        assert outcome(b, r.RS232, r.CONNECT, b"1234") == "taken"
        later(b, 4)
    assert outcome(b, r.RS232, r.UNLOCK, b"000000") == "refused"
    later(b, 7)
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "throttled"


# req: SEC-03, COM-09
def test_a_wrong_password_is_one_event_and_a_flood_is_no_more():
    b = Bench()
    before = b.controller.events.count
    outcome(b, r.RS232, r.UNLOCK, b"000000")
    for _ in range(200):
        outcome(b, r.RS232, r.UNLOCK, b"000001")
    assert b.controller.events.count == before + 1
    out = [0, 0, 0, 0]
    while b.controller.events.take(out):
        pass
    assert out[1:] == [events.REQUEST, r.UNLOCK, -1]


# req: SEC-03
def test_passwords_are_stored_salted_and_hashed_and_survive_a_restart():
    b = Bench()
    change(b, SETTINGS, OLD, NEW)
    change(b, DEVICE, b"1234", NEW)
    b.run(0.5)
    memory = b"".join(b.hal.nvm.slots.values())
    assert NEW not in memory and sha256(NEW).digest()[:16] not in memory
    kept = b.requests.passwords.kept
    assert kept[0] != kept[1]  # the same password, another salt
    b.boot()
    b.run(2)
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "refused"
    later(b, 1)
    assert outcome(b, r.RS232, r.UNLOCK, NEW) == "taken"
    assert outcome(b, r.RS232, r.CONNECT, NEW) == "taken"


# req: SEC-03
def test_a_torn_record_leaves_the_password_before():
    b = Bench()
    change(b, SETTINGS, OLD, NEW)
    b.run(1)
    later_one = b"Winter10"
    change(b, SETTINGS, NEW, later_one)
    b.run(61)
    slots = b.hal.nvm.slots
    assert all(slot in slots for slot in SLOTS)
    newest = SLOTS[b.requests.passwords.sequence & 1]
    whole = slots[newest]
    for damaged in (b"", whole[:20], whole[:-1] + b"\x00", b"\xff" * 512):
        slots[newest] = damaged
        b.boot()
        assert outcome(b, r.RS232, r.UNLOCK, later_one) == "refused"
        later(b, 1)
        assert outcome(b, r.RS232, r.UNLOCK, NEW) == "taken"
    slots[newest] = whole
    b.boot()
    assert outcome(b, r.RS232, r.UNLOCK, later_one) == "taken"


# req: SEC-03
def test_a_restart_stores_what_was_changed_last():
    b = Bench()
    change(b, SETTINGS, OLD, NEW)
    b.run(1)
    change(b, SETTINGS, NEW, b"Winter10")
    b.requests.submit(r.CONSOLE, r.RESTART)
    b.run(0.3)
    b.boot()
    assert outcome(b, r.RS232, r.UNLOCK, b"Winter10") == "taken"


# req: SEC-03
def test_memory_that_fails_is_asked_once_a_minute():
    b = Bench()
    b.run(20)
    b.hal.nvm.fails = True
    change(b, SETTINGS, OLD, NEW)
    b.run(30)
    assert b.stands("storage")
    b.hal.nvm.fails = False
    writes = b.hal.nvm.writes
    b.run(29)
    assert b.hal.nvm.writes == writes
    b.run(3)
    b.boot()
    assert outcome(b, r.RS232, r.UNLOCK, NEW) == "taken"


# req: SEC-01, PNL-08
def test_the_owner_at_the_pack_gets_the_defaults_back():
    b = Bench()
    change(b, SETTINGS, OLD, NEW)
    b.run(1)
    b.controller.panel.take_gesture = lambda: keys.PASSWORD_RESET
    b.run(0.1)
    del b.controller.panel.take_gesture
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "taken"
    b.run(61)
    b.boot()
    assert outcome(b, r.RS232, r.UNLOCK, OLD) == "taken"


# req: SEC-03
def test_a_port_that_a_parameter_opens_is_a_standing_warning():
    b = Bench()
    assert not b.stands("port_open")
    b.requests.submit(r.CONSOLE, r.SET, {p.RS485_2_OPEN: 1})
    b.run(2)
    assert b.stands("port_open")
    assert outcome(b, r.RS485_2, r.SET, WIDEN) == "taken"
    # closing it needs nothing, from any port
    assert outcome(b, r.RS232, r.SET, {p.RS485_2_OPEN: 0}) == "taken"
    b.run(2)
    assert not b.stands("port_open")
    assert outcome(b, r.RS485_2, r.SET, WIDEN) == "refused"


# req: SEC-03
def test_what_turns_something_off_needs_nothing():
    b = Bench()
    for id in (p.CHARGE_SWITCH, p.DISCHARGE_SWITCH, p.BALANCE_SWITCH, p.HEATING_ENABLED,
               p.BUTTON_EMERGENCY):  # fmt: skip
        assert outcome(b, r.RS485_1, r.SET, {id: 0}) == "taken", id
        if id not in (p.HEATING_ENABLED,):
            assert outcome(b, r.RS485_1, r.SET, {id: 1}) == "refused", id
    assert outcome(b, r.RS485_1, r.SET, {p.TEMP_SENSORS_DISABLED: 0}) == "refused"
    assert outcome(b, r.RS485_1, r.EMERGENCY_STOP) == "taken"
