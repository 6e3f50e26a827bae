"""A pack with known values behind a CAN protocol, for protocol tests on every runtime."""

from binascii import hexlify, unhexlify

from firmware.events import Events
from firmware.faults import Faults
from firmware.parameters import Parameters
from firmware.protocols.view import PackView
from firmware.settings.rows import find
from firmware.state import State
from hal.parts import CanFrame
from tests.fakes.jk import FakeRequests

CAN = 5


class Bench:
    """One protocol; `frame(id)` gives the bytes of a frame as hex text, None when it is held
    back."""

    def __init__(self, key, cells=16):
        self.state = State()
        self.parameters = Parameters("ess")
        self.faults = Faults(self.state, Events(self.state.system))
        self.view = PackView(self.state, self.parameters, self.faults)
        self.requests = FakeRequests()
        module = __import__("firmware.protocols.can." + key, None, None, ("build",))
        self.protocol = module.build(self.view, self.requests, CAN)
        self.state.measured.cell_count = cells
        self.data = bytearray(b"\xff" * 8)
        self.received = CanFrame()

    def index(self, id, extended=False):
        """The number of a frame in the set."""
        protocol = self.protocol
        for i in range(protocol.frames):
            if protocol.id(i) == id and protocol.extended(i) == extended:
                return i
        raise KeyError("no frame 0x%X" % id)

    def encode(self, i):
        """Bytes of frame i, None when it is held back."""
        n = self.protocol.encode(i, self.data)
        return None if n < 0 else bytes(self.data[:n])

    def frame(self, id, extended=False):
        """Bytes of a frame as hex text."""
        data = self.encode(self.index(id, extended))
        return None if data is None else hexlify(data).decode()

    def frames(self):
        """{(identifier, extended): bytes} of all frames that are sent now."""
        protocol, out = self.protocol, {}
        for i in range(protocol.frames):
            data = self.encode(i)
            if data is not None:
                out[protocol.id(i), protocol.extended(i)] = data
        return out

    def hear(self, id, data, extended=False):
        """Receive a frame of hex text; what `receive` says."""
        data = unhexlify(data)
        self.received.id, self.received.extended, self.received.n = id, extended, len(data)
        self.received.data[: len(data)] = data
        return self.protocol.receive(self.received)

    def set(self, **changes):
        """Fields of the state records by record_field, e.g. charging_cvl_mv."""
        for name, value in changes.items():
            record, _, field = name.partition("_")
            setattr(getattr(self.state, record), field, value)

    def parameter(self, name, value):
        """A number or text parameter by its key, unchecked."""
        self.parameters.apply({find(name): value})

    def fault(self, id, on=True):
        """Raise or end a fault."""
        self.faults.put(id, on)
