"""Runs on the emulated board: time of the longest answers of each serial protocol, from the frame
in the buffer to the answer handed to the transmitter: all of it, and its longest slice.
"""

import gc
import time
from binascii import unhexlify

from tests.fakes.inverter import Bench
from tests.fakes.jk import sealed
from tests.fakes.serial_protocols import pylon

ROUNDS = 5
READ_ALL = unhexlify("4e5700130000000006030000000000006800000129")
# module, name of the answer, request; without one the protocol sends by itself
CASES = (
    ("jk_modbus", "cells", sealed("01 03 1200 0010")),
    ("jk_modbus", "words", sealed("01 03 1200 0079")),
    ("jk_modbus", "status", sealed("01 10 1620 0001 02 0000")),
    ("jk_modbus", "settings", sealed("01 10 161E 0001 02 0000")),
    ("jk_modbus", "info", sealed("01 10 161C 0001 02 0000")),
    ("nw", "all", READ_ALL),
    ("pylontech", "42", pylon(0x42, "02")),
    ("pylontech", "44", pylon(0x44, "02")),
    ("pylontech", "47", pylon(0x47, "02")),
    ("pylontech", "61", pylon(0x61)),
    ("pylontech", "63", pylon(0x63)),
    ("growatt_rs485", "state", sealed("01 03 0010 000F")),
    ("growatt_rs485", "cells", sealed("01 03 0070 0011")),
    ("voltronic", "cells", sealed("01 03 0010 001B")),
    ("voltronic", "state", sealed("01 03 0030 0010")),
    ("voltronic", "alarms", sealed("01 03 0040 0030")),
    ("pace", "pack", sealed("01 03 0000 000D")),
    ("pace", "cells", sealed("01 03 000F 0016")),
    ("pace", "settings", sealed("01 03 003C 0037")),
    ("lcd", "second", b""),
    ("lcd_pb", "second", b""),
)


def busy(bench):
    """16 cells, values in every field, and a fault."""
    bench.cells(*[3566 + i % 7 for i in range(16)])
    bench.temperatures(250, 313, None, -40, 401)
    bench.asks(57_600, 44_800, 100_000, 200_000)
    state = bench.state
    state.panel.dip = 1
    state.measured.shown_ma = -87_300
    state.gauge.soc_dpct, state.gauge.remaining_mah = 663, 140_400
    state.gauge.capacity_mah = 280_000
    bench.put(1)


def ask(bench, request):
    """(whole time, longest slice) of an answer, us."""
    bench.serial.received, bench.serial.sent = bytearray(request), bytearray()
    whole = longest = 0
    while True:
        sent = len(bench.serial.sent)
        start = time.ticks_us()
        bench.port.step(0 if request else 1000)
        slice_us = time.ticks_diff(time.ticks_us(), start)
        if len(bench.serial.sent) == sent and not bench.serial.received and sent:
            return whole, longest
        whole += slice_us
        longest = max(longest, slice_us)
        if not request:
            return whole, longest


def main():
    """Print `name value` lines: of each answer the times of its middle round."""
    last = bench = None
    for module, name, request in CASES:
        if module != last:
            bench = None
            gc.collect()
            built = __import__("firmware.protocols.serial." + module, None, None, ("build",))
            bench = Bench(built.build)
            busy(bench)
            last = module
        times = []
        for _ in range(ROUNDS):
            gc.collect()
            times.append(ask(bench, request))
        times.sort()
        key = "serial_" + module + "_" + name
        print(key + "_us", times[ROUNDS // 2][0])
        print(key + "_slice_us", times[ROUNDS // 2][1])
        print(key + "_bytes", len(bench.serial.sent))
