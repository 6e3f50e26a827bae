"""Who may import what (docs/architecture.md, Rooms), integers only, and who reads a clock."""

import ast
import fnmatch

import pytest

from tests.static import sources

ALONE = ("array", "micropython", "struct", "gc", "sys")  # what MicroPython has built in
RECORDS = (
    "firmware.state*",
    "firmware.faults*",
    "firmware.events*",
    "firmware.parameters*",
    "firmware.crc16*",
    "firmware.ondemand*",
    "firmware.levels*",
    "firmware.*_ids",
    "firmware.*_table",
    "firmware.*_ids.*",
    "firmware.*_table.*",
    "hal.contract*",
)
MAY_IMPORT = {
    "firmware/control": (*RECORDS, "firmware.control.*"),
    "firmware/gauge": (*RECORDS, "firmware.gauge.*", "firmware.control.counter*"),
    "firmware/panel": (*RECORDS, "firmware.panel*", "firmware.gestures*"),
}
# by room: what it must not know
MUST_NOT = {
    "firmware": ("host_sim*", "tests*", "tools*", "machine*", "time*", "asyncio*", "typing*"),
    "firmware/protocols": ("firmware.control*", "firmware.ports*", "firmware.panel*", "hal*"),
    "hal": ("firmware*", "host_sim*", "tests*", "tools*"),
}


def matches(module, patterns):
    return any(fnmatch.fnmatchcase(module, pattern) for pattern in patterns)


def built_in(module):
    """True for a module that every MicroPython has."""
    return module.split(".")[0] in ALONE


# req: HAL-01
@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room):
    bad = [
        f"{sources.name(path)}:{line} {module}"
        for path in sources.files(room)
        for line, module in sources.imports(sources.tree(path))
        if not built_in(module) and not matches(module, MAY_IMPORT[room])
    ]
    assert bad == []


# req: HAL-01
@pytest.mark.parametrize("room", sorted(MUST_NOT))
def test_a_room_does_not_know_what_lies_outside(room):
    bad = [
        f"{sources.name(path)}:{line} {module}"
        for path in sources.files(room)
        for line, module in sources.imports(sources.tree(path))
        if matches(module, MUST_NOT[room]) and path.name != "main.py"
    ]
    assert bad == []


# req: HAL-01
def test_control_makes_no_float():
    bad = [
        f"{sources.name(path)}:{line} {what}"
        for path in sources.files("firmware/control")
        for line, what in sources.floats(sources.tree(path))
    ]
    assert bad == []


# req: HAL-01, SOC-04
def test_the_gauge_makes_no_float():
    bad = [
        f"{sources.name(path)}:{line} {what}"
        for path in [
            *sources.files("firmware/gauge"),
            *(sources.ROOT / "firmware").glob("*keeper.py"),
        ]
        for line, what in sources.floats(sources.tree(path))
        if what != "power **"  # squares of whole numbers: a variance may pass 31 bits here
    ]
    assert bad == []


# req: HAL-01
def test_one_file_of_the_target_makes_a_float():
    """A Pico's float has 24 bits. The gain that the front end wants as one is a setting, written
    at start; firmware, ports, panel and the reading of all chips have none."""
    folders = ("firmware", "hal", "boards")
    paths = [path for folder in folders for path in sources.files(folder)]
    found = {
        sources.name(path)
        for path in paths
        for _, what in sources.floats(sources.tree(path))
        if what != "power **" and path.name != "circuit.py"  # that one is for the simulation
    }
    assert len(paths) > 150
    assert found == {"hal/chips/bq76952_config.py"}


# req: HAL-01
@pytest.mark.parametrize(
    "source", ["a = b / c", "a /= 2", "a = 0.5", "a = round(b)", "import math", "a = b ** 2"]
)
def test_a_float_is_found(source):
    assert list(sources.floats(ast.parse(source)))


# req: HAL-01
def test_only_the_controller_reads_a_clock():
    bad = []
    for path in sources.files("firmware"):
        if path.name in ("controller.py", "main.py"):
            continue
        for item in ast.walk(sources.tree(path)):
            if isinstance(item, ast.Attribute) and item.attr.startswith("ticks_"):
                bad.append(f"{sources.name(path)}:{item.lineno} {item.attr}")
    assert bad == []
