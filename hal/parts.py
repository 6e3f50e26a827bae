"""The optional parts of the hardware contract (see contract.py): a board loads what it has.

Where a board has none, the attribute of `Hal` is None and the feature that needs it is refused.
"""


class CanFrame:
    """A received frame, allocated once by its reader."""

    def __init__(self):
        self.id = 0
        self.extended = False
        self.n = 0
        self.data = bytearray(8)


class Can:
    """One CAN controller, non-blocking."""

    ACTIVE, WARNING, PASSIVE, BUS_OFF = range(4)

    def set_bitrate(self, bitrate):
        """Bits per second; leaves the bus and joins it again."""
        raise NotImplementedError

    def send(self, id, extended, data, n):
        """Queue a frame; False when the transmit buffers are full. What nobody has acknowledged
        after 100 ms is given up."""
        raise NotImplementedError

    def receive(self, frame):
        """Fill `frame` with the oldest received frame; False when there is none."""
        raise NotImplementedError

    def state(self):
        """ACTIVE, WARNING, PASSIVE or BUS_OFF."""
        raise NotImplementedError

    def restart(self):
        """Leave bus-off; what waits to be sent is dropped."""
        raise NotImplementedError


class Switch:
    """An output that is on or off: heater, buzzer, charge limiter, pre-charge, kill line."""

    def set(self, on):
        """Switch it."""
        raise NotImplementedError

    def is_on(self):
        """What the hardware reports (not what was asked)."""
        raise NotImplementedError


class Heater(Switch):
    """A heating output with its own current measurement."""

    def current_ma(self):
        """Heater current, mA, >= 0."""
        raise NotImplementedError


class ChargerSense:
    """Charger voltage in front of the MOSFETs."""

    def voltage_mv(self):
        """mV, 0 when no charger is there."""
        raise NotImplementedError


class LoadDetect:
    """Tells whether a load is still connected while the discharge MOS is off."""

    def load_present(self):
        """True, False."""
        raise NotImplementedError


class PowerLatch:
    """The controller's own supply: sleep and switch off."""

    def off(self):
        """Cut the controller's supply (returns where the board cannot; state is saved before)."""
        raise NotImplementedError

    def sleep(self, deep):
        """Enter (True) or leave (False) the board's low-power state."""
        raise NotImplementedError


class Balancer:
    """Active balancer: moves charge from one cell to another."""

    def transfer(self, donor, receiver, ma):
        """Start moving `ma` from cell `donor` to `receiver` (0-based); ma = 0 stops."""
        raise NotImplementedError

    def current_ma(self):
        """Measured transfer current, mA, >= 0."""
        raise NotImplementedError
