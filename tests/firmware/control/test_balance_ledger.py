"""The charge ledger and the trim near full (BAL-05), with cells of a curve of their own."""

import gc
import sys

from firmware import parameter_ids as p
from firmware.control import balance_limits as why
from firmware.control.ledger import LI_ION, LTO, SIZE, TABLES, headroom, part_of
from tests.fakes.balance import Rig
from tests.fakes.parts import FakeBalancer

# missing charge in 0.1 % -> mV: a measured LFP cell, not the firmware's table
CURVE = ((0, 3662), (10, 3472), (20, 3418), (50, 3366), (100, 3352), (200, 3345), (500, 3308))
CAPACITY_MAH = 280_000


def voltage(missing_mah):
    """Open-circuit voltage, mV."""
    tenths = missing_mah * 1000 / CAPACITY_MAH
    if tenths <= 0:
        return 3662 - tenths * 19
    for i in range(1, len(CURVE)):
        (x0, y0), (x1, y1) = CURVE[i - 1], CURVE[i]
        if tenths <= x1:
            return y0 + (y1 - y0) * (tenths - x0) / (x1 - x0)
    return 3300


class Cells(Rig):
    """`missing` is what each cell takes, mAh; `offset_mv` is the sensor's error."""

    def __init__(self, missing, offset_mv=None, strategy=1):
        Rig.__init__(self, cells=len(missing), strategy=strategy)
        self.missing = list(missing)
        self.offset_mv = offset_mv or [0] * len(missing)
        self.moved = self.wrong = 0
        self.before = self.physics

    def physics(self):
        """Charge of one second; 0.5 mOhm a cell."""
        part, missing = self.part, self.missing
        for i in range(len(missing)):
            missing[i] -= self.ma / 3600
        if part.ma:
            mah = part.ma / 3600
            self.moved += mah
            if missing[part.donor] > missing[part.receiver]:
                self.wrong += mah
            missing[part.donor] += mah
            missing[part.receiver] -= mah * 0.85
        for i in range(len(missing)):
            self.mv[i] = int(voltage(missing[i]) + self.ma * 0.0005 + self.offset_mv[i] + 0.5)

    def spread(self):
        """Per cent of the capacity."""
        return (max(self.missing) - min(self.missing)) * 100 / CAPACITY_MAH

    def charge(self):
        """To full at 56 A, then falling so that the highest cell stays at 3.50 V, 20 min."""
        self.ma = 56_000
        for _ in range(40_000):
            self.cycle()
            if max(self.mv) >= 3500:
                self.ma = self.ma * 99 // 100
            if self.ma < 8_000:
                break
        for _ in range(1200):
            self.cycle()
            self.ma = 4_000 if max(self.mv) < 3500 else 0

    def plateau(self, hours, ma=-20_000):
        """Half an hour down, then `hours` without current."""
        self.ma = ma
        self.run(1800)
        self.ma = 0
        self.run(hours * 3600)


# req: BAL-05
def test_nothing_happens_on_the_plateau_before_the_first_full():
    r = Cells([140_000 + 1000 * i for i in range(8)], [0, 5, -5, 3, 0, 0, -4, 2])
    r.run(7200)
    r.ma = 30_000
    r.run(3600)
    assert r.part.log[1:] == [] and r.balance.reason == why.NOTHING_KNOWN
    assert not r.balance.known


# req: BAL-05
def test_it_is_learned_near_full_and_worked_off_on_the_plateau():
    r = Cells([20_000 + 500 * i for i in range(8)])
    start = r.spread()
    r.charge()
    assert r.balance.known
    known = list(r.balance.surplus_mah)[:8]
    assert known[0] == max(known) and known[7] == 0 and start > 1.2
    at_full = r.spread()
    r.plateau(8)
    assert max(r.mv) < 3400
    assert r.balance.reason == why.BALANCED
    assert r.spread() < 0.6 * at_full
    assert r.wrong < 0.1 * r.moved
    for _ in range(2):
        r.charge()
        r.plateau(8)
    assert r.spread() < 0.3
    assert r.balance.moved_mah - r.moved < 5


# req: BAL-05
def test_it_beats_the_rule_of_the_manual():
    # cells equal, sensors not: the voltage rule spoils on the plateau what is good
    offsets = [5, -5, 3, -3, 0, 4, -4, 1]
    spreads = []
    for strategy in (0, 1):
        r = Cells([20_000] * 8, offsets, strategy)
        r.charge()
        r.plateau(10)
        spreads.append(r.spread())
    assert spreads[1] < 0.15 and spreads[0] > 5 * spreads[1], spreads


# req: BAL-05
def test_the_trim_at_the_top():
    r = Cells([1_400, 1_400, 2_200, 1_400], strategy=1)
    r.ma = 8_000
    r.run(30)
    r.start()
    assert r.part.receiver == 2
    r.ma = 30_000  # more than 0.06 C: nothing is decided by voltages ...
    r.run(60)
    assert not r.balance.active or r.balance.known  # ... only by the ledger


# req: BAL-05
def test_a_cell_that_the_reading_does_not_reach_takes_at_least_so_much():
    r = Cells([500, 500, 500, 20_000])
    ledger = r.balancing.ledger
    ledger.slow_ma = 4_000 * 64
    means = [34_900, 34_900, 34_900, 33_400]
    ledger.read(means, 4, 4_000)
    first = r.balance.surplus_mah[0]
    assert 3_500 < first < 6_000 and r.balance.surplus_mah[3] == 0
    ledger.room_mah[3] = 9_000
    ledger.read(means, 4, 4_000)
    assert ledger.room_mah[3] == 9_000  # the older, larger number is no contradiction


# req: BAL-05
def test_what_is_no_reading():
    r = Cells([500] * 4)
    ledger = r.balancing.ledger
    for slow_ma, high, ma in ((4_000, 34_000, 4_000), (0, 34_900, 0), (100, 34_900, -100)):
        ledger.slow_ma = slow_ma * 64
        ledger.read([high, 34_000, 33_900, 33_900], 4, ma)
        assert not r.balance.known
    ledger.slow_ma = 4_000 * 64
    ledger.read([34_900, 34_800, 34_800, 34_800], 4, 4_000)
    assert r.balance.known


# req: BAL-05
def test_a_sunken_voltage_at_rest_does_not_shrink_what_is_known():
    r = Cells([500] * 4)
    ledger = r.balancing.ledger
    ledger.slow_ma = 4_000 * 64
    ledger.read([35_000, 34_000, 34_000, 34_000], 4, 4_000)
    known = list(r.balance.surplus_mah)
    ledger.slow_ma = 0
    ledger.read([34_400, 34_000, 34_000, 34_000], 4, 0)
    assert list(r.balance.surplus_mah) == known


# req: BAL-05
def test_headroom_falls_with_the_voltage_for_every_chemistry():
    for table in TABLES:
        last = 100_000
        for dmv in range(0, 65_535, 7):
            now = headroom(table, dmv)
            assert 0 <= now <= last
            last = now
        assert last == 0
    assert headroom(LI_ION, 40_350) == 14_000 and headroom(LTO, 25_600) == 3_500
    assert part_of(20_000_000, 18_000) == 3_600_000 and part_of(2_000, 500) == 10


# req: BAL-05, SOC-01
def test_the_ledger_survives_a_restart():
    r = Cells([500] * 8)
    ledger = r.balancing.ledger
    for i in range(8):
        ledger.room_mah[i] = 500 * i
    ledger.publish(8)
    r.balance.known, r.balance.moved_mah = True, 123_456
    buffer = bytearray(100)
    assert ledger.encode(buffer, 10) == 10 + SIZE
    r.boot()
    r.tested()
    assert not r.balance.known
    r.balancing.ledger.restore(buffer, 10, 10 + SIZE)
    assert r.balance.known and r.balance.moved_mah == 123_456
    for i in range(8):
        assert 0 <= 500 * i - r.balancing.ledger.room_mah[i] < 14
        assert abs(r.balance.surplus_mah[i] - (3_500 - 500 * i)) < 14
    r.before = None
    r.mv[:] = [3300] * 8
    r.start()
    assert (r.part.donor, r.part.receiver) == (0, 7)


# req: BAL-05
def test_garbage_in_the_record_is_ignored():
    for fill in (0xFF, 0x7F, 0x02):
        r = Cells([500] * 8)
        buffer = bytearray([fill] * SIZE)
        r.balancing.ledger.restore(buffer, 0, SIZE)
        r.balancing.ledger.restore(buffer, 0, SIZE - 1)
        assert not r.balance.known and r.balance.moved_mah == 0


# req: HAL-01
def test_a_transfer_with_its_readings_allocates_nothing():
    if sys.implementation.name != "micropython":
        return
    for strategy in (0, 1):
        r = Rig(strategy=strategy)
        r.hal.balancer = FakeBalancer()
        r.boot()
        r.tested()
        r.set(p.BALANCE_STRATEGY, strategy)
        r.balancing.ledger.room_mah[3] = 5_000
        r.balance.known = True
        m, step = r.measured, r.balancing.step
        r.part = r.hal.balancer
        r.mv[2] = 3480
        r.run(40)
        assert r.part.ma
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        for _ in range(500):
            step(1000)
        after = gc.mem_alloc()
        gc.enable()
        assert m.valid and after == before, (strategy, after - before)
