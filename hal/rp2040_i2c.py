"""An I2C bus of the RP2040 at 400 kHz that frees itself when a chip holds the data line.

A chip whose transfer was cut (a reset of the controller, a disturbance) waits for clocks with the
data line low. Nine clocks and a stop end what it was about (I2C specification, "bus clear").
"""

FREQUENCY = 400_000  # 100 kHz would make a control cycle late: two thirds of its time on the bus
TIMEOUT_US = 4_000  # of a whole transfer: the longest, 84 bytes and 4 of address, takes 2.2 ms
TIMED_OUT = 110, None  # errno of MicroPython; while the heap is locked it has none
CLOCKS = 9
HALF_US = 5
NO_ACKNOWLEDGE = 5  # errno, too


class I2cBus:
    """The methods of machine.I2C that the chip drivers use; they raise OSError as it does, but
    after a failed transfer the bus is free again where it can be. `stuck` tells that it is not."""

    def __init__(self, machine, time, number, sda, scl):
        self._machine, self._time = machine, time
        self._number, self._sda, self._scl = number, sda, scl
        self._data, self._clock = machine.Pin(sda), machine.Pin(scl)
        self.stuck = False
        self.recoveries = 0
        self._i2c = None
        self._open()
        if not self.lines_high():
            self._clear()

    def _open(self):
        self._i2c = self._machine.I2C(
            self._number, scl=self._clock, sda=self._data, freq=FREQUENCY, timeout=TIMEOUT_US
        )

    def writeto(self, address, buffer):
        try:
            taken = self._i2c.writeto(address, buffer)
            if taken != len(buffer):  # a byte of the data: MicroPython raises for an address only
                raise OSError(NO_ACKNOWLEDGE)
        except OSError as error:
            self._recover(error)
            raise

    def readfrom_mem_into(self, address, register, buffer):
        try:
            return self._i2c.readfrom_mem_into(address, register, buffer)
        except OSError as error:
            self._recover(error)
            raise

    def _recover(self, error):
        """A missing chip leaves the lines high, a cut transfer does not."""
        if not self.lines_high():
            self._clear()
        elif error.errno in TIMED_OUT:
            self._open()
        self.stuck = not self.lines_high()

    def lines_high(self):
        """True while nobody pulls at the lines, as it should be between two transfers."""
        return self._data.value() == 1 and self._clock.value() == 1

    def _clear(self):
        """Clock until the data line is let go, then a stop. Opening gives the pins back."""
        pin, sleep_us = self._machine.Pin, self._time.sleep_us
        data, clock = self._data, self._clock
        self.recoveries += 1
        data.init(pin.IN, pin.PULL_UP)
        clock.init(pin.OPEN_DRAIN, pin.PULL_UP, value=1)
        for _ in range(CLOCKS):
            clock.value(0)
            sleep_us(HALF_US)
            clock.value(1)
            sleep_us(HALF_US)
            if data.value():
                break
        data.init(pin.OPEN_DRAIN, pin.PULL_UP, value=0)
        sleep_us(HALF_US)
        data.value(1)
        sleep_us(HALF_US)
        self._open()
