"""Heap and image budgets of the target (numbers of the 32-bit runtime are the board's own)."""

import json

import pytest

from tools import image, runtimes
from tools.emulate import flash

MODULES_LIMIT = (
    122_700  # bytes of heap: all modules with their tables and one CAN protocol, loaded as .mpy
)
OBJECTS_LIMIT = 23_600  # bytes of heap: a controller with all ports and one protocol of each kind
BOARD = "pico_bq76952"
AT_START_LIMIT = 70_000  # bytes of .mpy that a board loads at start
PARTS = ("tests/fakes", "tests/runtimes/memory.py")


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """A folder as on a board, the firmware with the fake hardware beside it."""
    folder = tmp_path_factory.mktemp("board")
    image.build(folder, ("firmware", "hal", *PARTS))
    return folder


@pytest.fixture
def figures(need, board):
    """`figures(runtime)` measures and returns {name: number}."""

    def measure(runtime):
        place = {"cwd": board} if runtime == "64-bit" else {"root": board}
        call = runtimes.RUNTIMES[runtime]
        code, output = need(call, "tests.runtimes.memory", "cycle", **place)
        assert code == 0, output[-3000:]
        print(output)
        return {name: int(value) for name, value in map(str.split, output.splitlines())}

    return measure


# req: HAL-01
def test_the_whole_firmware_fits_the_heap(figures):
    found = figures("32-bit")
    assert 10_000 < found["modules_bytes"] <= MODULES_LIMIT
    assert 10_000 < found["firmware_bytes"] - found["modules_bytes"] <= OBJECTS_LIMIT


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_a_control_cycle_allocates_nothing(runtime, figures):
    result = figures(runtime)
    assert result["mosfets"] == 3  # the cycles were those of a pack at work
    assert result["cycles"] == 1100
    assert result["cycle_bytes"] == 0


# req: HAL-01
def test_every_target_file_compiles_for_the_board(tmp_path):
    sizes = image.build(tmp_path)
    print(f"{len(sizes)} files, {sum(sizes.values())} bytes of .mpy")
    assert "firmware/controller.py" in sizes
    assert min(sizes.values()) > 0


# req: HAL-01
def test_what_micropython_cannot_compile_is_refused(tmp_path, monkeypatch):
    bad = tmp_path / "firmware" / "bad.py"
    bad.parent.mkdir()
    bad.write_text("match 1:\n    case 1:\n        pass\n")
    monkeypatch.setattr(image, "ROOT", tmp_path)
    with pytest.raises(image.CompileError, match=r"bad\.py"):
        image.build(tmp_path / "out")


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_chip_drivers_allocate_nothing_in_a_cycle(runtime, need):
    code, output = need(runtimes.RUNTIMES[runtime], "tests.runtimes.chips")
    assert code == 0, output[-3000:]
    result = {name: int(value) for name, value in map(str.split, output.splitlines())}
    assert {"crc_read", "crc_set_mosfets", "plain_latches", "can_send", "can_receive"} <= set(
        result
    )
    assert {name: value for name, value in result.items() if value} == {}


# req: HAL-01
def test_what_a_board_loads_at_start_does_not_grow(tmp_path):
    sizes = image.build(tmp_path, flash.parts(BOARD), flash.roots(BOARD))
    at_start = json.loads((tmp_path / image.NAMES).read_text())["at_start"]
    size = sum(sizes[name] for name in at_start)
    print(f"{size} bytes of .mpy in {len(at_start)} files at start")
    assert 50_000 < size <= AT_START_LIMIT
