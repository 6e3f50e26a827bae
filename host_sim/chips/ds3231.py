"""A DS3231 at register level. It runs on through resets of the controller; without a battery it
stops with the supply and says so (OSF)."""

from datetime import datetime, timedelta

from host_sim.chips.bus import I2cDevice

STATUS, OSF, SIZE = 0x0F, 0x80, 0x13


class Ds3231Chip(I2cDevice):
    """`clock`: chips.bus.BusClock."""

    def __init__(self, clock):
        self._clock = clock
        self.registers = bytearray(SIZE)
        self._set(datetime(2000, 1, 1))
        self.registers[STATUS] = OSF

    def lose_battery(self):
        """Supply and battery were gone."""
        self._set(datetime(2000, 1, 1))
        self.registers[STATUS] = OSF

    def _set(self, time):
        self._at_zero = time - timedelta(microseconds=self._clock.now_us())

    def _time(self):
        """The first seven registers."""
        t = self._at_zero + timedelta(microseconds=self._clock.now_us())
        values = (t.second, t.minute, t.hour, t.isoweekday(), t.day, t.month, t.year - 2000)
        return bytes(int(str(value), 16) for value in values)

    def read_from(self, register, n):
        image = self._time() + bytes(self.registers[7:])
        return bytes(image[(register + i) % SIZE] for i in range(n))

    def write_from(self, register, data):
        image = bytearray(self._time() + bytes(self.registers[7:]))
        for i, byte in enumerate(data):
            image[(register + i) % SIZE] = byte
        self.registers[7:] = image[7:]
        if register < 7 and data:
            second, minute, hour, _, day, month, year = (int(f"{b:x}") for b in image[:7])
            self._set(datetime(2000 + year, month, day, hour, minute, second))
