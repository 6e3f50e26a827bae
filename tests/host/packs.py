"""A simulated pack with a tiny controller: the front end and the faults alone."""

from hal import contract as c
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.controller import TinyController


def limits(**values):
    out = c.HardwareLimits()
    out.short_ma, out.short_delay_us = 525_000, 200
    for name, value in values.items():
        setattr(out, name, value)
    return out


def pack(chip=None, **options):
    world = World()
    chip = limits() if chip is None else chip
    sim = SimPack(world, build=lambda hal, p: TinyController(hal, p, chip), **options)
    world.run_for(1)
    assert sim.hal.gates == (True, True)
    return world, sim
