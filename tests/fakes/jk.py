"""A pack with known values behind a JK Modbus port, for protocol tests on every runtime."""

from binascii import unhexlify

from firmware.events import Events
from firmware.faults import Faults
from firmware.parameters import Parameters
from firmware.ports.serial_port import SerialPort
from firmware.protocols.serial import jk_modbus
from firmware.protocols.view import PackView
from firmware.state import State
from tests.fakes.parts import FakeSerial


def raw(text):
    """Bytes of a hex text with spaces."""
    return unhexlify(text.replace(" ", ""))


def sealed(text):
    """The frame with its CRC, computed bit by bit."""
    data = raw(text)
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return data + bytes((crc & 255, crc >> 8))


class FakeRequests:
    """Notes what is submitted and applies nothing; set `refuses` to an exception to raise it."""

    def __init__(self):
        self.submitted = []
        self.refuses = None
        self.open = False

    def unlocked(self, source):
        return self.open

    def submit(self, source, kind, payload=None):
        if self.refuses is not None:
            raise self.refuses
        self.submitted.append((source, kind, payload))


class Bench:
    """A port with everything behind it; `ask` sends bytes and returns the answer. `protocol` is a
    module with `build`."""

    def __init__(self, source=2, dip=1, protocol=jk_modbus):
        self.state = State()
        self.parameters = Parameters()
        self.faults = Faults(self.state, Events(self.state.system))
        self.view = PackView(self.state, self.parameters, self.faults)
        self.state.panel.dip = dip
        self.requests = FakeRequests()
        self.serial = FakeSerial()
        self.protocol = protocol.build(self.view, self.requests, source)
        self.port = SerialPort(self.serial, self.protocol, 115200, self.faults)

    def ask(self, frame, steps=4):
        """Bytes on the wire as one burst; what comes back within a few steps of 1 ms."""
        self.serial.received.extend(frame)
        self.serial.sent = bytearray()
        for _ in range(steps):
            self.port.step(1)
        return bytes(self.serial.sent)

    def set(self, values):
        """Put parameters into RAM as they are, unchecked."""
        for id in values:
            self.parameters.values[id] = values[id]
        self.parameters.seal()
