"""The manual's rule, and everything that keeps the balancer off (BAL-01..04)."""

from firmware import fault_ids as f
from firmware import fault_table
from firmware import parameter_ids as p
from firmware.control import balance_limits as why
from firmware.state import OFF, ON, SAFE, SLEEP, STARTING
from hal import contract as c
from tests.fakes.balance import Rig
from tests.fakes.bench import Bench

SENSORS = (
    f.TEMP_SENSOR, f.MOS_SENSOR, f.NO_TEMP_SENSOR, f.CURRENT_SENSOR, f.AFE_LOST, f.FROZEN_DATA,
    f.CELL_COUNT, f.CELL_IMPLAUSIBLE, f.PACK_SUM,
)  # fmt: skip


def apart(strategy=0, **kwargs):
    """A rig whose cell 2 is 40 mV above cell 5; moving."""
    r = Rig(strategy=strategy, **kwargs)
    r.mv[2], r.mv[5] = 3330, 3290
    r.start()
    return r


# req: BAL-01, BAL-02, BAL-03
def test_the_highest_gives_to_the_lowest():
    r = apart()
    assert (r.part.donor, r.part.receiver, r.part.ma) == (2, 5, 2000)
    b = r.balance
    assert (b.active, b.donor, b.receiver, b.reason) == (True, 2, 5, 0)
    assert b.current_ma == -2000  # cell 2 is the one apart
    r.mv[2], r.mv[5] = 3310, 3270
    r.run(60)
    assert b.current_ma == 2000  # now it is cell 5, which is charged


# req: BAL-01
def test_the_trigger_from_both_sides():
    r = Rig()
    r.mv[2] = 3305  # trigger 5 mV
    assert r.rests(reason=why.BALANCED)
    r.mv[2] = 3306
    r.start()
    r.mv[2] = 3305
    r.run(120)
    assert r.balance.active  # ends below the trigger
    r.mv[2] = 3304
    r.run(60)
    assert r.rests(reason=why.BALANCED)
    assert not r.balance.active and r.balance.donor is None


# req: BAL-01
def test_the_start_voltage_from_both_sides():
    r = Rig()
    r.set(p.BALANCE_START_MV, 3330)
    r.mv[2], r.mv[5] = 3330, 3290
    assert r.rests(reason=why.START_VOLTAGE)
    r.mv[2] = 3331
    r.start()
    r.mv[2] = 3330
    r.run(120)
    assert r.balance.active
    r.mv[2] = 3329
    r.run(60)
    assert r.rests(reason=why.START_VOLTAGE)


# req: BAL-01
def test_a_decision_stands_for_thirty_seconds():
    r = Rig()
    state = {"on": True, "n": 0}

    def nervous():
        state["n"] += 1
        r.mv[2] = 3330 if state["n"] % 3 else 3300

    r.before = nervous
    last, since, changes = r.balance.active, 0, 0
    for _ in range(3000):
        r.cycle()
        since += 1
        if r.balance.active != last:
            last, changes = r.balance.active, changes + 1
            assert since >= 30 or changes == 1
            since = 0


# req: BAL-02
def test_the_current_has_three_limits():
    for changes, board_ma, ma in (
        ({p.BALANCE_MAX_MA: 1500}, 2000, 1500),
        ({p.BALANCE_MAX_MA: 2000}, 1000, 1000),
        ({p.BALANCE_MAX_MA: 2000, p.DESIGN_CAPACITY_MAH: 10_000}, 2000, 1000),
    ):
        r = Rig()
        r.hal.capabilities.balance_max_ma = board_ma
        r.boot()
        r.tested()
        for id in changes:
            r.set(id, changes[id])
        r.mv[2] = 3330
        r.start()
        assert r.part.ma == ma


# req: BAL-04
def test_decisions_come_from_readings_without_current():
    for period_ms in (100, 1000):
        r = Rig(period_ms=period_ms, mohm=0)
        r.mohm[2] = 70  # the donor reads 140 mV too low, and nobody corrects it
        r.balance.lead_mohm[2] = 0
        r.mv[2], r.mv[5] = 3330, 3290
        r.start()
        moved = 0
        for _ in range(600_000 // period_ms):
            r.cycle()
            moved += r.moves()
            assert r.part.donor == 2 and r.part.receiver == 5
        assert 80 < moved * period_ms // 6000 < 95  # per cent of the time


# req: BAL-04
def test_every_fault_that_forbids_it():
    r = Rig()
    r.mv[2], r.mv[5] = 3330, 3290
    for id in range(1, fault_table.COUNT):
        forbids = fault_table.BALANCE[id // 30] >> id % 30 & 1 == 1
        if id in (f.BALANCER, f.BALANCER_STUCK) or not forbids:
            continue
        r.balance.active or r.start()
        if id in SENSORS:
            continue  # the measurement clears them itself
        r.faults.put(id, True)
        r.cycle()
        if id != f.BALANCE_LEAD:  # raised by a test, with the balancer off
            assert not r.moves(), id
        assert r.run(100) and not r.moves(), id
        assert r.balance.reason == id
        r.faults.put(id, False)
        r.start()


# req: BAL-04
def test_power_mode_and_the_switch():
    r = apart()
    for mode in (OFF, STARTING, SLEEP, SAFE):
        r.state.power.mode = mode
        r.cycle()
        assert not r.moves() and r.balance.reason == why.NOT_ON
        assert r.rests()
        r.state.power.mode = ON
        assert 30 <= r.start() <= 40
    r.faults.put(f.BALANCE_SWITCHED_OFF, True)
    r.cycle()
    assert not r.moves() and r.balance.reason == f.BALANCE_SWITCHED_OFF


# req: BAL-04
def test_temperatures_from_both_sides():
    for dc, near_dc in ((-1, 10), (701, 690)):
        r = apart()
        r.set(p.CHARGE_OTP_DC, 700)
        r.start()
        edge = 0 if dc < 0 else 700
        r.hal.afe.temp_dc[1] = edge
        r.run(3)
        assert r.moves()
        r.hal.afe.temp_dc[1] = dc
        r.cycle()
        assert not r.moves() and r.balance.reason == why.TEMPERATURE
        r.hal.afe.temp_dc[1] = edge
        assert r.rests(reason=why.TEMPERATURE)
        r.hal.afe.temp_dc[1] = near_dc
        r.start()


# req: BAL-04
def test_cell_limits_from_both_sides():
    for mv, cell, reason in ((2799, 5, why.CELL_LOW), (3601, 2, why.CELL_HIGH)):
        r = Rig(mohm=0)
        r.set(p.CELL_OVP_MV, 3650)
        inside = mv + 1 if mv < 3000 else mv - 1
        r.mv[cell] = mv
        assert r.rests(reason=reason)
        r.mv[cell] = inside  # nearer than the distance kept with current
        assert r.rests(reason=why.TOO_WEAK)
        r.mv[cell] = inside + 25 if mv < 3000 else inside - 25
        r.mv[(cell + 3) % 8] += 10
        r.start()
        r.mv[cell] = mv
        r.cycle()
        assert not r.moves() and r.balance.reason == reason


# req: BAL-04
def test_narrower_protection_levels_and_other_chemistries():
    for chemistry, uvp, ovp, low, high in (
        (0, 2900, 3500, 2900, 3500),
        (0, 2600, 3600, 2800, 3600),
        (1, 2900, 4200, 3000, 4200),
        (2, 1800, 2900, 1900, 2750),
    ):
        r = Rig(mohm=0)
        r.set(p.CHEMISTRY, chemistry)
        r.set(p.CELL_UVP_MV, uvp)
        r.set(p.CELL_OVP_MV, ovp)
        r.set(p.BALANCE_START_MV, 1500)
        middle = (low + high) // 2
        for edge, reason in ((low - 1, why.CELL_LOW), (high + 1, why.CELL_HIGH)):
            r.mv[:] = [middle] * 8
            r.mv[4] = edge
            assert r.rests(reason=reason), (chemistry, edge)


# req: BAL-04, MEA-06
def test_readings_that_are_lost_stop_it():
    r = apart()
    r.hal.afe.read_result = c.BUS_ERROR
    r.run(3)
    assert not r.moves()
    assert r.rests()
    r.hal.afe.read_result = c.OK
    r.start()
    r.run(52)  # into the pause: a reading with errors between needs longer, nothing else
    assert not r.moves()
    r.hal.afe.read_result = c.BUS_ERROR
    r.run(2)
    r.hal.afe.read_result = c.OK
    assert r.run(20, until=r.moves) <= 8


# req: BAL-04
def test_a_board_without_balancer():
    r = Rig()
    r.hal.balancer = None
    r.boot()
    r.mv[2] = 3400
    r.run(100)
    r.balancing.off()
    assert r.balance.reason == why.NO_BALANCER and not r.balance.active


# req: BAL-04
def test_a_current_far_from_the_asked_one():
    for share in (0, 45, 140):
        r = apart()
        r.run(5)
        r.part.share = share
        r.run(3)
        assert not r.moves() and r.stands("balancer") and not r.stands("balancer_stuck")
        r.part.share = 100
        assert r.rests(590, reason=f.BALANCER)
        assert r.run(100, until=r.moves) < 60
        assert not r.stands("balancer")
        r.part.share = share
        r.run(4)
        assert r.stands("balancer") and r.rests(1190)  # twice as long
        r.part.share = 100
        assert r.run(100, until=r.moves) < 60


# req: BAL-04
def test_deviations_that_are_normal():
    for share in (55, 120):
        r = apart()
        r.part.share = share
        r.run(300)
        assert not r.stands("balancer") and r.balance.active


# req: BAL-04
def test_a_balancer_that_hangs_on_ends_charging():
    r = apart(mohm=50)
    r.part.leak_ma = 2000
    r.run(51)
    assert r.part.ma == 0  # asked to pause
    r.run(3)
    assert r.stands("balancer_stuck") and r.faults.blocks_charge()
    assert not r.faults.blocks_discharge(False)
    # protection goes on to see the donor as it is
    assert (r.measured.max_mv, r.measured.max_cell) == (3330, 2)
    r.run(2000)
    assert r.stands("balancer_stuck")
    r.part.leak_ma = 0
    r.run(590)
    assert r.stands("balancer_stuck")
    r.run(700)
    assert not r.stands("balancer_stuck")


# req: BAL-04, PRT-15
def test_a_restart_stops_what_still_runs():
    r = apart()
    r.boot()
    r.part.log[:] = []
    r.cycle()
    assert r.part.log == [(0, 0, 0)] and r.part.ma == 0
    r.tested()
    assert r.start() >= 30


# req: BAL-04
def test_changed_settings_decide_anew():
    r = apart()
    r.set(p.BALANCE_MAX_MA, 1000)
    r.cycle()
    assert not r.moves()
    r.start()
    assert r.part.ma == 1000
    r.balance.known = True
    r.set(p.CELL_COUNT, 7)
    r.hal.afe.cell_mv.pop()
    r.mv.pop()
    r.cycle()
    assert not r.balance.known and r.balance.lead_mohm == [None] * 16


# req: PRT-15, BAL-04
def test_an_exception_switches_it_off():
    b = Bench()
    part = b.hal.balancer
    b.cells(3340, 2)
    b.run(60)  # leads tested
    assert b.state.balance.lead_mohm == [0] * 8 + [None] * 8
    b.run(120, until=lambda: part.ma > 0)
    assert part.ma == 0  # the shipped pack balances by the ledger
    b.parameters.values[p.BALANCE_STRATEGY] = 0
    b.parameters.seal()
    b.run(120, until=lambda: part.ma > 0)
    assert part.ma == 2000
    ledger = b.controller.control.balancing.ledger
    ledger.count = None  # raises in the next cycle
    b.run(0.2)
    assert part.ma == 0 and not b.state.balance.active
    assert b.stands("gauge_exception") and b.mosfets() == (True, True)
    part.transfer = None  # raises in off() too
    b.run(1)
    assert b.mosfets() == (True, True)


# req: BAL-04
def test_rows_of_bal_04():
    from tests.firmware.test_fault_rows import ALM, PROTECTION, WARNING, row

    row("balancer", 80, WARNING, "B")
    row("balancer_stuck", 81, PROTECTION, "CB", ALM)
