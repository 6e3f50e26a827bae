"""Traces recorded on CPython, replayed here and on both MicroPython runtimes."""

import pytest

from firmware import parameter_ids as ids
from firmware import requests
from firmware.parameters import Parameters, Refused
from hal import contract as c
from hal import parts as hp
from host_sim import trace_format
from host_sim.pack import SimPack
from host_sim.trace import Recorder, Trace
from host_sim.world import World
from tests.fakes.hal import FakeHal
from tests.runtimes import replay
from tools import runtimes

STEP_MS = 10


def record(path, change=None, steps=3000, parameters=None):
    """Record a controller on the fake board: 30 s, a trip, a key press, bytes, a reset."""
    hal = FakeHal(8)
    hal.afe.port_mv = 8 * 3300
    recorder = Recorder(hal, path)
    controller = recorder.build(replay.whole, parameters)
    for number in range(steps):
        if change is not None:
            change(number, hal)
        hal.clock.advance(STEP_MS)
        while controller.step(hal.clock.ticks_ms()) == 0:
            pass
        if number % 500 == 0:
            controller.wake(1)
        if number == 400:
            controller.requests.submit(requests.CONSOLE, requests.SET, {ids.CHARGE_SWITCH: 0})
        if number == 450:
            with pytest.raises(Refused):
                controller.requests.submit(requests.CONSOLE, requests.SET, {ids.RCV_MV: 9999})
        if number == steps // 2:
            hal.reset_cause = c.RESET_PIN
            controller = recorder.build(replay.whole, parameters)
    controller.shutdown()
    recorder.close()
    return hal


def events(number, hal):
    """What happens to the fake pack while it is recorded."""
    hal.afe.current_ma = -20_000 if number % 700 > 350 else 5_000
    hal.afe.cell_mv[2] = 3700 if 600 <= number < 900 else 3300
    hal.panel.key_bits = c.KEY_ACTIVATE if 1000 <= number < 1030 else 0
    hal.panel.dip_bits = 5 if number > 1200 else 0
    if number == 200:
        hal.rs485_2.received += bytes.fromhex("01031000000240cb")
    hal.afe.read_result = c.BUS_ERROR if 2000 <= number < 2100 else c.OK
    hal.clock.rtc = None if number < 2500 else 200_000_000 + number // 100


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """Path of a recorded trace, without its endings."""
    path = tmp_path_factory.mktemp("traces") / "fake"
    hal = record(path, events)
    assert hal.rs485_2.sent or hal.afe.mosfet_calls > 3
    return path


# req: HAL-01
def test_a_trace_replays_identically_on_this_python(trace):
    steps, same = replay.replay(str(trace), replay.whole)
    assert steps > 3000
    assert same == trace.with_suffix(".out").stat().st_size > 10_000


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_a_trace_replays_identically_on_micropython(runtime, trace, need):
    if runtime == "64-bit":
        arguments, place = [str(trace)], {}
    else:
        arguments, place = ["traces/fake"], {"extra": {"traces": trace.parent}}
    code, output = need(runtimes.RUNTIMES[runtime], "tests.runtimes.replay", *arguments, **place)
    assert code == 0, output[-3000:]
    size = trace.with_suffix(".out").stat().st_size
    assert f": {size} bytes identical" in output


# req: HAL-01
def test_a_simulated_pack_replays_over_the_tick_wrap(tmp_path, need):
    world, path = World(), tmp_path / "pack"
    trace = Trace(path)
    pack = SimPack(world, build=trace)
    world.run_for(20)
    pack.set_current(-30)
    world.run_for(50)  # the ticks wrap after 60 s
    pack.press()
    pack.press_reset()
    world.run_for(20)
    trace.close()
    module = "tests.runtimes.replay"
    code, output = need(runtimes.micropython64, module, str(path))
    assert code == 0, output[-3000:]
    code, output = need(runtimes.micropython32, module, "t/pack", extra={"t": tmp_path})
    assert code == 0, output[-3000:]
    assert f": {path.with_suffix('.out').stat().st_size} bytes identical" in output


# req: HAL-01
def test_parameters_of_the_recorded_controller_are_replayed(tmp_path):
    record(tmp_path / "ess", events, 300, Parameters("ess"))
    steps, same = replay.replay(str(tmp_path / "ess"), replay.whole)
    assert steps > 300
    assert same == (tmp_path / "ess.out").stat().st_size


# req: HAL-01
def test_a_changed_input_makes_a_difference(tmp_path):
    record(tmp_path / "good", events, 1000)
    record(tmp_path / "other", None, 1000)
    (tmp_path / "mixed.in").write_bytes((tmp_path / "other.in").read_bytes())
    (tmp_path / "mixed.out").write_bytes((tmp_path / "good.out").read_bytes())
    with pytest.raises(replay.Difference, match=r"step \d+"):
        replay.replay(str(tmp_path / "mixed"), replay.whole)


# req: HAL-01
def test_a_shortened_trace_makes_a_difference(tmp_path):
    record(tmp_path / "good", None, 200)
    out = (tmp_path / "good.out").read_bytes()
    (tmp_path / "good.out").write_bytes(out[:-1])
    with pytest.raises(replay.Difference):
        replay.replay(str(tmp_path / "good"), replay.whole)


# req: HAL-01
def test_integers_are_packed_as_zigzag_varints():
    out = bytearray()
    for value in (0, -1, 1, 63, 64, -65, 200_000_000):
        trace_format.put_int(out, value)
    assert out.hex() == "000102" + "7e" + "8001" + "8101" + "8088debe01"


# req: HAL-01
def test_absent_parts_stay_absent(tmp_path):
    hal = FakeHal(8)
    hal.heater = None
    hal.brown_out = None
    recorder = Recorder(hal, tmp_path / "absent")
    assert recorder.heater is None
    assert recorder.brown_out is None
    assert recorder.capabilities is hal.capabilities
    recorder.close()


# req: HAL-01
def test_every_method_of_the_contract_is_recorded():
    by_part = {}
    for _, part, method, _, _ in trace_format.methods():
        by_part.setdefault(part, set()).add(method)
    classes = {
        "afe": c.Afe, "panel": c.PanelIo, "rs232": c.Serial, "can": hp.Can, "nvm": c.Nvm,
        "watchdog": c.Watchdog, "kill_line": hp.Switch, "heater": hp.Heater,
        "charger_sense": hp.ChargerSense, "load_detect": hp.LoadDetect, "balancer": hp.Balancer,
        "power_latch": hp.PowerLatch,
    }  # fmt: skip
    for part, kind in classes.items():
        public = {name for name in dir(kind) if not name.startswith("_") and name.islower()}
        assert by_part[part] == public
    assert by_part["clock"] == {"ticks_ms", "rtc_s", "set_rtc"}  # ticks_diff is arithmetic
