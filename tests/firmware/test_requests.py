"""Who may ask what, and what is logged (SEC-03, PRF-06)."""

from firmware import events
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from tests.fakes.bench import Bench

PORTS = ((r.RS485_1, p.RS485_1_OPEN), (r.RS485_2, p.RS485_2_OPEN), (r.RS232, p.RS232_OPEN))
LOCKED = (
    (r.SET, {p.BALANCE_TRIGGER_MV: 20}), (r.SET, {p.CHARGE_SWITCH: 1}), (r.PRESET, "ess"),
    (r.EMERGENCY, None), (r.CALIBRATE_VOLTAGE, 26_400), (r.CALIBRATE_CURRENT, 10_000),
    (r.CALIBRATE_ZERO, None), (r.ACKNOWLEDGE, None), (r.RESTART, None),
    (r.SET, {p.CHARGE_SWITCH: 0, p.BALANCE_TRIGGER_MV: 20}),
)  # fmt: skip


def accepted(b, source, kind, payload=None):
    """True when the request is taken, False when it is refused."""
    try:
        b.requests.submit(source, kind, payload)
    except Refused:
        return False
    return True


def last_event(b):
    out = [0, 0, 0, 0]
    while b.controller.events.take(out):
        pass
    return out


# req: PRF-06, HAL-01
def test_every_port_is_locked_for_what_widens():
    b = Bench()
    before = list(b.parameters.values)
    for source in (r.RS485_1, r.RS485_2, r.RS232, r.CAN):
        for kind, payload in LOCKED:
            try:
                b.requests.submit(source, kind, payload)
            except Refused as refusal:
                assert "locked" in str(refusal)
                assert refusal.register
            else:
                raise AssertionError((source, kind))
    assert list(b.parameters.values) == before
    assert b.state.power.emergency_s == 0 and not b.requests.restart


# req: PRT-14, HAL-01
def test_turning_something_off_needs_nothing():
    b = Bench()
    off = {p.CHARGE_SWITCH: 0, p.DISCHARGE_SWITCH: 0, p.BALANCE_SWITCH: 0}
    assert accepted(b, r.CAN, r.SET, off)
    b.run(0.3)
    assert b.mosfets() == (False, False)
    assert b.stands("charge_switched_off") and b.stands("discharge_switched_off")
    assert b.stands("balance_switched_off")
    assert not accepted(b, r.RS485_2, r.SET, {p.CHARGE_SWITCH: 1})
    assert accepted(b, r.RS485_2, r.POWER_OFF)
    b.run(0.3)
    assert b.state.power.mode == 0


# req: PRF-06, HAL-01
def test_a_parameter_opens_its_port_only():
    for source, opener in PORTS:
        b = Bench()
        b.requests.submit(r.CONSOLE, r.SET, {opener: 1})
        for other, _ in PORTS:
            taken = accepted(b, other, r.SET, {p.BALANCE_TRIGGER_MV: 20 + other})
            assert taken == (other == source)
        assert not accepted(b, r.CAN, r.SET, {p.BALANCE_TRIGGER_MV: 30})


# req: PWR-01, HAL-01
def test_a_key_press_opens_all_ports_for_ten_minutes():
    b = Bench()
    b.hal.panel.key_bits = 1
    b.run(0.2)
    b.hal.panel.key_bits = 0
    b.run(0.3)
    assert accepted(b, r.RS232, r.SET, {p.BALANCE_TRIGGER_MV: 20})
    b.state.system.uptime_s += 598
    assert accepted(b, r.RS485_1, r.SET, {p.BALANCE_TRIGGER_MV: 21})
    b.state.system.uptime_s += 3
    assert not accepted(b, r.RS485_1, r.SET, {p.BALANCE_TRIGGER_MV: 22})


# req: PRF-06, HAL-01
def test_every_outcome_is_an_event():
    b = Bench()
    accepted(b, r.CONSOLE, r.SET, {p.BALANCE_TRIGGER_MV: 20})
    out = last_event(b)
    assert out[1:] == [events.REQUEST, r.SET, 0]
    accepted(b, r.CAN, r.SET, {p.BALANCE_TRIGGER_MV: 20})
    assert last_event(b)[1:] == [events.REQUEST, r.SET, -1]
    accepted(b, r.CONSOLE, r.SET, {p.BALANCE_TRIGGER_MV: 4_000})
    assert last_event(b)[1:] == [events.REQUEST, r.SET, -1]


# req: PRF-06, HAL-01
def test_a_changed_parameter_is_an_event_with_its_value():
    b = Bench()
    last_event(b)
    b.requests.submit(r.CONSOLE, r.SET, {p.BALANCE_TRIGGER_MV: 20, p.CELL_UVP_MV: 2600})
    out = [0, 0, 0, 0]
    assert b.controller.events.take(out)
    assert out[1:] == [events.PARAMETER, p.BALANCE_TRIGGER_MV, 20]
    assert b.controller.events.take(out)
    assert out[1] == events.REQUEST  # the unchanged one is none


# req: HAL-01
def test_the_clock_takes_only_a_time():
    b = Bench()
    assert accepted(b, r.RS485_2, r.SET_TIME, 210_000_000)
    b.run(1.2)
    assert b.state.system.rtc_s == 210_000_000
    for bad in (-1, 1 << 30, None, "now"):
        assert not accepted(b, r.RS485_2, r.SET_TIME, bad)


# req: HAL-01
def test_unknown_requests_are_refused():
    b = Bench()
    assert not accepted(b, r.CONSOLE, 99)


# req: PRT-20, PRT-06
def test_acknowledge_is_the_key():
    b = Bench()
    b.cells(3800, 1)
    b.run(3)
    b.cells(3300, 1)
    b.run(75)
    assert b.stands("trip_output")
    b.requests.submit(r.CONSOLE, r.ACKNOWLEDGE)
    b.run(1)
    assert b.mosfets() == (True, True)
