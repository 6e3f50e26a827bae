"""Ports of a board: each with the protocol that its parameter names, also after a change."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.loader import load
from firmware.parameters import Refused
from firmware.ports.serial_port import SerialPort
from firmware.protocols.registry import SERIAL
from firmware.protocols.view import PackView

PORTS = (
    ("rs485_1", r.RS485_1, p.RS485_1_PROTOCOL),
    ("rs485_2", r.RS485_2, p.RS485_2_PROTOCOL),
    ("rs232", r.RS232, p.RS232_PROTOCOL),
)
FALLBACK = 1  # JK RS485 Modbus


class PortService:
    """A serial port and the parameter that selects its protocol."""

    def __init__(self, serial, source, selector, context, view, requests):
        self._source = source
        self._selector = selector
        self._parameters = context.parameters
        self._faults = context.faults
        self._view = view
        self._requests = requests
        self.number = context.parameters.values[selector]
        self._generation = context.parameters.generation
        built = self._load(self.number)
        if built is None:
            self.number = FALLBACK
            built = load(SERIAL, FALLBACK, view, requests, source)
        self.port = SerialPort(serial, built[0], built[1], context.faults)

    def step(self, dt_ms):
        """Serve the port; ms until due."""
        if self._generation != self._parameters.generation:
            self._generation = self._parameters.generation
            self._select(self._parameters.values[self._selector])
        return self.port.step(dt_ms)

    def _select(self, number):
        """A changed protocol; one that cannot be loaded keeps the old and says so."""
        if number == self.number:
            return
        built = self._load(number)
        if built is not None:
            self.number = number
            self.port.select(built[0], built[1])

    def _load(self, number):
        try:
            built = load(SERIAL, number, self._view, self._requests, self._source)
        except Refused:
            self._faults.put(f.PROTOCOL_UNAVAILABLE, True, number)
            return None
        self._faults.put(f.PROTOCOL_UNAVAILABLE, False)
        return built


def build_ports(context, requests):
    """[(name, service or None)] in the fixed order of Controller.wake's bits."""
    view = PackView(context.state, context.parameters, context.faults)
    ports = []
    for name, source, selector in PORTS:
        serial = getattr(context.hal, name)
        service = None
        if serial is not None:
            service = PortService(serial, source, selector, context, view, requests)
        ports.append((name, service))
    return ports
