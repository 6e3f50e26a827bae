"""The coulomb counter: exact, without losing a fraction (SOC-01)."""

from firmware import parameter_ids as p
from firmware.control.context import Context
from firmware.control.counter import FINE, Counter, per_mille, portion
from firmware.parameters import Parameters
from tests.fakes.hal import FakeHal


def counter(start_mah=140_000, **changes):
    parameters = Parameters()
    parameters.values[p.STANDBY_MA] = 0
    for name, value in changes.items():
        parameters.values[getattr(p, name.upper())] = value
    parameters.seal()
    context = Context(FakeHal(8), parameters)
    made = Counter(context)
    context.state.gauge.remaining_mah = start_mah
    context.state.measured.valid = True
    return made, context.state.measured, context.state.gauge


def run(made, measured, ma, steps, dt_ms=100):
    measured.current_ma = ma
    for _ in range(steps):
        made.step(dt_ms)


# req: SOC-01
def test_what_is_counted_is_the_exact_sum():
    made, measured, gauge = counter()
    exact = 0  # mA x ms, kept beside it in whole numbers
    seed = 12345
    for _ in range(20_000):
        seed = seed * 75 % 65537  # a small generator: the same on every runtime
        ma = (seed - 32768) * 6 if seed % 3 else seed % 41 - 20
        measured.current_ma = ma
        made.step(100)
        exact += ma * 100
    assert gauge.remaining_mah - 140_000 == exact // 3_600_000
    assert made.part == exact % 3_600_000  # not a single mA x ms is lost
    assert made.moved_mah == exact // 3_600_000


# req: SOC-01
def test_twenty_milliamperes_count():
    made, measured, gauge = counter()
    run(made, measured, -20, 36_000)  # an hour at 10 Hz: 20 mAh
    assert gauge.remaining_mah == 140_000 - 20


# req: SOC-01, MEA-02
def test_a_fraction_of_a_milliampere_of_bias_counts():
    made, measured, _ = counter()
    made.bias = FINE // 4  # 0.25 mA too much
    run(made, measured, 1, 3600, 1000)  # an hour at 1 mA: 0.75 mAh
    assert made.part == 2_700_000
    made.part = made.fine = 0
    made.hidden = -FINE // 2  # 0.5 mA that a reading of exactly nothing hides
    run(made, measured, 0, 3600, 1000)
    assert (made.moved_mah, made.part) == (-1, 1_800_000)


# req: SOC-01, SOC-06
def test_standby_is_always_taken_off():
    made, measured, gauge = counter(standby_ma=20)
    run(made, measured, 20, 36_000)
    assert gauge.remaining_mah == 140_000 and made.part == 0
    run(made, measured, 0, 36_000)
    assert gauge.remaining_mah == 139_980


# req: SOC-01
def test_any_step_up_to_ten_seconds_counts_the_same():
    for ma in (199_999, -499_999, 500_000, -1_999_999):
        sums = []
        for dt_ms, steps in ((100, 100), (700, 10), (3000, 1), (10_000, 1)):
            made, measured, _ = counter()
            run(made, measured, ma, steps, dt_ms)
            sums.append((made.moved_mah * 3_600_000 + made.part) * 10_000 // (dt_ms * steps))
        assert sums[0] == sums[1] == sums[2] == sums[3] == ma * 10_000, ma


# req: SOC-01
def test_a_longer_gap_is_not_guessed():
    made, measured, _ = counter()
    run(made, measured, 3_600_000 // 100, 1, 60_000)
    assert made.moved_mah * 3_600_000 + made.part == 36_000 * 10_000


# req: SOC-01, SOC-02
def test_cycle_capacity_and_cycles():
    made, measured, gauge = counter(design_capacity_mah=10_000, start_mah=9_000)
    for _ in range(25):
        run(made, measured, -36_000, 90, 1000)  # 0.9 Ah out
        run(made, measured, 36_000, 90, 1000)
    assert gauge.cycle_ah * 1000 + gauge.cycle_mah == 22_500
    assert gauge.cycles == 2  # floor(22.5 / 10)


# req: SOC-01
def test_portions_of_any_pack_fit():
    for mah in (2_000, 280_000, 999_999, 20_000_000):
        for dpct in (0, 1, 5, 500, 994, 1000):
            assert portion(mah, dpct) == mah * dpct // 1000
            assert abs(per_mille(portion(mah, dpct), mah) - dpct) <= 1


# req: PRT-15
def test_without_a_valid_measurement_nothing_is_counted():
    made, measured, gauge = counter()
    measured.valid = False
    run(made, measured, 100_000, 100)
    assert gauge.remaining_mah == 140_000 and made.moved_mah == 0
