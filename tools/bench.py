"""Measures the core on this machine and writes docs/benchmarks.md: `make bench`.

Control cycle on CPython and both MicroPython runtimes (fake board, 16 cells), heap, image size,
CAN protocols, answers of the ports, speed of the simulation. `--print` writes no file.
"""

import sys
import tempfile
import time

from firmware import parameter_ids as ids
from host_sim.asker import BLOCK, STATUS, Lateness, ask, ask_all, percentile
from host_sim.pack import SimPack
from host_sim.world import World
from tools import can_table, image, runtimes

PAGE = runtimes.ROOT / "docs" / "benchmarks.md"
MACHINE = "2 shared x86-64 cores"
SIMULATED_S = 300
PORTS_S = 60
BESIDE = ("tests/fakes", "tests/runtimes/memory.py")
CAN_BESIDE = ("tests/fakes", "tests/runtimes/cost.py", "tests/runtimes/can_cost.py")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def numbers(output):
    """The `name value` lines of a measurement."""
    lines = (line.split() for line in output.splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


def checked(result):
    """The output of a run that must succeed."""
    code, output = result
    if code:
        raise SystemExit(output[-2000:])
    return output


def cycle_rows():
    """Cost of a control cycle on each Python."""
    module = "tests.runtimes.cost"
    here = [sys.executable, "-m", module]
    runs = {
        f"CPython {sys.version_info.major}.{sys.version_info.minor}": runtimes.execute(here),
        "MicroPython, 64-bit": runtimes.micropython64(module),
        "MicroPython, 32-bit WebAssembly": runtimes.micropython32(module),
    }
    for name, result in runs.items():
        us = numbers(checked(result))["cycle_ns"] / 1000
        yield f"control cycle, {name}", f"{us:.0f} us"


def heap_rows():
    """Heap and image of the target files, loaded as .mpy on the 32-bit runtime."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = image.build(folder, ("firmware", "hal", *BESIDE))
        result = runtimes.micropython32("tests.runtimes.memory", "cycle", root=folder)
    heap = numbers(checked(result))
    ours = [size for name, size in sizes.items() if not name.startswith("tests")]
    yield f".mpy files of firmware and hal ({len(ours)})", f"{sum(ours) / 1000:.1f} kB"
    yield (
        "heap: modules loaded as .mpy, 32-bit",
        f"{heap['modules_bytes'] / 1000:.1f} kB",
    )
    one = heap["firmware_bytes"] - heap["modules_bytes"]
    yield "heap: one controller, 4 ports", f"{one / 1000:.1f} kB"
    yield "heap: allocated in 1000 control cycles", f"{heap['cycle_bytes']} bytes"


def can_rows():
    """Each CAN protocol: heap of its module and object on the 32-bit runtime, time of its set."""
    module = "tests.runtimes.can_cost"
    keys = can_table.protocols()
    with tempfile.TemporaryDirectory() as folder:
        image.build(folder, ("firmware", "hal", *CAN_BESIDE))
        small = numbers(checked(runtimes.micropython32(module, *keys, root=folder)))
    fast = numbers(checked(runtimes.micropython64(module, *keys)))
    here = numbers(checked(runtimes.execute([sys.executable, "-m", module, *keys])))
    yield "CAN translator, for all protocols: heap", f"{small['shared_bytes'] / 1000:.1f} kB"
    for key in keys:
        heap = small[f"{key}_module_bytes"] + small[f"{key}_object_bytes"]
        times = [f"{run[f'{key}_set_ns'] / 1000:.0f}" for run in (here, fast, small)]
        yield (
            f"CAN {key}: heap; {here[f'{key}_frames']} frames on CPython, MicroPython 64, 32 bit",
            f"{heap} bytes; {' / '.join(times)} us",
        )


def port_rows():
    """What hosts on the ports see, and what the control cycle sees of them (CPU model of the
    simulation: 15 ms a cycle, 3 ms a service slice)."""
    for name, request, times in (
        ("JK Modbus answer, first byte", STATUS, "first_ms"),
        ("JK 300-byte block, last byte", BLOCK, "last_ms"),
    ):
        world, pack = _port_pack()
        asker = ask(pack, "rs485_2", *request)
        world.run_for(PORTS_S)
        figures = "; ".join(f"{percentile(getattr(asker, times), q):.0f}" for q in (50, 95, 100))
        yield f"{name} after the request: median; 95 %; longest", f"{figures} ms"
    world, pack = _port_pack()
    lateness, askers = Lateness(pack), ask_all(pack)
    world.run_for(PORTS_S)
    rate = sum(len(asker.last_ms) for asker in askers) // PORTS_S
    late = "; ".join(f"{percentile(lateness.late_ms, q)}" for q in (50, 95, 100))
    yield (
        f"control cycle late, 3 ports, {rate} blocks/s: median; 95 %; longest",
        f"{late} ms",
    )


def _port_pack():
    world = World()
    pack = SimPack(world, dip=1, settings={ids.RS232_PROTOCOL: 1})
    world.run_for(5)
    return world, pack


def simulation_rows():
    """Speed of one simulated pack under load."""
    world = World()
    pack = SimPack(world, cell_count=16)
    world.run_for(30)
    pack.set_current(-50)
    start = time.perf_counter()
    world.run_for(SIMULATED_S)
    speed = SIMULATED_S / (time.perf_counter() - start)
    yield "simulation: one pack, 16 cells, 100 ms", f"{speed:.0f} x real time"


def page(rows):
    """The page with the measured part renewed; the rest is written by hand."""
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    text = PAGE.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    note = f"Measured on {MACHINE}."
    return f"{head}{BEGIN}\n\n{note}\n\n| what | value |\n| --- | --- |\n{table}\n\n{END}{tail}"


def main(arguments):
    """Print the table and renew the page."""
    rows = []
    for part in (cycle_rows, heap_rows, can_rows, port_rows, simulation_rows):
        for name, value in part():
            print(f"{name:68} {value}", flush=True)
            rows.append((name, value))
    if "--print" not in arguments:
        PAGE.write_text(page(rows))
        print(f"wrote {PAGE.relative_to(runtimes.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
