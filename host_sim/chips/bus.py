"""Fake buses of `machine`, with the time that transfers take and the faults that wires have.

Within one slice of the firmware the world stands still; `BusClock` adds what the slice has spent
on the wire and waiting, so that a chip sees its own delays.
"""

NO_ACKNOWLEDGE = 5  # EIO, as MicroPython reports it
TIMED_OUT = 110
STUCK_US = 2_000  # time-out of a stuck bus


class BusClock:
    """`now_us()` never goes back."""

    def __init__(self, world):
        self._world = world
        self._last_us = world.now_us

    def now_us(self):
        """The world's time, or later when a slice has spent some."""
        self._last_us = max(self._last_us, self._world.now_us)
        return self._last_us

    def spend(self, us):
        """Transfers and waits take time: `wait_us` of a driver."""
        self._last_us = self.now_us() + us


class NotTaken(OSError):
    """A byte of the data is not acknowledged; the address was."""


class I2cDevice:
    """What a chip offers to I2cBus and I2cPort. OSError(NO_ACKNOWLEDGE) = it does not answer."""

    def selected(self):
        """Its address was called."""

    def takes(self, register, data):
        """It acknowledges the last byte of `data`, written from a register on so far."""
        return True

    def write_from(self, register, data):
        """Bytes written from a register on (none: only the pointer was set)."""
        raise NotImplementedError

    def read_from(self, register, n):
        """n bytes from a register on."""
        raise NotImplementedError


class I2cBus:
    """machine.I2C with `writeto` and `readfrom_mem_into`.

    Faults: silent (nobody answers), swapped (the wires are crossed), stuck (the data line is held:
    True for ever, a number for so many clocks), nack (the next n transfers are not acknowledged),
    flips (in the next n transfers one bit is wrong), raises (what the next readings throw).
    """

    def __init__(self, clock, devices, frequency=400_000):
        self.clock = clock
        self.devices = devices  # by address
        self.frequency = frequency
        self.silent = self.stuck = self.swapped = False
        self.nack = self.flips = 0
        self.raises = None
        self.transfers = 0
        self.log = None  # set it to a list to record (address, register, written, read)

    def writeto(self, address, buffer):
        data = bytes(buffer)
        device = self._begin(address, len(data) + 1)
        self._note(address, data[0], data[1:], b"")
        device.write_from(data[0], self._damaged(data[1:]))

    def readfrom_mem_into(self, address, register, buffer):
        if self.raises is not None:
            raise self.raises
        device = self._begin(address, len(buffer) + 3)
        data = self._damaged(device.read_from(register, len(buffer)))
        self._note(address, register, b"", data)
        buffer[:] = data

    def clocked(self, level):
        """Somebody moves the clock line by hand."""
        if level and self.stuck and self.stuck is not True:
            self.stuck -= 1

    def _begin(self, address, n):
        self.transfers += 1
        if self.stuck:
            self.clock.spend(STUCK_US)
            raise OSError(TIMED_OUT)
        missing = self.silent or self.swapped or address not in self.devices
        if missing or self.nack > 0:
            self.nack -= self.nack > 0
            self.clock.spend(10 * 1_000_000 // self.frequency)
            raise OSError(NO_ACKNOWLEDGE)
        self.clock.spend((9 * n + 3) * 1_000_000 // self.frequency)
        return self.devices[address]

    def _damaged(self, data):
        if self.flips > 0 and data:
            self.flips -= 1
            return bytes((data[0] ^ 0x10,)) + data[1:]
        return data

    def _note(self, *what):
        if self.log is not None:
            self.log.append(what)


class SpiBus:
    """machine.SPI and the select pin of one chip: `write`, `write_readinto`, `cs(level)`.

    `spend(us)` is called for the time on the wire; the driver's waits belong there, too.
    """

    def __init__(self, chip, spend, frequency=10_000_000):
        self.chip = chip
        self._spend = spend
        self._frequency = frequency
        self._owed = 0  # bit times not spent yet, in 1 / frequency
        self.log = None  # set it to a list to record what each transfer sent

    def cs(self, level):
        """The select pin."""
        if level:
            self.chip.deselect()
        else:
            self.chip.select()

    def write_readinto(self, out, into):
        if len(out) != len(into):
            raise ValueError("buffers must be the same length")
        for i, byte in enumerate(bytes(out)):
            into[i] = self.chip.transfer(byte)
        self._passed(out)

    def write(self, out):
        for byte in bytes(out):
            self.chip.transfer(byte)
        self._passed(out)

    def _passed(self, out):
        if self.log is not None:
            self.log.append(bytes(out))
        us, self._owed = divmod(self._owed + 8 * len(out) * 1_000_000, self._frequency)
        self._spend(us)
