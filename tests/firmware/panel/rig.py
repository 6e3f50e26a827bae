"""A panel on the fake board, with the records that it reads. No control cycle runs: the tests
write the state themselves."""

from firmware.events import FIELDS, Events
from firmware.faults import Faults
from firmware.panel.panel import Panel
from firmware.parameters import Parameters
from firmware.state import ON, State
from tests.fakes.hal import FakeHal


class Rig:
    """A pack that is on, healthy, idle at 50 % and 25 degC, unless told otherwise."""

    def __init__(self, mode=ON, healthy=3, dip=0, keys=0, buzzer=True):
        self.hal = FakeHal()
        self.io = self.hal.panel
        self.io.dip_bits = dip
        self.io.key_bits = keys
        if not buzzer:
            self.hal.buzzer = None
        self.state = State()
        self.events = Events(self.state.system)
        self.faults = Faults(self.state, self.events)
        self.parameters = Parameters()
        self.state.power.mode = mode
        self.state.system.healthy = healthy
        self.state.gauge.soc_dpct = 500
        self.measure()
        self.panel = Panel(self.hal, self.state, self.faults, self.parameters, self.events)

    def measure(self):
        """A quiet pack of 8 LFP cells."""
        measured = self.state.measured
        measured.valid = True
        measured.cell_count = 8
        measured.max_mv = measured.min_mv = 3300
        measured.pack_mv = 26400
        measured.temp_dc[:] = [250] * 5
        measured.temp_max = measured.temp_min = 250

    def set(self, **values):
        """Store parameters by key, unchecked: the panel reads what stands there."""
        from firmware.settings import rows

        self.parameters.apply({rows.find(key): values[key] for key in values})

    def run(self, ms, step_ms=50):
        """Let time pass in steps; the last one may be shorter."""
        while ms > 0:
            self.panel.step(min(ms, step_ms))
            ms -= step_ms

    def leds(self, step_ms=50):
        """The lamps after one more step."""
        self.panel.step(step_ms)
        return self.io.leds

    def contacts(self):
        """The contacts after one more step."""
        self.panel.step(50)
        return self.io.contacts

    def logged(self):
        """Events not yet read: [(kind, code, value)]."""
        out, entry = [], [0] * FIELDS
        while self.events.take(entry):
            out.append((entry[1], entry[2], entry[3]))
        return out


def on_dry2(source, on=0, off=0):
    """A rig whose DRY1 is off and whose DRY2 follows the source."""
    rig = Rig()
    rig.set(dry1_trigger=0, dry2_trigger=source, dry2_on=on, dry2_off=off)
    return rig


def follow(rig, name, values):
    """Contacts after each value of a field of State.measured."""
    out = []
    for value in values:
        setattr(rig.state.measured, name, value)
        out.append(rig.contacts())
    return out


def follow_soc(rig, values):
    out = []
    for value in values:
        rig.state.gauge.soc_dpct = value
        out.append(rig.contacts())
    return out
