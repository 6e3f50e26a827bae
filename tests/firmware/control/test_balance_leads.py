"""The self-test of the balance leads, and what is done with the result (MEA-05)."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control import balance_limits as why
from firmware.control.leads import correct_leads
from firmware.state import State
from tests.fakes.balance import Rig

WEEK_S = 604_800


def untested(**kwargs):
    """A rig that has just started; its cells differ, so that it wants to balance."""
    r = Rig(tested=False, **kwargs)
    r.mv[2], r.mv[5] = 3330, 3290
    return r


def finish(r, seconds=400):
    """Run until all leads are known; seconds that took."""

    def ended():
        return not r.balancing.leads.running and r.balance.lead_mohm[len(r.mv) - 1] is not None

    return r.run(seconds, until=ended)


def limit(r, step_mv):
    """Let cell 2 rise to 3.7 V; the highest voltage at which charge moved."""
    highest = 0
    while r.mv[2] < 3700:
        r.mv[2] += step_mv
        r.cycle()
        if r.moves():
            highest = r.mv[2]
    return highest


# req: MEA-05
def test_every_lead_is_measured_before_the_first_transfer():
    for period_ms in (100, 1000):
        r = untested(period_ms=period_ms)
        r.mohm[:] = [0, 5, 20, 31, 44, 58, 66, 1]
        assert finish(r) < 350 * period_ms // 1000 + 60
        for i in range(8):
            assert abs(r.balance.lead_mohm[i] - r.mohm[i]) <= 1, (i, r.balance.lead_mohm)
        for donor, receiver, ma in r.part.log:
            assert ma == 0 or (receiver - donor) % 8 == 4
            assert ma in (0, 300, 2000)
        r.start()
        assert (r.part.donor, r.part.receiver) == (2, 5)


# req: MEA-05
def test_noise_and_drift_do_not_matter():
    r = untested(period_ms=100, mohm=40)
    state = {"n": 0}

    def noisy():
        state["n"] += 1
        n = state["n"]
        for i in range(8):  # rises by 1 mV/s, jitters by a bit
            r.mv[i] = 3300 + n // 10 + (n * (7 + i) // 3) % 2

    r.before = noisy
    finish(r, 60)
    for i in range(8):
        assert 38 <= r.balance.lead_mohm[i] <= 42, r.balance.lead_mohm


# req: MEA-05
def test_a_bad_lead_blocks_until_a_good_test():
    r = untested()
    r.mohm[6] = 510
    r.run(400, until=lambda: r.stands("balance_lead"))
    assert r.stands("balance_lead") and abs(r.faults.value[f.BALANCE_LEAD] - 510) <= 8
    assert abs(r.balance.lead_mohm[6] - 510) <= 8  # shown
    assert r.rests(300, reason=f.BALANCE_LEAD)
    r.mohm[6] = 480
    r.balancing.start_lead_test()
    r.run(400, until=lambda: not r.stands("balance_lead"))
    assert not r.stands("balance_lead")
    r.start()


# req: MEA-05
def test_the_limit_is_settable():
    r = untested()
    r.set(p.LEAD_LIMIT_MOHM, 100)
    r.mohm[0] = 130
    finish(r)
    assert r.stands("balance_lead")


# req: MEA-05
def test_a_bad_lead_is_tried_again_after_a_day_a_good_one_after_a_week():
    for mohm, wait_s in ((900, 86_400), (30, WEEK_S)):
        r = untested(mohm=mohm)
        finish(r)
        r.mv[:] = [3300] * 8
        leads = r.balancing.leads
        for _ in range(wait_s // 60 - 1):
            leads.due(60_000)
        assert not leads.due(0)
        r.run(120, until=r.moves)
        assert leads.running


# req: MEA-05
def test_nothing_near_a_limit_is_tested():
    for mv in (2990, 3410):
        r = untested()
        r.mv[3] = mv
        assert r.rests(reason=why.LEADS_UNKNOWN)
        r.mv[3] = 3300
        r.run(10, until=r.moves)
        assert r.part.ma == 300


# req: MEA-05
def test_a_moving_pack_current_is_waited_out():
    r = untested()
    state = {"n": 0}

    def busy():
        state["n"] += 1
        r.ma = 3_000 if state["n"] % 2 else 0

    r.before = busy
    r.run(600)
    assert r.balance.lead_mohm[0] is None and not r.stands("balance_lead")
    r.before, r.ma = None, 3_000
    assert finish(r, 600) < 600
    assert r.balance.lead_mohm[0] == 30


# req: MEA-05, BAL-04
def test_a_dead_balancer_is_no_bad_lead():
    r = untested()
    r.part.share = 0
    r.run(100)
    assert r.stands("balancer") and not r.stands("balance_lead")
    assert r.balance.lead_mohm == [None] * 16


# req: MEA-05
def test_an_interrupted_test_keeps_what_was_known():
    r = Rig()
    r.balancing.start_lead_test()
    r.run(60, until=r.moves)
    assert r.balance.lead_mohm[0] is None
    r.faults.put(f.BALANCE_SWITCHED_OFF, True)
    r.cycle()
    assert not r.moves() and r.balance.lead_mohm[0] == 30


# req: MEA-05
def test_a_very_bad_lead_does_not_look_like_an_empty_cell():
    r = untested(period_ms=100, mohm=20)
    r.mohm[1] = 1_500
    wrong = []

    def watch():
        if r.measured.valid and not 2900 < r.measured.min_mv <= r.measured.max_mv < 3600:
            wrong.append(1)

    r.before = watch
    r.run(100, until=lambda: r.stands("balance_lead"))
    assert len(wrong) < 10  # at most a second, below every delay
    assert r.stands("balance_lead") and not r.stands("current_sensor")


# req: MEA-05, PRT-02
def test_the_drop_is_taken_out_of_the_readings():
    r = Rig(mohm=50)
    r.mv[2], r.mv[5] = 3330, 3290
    r.start()
    r.run(5)
    assert r.hal.afe.cell_mv[2] == 3230 and r.hal.afe.cell_mv[5] == 3375
    assert list(r.measured.cell_mv)[:8] == r.mv
    assert (r.measured.max_mv, r.measured.min_mv) == (3330, 3290)


# req: MEA-05, PRT-02
def test_what_is_unknown_or_nonsense_corrects_nothing_or_little():
    balance = State().balance
    cells = [3300] * 4
    balance.current_ma = 2000
    correct_leads(cells, balance)  # nobody gives
    balance.donor, balance.receiver = 0, 2
    correct_leads(cells, balance)  # leads unknown
    assert cells == [3300] * 4
    balance.lead_mohm[0] = balance.lead_mohm[2] = 1_000_000
    balance.current_ma = -0x3FFFFFFF
    correct_leads(cells, balance)
    assert cells == [3500, 3300, 3100, 3300]
    cells = [65_535, 0, 10, 0]
    correct_leads(cells, balance)
    assert cells == [65_535, 0, 0, 0]


# req: BAL-04, PRT-02
def test_it_stops_before_a_wrong_lead_value_could_hide_an_over_voltage():
    for known in (0, 40, 80):  # truth: 40
        r = Rig(mohm=40)
        r.balance.lead_mohm[2] = known
        r.mv[2], r.mv[5] = 3400, 3290
        r.start()
        highest = limit(r, 1)
        assert 3450 < highest <= 3600, (known, highest)


# req: BAL-02, BAL-04
def test_long_leads_lower_the_current():
    r = Rig(mohm=30)
    r.mohm[2] = r.balance.lead_mohm[2] = 300
    r.mv[2], r.mv[5] = 3330, 3290
    r.start()
    assert r.part.ma == 500  # 150 mV
    r = Rig(mohm=40)
    r.mv[2], r.mv[5] = 3540, 3290
    r.start()
    assert r.part.ma == 1000  # 40 mV below the distance to 3.60 V
    r.mv[2] = 3577
    r.cycle()
    assert not r.moves()
    assert r.rests(reason=why.TOO_WEAK)
