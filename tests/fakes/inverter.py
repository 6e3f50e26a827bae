"""A pack, or a bank of packs, behind a port that speaks an inverter's protocol."""

from array import array

from firmware.events import Events
from firmware.faults import Faults
from firmware.parameters import Parameters
from firmware.ports.serial_port import SerialPort
from firmware.protocols.view import PackView
from firmware.state import ON, State
from tests.fakes.jk import FakeRequests
from tests.fakes.parts import FakeSerial


class Pack:
    """One pack's records and their view."""

    def __init__(self, dip=0):
        self.state = State()
        self.parameters = Parameters()
        self.faults = Faults(self.state, Events(self.state.system))
        self.view = PackView(self.state, self.parameters, self.faults)
        self.state.panel.dip = dip
        self.state.power.mode = ON

    def cells(self, *mv):
        """Cell voltages, and all that follows from them."""
        measured = self.state.measured
        measured.cell_count = len(mv)
        measured.cell_mv = array("H", mv)
        measured.max_mv, measured.min_mv = max(mv), min(mv)
        measured.max_cell, measured.min_cell = mv.index(max(mv)), mv.index(min(mv))
        measured.average_mv = sum(mv) // len(mv)
        measured.difference_mv = max(mv) - min(mv)
        measured.pack_mv = sum(mv)

    def temperatures(self, *dc):
        """0.1 degC of T1..T4, MOS; None = no value."""
        measured = self.state.measured
        measured.temp_dc[:] = dc
        battery = [value for value in dc[:4] if value is not None]
        measured.temp_max = max(battery) if battery else None
        measured.temp_min = min(battery) if battery else None

    def asks(self, cvl_mv, dvl_mv, ccl_ma, dcl_ma):
        """What is asked of the inverter, both directions enabled."""
        charging = self.state.charging
        charging.cvl_mv, charging.dvl_mv = cvl_mv, dvl_mv
        charging.ccl_ma, charging.dcl_ma = ccl_ma, dcl_ma
        charging.charge_enable = charging.discharge_enable = True

    def set(self, values):
        """Put parameters into RAM as they are, unchecked."""
        for id in values:
            self.parameters.values[id] = values[id]
        self.parameters.seal()


class Bank:
    """The first pack's view, as that of a bank."""

    def __init__(self, first, others):
        self._packs = [first]
        self._packs.extend(others)
        self.pack_count = len(self._packs)

    def __getattr__(self, name):
        return getattr(self._packs[0].view, name)

    def pack(self, index):
        return self._packs[index].view


class Bench(Pack):
    """A port with everything behind it; `ask` sends bytes and returns the answer."""

    def __init__(self, build, source=2, dip=0, others=()):
        Pack.__init__(self, dip)
        self.requests = FakeRequests()
        self.serial = FakeSerial()
        seen = Bank(self, others) if others else self.view
        self.protocol = build(seen, self.requests, source)
        self.port = SerialPort(self.serial, self.protocol, 9600, self.faults)

    def ask(self, frame, steps=3):
        """Bytes on the wire as one burst; what comes back within a few steps of 1 ms."""
        self.serial.received.extend(frame)
        self.serial.sent = bytearray()
        for _ in range(steps):
            self.port.step(1)
        return bytes(self.serial.sent)

    def put(self, *faults):
        """Let only these faults stand."""
        for fault in range(1, 82):
            self.faults.put(fault, fault in faults)
