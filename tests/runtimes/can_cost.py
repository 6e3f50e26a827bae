"""What a CAN protocol costs: heap of its module and object, time and heap of its frames, heap of a
port that sends them and hears others. Runs on CPython (time only) and MicroPython; prints `name
value` lines. `phases` as in memory.py.
"""

import gc
import sys

from tests.runtimes.cost import _now_us, _since_us

PACKAGE = "firmware.protocols.can."
SHARED = ("encoder", "figures", "jk_control", "shutdown")
SETS = 200
STEPS = 1000
STEP_MS = 7
ROUNDS = 5


class Wire:
    """A CAN controller that takes each frame but every tenth, and hears one in turn: a sign of
    life, a stranger, nothing."""

    def __init__(self):
        self.sent = 0
        self._turn = 0

    def set_bitrate(self, bitrate):
        return None

    def state(self):
        return 0

    def send(self, id, extended, data, n):
        self.sent += 1
        return self.sent % 10 != 0

    def receive(self, frame):
        self._turn = (self._turn + 1) % 4
        frame.id = 0x305 if self._turn == 1 else 0x123
        frame.n = 8
        return self._turn % 2 == 1


def _port(bench, protocol):
    from firmware.ports.can_port import CanPort

    bench.state.measured.valid = True
    port = CanPort(Wire(), bench.faults, bench.parameters.values, bench.state)
    port.select(protocol)
    return port


def _steps(port):
    for _ in range(STEPS):
        port.step(STEP_MS)


def _port_phases(key, bench, protocol):
    port = _port(bench, protocol)
    _steps(port)
    gc.collect()
    yield
    gc.disable()
    before = _used()
    _steps(port)
    used = _used() - before
    print(key + "_port_bytes", used)
    print(key + "_port_sent", port.counters.sent)
    gc.enable()


def _used():
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def _busy(bench):
    """Values in every field, and a fault."""
    bench.set(
        charging_cvl_mv=57_600,
        charging_ccl_ma=100_000,
        charging_dcl_ma=200_000,
        charging_dvl_mv=44_800,
        measured_pack_mv=53_170,
        measured_shown_ma=-87_300,
        measured_max_mv=3_571,
        measured_min_mv=3_566,
        measured_temp_max=313,
        measured_temp_min=-40,
        gauge_soc_dpct=663,
        gauge_soc_mpct=66_312,
        gauge_remaining_mah=140_400,
        gauge_capacity_mah=280_000,
        gauge_energy_in_wh=900_000_000,
    )
    bench.state.measured.temp_dc[:] = (250, 313, None, -40, 401)
    bench.fault(1)


def _sets(protocol, data, frame):
    """Encode all frames SETS times, and hear a frame after each set."""
    for _ in range(SETS):
        for i in range(protocol.frames):
            protocol.id(i)
            protocol.encode(i, data)
        protocol.receive(frame)


def phases(arguments):
    """For every protocol named; yields between the parts, so that WebAssembly can collect."""
    from tests.fakes.can import Bench

    for name in ("firmware.requests", PACKAGE[:-1]):
        __import__(name)
    gc.collect()
    yield
    before = _used()
    for name in SHARED:
        __import__(PACKAGE + name)
    gc.collect()
    yield
    used = _used() - before
    print("shared_bytes", used)
    for key in arguments:
        gc.collect()
        before = _used()
        module = __import__(PACKAGE + key, None, None, ("build",))
        gc.collect()
        yield
        used = _used() - before
        print(key + "_module_bytes", used)
        bench = Bench(key)
        _busy(bench)
        data = bytearray(8)
        gc.collect()
        yield
        before = _used()
        protocol = module.build(bench.view, bench.requests, 5)
        gc.collect()
        yield
        used = _used() - before
        print(key + "_object_bytes", used)
        bench.received.id, bench.received.n = 0x305, 8
        _sets(protocol, data, bench.received)
        gc.collect()
        yield
        gc.disable()
        before = _used()
        _sets(protocol, data, bench.received)
        used = _used() - before
        print(key + "_set_bytes", used)
        gc.enable()
        for _ in _port_phases(key, bench, protocol):
            yield
        times = []
        for _ in range(ROUNDS):
            start = _now_us()
            _sets(protocol, data, bench.received)
            times.append(_since_us(start) * 1000 // SETS)
        times.sort()
        print(key + "_set_ns", times[ROUNDS // 2])
        print(key + "_frames", protocol.frames)
        bench = protocol = None
        gc.collect()
        yield


def main(arguments):
    """Print the figures."""
    for _ in phases(arguments):
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
