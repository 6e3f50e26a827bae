"""`python -m host_sim picture FILE`: the live panel as an SVG picture, for the documentation.

A short run in simulated time with fixed events, so that the same version gives the same picture.
"""

import argparse
import io

from rich.console import Console

from host_sim.live_keys import Keyboard
from host_sim.live_panel import Scene
from host_sim.pack import SimPack
from host_sim.plant.cells import RcCells
from host_sim.realtime_log import Log
from host_sim.world import World

WIDTH = 112
HEIGHT = 42
CELLS_SOC = (0.62, 0.60, 0.58, 0.61, 0.55, 0.60, 0.59, 0.60)  # unequal, so that it shows


def scene():
    """A pack that discharges after its cells 20 s ago lost a wire and found it again."""
    world = World()
    cells = RcCells(len(CELLS_SOC), "lfp", 280.0, list(CELLS_SOC))
    pack = SimPack(world, dip=5, current_a=-40.0, cells=cells)
    log = Log(pack)
    keys = Keyboard(pack, log, world.next_us)
    world.run_for(12)
    keys.press("w")
    world.run_for(20)
    keys.press("w")
    world.run_for(30)
    keys.press("D")
    world.run_for(8)
    picture = Scene(pack, log)
    picture.keyboard = keys
    return picture


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
