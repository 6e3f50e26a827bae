"""What survives a restart (SOC-01): two slots a record, torn or foreign ones, a user's table."""

from firmware import parameter_ids as p
from firmware.gauge_keeper import GAUGE, TABLE
from firmware.keeper import RECORD
from firmware.settings import ocv_table
from tests.fakes.bench import Bench
from tests.firmware.gauge.test_gauge_trust import shifted


def learned():
    """A bench whose gauge has learned a bias and a capacity, both stored in both slots."""
    b = Bench()
    b.run(12)
    b.controller.control.counter.bias = 64 * 100
    b.state.gauge.capacity_mah = 250_000
    b.controller.control.gauge.fusion.resize(250_000)
    b.controller.keeper.gauge.save()
    b.controller.control.counter.bias = 64 * 200
    b.controller.keeper.gauge.save()
    return b


def after_boot(b):
    """(bias mA, capacity Ah) that a restart brings back."""
    b.boot()
    b.run(1)
    return b.controller.control.counter.bias // 64, b.state.gauge.capacity_mah // 1000


# req: SOC-01, SOC-02
def test_the_newest_record_of_the_gauge_is_taken():
    assert after_boot(learned()) == (200, 250)


# req: SOC-01
def test_a_torn_record_of_the_gauge_leaves_the_one_before():
    b = learned()
    slots, newest = b.hal.nvm.slots, GAUGE[b.controller.keeper.gauge._slot]
    whole = slots[newest]
    for damage in (b"", whole[:100], whole[:-1] + b"\x00\x01", b"\xff" * 512):
        slots[newest] = damage
        assert after_boot(b) == (100, 250), len(damage)


# req: SOC-01
def test_without_the_gauges_record_the_charge_goes_on():
    b = learned()
    b.controller.control.gauge.set_soc(600)
    b.run(700)  # the control record is stored
    left_mah = b.state.gauge.remaining_mah
    for slot in GAUGE:
        b.hal.nvm.slots[slot] = b"\x00" * 512
    assert after_boot(b) == (0, 250)  # the control record knows the capacity, too
    assert abs(b.state.gauge.remaining_mah - left_mah) < 2_000
    for slot in RECORD:
        b.hal.nvm.slots[slot] = b"\x00" * 512
    assert after_boot(b)[0] == 0  # nothing at all: starts as new


# req: SOC-01
def test_the_record_of_another_pack_is_not_taken():
    b = learned()
    b.changes[p.DESIGN_CAPACITY_MAH] = 100_000
    assert after_boot(b) == (0, 100)
    assert not b.stands("storage")


# req: SOC-04
def test_a_users_table_is_used_and_a_damaged_one_is_not():
    b = Bench()
    b.hal.nvm.slots[TABLE] = shifted(20)
    b.boot()
    assert b.controller.control.gauge.curve.low[50] == 20 + _shipped(50)
    b.hal.nvm.slots[TABLE] = shifted(20)[:-1] + b"\x77"
    b.boot()
    assert b.controller.control.gauge.curve.low[50] == _shipped(50)
    b.run(2)
    assert b.stands("storage")


def _shipped(i):
    packed = ocv_table.TABLES[0]
    return packed[4 + 2 * i] | packed[5 + 2 * i] << 8
