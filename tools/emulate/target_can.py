"""Runs on the emulated board: time of a set of frames of each CAN protocol."""

import gc
import time

from tests.fakes.can import Bench
from tests.runtimes.can_cost import _busy

ROUNDS = 5


def main(keys):
    """Print `name value` lines."""
    data = bytearray(8)
    for key in keys:
        gc.collect()
        module = __import__("firmware.protocols.can." + key, None, None, ("build",))
        bench = Bench(key)
        _busy(bench)
        protocol = module.build(bench.view, bench.requests, 5)
        times = []
        for _ in range(ROUNDS):
            start = time.ticks_us()
            for i in range(protocol.frames):
                protocol.encode(i, data)
            times.append(time.ticks_diff(time.ticks_us(), start))
        times.sort()
        print("can_" + key + "_set_us", times[ROUNDS // 2])
        print("can_" + key + "_frames", protocol.frames)
        bench = protocol = module = None
