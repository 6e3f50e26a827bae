"""The trace and the row check see what they have to see."""

import ast

import pytest

from tools import requirements_trace as trace
from tools import row_check

SOURCE = """
import pytest

# a note
# req: PRT-01, PRT-04
def test_one():
    pass


# req: MEA-02
@pytest.mark.parametrize(
    "a", (1, 2)
)
def test_two(a):
    pass


@pytest.mark.slow
# req: PNL-01
def test_three():
    pass

# req: PNL-02

def test_four():
    pass
"""


# req: HAL-01
def test_ids_stand_directly_above_a_test():
    lines = SOURCE.splitlines()
    found = {
        item.name: trace.ids_of(item, lines)
        for item in ast.parse(SOURCE).body
        if isinstance(item, ast.FunctionDef)
    }
    assert found == {
        "test_one": ["PRT-01", "PRT-04"],
        "test_two": ["MEA-02"],
        "test_three": ["PNL-01"],
        "test_four": [],
    }


# req: HAL-01
def test_the_trace_names_what_is_missing_and_what_is_unknown():
    known = {"PRT-01": ("under-voltage", True), "BAL-01": ("balancing", False)}
    found = [("tests/a.py", "test_a", ["PRT-99"])]
    bad = trace.faults_of(known, trace.by_requirement(found), found)
    assert len(bad) == 2
    assert "'PRT-99'" in bad[0]
    assert "PRT-01 (under-voltage) has no test" in bad[1]


# req: HAL-01
def test_every_row_of_the_tables_is_found_and_names_known_requirements():
    rows = [row for file in row_check.TABLES for row in row_check.toml_rows(file)]
    rules = list(row_check.rule_rows())
    faults = [row for row in rows if row.file == "tables/faults.toml"]
    text = (row_check.ROOT / "tables" / "faults.toml").read_text()
    assert len(faults) == text.count("{ id = ")
    assert len(rows) - len(faults) >= 28  # panel: 5 states, 6 steps of the bar, 17 sources
    assert len(rules) >= 20
    known = trace.requirements()
    assert [row.name for row in rows + rules if not row.ids or set(row.ids) - set(known)] == []


@pytest.fixture(scope="module")
def verdicts():
    """Verdicts of two rows: one with its tests, one whose tests were taken away."""
    rows = [row for row in row_check.toml_rows("tables/panel.toml") if row.name == "lamps 4"]
    orphan = row_check.Row(rows[0].file, rows[0].lines, "orphan", ["SOC-06"])
    return row_check.check_all([*rows, orphan])


# req: HAL-01
def test_a_deleted_row_is_missed_by_its_tests_only(verdicts):
    assert verdicts[0].verdict == row_check.GOOD
    assert "test_leds" in verdicts[0].by
    assert verdicts[1].verdict == row_check.BAD
