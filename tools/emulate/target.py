"""Runs on the emulated board: start of the core, heap, cost of a control cycle."""

import gc
import time

start = time.ticks_us()
import firmware.controller  # noqa: E402
from tests.runtimes import cost  # noqa: E402 (the import is what is timed)

print("import_us", time.ticks_diff(time.ticks_us(), start))
made, hal = cost.controller()
gc.collect()
print("heap_used", gc.mem_alloc())
print("heap_free", gc.mem_free())
start = time.ticks_us()
gc.collect()
print("collect_us", time.ticks_diff(time.ticks_us(), start))
assert hal.afe.mosfets() == 3 and firmware.controller
median, p95, worst = cost.single_us(made)
print("cycle_median_us", median)
print("cycle_p95_us", p95)
print("cycle_max_us", worst)
sample = made.control.measurement.sample
start = time.ticks_us()
for _ in range(20):  # what a cycle asks of the front end, here the fake one
    hal.afe.read(sample)
    hal.afe.latches()
    hal.afe.mosfets()
fake_us = time.ticks_diff(time.ticks_us(), start) // 20
print("fake_us", fake_us)
print("decisions_us", median - fake_us)
