"""What is in memory when the first control cycle runs (docs/architecture.md, Start)."""

import ast
import subprocess
import sys

from firmware.settings.loading import BUILD, LOADED
from tests.static import sources
from tools.emulate.flash import behind, roots

SERVICES = ("firmware.gauge", "firmware.panel", "firmware.ports", "firmware.protocols",
            "firmware.charging", "firmware.gauge_keeper", "firmware.settings")  # fmt: skip
FIRST = """
import sys
from firmware.controller import Controller
from tests.fakes.hal import FakeHal

controller = Controller(FakeHal(8))
controller.step(controller.hal.clock.ticks_ms())
assert controller.state.system.cycles == 1
print(*sorted(sys.modules))
"""


def of_a_service(module):
    """True for a module that no control cycle needs."""
    return any(module == name or module.startswith(name + ".") for name in SERVICES)


def file_of(module):
    return sources.ROOT / (module.replace(".", "/") + ".py")


def imported(module, found):
    """Everything that importing a module runs, without what its functions import."""
    if module in found or not file_of(module).exists():
        return
    found.add(module)
    for node in ast.parse(file_of(module).read_text()).body:
        if isinstance(node, ast.ImportFrom):
            imported(node.module, found)
            for alias in node.names:
                imported(f"{node.module}.{alias.name}", found)


# req: PRT-15
def test_what_protects_imports_no_service():
    found = set()
    for root in roots("pico_bq76952")[:2]:
        imported(root, found)
    assert {"firmware.control.control", "firmware.keeper", "hal.chips.bq76952"} <= found
    assert sorted(filter(of_a_service, found)) == []


# req: PRT-15
def test_no_service_is_loaded_when_the_first_cycle_has_run():
    done = subprocess.run(
        [sys.executable, "-c", FIRST],
        cwd=sources.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "firmware.control.control" in loaded
    assert list(filter(of_a_service, loaded)) == []


# req: PRT-15
def test_what_is_to_be_loaded_exists_and_belongs_to_a_service():
    assert len(behind()) >= 6
    for module in behind():
        assert file_of(module).exists() and of_a_service(module), module
    assert [index for index, what in LOADED if what == BUILD] == [0, 5, 6, 7, 4, 1, 2, 3]
