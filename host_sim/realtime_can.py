"""The CAN port outside of the simulation: a pty that is a USB-CAN dongle (slcan), or an adapter of
this computer through python-can.
"""

import contextlib
from collections import deque

from firmware import parameter_ids as ids
from host_sim import protocols
from host_sim.can_bus import CanNode
from host_sim.ptys import PtyPort
from host_sim.slcan import Slcan

LABEL = "can"
WAITING = 64  # frames towards the bus
AT_ONCE = 200  # frames taken from an adapter in one pass
RETRY_S = 2.0
LINE_ENDS = b"\r\a"


class CanLost(ValueError):
    """An adapter that cannot be opened; one sentence."""


class Party(CanNode):
    """The program's place on the simulated bus."""

    MAILBOXES = WAITING

    def __init__(self, pack, heard):
        CanNode.__init__(self)
        self._bus = pack.hal.buses["can"]
        self._heard = heard

    def join(self, bitrate, listens=False):
        """Be on the bus at this rate, or only listen; None = off it."""
        self.acknowledges = not listens
        if self.bus is not None:
            self.bus.detach(self)
        self.pending.clear()
        if bitrate is not None:
            self.bitrate = bitrate
            self._bus.attach(self)

    def receive(self, id, extended, data):
        self._heard(id, extended, data)


def rate(pack):
    """Bits per second of the pack's CAN port, also while its controller is off."""
    if pack.controller is not None:
        return pack.hal.can.node.bitrate
    found = protocols.row("can", pack.parameters.values[ids.CAN_PROTOCOL])
    return found.get("baud", pack.hal.can.node.bitrate) if found else pack.hal.can.node.bitrate


class SlcanBridge:
    """`run/ports/can`. OSError when the pty cannot be made."""

    name = label = LABEL

    def __init__(self, pack, folder):
        self._pack = pack
        self.pty = PtyPort(LABEL, folder)
        self._out = bytearray()
        self._begun = 0  # bytes at its head that end a line of which the program has a part
        self.node = Party(pack, self._heard)
        self.slcan = Slcan(self._send, self._join, lambda: pack.world.now_us // 1000)

    @property
    def where(self):
        """What a program has to open."""
        return str(self.pty.link)

    @property
    def used(self):
        """Somebody is on the bus through it."""
        return self.slcan.is_open and self.pty.is_open

    def _join(self, bitrate, listens):
        """A program that names no rate gets the pack's."""
        self.node.join((bitrate or rate(self._pack)) if self.slcan.is_open else None, listens)

    def _send(self, id, extended, data):
        return self.node.submit(id, extended, data)

    def _heard(self, id, extended, data):
        self._out += self.slcan.frame(id, extended, data)

    def fileno(self):
        """For select."""
        return self.pty.fileno()

    def can_wake(self):
        """True when select tells of new bytes."""
        return self.pty.is_open

    def take_in(self):
        """Commands of the program."""
        if self.pty.is_open:
            self._out += self.slcan.feed(self.pty.read())
        else:
            self.slcan.close()

    def give_out(self):
        """Answers and frames to the program; lost when it does not read, but in whole lines: half
        of one would be taken for the beginning of the next."""
        out, begun = self._out, self._begun
        if not out:
            return
        taken = self.pty.write(bytes(out))
        if taken > begun and out[taken - 1] not in LINE_ENDS:
            begun = out.find(b"\r", taken) + 1
        self._out = out[taken : max(begun, taken)] if self.pty.is_open else bytearray()
        self._begun = len(self._out)

    def close(self):
        """End the pty and take its link away."""
        self.pty.close()


class AdapterBridge:
    """An interface of python-can, for example "socketcan:vcan0". CanLost when python-can is not
    installed or the interface cannot be opened at the start; one that is lost later is tried
    again, and nobody acknowledges meanwhile."""

    name = label = LABEL

    def __init__(self, pack, order):
        interface, colon, channel = order.partition(":")
        if not (interface and colon and channel):
            raise CanLost(f"--can {order}: write INTERFACE:CHANNEL, such as socketcan:vcan0")
        try:
            import can  # noqa: PLC0415  (only for this option)
        except ImportError:
            raise CanLost("--can needs python-can: run 'make setup' once") from None
        self._can = can
        self._pack = pack
        self._options = {"interface": interface, "channel": channel}
        self.where = order
        self._out = deque(maxlen=WAITING)
        self.node = Party(pack, lambda *frame: self._out.append(frame))
        self._bus = None
        self._rate = 0
        self._retry_us = 0
        try:
            self._open()
        except Exception as error:  # each interface has its own
            raise CanLost(f"--can {order}: cannot be opened: {error}") from None

    used = property(lambda self: self._bus is not None)

    def _open(self):
        self._rate = rate(self._pack)
        self._bus = self._can.Bus(bitrate=self._rate, **self._options)
        self.node.join(self._rate)

    def _lose(self):
        self.close()
        self._retry_us = self._pack.world.now_us + round(RETRY_S * 1e6)

    def can_wake(self):
        """The loop looks at it often enough; not all interfaces have something to wait for."""
        return False

    def take_in(self):
        """Frames of the adapter onto the simulated bus; follows the pack's bit rate."""
        if self._bus is not None and self._rate != rate(self._pack):
            self.close()
            self._retry_us = 0
        try:
            if self._bus is None:
                if self._pack.world.now_us < self._retry_us:
                    return
                self._open()
            for _ in range(AT_ONCE):
                message = self._bus.recv(0)
                if message is None:
                    return
                if not (message.is_error_frame or message.is_remote_frame or message.is_fd):
                    id, extended = message.arbitration_id, message.is_extended_id
                    self.node.submit(id, extended, bytes(message.data))
        except Exception:  # unplugged, down, misconfigured: each interface has its own
            self._lose()

    def give_out(self):
        """Frames of the simulated bus to the adapter."""
        try:
            while self._out and self._bus is not None:
                id, extended, data = self._out.popleft()
                message = self._can.Message(
                    arbitration_id=id, is_extended_id=extended, data=data, check=True
                )
                self._bus.send(message, timeout=0)
        except Exception:  # its queue is full, or it is gone
            self._lose()

    def close(self):
        """Leave the bus. May be called twice."""
        self.node.join(None)
        bus, self._bus = self._bus, None
        if bus is not None:
            with contextlib.suppress(Exception):  # nothing is left to say goodbye to
                bus.shutdown()


def open_can(pack, folder, order):
    """The bridge that `--can` asks for: the pty when it says nothing."""
    return SlcanBridge(pack, folder) if order is None else AdapterBridge(pack, order)
