"""A MCP2515 with its driver on a bus with one other node, in a time of its own."""

from hal.chips.mcp2515 import MCP2515
from hal.contract import TICKS_PERIOD, Clock
from host_sim.chips import mcp2515_bus as wire
from host_sim.chips.bus import SpiBus
from host_sim.chips.mcp2515 import Mcp2515Chip
from host_sim.chips.mcp2515_filter import Frame


class Rig(Clock):
    """Its clock stands just before the wrap. `got`: frames that the other node acknowledged."""

    def __init__(self, crystal_mhz=8, interrupt=True, start=False):
        self.us = 0
        self.other_bitrate = None  # None: as the chip's
        self.got = []
        self.result = wire.ACKNOWLEDGED
        self.chip = Mcp2515Chip(crystal_mhz * 1_000_000)
        self.chip.bus.wire = self._on_wire
        self.spi = SpiBus(self.chip, self.spend)
        pin = self.chip.interrupt if interrupt else None
        self.can = MCP2515(self.spi, self.spi.cs, self, self.spend, crystal_mhz, pin)
        if start:
            self.can.set_bitrate(250_000)

    def _on_wire(self, side, frame):
        if self.other_bitrate not in (None, side.bitrate):
            return wire.DISTURBED
        if self.result == wire.ACKNOWLEDGED:
            self.got.append(frame)
        return self.result

    def spend(self, us):
        self.us += us
        self.chip.advance(us)

    def ticks_ms(self):
        return (self.us // 1000 - 50) % TICKS_PERIOD

    # --- as tests/hal/contract_can.py wants it ---------------------------------------------------

    def pass_ms(self, ms):
        self.spend(1000 * ms)

    def feed(self, id, extended, data):
        return self.chip.bus.receive(Frame(id, extended, data))

    def sent(self):
        return [tuple(frame)[:3] for frame in self.got]

    def alone(self, on):
        self.result = wire.ALONE if on else wire.ACKNOWLEDGED

    def disturb(self, on):
        self.result = wire.DISTURBED if on else wire.ACKNOWLEDGED
