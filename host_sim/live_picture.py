"""`python -m host_sim picture FILE`: the live panel as an SVG picture, for the documentation.

A short run in simulated time with fixed events, so that the same version gives the same picture.
"""

import argparse
import io
from types import SimpleNamespace

from rich.console import Console

from host_sim.live_keys import Keyboard
from host_sim.live_panel import Scene
from host_sim.pack import SimPack
from host_sim.plant.cells import RcCells
from host_sim.realtime_log import Log
from host_sim.realtime_ports import PORTS
from host_sim.world import World

WIDTH = 118
HEIGHT = 42
CELLS_SOC = (0.62, 0.60, 0.58, 0.61, 0.55, 0.60, 0.59, 0.60)  # unequal, so that it shows


REQUEST = bytes.fromhex("05 03 12 00 00 0a c1 31")  # ten cell voltages of address 5


KEEP_ALIVE = (0x305, False, bytes(8))  # of a Pylontech-compatible inverter


def scene():
    """A pack whose cells lost a wire for 20 s, that discharges and is polled on RS485-2."""
    world = World()
    cells = RcCells(len(CELLS_SOC), "lfp", 280.0, list(CELLS_SOC))
    pack = SimPack(world, dip=5, current_a=-40.0, cells=cells)
    log = Log(pack)
    keys = Keyboard(pack, log, world.next_us)
    master = pack.host("rs485_2", 115200)
    inverter = pack.can_host(500_000)
    for second in range(2, 70):
        world.at(second * 1_000_000, master.send, REQUEST)
        world.at(second * 1_000_000, inverter.submit, *KEEP_ALIVE)
    world.run_for(12)
    keys.press("w")
    world.run_for(20)
    keys.press("w")
    world.run_for(30)
    keys.press("D")
    world.run_for(8)
    bridges = [_bridge(name, label) for name, label in PORTS]
    bridges.append(SimpleNamespace(name="can", where="run/ports/can", used=True))
    picture = Scene(pack, log, bridges=bridges)
    picture.keyboard = keys
    return picture


def _bridge(name, label):
    """What the picture needs to know of a port, without a pseudo terminal."""
    pty = SimpleNamespace(link=f"run/ports/{label}", is_open=label == "rs485-2", dropped=0)
    return SimpleNamespace(name=name, label=label, pty=pty)


def main(arguments):
    """Write the picture; exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m host_sim picture", description=__doc__)
    parser.add_argument("file", metavar="FILE")
    options = parser.parse_args(arguments)
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), color_system="truecolor"
    )
    console.print(scene().draw(WIDTH, HEIGHT))
    console.save_svg(options.file, title="make run", unique_id="packwarden")
    return 0
