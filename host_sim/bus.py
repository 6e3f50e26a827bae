"""A serial line in simulated time: bytes have a start and an end, and they can collide.

Half duplex (RS485): everyone hears everyone; bytes that overlap are garbled for everyone. Full
duplex (RS232): two directions that do not meet. A receiver at another baud rate hears garbage.
"""

import random
from collections import deque

BITS = 10  # 8N1


class Node:
    """One party on a line. Subclasses override `receive`; `send` queues bytes."""

    echo = False  # True: hears its own bytes, as a transceiver with its receiver always on

    def __init__(self, baud=9600):
        self.baud = baud
        self.bus = None
        self.queue = deque()
        self.active = False  # a byte of this node is on the wire

    def byte_us(self):
        """Time of one byte at this node's baud rate, us."""
        return BITS * 1_000_000 / self.baud

    def send(self, data):
        """Queue bytes; they follow each other without a gap."""
        self.queue.extend(data)
        if not self.active and self.queue and self.bus is not None:
            self.bus.start(self)

    def receive(self, byte):
        """A byte has ended on the wire (garbled or not)."""


class ExternalNode(Node):
    """A party outside of the simulation (a pty, a test): `received` collects bytes, or
    `on_bytes(bytes)` is called for each."""

    def __init__(self, baud=9600, on_bytes=None):
        Node.__init__(self, baud)
        self.received = bytearray()
        self.on_bytes = on_bytes

    def receive(self, byte):
        if self.on_bytes is not None:
            self.on_bytes(bytes([byte]))
        else:
            self.received.append(byte)

    def take(self):
        """What has been received since the last call."""
        data = bytes(self.received)
        self.received.clear()
        return data


class _Byte:
    __slots__ = ("end_us", "garbled", "node", "value")

    def __init__(self, node, value, end_us):
        self.node = node
        self.value = value
        self.end_us = end_us
        self.garbled = False


class Bus:
    """The line. `noise` is the probability that a byte is garbled on its way."""

    def __init__(self, world, half_duplex=True, noise=0.0, seed=1):
        self.world = world
        self.half_duplex = half_duplex
        self.noise = noise
        self.nodes = []
        self.cut = False  # a fault: nothing gets through
        self.collisions = 0  # bytes garbled because two sent at once
        self.carried = 0
        self._rng = random.Random(seed)
        self._on_air = []

    def attach(self, node):
        """Connect a node; returns it."""
        node.bus = self
        self.nodes.append(node)
        if node.queue and not node.active:
            self.start(node)
        return node

    def detach(self, node):
        """Disconnect a node; bytes that it has queued are dropped."""
        self.nodes.remove(node)
        node.bus = None
        node.queue.clear()

    def idle(self):
        """True while nobody sends."""
        return not self._on_air

    def start(self, node):
        """A node begins with the next byte of its queue."""
        node.active = True
        self._next(node, self.world.now_us)

    def _next(self, node, at_us):
        byte = _Byte(node, node.queue.popleft(), at_us + node.byte_us())
        if self.half_duplex:
            for other in self._on_air:
                if other.node is not node and other.end_us > at_us + 0.5:
                    self.collisions += (not other.garbled) + 1
                    other.garbled = byte.garbled = True
        self._on_air.append(byte)
        self.world.at(byte.end_us, self._end, byte)

    def _end(self, byte):
        self._on_air.remove(byte)
        node = byte.node
        if node.bus is self and node.queue:
            self._next(node, byte.end_us)
        else:
            node.active = False
        self.carried += 1
        if self.cut:
            return
        value = byte.value
        if byte.garbled or (self.noise and self._rng.random() < self.noise):
            value ^= self._rng.randrange(1, 256)
        for other in self.nodes:
            if other is node and not (node.echo and self.half_duplex):
                continue
            if abs(other.baud - node.baud) * 20 > node.baud:
                other.receive(value ^ self._rng.randrange(1, 256))
            else:
                other.receive(value)
