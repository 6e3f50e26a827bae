"""Current limits towards the inverter never jump while the pack is healthy, and do not swing
(CHG-02)."""

from firmware import fault_ids as f
from firmware import limit_ids as why
from firmware import parameter_ids as p
from firmware.ramp import Ramp
from tests.fakes.charging import ChargeRig

FALL_MA = 28_000  # C/10 a second of the shipped pack
RISE_MA = 7_000  # C/40
CAREFUL_MA = 700  # C/400


class Dice:
    """A repeatable random number generator within 31 bits."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103 + 12_345) % 65_521
        return self.state % n


class Plant:
    """Cells of `r_uohm` behind an inverter that hears a limit once a second, `late` quarters of a
    second later, and follows it with half of the way each quarter; mV and mA."""

    def __init__(self, rig, ocv_mv, r_uohm, late, sign):
        self.rig, self.ocv_mv, self.r_uohm, self.sign = rig, ocv_mv, r_uohm, sign
        self.heard = [0] * (late + 1)
        self.goal = self.ma = self.quarter = 0
        self.sent = []

    def run(self, quarters):
        """The limits that were sent."""
        r, noise = self.rig, Dice(7)
        for _ in range(quarters):
            mv = self.ocv_mv + self.sign * (self.ma // 100 * self.r_uohm // 10_000)
            mv += noise.below(3) - 1
            r.cells(self.ocv_mv, mv if self.sign < 0 else None, mv if self.sign > 0 else None)
            r.run(0.25)
            self.sent.append(r.out.ccl_ma if self.sign > 0 else r.out.dcl_ma)
            self.heard.append(self.sent[-1])
            late = self.heard.pop(0)
            if self.quarter % 4 == 0:
                self.goal = late
            self.quarter += 1
            self.ma += (self.goal - self.ma) // 2
        return self.sent


def turns(values, least):
    """How often the values change their direction by more than `least`."""
    count = direction = 0
    extreme = values[0]
    for v in values:
        if direction >= 0 and v < extreme - least:
            count += direction
            direction, extreme = -1, v
        elif direction <= 0 and v > extreme + least:
            count -= direction
            direction, extreme = 1, v
        elif (v - extreme) * direction > 0:
            extreme = v
    return count


# req: CHG-02
def test_turns_are_counted():
    assert turns([0, 50, 100, 100, 50, 60, 0], 20) == 1
    assert turns([0, 50, 0, 50, 0], 20) == 3
    assert turns([5, 6, 5, 6], 2) == 0


# req: CHG-02
def test_no_step_over_random_walks_of_a_healthy_pack():
    for seed in range(12):
        dice = Dice(seed + 1)
        r = ChargeRig(changes={p.REQUESTED_CHARGE_MA: 200_000})
        low, high, degc, soc = 3300, 3320, 250, 500
        r.run(1)
        for _ in range(500):
            wild = 40 if dice.below(4) == 0 else 5
            low = min(max(low + dice.below(2 * wild + 1) - wild, 2560), 3400)
            high = min(max(high + dice.below(2 * wild + 1) - wild, low, 3400), 3640)
            degc = min(max(degc + dice.below(21) - 10, -150), 600)
            soc = min(max(soc + dice.below(41) - 20, 0), 1000)
            r.cells((low + high) // 2, low, high)
            r.temperature(degc / 10)
            r.state.gauge.soc_dpct = soc
            before = r.out.ccl_ma, r.out.dcl_ma
            r.run(0.25)
            for was, now in ((before[0], r.out.ccl_ma), (before[1], r.out.dcl_ma)):
                assert -FALL_MA // 4 <= now - was <= RISE_MA // 4
            assert r.out.charge_enable and r.out.discharge_enable


# req: CHG-02
def test_a_limit_comes_down_and_up_in_time():
    r = ChargeRig()
    r.run(60)
    r.temperature(0)
    r.run(25)
    assert r.out.ccl_ma == 0 and r.out.charge_enable
    r.temperature(20)
    assert 30 <= r.run(90, lambda: r.out.ccl_ma == 56_000) <= 60  # rests, then C/40 a second


# req: CHG-02
def test_a_small_change_of_what_limits_moves_nothing_up():
    ramp = Ramp()
    for _ in range(400):
        ramp.step(20_000, why.COLD, 280_000, 250)
    assert ramp.ma == 20_000
    for _ in range(400):
        ramp.step(22_000, why.COLD, 280_000, 250)
    assert ramp.ma == 20_000
    for ceiling in (24_000, 19_000):
        for _ in range(400):
            ramp.step(ceiling, why.COLD, 280_000, 250)
        assert ramp.ma == ceiling
    ramp.step(18_000, why.CELL_HIGH, 280_000, 250)  # after a fall it rests ...
    before = ramp.ma
    for _ in range(29 * 4):
        ramp.step(60_000, 0, 280_000, 250)
    assert ramp.ma == before
    for _ in range(300 * 4):  # ... and after a cell voltage it comes up carefully
        ramp.step(60_000, 0, 280_000, 250)
        assert ramp.ma - before <= CAREFUL_MA // 4
        before = ramp.ma
    assert ramp.ma == 60_000
    ramp.step(59_000, why.COLD, 280_000, 250)
    for _ in range(31 * 4):
        ramp.step(80_000, 0, 280_000, 250)
    assert ramp.ma > 65_000  # as ever


# req: CHG-02
def test_a_fault_lowers_at_once_and_what_ends_it_raises_gently():
    ramp = Ramp()
    for _ in range(400):
        ramp.step(56_000, 0, 280_000, 250)
    ramp.step(11_200, f.DEEP_DISCHARGE, 280_000, 1)
    assert ramp.ma == 11_200
    ramp.step(56_000, 0, 280_000, 250)
    assert 11_200 < ramp.ma <= 11_200 + RISE_MA // 4


# req: CHG-02
def test_a_deeply_discharged_pack_gets_its_small_current():
    ramp = Ramp()
    for _ in range(400):
        ramp.step(4_000, f.DEEP_DISCHARGE, 100_000, 250)
    assert ramp.ma == 4_000


# req: CHG-02
def test_the_smallest_pack_and_the_largest_bank():
    for capacity_mah, ceiling_ma in ((2_000, 1_000), (320_000_000, 19_200_000)):
        ramp = Ramp()
        for _ in range(1_000):
            ramp.step(ceiling_ma, 0, capacity_mah, 1_000)
        assert ramp.ma == ceiling_ma
        ramp.step(0, why.COLD, capacity_mah, 60_000)  # a late step is not a longer one
        assert ceiling_ma - ramp.ma <= max(capacity_mah // 10, 1)
        for _ in range(1_000):
            ramp.step(0, why.COLD, capacity_mah, 1_000)
        assert ramp.ma == 0


# req: CHG-02
def test_no_swinging_with_cells_and_a_slow_inverter_in_the_loop():
    for sign, ocv_mv in ((1, 3490), (1, 3530), (-1, 2740), (-1, 2670)):
        for r_uohm in (200, 400, 800):
            for late in (1, 4, 8):  # up to 2 s on top of the inverter's own second
                r = ChargeRig(changes={p.REQUESTED_CHARGE_MA: 200_000})
                sent = Plant(r, ocv_mv, r_uohm, late, sign).run(300 * 4)
                what = (sign, ocv_mv, r_uohm, late)
                assert turns(sent, 2_000) <= 4, what
                assert turns(sent[600:], 2_000) <= 1, what
                assert min(sent[600:]) > 5_000, what
                assert not r.protection.charge_pending and not r.protection.discharge_pending
