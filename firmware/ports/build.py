"""Ports of a board: each with the protocol that its parameter names, also after a change."""

from firmware import parameter_ids as p
from firmware import requests as r
from firmware.fault_ids import PROTOCOL_UNAVAILABLE
from firmware.loader import fetch, load
from firmware.ports.can_port import CanPort
from firmware.ports.serial_port import SerialPort
from firmware.protocols.view import PackView
from firmware.services import CAN as CAN_PORT
from firmware.services import NAMES, RS485_1
from firmware.settings.registry import CAN, SERIAL

# serial ports of firmware/services.py in their order: source of requests, parameter
PORTS = (
    (r.RS485_1, p.RS485_1_PROTOCOL),
    (r.RS485_2, p.RS485_2_PROTOCOL),
    (r.RS232, p.RS232_PROTOCOL),
)
FALLBACK = 1  # JK RS485 Modbus


class Supply:
    """Where all ports of a pack get their protocols from, and what these see of it (`view`)."""

    def __init__(self, context, requests):
        self.values = context.parameters.values
        self.state = context.state
        self.faults = context.faults
        self._hal = context.hal
        self.view = PackView(context.state, context.parameters, context.faults)
        self._requests = requests
        self._missing = 0  # bit n: the port of source n has not got what it is set to

    def load(self, source, number, kind=SERIAL):
        """(protocol, bits per second) for the port, None when there is none. The fault stands
        while any port lacks its protocol."""
        built = load(kind, number, self.view, self._requests, source)
        self._missing &= ~(1 << source)
        if built is None:
            self._missing |= 1 << source
        self.faults.put(PROTOCOL_UNAVAILABLE, self._missing != 0, number)
        return built

    def fetch(self, index):
        """Bring into memory what the port is set to speak: a step of its own at start."""
        kind, selector = CAN, p.CAN_PROTOCOL
        if index != CAN_PORT:
            kind, selector = SERIAL, PORTS[index - RS485_1][1]
        fetch(kind, self.values[selector])

    def fallback(self, source):
        """What a port speaks that cannot have what it is set to, as `load`."""
        return load(SERIAL, FALLBACK, self.view, self._requests, source)

    def port(self, index):
        """The service with this number (firmware/services.py); the board has such a port."""
        if index == CAN_PORT:
            return CanService(self, self._hal.can)
        source, selector = PORTS[index - RS485_1]
        return PortService(self, getattr(self._hal, NAMES[index]), source, selector)


class PortService:
    """A serial port and the parameter that selects its protocol."""

    def __init__(self, supply, serial, source, selector):
        self._supply = supply
        self._source = source
        self._selector = selector
        self._wanted = supply.values[selector]
        protocol, baud = supply.load(source, self._wanted) or supply.fallback(source)
        self.port = SerialPort(serial, protocol, baud, supply.faults)

    def step(self, dt_ms):
        """Serve the port; ms until due."""
        self._select()
        return self.port.step(dt_ms)

    def _select(self):
        """Take over a changed setting; a protocol that cannot be loaded leaves the present one."""
        wanted = self._supply.values[self._selector]
        if wanted == self._wanted:
            return
        self._wanted = wanted
        built = self._supply.load(self._source, wanted)
        if built is not None:
            self.port.select(built[0], built[1])


class CanService:
    """The CAN port and the parameter that selects its protocol."""

    def __init__(self, supply, can):
        self._supply = supply
        self._wanted = -1
        self.port = CanPort(can, supply.faults, supply.values, supply.state)
        self._select()

    def step(self, dt_ms):
        """Serve the port; ms until due."""
        self._select()
        return self.port.step(dt_ms)

    def _select(self):
        """Take over a changed setting; without a translation nothing is sent: an inverter must
        not take one protocol for another."""
        wanted = self._supply.values[p.CAN_PROTOCOL]
        if wanted == self._wanted:
            return
        self._wanted = wanted
        built = self._supply.load(r.CAN, wanted, CAN)
        self.port.select(None if built is None else built[0])
