"""No value in the control path leaves 31 bits or becomes a float."""

import sys

import pytest

from host_sim.scenario import Scenario
from tests.static import int31
from tools import runtimes

LONGEST_S = 900  # of simulated time; checked arithmetic is slow


def run(source, **names):
    """Execute rewritten source; its names and the number of checks."""
    counter = int31.Counter()
    space = {**names, int31.NAME: int31.checker(counter)}
    exec(int31.rewrite(source), space)
    return space, counter.values


def checked(*arguments):
    """Exit code of a run under the hook; fails on any wrong value (other failures of the run
    are for the tests that run it plainly)."""
    command = [sys.executable, "-m", "tests.static.int31", *arguments]
    code, output = runtimes.execute(command)
    last = output.rstrip().splitlines()[-1].split()
    assert last[1:] == ["values", "checked,", "0", "wrong"], output[-4000:]
    assert int(last[0]) > 100_000
    return code


# req: HAL-01
def test_plain_tests_stay_within_31_bits():
    checked("tests")


# req: HAL-01
def test_extreme_inputs_and_settings_stay_within_31_bits():
    assert checked("module", "tests.static.extremes") == 0


# req: HAL-01
def test_scenarios_stay_within_31_bits():
    files = [str(path) for path in sorted((runtimes.ROOT / "tests" / "scenarios").rglob("*.toml"))]
    short = [name for name in files if Scenario(name).duration_s <= LONGEST_S]
    checked("module", "host_sim", "scenario", "--quiet", *short)


# req: HAL-01, HAL-02
def test_the_drivers_of_a_board_stay_within_31_bits():
    file = runtimes.ROOT / "tests" / "scenarios" / "pnl-06-buzzer.toml"
    checked("module", "host_sim", "scenario", "--quiet", "--board", "pico_bq76952", str(file))


# req: HAL-01
@pytest.mark.parametrize(
    "source",
    [
        "a = 1 << 30",
        "a = 2**30 - 1 + b",
        "a = -(2**30 - 1) - 2",
        "a = 40000 * 40000 // 40000",
        "a = b / 1",
        "a = 2**29\na += 2**29",
        "a = sum((2**29, 2**29))",
        "a = ~b - (2**30 - 1)",
        "c = [2**29]\nc[0] *= 2",
        "a = (0.5, 1)[0]",
    ],
)
def test_a_value_outside_is_refused(source):
    with pytest.raises(int31.OutOfRange):
        run(source, b=1)


# req: HAL-01
def test_a_wrong_value_is_noted_although_the_exception_is_caught():
    counter = int31.Counter()
    space = {int31.NAME: int31.checker(counter)}
    source = "try:\n    a = 1 << 31\nexcept Exception:\n    a = 0"
    exec(int31.rewrite(source, "probe.py"), space)
    assert counter.wrong == ["probe.py:2: 2147483648 does not fit 31 bits"]


# req: HAL-01
def test_values_inside_and_texts_pass():
    source = "a = (1 << 29) + ((1 << 29) - 1)\nb = -a - 1\nt = '%d' % a\nc = [0] * 3\nd = not a"
    space, checks = run(source)
    assert space["a"] == 1073741823
    assert space["b"] == -1073741824
    assert space["t"] == "1073741823"
    assert checks == 8
