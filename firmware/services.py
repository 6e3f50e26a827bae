"""The services: what runs between two control cycles. How they come into memory, step by step, is
in settings/loading.py.
"""

# services in their fixed order, which is that of the bits of Controller.wake
PANEL = 0
RS485_1 = 1
RS485_2 = 2
RS232 = 3
CAN = 4
GAUGE = 5
CHARGING = 6
NAMES = ("panel", "rs485_1", "rs485_2", "rs232", "can", "gauge", "charging")


def first(mask):
    """Number of the lowest bit of a mask of services that is not 0."""
    n = 0
    while not mask >> n & 1:
        n += 1
    return n


class Service:
    """A component that runs between two cycles."""

    def __init__(self, name):
        self.name = name
        self.part = None  # has step(dt_ms) -> ms until due
        self.last_ms = 0
        self.dt_ms = 0  # from the step before to the last one
        self.wait_ms = 0  # after last_ms it is due
        self.disabled = True  # also while it is not there yet
