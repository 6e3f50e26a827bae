"""What every control component gets: the hardware and the records, one object a pack."""

from firmware.events import Events
from firmware.faults import Faults
from firmware.parameters import Parameters
from firmware.state import State


class Context:
    """hal, parameters, state, events and faults of one pack."""

    def __init__(self, hal, parameters=None):
        self.hal = hal
        self.parameters = parameters or Parameters()
        self.state = State()
        self.events = Events(self.state.system)
        self.faults = Faults(self.state, self.events)
