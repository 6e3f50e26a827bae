"""The scenarios, recorded on CPython, do the same on both MicroPython runtimes (HAL-01)."""

import pytest

from host_sim.scenario import Scenario, run
from host_sim.trace import Trace
from tools import runtimes

LONGEST_S = 300  # of simulated time; the longer ones would cost minutes
MODULE = "tests.runtimes.replay"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """(folder, names) of the traces of all short scenarios."""
    folder = tmp_path_factory.mktemp("scenarios")
    names = []
    for path in sorted((runtimes.ROOT / "tests" / "scenarios").rglob("*.toml")):
        scenario = Scenario(path)
        if not scenario.traceable or scenario.duration_s > LONGEST_S:
            continue
        trace = Trace(folder / scenario.name)
        try:
            run(scenario, build=trace)
        finally:
            trace.close()
        names.append(scenario.name)
    return folder, names


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_scenarios_do_the_same_on_micropython(runtime, recorded, need):
    folder, names = recorded
    place = {} if runtime == "64-bit" else {"extra": {"traces": folder}}
    there = str(folder) if runtime == "64-bit" else "traces"
    traces = [f"{there}/{name}" for name in names]
    code, output = need(runtimes.RUNTIMES[runtime], MODULE, *traces, **place)
    assert code == 0, output[-3000:]
    assert output.count("bytes identical") == len(names) > 0
    print(output)
