"""Heap of the CAN protocols on the 32-bit runtime, loaded as .mpy; no frame allocates."""

import pytest

from host_sim import protocols
from tools import image, runtimes

MODULE = "tests.runtimes.can_cost"
PARTS = ("tests/fakes", "tests/runtimes/cost.py", "tests/runtimes/can_cost.py")
SHARED_LIMIT = 10_000  # bytes of heap: what all share, 5 kB, and a chunk of interned names
MODULE_LIMIT = 3_000  # the largest protocol's own table
OBJECT_LIMIT = 700


def keys():
    return sorted({row["module"] for row in protocols.implemented("can")})


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """`figures(need)` measures on a folder as on a board; {name: number}."""
    board = tmp_path_factory.mktemp("board")
    image.build(board, ("firmware", "hal", *PARTS))

    def measure(need):
        code, output = need(runtimes.micropython32, MODULE, *keys(), root=board)
        assert code == 0, output[-3000:]
        return {name: int(value) for name, value in map(str.split, output.splitlines())}

    return measure


# req: COM-04, HAL-01
def test_a_protocol_is_small_and_its_frames_allocate_nothing(figures, need):
    found = figures(need)
    assert 1_000 < found["shared_bytes"] <= SHARED_LIMIT
    for key in keys():
        assert 300 < found[f"{key}_module_bytes"] <= MODULE_LIMIT, key
        assert found[f"{key}_object_bytes"] <= OBJECT_LIMIT, key
        assert found[f"{key}_set_bytes"] == 0, key
        assert found[f"{key}_port_bytes"] == 0, key
        assert found[f"{key}_port_sent"] > 50, key
