"""MicroPython's `machine`, `rp2` and `time` of an RP2040 on the PC, over simulated pads and chips:
what the documents of MicroPython 1.27+ and the datasheet of the RP2040 say, also its refusals.
"""

from host_sim.fake_machine.machine import FakeMachine
from host_sim.fake_machine.pads import Pads
from host_sim.fake_machine.rp2 import FakeRp2
from host_sim.fake_machine.ticks import FakeTime

__all__ = ["FakeMachine", "FakeRp2", "FakeTime", "Pads"]
