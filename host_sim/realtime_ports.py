"""Pseudo terminals on the simulated serial lines: what a program writes travels over the line at
the port's rate, what the pack sends comes back. A pty has no baud rate: the program may set any.
"""

from host_sim.bus import ExternalNode
from host_sim.ptys import PtyPort
from host_sim.realtime_can import open_can

PORTS = (("rs485_1", "rs485-1"), ("rs485_2", "rs485-2"), ("rs232", "rs232"))
QUEUE_BYTES = 512  # more than that waits in the kernel, so that a flood does not pile up here


class Bridge:
    """One pty and the node that stands for it on the line. OSError when it cannot be made."""

    def __init__(self, pack, name, label, folder):
        self.name = name
        self.label = label
        self.pty = PtyPort(label, folder)
        self._port = getattr(pack.hal, name)
        self._from_pack = bytearray()
        self.node = ExternalNode(self._port.baud, self._from_pack.extend)
        pack.hal.buses[name].attach(self.node)

    def fileno(self):
        """For select."""
        return self.pty.fileno()

    def can_wake(self):
        """True when select tells of new bytes (a pty that nobody has open is always ready)."""
        return len(self.node.queue) < QUEUE_BYTES and self.pty.is_open

    def take_in(self):
        """Bytes of the program onto the line."""
        self.node.baud = self._port.baud
        if len(self.node.queue) < QUEUE_BYTES:
            data = self.pty.read()
            if data:
                self.node.send(data)

    def give_out(self):
        """Bytes of the line to the program; lost when nobody reads."""
        if self._from_pack:
            self.pty.write(bytes(self._from_pack))
            self._from_pack.clear()

    def close(self):
        """End the pty and take its link away."""
        self.pty.close()


def open_ports(pack, folder, can=None):
    """The bridges of all ports, the CAN port's last; OSError when the folder or a pty cannot be
    made, ValueError when the CAN adapter cannot be opened."""
    bridges = []
    try:
        for name, label in PORTS:
            bridges.append(Bridge(pack, name, label, folder))
        bridges.append(open_can(pack, folder, can))
    except (OSError, ValueError):
        close_ports(bridges)
        raise
    return bridges


def close_ports(bridges):
    """Close them all; an empty folder of our own making stays."""
    for bridge in bridges:
        bridge.close()
