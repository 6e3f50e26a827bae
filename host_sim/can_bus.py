"""A CAN bus in simulated time: one frame after the other, lowest identifier first."""

from hal.parts import Can


class CanNode:
    """One party. `receive(id, extended, data)` is called for every frame of the others."""

    MAILBOXES = 3

    def __init__(self, bitrate=250_000):
        self.bitrate = bitrate
        self.bus = None
        self.pending = []  # (id, extended, data)
        self.acknowledges = True  # False: only listens, or is not there at all
        self.unheard = False  # repeats a frame that nobody acknowledges
        self.passive = False  # ... and has counted errors since, until a frame gets through

    def submit(self, id, extended, data):
        """Put a frame into a mailbox; False when all are taken."""
        if self.bus is None or len(self.pending) >= self.MAILBOXES:
            return False
        self.pending.append((id, extended, bytes(data)))
        self.bus.kick()
        return True

    def receive(self, id, extended, data):
        """A frame of another node."""


class ExternalCanNode(CanNode):
    """A party outside of the simulation: collects frames in `received`."""

    MAILBOXES = 1_000

    def __init__(self, bitrate=250_000):
        CanNode.__init__(self, bitrate)
        self.received = []

    def receive(self, id, extended, data):
        self.received.append((id, extended, data))


class CanBus:
    """The bus. A node at another bit rate neither hears nor is heard; a frame that nobody
    acknowledges stays in its mailbox, and its sender is `unheard`."""

    def __init__(self, world):
        self.world = world
        self.nodes = []
        self.carried = 0
        self._busy = False

    def attach(self, node):
        """Connect a node; returns it."""
        node.bus = self
        self.nodes.append(node)
        self.kick()
        return node

    def detach(self, node):
        """Unplug a node."""
        self.nodes.remove(node)
        node.bus = None

    def _listener(self, node):
        """True when somebody acknowledges what the node sends."""
        return any(
            n.acknowledges and n is not node and n.bitrate == node.bitrate for n in self.nodes
        )

    def kick(self):
        """Arbitrate when the bus is idle."""
        if self._busy:
            return
        waiting = []
        for n in self.nodes:
            n.unheard = bool(n.pending) and not self._listener(n)
            n.passive = n.passive or n.unheard
            if n.pending and not n.unheard:
                waiting.append(n)
        if not waiting:
            return
        node = min(waiting, key=lambda n: min(n.pending)[:2])
        frame = min(node.pending, key=lambda f: f[:2])
        bits = (67 if frame[1] else 47) + 8 * len(frame[2])
        self._busy = True
        stuffed = bits * 11 // 10
        self.world.after(stuffed * 1_000_000 // node.bitrate, self._end, node, frame)

    def _end(self, node, frame):
        self._busy = False
        if frame in node.pending:
            node.pending.remove(frame)
            node.passive = False
            self.carried += 1
            for other in self.nodes:
                if other is not node and other.bitrate == node.bitrate:
                    other.receive(*frame)
        self.kick()


class SimCan(Can):
    """The firmware's CAN controller. `hold_state` sets the error state (a fault)."""

    FIFO = 32
    STUCK_US = 100_000

    def __init__(self, wake):
        self.node = CanNode()
        self.node.acknowledges = False  # not on the bus before it has its bit rate
        self.node.receive = self._receive
        self._wake = wake
        self._fifo = []
        self._state = Can.ACTIVE
        self._held = None
        self._queued_us = 0
        self.lost = 0

    def _receive(self, id, extended, data):
        if not self.node.acknowledges:
            return
        if len(self._fifo) >= self.FIFO:
            self.lost += 1
            return
        self._fifo.append((id, extended, data))
        self._wake()

    def hold_state(self, state):
        """A fault: the error state stays ACTIVE, WARNING, PASSIVE or BUS_OFF; None ends it, and
        bus-off is then left by `restart`."""
        self._held = state
        if state is not None:
            self._state = state
        if state == Can.BUS_OFF:
            self.node.pending.clear()
            self.node.acknowledges = False

    def clear(self):
        """As after a reset: empty, error-free, not on the bus."""
        self.node.acknowledges = False
        self._fifo.clear()
        self._empty()
        self._state = Can.ACTIVE if self._held is None else self._held

    def _empty(self):
        node = self.node
        node.pending.clear()
        node.unheard = node.passive = False

    def set_bitrate(self, bitrate):
        self.node.bitrate = bitrate
        self.clear()
        self._join()

    def _join(self):
        self.node.acknowledges = self._state != Can.BUS_OFF
        if self.node.bus is not None:
            self.node.bus.kick()  # others may be heard now, or no more

    def send(self, id, extended, data, n):
        if self._state == Can.BUS_OFF:
            return False
        self._give_up()
        if not self.node.pending:
            self._queued_us = self.node.bus.world.now_us
        return self.node.submit(id, extended, bytes(data[:n]))

    def _give_up(self):
        """Frames that nobody acknowledges are not kept for ever."""
        node = self.node
        if node.unheard and node.bus.world.now_us - self._queued_us >= self.STUCK_US:
            node.pending.clear()
            node.unheard = False

    def receive(self, frame):
        if not self._fifo:
            return False
        frame.id, frame.extended, data = self._fifo.pop(0)
        frame.n = len(data)
        frame.data[: frame.n] = data
        return True

    def state(self):
        if self._state == Can.ACTIVE and self.node.passive:
            return Can.PASSIVE  # after 16 tries, 4 ms; without acknowledge it goes no further
        return self._state

    def restart(self):
        self._empty()
        if self._held is None and self._state == Can.BUS_OFF:
            self._state = Can.ACTIVE
            self._join()
