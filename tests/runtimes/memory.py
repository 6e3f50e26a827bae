"""Heap figures of the firmware; runs on MicroPython only.

`main(["import"])` prints what the whole firmware with a built controller occupies,
`main(["cycle"])` what 1000 control cycles allocate. Results are `name value` lines.
"""

import gc
import os
import sys

CYCLES = 1000


def used():
    """Bytes of heap in use after a collection."""
    gc.collect()
    return gc.mem_alloc()


def modules(folder):
    """Names of all modules below a folder."""
    found = []
    for name in sorted(os.listdir(folder)):
        path = folder + "/" + name
        if name.endswith((".py", ".mpy")):
            if not name.startswith("__init__"):
                found.append(path[: path.rindex(".")].replace("/", "."))
        elif "." not in name and name != "__pycache__":
            found.extend(modules(path))
    return found


def whole_firmware():
    """(bytes of hal.contract, all firmware modules and a controller, the controller). What the
    fake hardware takes is not counted."""
    names = modules("firmware")
    start = used()
    __import__("hal.contract")
    contract = used() - start
    from tests.fakes.hal import FakeHal

    hal = FakeHal(16)
    start = used()
    for name in names:
        if name != "firmware.main":
            __import__(name)
    from firmware.controller import Controller

    controller = Controller(hal)
    return contract + used() - start, controller


def cycles_allocate(controller, period_ms):
    """Bytes that CYCLES control cycles allocate, with the collector off."""
    cycle = controller.cycle
    for _ in range(100):  # past the start-up gate, all first-time work done
        cycle(period_ms)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(CYCLES):
        cycle(period_ms)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def main(arguments):
    """Print the figure asked for."""
    size, controller = whole_firmware()
    if "import" in arguments:
        print("firmware_bytes", size)
    if "cycle" in arguments:
        print("cycle_bytes", cycles_allocate(controller, 100))
        measured = controller.state.measured
        print("healthy", int(measured.valid))
        print("cycles", controller.state.system.cycles)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
