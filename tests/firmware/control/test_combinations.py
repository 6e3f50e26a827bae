"""Several reasons at once: a MOSFET closes when the last one of its reasons is gone (PRT-14)."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.requests import CONSOLE, PRESET, SET
from hal import contract as c
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)

# reasons that come and go by a value: (fault, begin, end, what stays closed)
REASONS = (
    ("cell_ovp", lambda b: b.cells(3620, 7), lambda b: b.cells(3300, 7), DISCHARGE),
    ("charge_otp", lambda b: b.battery(61), lambda b: b.battery(25), OFF),
    ("mos_otp", lambda b: mos(b, 76), lambda b: mos(b, 30), OFF),
    ("afe_cell_uv", lambda b: latch(b, c.LATCH_CELL_UV), lambda b: None, CHARGE),
    ("charge_switched_off", lambda b: switch(b, 0), lambda b: switch(b, 1), DISCHARGE),
)


def mos(b, degc):
    b.hal.afe.temp_dc[4] = degc * 10


def latch(b, bit):
    """The chip trips; its cause is gone at once, but the cells stay low for our own release."""
    b.hal.afe.latch_bits |= bit
    b.cells(2990, 2)


def switch(b, on):
    b.requests.submit(CONSOLE, SET, {p.CHARGE_SWITCH: on})


def allowed(standing):
    """What may be closed while these reasons stand."""
    charge = discharge = True
    for name, _, _, left in REASONS:
        if name in standing:
            charge, discharge = charge and left[0], discharge and left[1]
    return charge, discharge


def end(b, name):
    for reason, _, stop, _ in REASONS:
        if reason == name:
            stop(b)
    if name == "afe_cell_uv":
        b.cells(3300, 2)


def run_through(order):
    """Raise all reasons, end them in this order, look at the MOSFETs after each."""
    b = Bench()
    for _, begin, _, _ in REASONS:
        begin(b)
    b.run(6)
    standing = [name for name, _, _, _ in REASONS]
    for name in standing:
        assert b.stands(name), name
    assert b.mosfets() == OFF
    b.run(60)
    for name in order:
        end(b, name)
        b.run(11)
        standing.remove(name)
        assert not b.stands(name), name
        assert b.mosfets() == allowed(standing), (name, standing)
    assert b.mosfets() == BOTH


# req: PRT-14
def test_releases_in_any_order():
    names = [name for name, _, _, _ in REASONS]
    for first in range(len(names)):
        order = names[first:] + names[:first]
        run_through(order)
    names.reverse()
    run_through(names)


# req: PRT-14
def test_every_pair_of_blocking_faults_needs_both_gone():
    b = Bench()
    charge = [i for i in range(1, 76) if on(b, i) and not b.mosfets()[0]]
    assert len(charge) > 30
    for first in charge[:12]:
        for second in (f.CELL_OVP, f.MOS_OTP, f.POWERED_OFF):
            if first == second:
                continue
            b.faults.put(first, True)
            b.faults.put(second, True)
            assert b.faults.blocks_charge()
            b.faults.put(first, False)
            assert b.faults.blocks_charge()
            b.faults.put(second, False)
            assert not b.faults.blocks_charge()


def on(b, fault):
    """Does this fault alone keep the charge MOS open?"""
    b.faults.put(fault, True)
    blocked = b.faults.blocks_charge()
    b.controller.control.mosfets.step(100)
    b.faults.put(fault, False)
    return blocked


# req: PRT-14
def test_each_blocking_fault_opens_its_mosfets():
    """Literal sets, against the table and the one place that decides."""
    only_charge = (1, 3, 10, 11, 13, 15, 21, 22, 27, 29, 38, 40, 46, 68)
    only_discharge = (2, 4, 14, 16, 23, 24, 39, 41, 47, 48, 69)
    both = (
        17,
        18,
        19,
        25,
        28,
        30,
        31,
        32,
        33,
        34,
        36,
        37,
        42,
        43,
        44,
        45,
        50,
        51,
        52,
        58,
        59,
        70,
        71,
    )
    b = Bench()
    b.hal.charge_limiter = None
    for fault in range(1, 76):
        b.faults.put(fault, True)
        charge = b.faults.blocks_charge()
        discharge = b.faults.blocks_discharge(False)
        b.faults.put(fault, False)
        assert charge == (fault in only_charge or fault in both), fault
        assert discharge == (fault in only_discharge or fault in both), fault


# req: PRT-14
def test_a_reboot_while_tripped_closes_nothing():
    b = Bench()
    b.cells(3620, 7)
    b.run(3)
    b.cells(3500, 7)  # below OVP, above OVPR: only the memory keeps it
    b.run(2)
    b.boot()
    for _ in range(30):
        b.run(0.1)
        assert not b.mosfets()[0]
    b.run(5)
    assert b.stands("cell_ovp")
    assert b.mosfets() == DISCHARGE


# req: PRT-14, PRT-15
def test_a_reboot_at_once_after_the_trip():
    """The record is written in the cycle of the trip, when the last one is old enough."""
    b = Bench()
    b.run(15)
    b.cells(3620, 7)
    b.run(5, lambda: b.stands("cell_ovp"))
    b.run(0.1)
    b.cells(3500, 7)
    b.boot()
    b.run(5)
    assert b.stands("cell_ovp")
    assert b.mosfets() == DISCHARGE


# req: PRT-14, PRT-15
def test_release_times_survive_a_reboot():
    b = Bench(changes={p.LIMITER_DISABLED: 1})
    b.current(-250)
    b.run(31, lambda: b.stands("discharge_ocp"))
    b.current(0)
    b.run(2)
    b.boot()
    b.run(50)
    assert b.mosfets() == CHARGE
    b.run(15)
    assert b.mosfets() == BOTH


# req: PRT-14
def test_a_parameter_change_while_tripped_acts_at_once_and_keeps_the_reason():
    b = Bench()
    b.cells(3620, 7)
    b.run(3)
    b.requests.submit(CONSOLE, SET, {p.CELL_OVP_MV: 3_700})  # no longer over the trip level
    b.run(70)
    assert b.stands("cell_ovp")
    assert b.mosfets() == DISCHARGE
    b.cells(3500, 7)
    b.requests.submit(CONSOLE, SET, {p.CELL_OVPR_MV: 3_510})
    b.run(11)
    assert b.mosfets() == BOTH


# req: PRT-14
def test_a_preset_while_tripped_keeps_the_reason():
    b = Bench()
    b.battery(61)
    b.run(6)
    assert b.stands("charge_otp")
    b.battery(56)
    b.requests.submit(CONSOLE, PRESET, "ess")  # protects at 70, releases at 60
    b.run(0.3)
    assert not b.stands("charge_otp")  # 56 is below the new release
    b.requests.submit(CONSOLE, PRESET, "lifepo4")
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-14
def test_the_first_fault_is_kept_with_time_and_values():
    b = Bench()
    b.current(30)
    b.cells(3610, 2)
    b.run(1.5)
    first = b.faults.first
    assert first.fault == f.CELL_OVP
    assert first.rtc_s == 200_000_000
    assert first.duration_s is None
    assert list(first.values)[:4] == [3610, 2, 3299, 0]
    assert first.values[5] == 30_000
    assert first.values[6] == 250
    b.current(0)
    mos(b, 80)  # a second one does not push it out
    b.run(3)
    assert first.fault == f.CELL_OVP
    b.cells(3300)
    b.run(75)
    assert first.duration_s is not None and 58 <= first.duration_s <= 80
    b.boot()
    b.run(2)
    assert b.faults.first.fault == f.CELL_OVP and b.faults.first.values[0] == 3610


# req: PRT-14
def test_a_first_fault_that_ended_with_the_power_gives_way_to_the_next():
    b = Bench()
    b.run(12)
    b.hal.afe.temp_dc[1] = 32767  # a sensor fault is not kept over a reset
    b.run(1)
    b.cells(3605, 1)  # this one is stored, and with it the first
    b.run(2.5)
    assert b.faults.first.fault == f.TEMP_SENSOR
    b.hal.afe.temp_dc[1] = 250
    b.cells(3300)
    b.boot()
    b.run(5)
    assert b.faults.first.fault == f.TEMP_SENSOR
    assert b.faults.first.duration_s is not None
    mos(b, 90)
    b.run(3)
    assert b.faults.first.fault == f.MOS_OTP
