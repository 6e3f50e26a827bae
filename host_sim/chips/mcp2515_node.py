"""An MCP2515 as a node of a simulated CAN bus: what it sends, the others hear, and the reverse."""

from host_sim.can_bus import CanNode
from host_sim.chips.mcp2515 import Mcp2515Chip
from host_sim.chips.mcp2515_bus import ACKNOWLEDGED, ALONE, DISTURBED
from host_sim.chips.mcp2515_filter import Frame
from host_sim.chips.mcp2515_registers import TXB, TXREQ

LOOK_US = 300  # while frames wait: about the time of the bits of one
ALONE_US = 20_000  # nobody acknowledges: only errors are counted


class Mcp2515Node(CanNode):
    """`clock`: chips.bus.BusClock; `wake()` is called when the INT pin falls. `disturbed` is a
    fault: no frame gets through, the chip goes bus-off again and again."""

    def __init__(self, world, clock, wake):
        CanNode.__init__(self)
        self.chip = Mcp2515Chip()
        self.chip.bus.wire = self._wire
        self.disturbed = False
        self._world, self._clock, self._wake = world, clock, wake
        self._last_us = clock.now_us()
        self._looking = False

    @property
    def bitrate(self):
        """As the chip's registers say; 0 for none."""
        return self.chip.bus.bitrate

    @bitrate.setter
    def bitrate(self, value):
        """The bus does not set it."""

    def settle(self):
        """Bring the chip up to now."""
        now_us = self._clock.now_us()
        if now_us > self._last_us:
            passed_us, self._last_us = now_us - self._last_us, now_us
            self.chip.advance(passed_us)

    def interrupt(self):
        """Level of the INT pin."""
        self.settle()
        return self.chip.interrupt()

    def select(self):
        """CS falls."""
        self.settle()
        self.chip.select()

    def transfer(self, byte):
        """One byte in, one out."""
        return self.chip.transfer(byte)

    def deselect(self):
        """CS rises; frames that wait leave in time of the world."""
        self.chip.deselect()
        self._plan()

    def _plan(self):
        value = self.chip.registers.value
        if not self._looking and any(value[control] & TXREQ for control in TXB):
            self._looking = True
            self._world.after(LOOK_US if self._others() else ALONE_US, self._look)

    def _look(self):
        self._looking = False
        self.settle()
        self._plan()

    def _others(self):
        """Nodes that hear this one."""
        return [n for n in self.bus.nodes if n is not self and n.bitrate == self.bitrate]

    def _wire(self, side, frame):
        if self.disturbed:
            return DISTURBED
        others = self._others()
        for node in others:
            node.receive(frame.id, frame.extended, frame.data)
        return ACKNOWLEDGED if others else ALONE

    def receive(self, id, extended, data):
        self.settle()
        self.chip.bus.receive(Frame(id, extended, data))
        if not self.chip.interrupt():
            self._wake()
