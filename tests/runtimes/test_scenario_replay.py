"""The scenarios, recorded on CPython, do the same on both MicroPython runtimes (HAL-01).

The 32-bit runtime replays them on the board's image, so that they also prove what the image build
does to the sources (tools/inline.py, tools/join.py, tools/one_caller.py, tools/slots.py,
tools/shorten.py, tools/rename.py).
"""

import pytest

from hal import contract as c
from host_sim.scenario import Scenario, run
from host_sim.trace import Trace
from tools import image, runtimes

BEGINNING_S = 1200  # of the long ones: a night asleep, an hour of charging
MODULE = "tests.runtimes.replay"
IMAGE = ("firmware", "hal", "host_sim/trace_format.py", "tests/runtimes/replay.py")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """(folder, names) of the traces of all scenarios."""
    folder = tmp_path_factory.mktemp("scenarios")
    names = []
    for path in sorted((runtimes.ROOT / "tests" / "scenarios").rglob("*.toml")):
        scenario = Scenario(path)
        if not scenario.replayable:
            continue
        scenario.duration_s = min(scenario.duration_s, BEGINNING_S)
        trace = Trace(folder / scenario.name)
        try:
            run(scenario, build=trace)
        finally:
            trace.close()
        names.append(scenario.name)
    return folder, names


def replayed(code, output, names):
    assert code == 0, output[-3000:]
    assert output.count("bytes identical") == len(names) > 60
    print(output)


# req: HAL-01
def test_scenarios_do_the_same_on_64_bit(recorded, need):
    folder, names = recorded
    traces = [str(folder / name) for name in names]
    replayed(*need(runtimes.micropython64, MODULE, *traces), names)


# req: HAL-01
def test_scenarios_do_the_same_on_the_32_bit_image(recorded, need, tmp_path):
    folder, names = recorded
    told = vars(c.Capabilities())  # a trace has their names
    image.build(tmp_path, IMAGE, ("firmware.controller",), told)
    traces = [f"traces/{name}" for name in names]
    place = {"root": tmp_path, "tree": ("firmware", "hal", "host_sim", "tests")}
    replayed(
        *need(runtimes.micropython32, MODULE, *traces, extra={"traces": folder}, **place), names
    )
