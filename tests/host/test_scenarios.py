"""Every scenario of tests/scenarios runs and holds; the set is complete and its page is true."""

import re
from pathlib import Path

import pytest

from host_sim import injection, scenario, scenario_watch
from host_sim.scenario_events import ACTIONS, COMMON, fault_arguments
from host_sim.scenario_file import EXPECT, PACK, SENSORS, TOP, Scenario

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests" / "scenarios").glob("*.toml"))
PAGE = ROOT / "docs" / "scenarios.md"
ROWS = {"PRT": 26, "CHG": 2, "PWR": 4, "PNL": 8}


# which requirements a file proves stands in its own `req`
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_scenario_holds(path):
    result = scenario.run(Scenario(path))
    assert result.checks
    assert [f"{wanted}: {seen}" for holds, wanted, seen in result.checks if not holds] == []


# req: PRT-01, PWR-01, PNL-01
@pytest.mark.parametrize("group", sorted(ROWS))
def test_every_row_of_protection_power_and_panel_has_a_scenario(group):
    named = {number for path in FILES for number in Scenario(path).data["req"]}
    wanted = {f"{group}-{row:02d}" for row in range(1, ROWS[group] + 1)}
    assert wanted - named == set()


# req: PRT-01
def test_a_file_is_named_after_its_first_requirement():
    for path in FILES:
        if path.stem != "day":
            assert path.stem.upper().startswith(Scenario(path).data["req"][0]), path.name


def section(heading):
    """The part of the page below a heading, up to the next one."""
    text = PAGE.read_text(encoding="utf-8")
    assert f"\n{heading}\n" in text, heading
    return re.split(r"\n#+ ", text.split(f"\n{heading}\n", 1)[1], maxsplit=1)[0]


def rows_of(heading):
    """Names in the first cells of the table below a heading."""
    cells = re.findall(r"^\| (`[^|]+) \|", section(heading), re.M)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


# req: HAL-01
@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("## The file", TOP),
        ("## `[pack]`", PACK),
        ("## `[sensors]`", SENSORS),
        ("## Events", ACTIONS),
        ("## Faults to inject", injection.FAULTS),
        ("## Expectations", EXPECT),
        ("### Signals", set(scenario_watch.SIGNALS) - set(scenario_watch.FAULTS.values())),
        ("### Numbers", scenario_watch.NUMBERS),
    ],
)
def test_the_page_lists_what_the_code_knows(heading, names):
    assert rows_of(heading) == set(names)


# req: HAL-01
def test_the_page_names_every_argument_of_an_action():
    text = section("## Events")
    for action, (_, kinds, _) in ACTIONS.items():
        row = re.search(rf"^\| `{action}` \|.*$", text, re.M)[0]
        for name in kinds or ():
            if name not in ("source", "refused"):
                assert f"`{name}`" in row, (action, name)
    for name in COMMON:
        assert f"`{name}`" in text


# req: HAL-01
def test_the_page_names_every_argument_of_a_fault():
    text = section("## Faults to inject")
    for fault in injection.FAULTS:
        row = re.search(rf"^\| `{fault}` \|.*$", text, re.M)[0]
        for name in fault_arguments(fault):
            assert f"`{name}`" in row, (fault, name)


# req: HAL-01
def test_a_fault_never_has_the_name_of_another_signal():
    keys = list(scenario_watch.FAULTS.values())
    others = [*scenario_watch.FLAGS, *scenario_watch.LAMPS, *scenario_watch.OF_FIRMWARE]
    assert not set(keys) & {*others, "mode", "bar", "resets", *scenario_watch.NUMBERS}
    assert not set(scenario_watch.SIGNALS) & set(scenario_watch.NUMBERS)
