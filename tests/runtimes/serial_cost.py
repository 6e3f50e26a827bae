"""What an inverter's serial protocol costs: heap of its modules and object, and what its answers
leave behind. Runs on MicroPython; prints `name value` lines. `phases` as in memory.py.
"""

import gc
import sys

PACKAGE = "firmware.protocols.serial."


def phases(arguments):
    """For every protocol named; its modules are dropped again. Yields between the parts, so that
    WebAssembly can collect."""
    from tests.fakes.inverter import Bench

    for name in ("jk_modbus", "wire"):  # what is there anyway, and what tests bring along
        __import__(PACKAGE + name)
    __import__("firmware.protocols.can.figures")
    __import__("firmware.protocols.steps")
    for key in arguments:
        gc.collect()
        yield
        before, there = gc.mem_alloc(), list(sys.modules)
        module = __import__(PACKAGE + key, None, None, ("build",))
        gc.collect()
        yield
        used = gc.mem_alloc() - before
        print(key + "_module_bytes", used)
        bench = Bench(module.build)
        gc.collect()
        yield
        before = gc.mem_alloc()
        kept = [module.build(bench.view, bench.requests, 2)]
        gc.collect()
        yield
        used = gc.mem_alloc() - before
        print(key + "_object_bytes", used)
        kept.clear()
        bench = module = None
        for name in list(sys.modules):
            if name not in there:
                del sys.modules[name]
        gc.collect()
        yield


def main(arguments):
    """Print the figures."""
    for _ in phases(arguments):
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
