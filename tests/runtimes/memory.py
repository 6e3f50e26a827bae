"""Heap figures of the firmware; runs on MicroPython only. Results are `name value` lines.

`phases` is a generator, because the WebAssembly build collects garbage only between two calls
from outside: its host resumes it there (see wasm.mjs).
"""

import gc
import os
import sys

CYCLES = 1000
WARM_UP = 100  # past the start-up gate, all first-time work done
PERIOD_MS = 100
CAN = "firmware.protocols.can."
CAN_LOADED = ("encoder", "figures", "pylontech")  # a board loads one of the CAN protocols
SERIAL = "firmware.protocols.serial."
SERIAL_LOADED = ("jk_modbus",)  # on all ports, unless one is set to something else


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


def phases(arguments):
    """`import` prints what hal.contract, the firmware (without what it loads on demand, with one
    protocol of each kind) and a controller occupy (the fake hardware is not counted), `cycle` what
    CYCLES control cycles allocate."""
    names = modules("firmware")
    names = [name for name in names if not name.startswith(("firmware.settings", CAN, SERIAL))]
    names += [CAN + name for name in CAN_LOADED] + [SERIAL + name for name in SERIAL_LOADED]
    gc.collect()
    yield
    start = gc.mem_alloc()
    __import__("hal.contract")
    gc.collect()
    yield
    size = gc.mem_alloc() - start
    from tests.fakes.hal import FakeHal

    hal = FakeHal(16)
    hal.afe.port_mv = sum(hal.afe.cell_mv)  # pre-charged: both MOSFETs may close
    gc.collect()
    yield
    start = gc.mem_alloc()
    for name in names:
        __import__(name)
    gc.collect()
    yield
    print("modules_bytes", size + gc.mem_alloc() - start)
    controller = _controller(hal)
    gc.collect()
    yield
    print("firmware_bytes", size + gc.mem_alloc() - start)
    if "cycle" not in arguments:
        return
    for _ in range(WARM_UP):
        controller.cycle(PERIOD_MS)
    gc.collect()
    yield
    print("cycle_bytes", _allocated(controller.cycle))
    print("mosfets", hal.afe.mosfets())
    print("cycles", controller.state.system.cycles)


def _controller(hal):
    from firmware import parameter_ids as ids
    from firmware.controller import Controller
    from firmware.parameters import Parameters

    parameters = Parameters()
    parameters.apply({ids.CELL_COUNT: 16})
    controller = Controller(hal, parameters)
    controller.load_all()
    return controller


def _allocated(cycle):
    """Bytes that CYCLES control cycles allocate, with the collector off."""
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(CYCLES):
        cycle(PERIOD_MS)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def main(arguments):
    """Print the figures; the host of the WebAssembly build takes the generator itself."""
    for _ in phases(arguments):
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
