"""The scenarios of the plain simulated HAL on a board's own code: drivers, chips, pins.

The tests here take a quick part of them; `python -m host_sim scenario --board pico_bq76952
tests/scenarios/*.toml` runs all. EXCEPT names those that cannot hold on this board, and why.
"""

from pathlib import Path

import pytest

from host_sim import board_hal, scenario
from host_sim.scenario_file import Malformed, Scenario

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "scenarios"
QUICK = (
    "pnl-01-lamps",
    "pnl-02-warnings",
    "pnl-05-dip",
    "pnl-06-buzzer",
    "prt-05-discharge-over-current",
    "prt-06-charge-short",
    "prt-10-mos-over-temperature",
    "prt-14-two-reasons",
    "prt-15-exception",
    "prt-15-hang",
    "prt-15-start-up",
    "prt-16-stuck-charge-mos",
    "prt-18-body-diode",
    "prt-21-kill-line",
    "prt-22-afe-trip",
    "pwr-01-key",
    "pwr-04-heating",
)
EXCEPT = {
    "prt-06-latched": "the port is measured inside of the BQ76952 and cannot be left out",
    "prt-06-retries": "the port is measured inside of the BQ76952 and cannot be left out",
    "prt-21-no-kill-line": "the board has a kill line",
    "prt-22-afe-limits": "its comparator for charging waits at most 425 ms, not a second",
}


def failures(name):
    """What does not hold."""
    make_hal = board_hal.front_of("pico_bq76952")
    result = scenario.run(Scenario(FOLDER / f"{name}.toml"), make_hal=make_hal)
    assert result.checks
    return [f"{wanted}: {seen}" for holds, wanted, seen in result.checks if not holds]


# req: HAL-01, HAL-02, HAL-03
@pytest.mark.parametrize("name", QUICK)
def test_a_scenario_holds_on_the_board(name):
    assert failures(name) == []


# req: HAL-03
@pytest.mark.parametrize("name", [name for name in EXCEPT if not name.startswith("prt-22")])
def test_an_exception_is_one(name):
    try:
        found = failures(name)
    except Malformed as error:
        found = [str(error)]
    assert found
