"""MicroPython's `machine` for an RP2040: pins, UARTs, I2C, SPI, converter, watchdog, registers.

Each FakeMachine has classes of its own, because code says `machine.Pin(3)` without naming the
board it means.
"""

from host_sim.chips.bus import I2cBus, NotTaken
from host_sim.fake_machine import pads as p

VOLTS = 3.3
WATCHDOG_MAX_MS = 8388
REASON, CHIP_RESET = 0x40058008, 0x40064008
UART_ERRORS = {0x40034004: 0, 0x40038004: 1}
RXBUF_MIN, RXBUF_MAX = 32, 32_766


class Pin:
    """`machine.Pin`."""

    IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN = p.IN, p.OUT, p.OPEN_DRAIN, p.PULL_UP, p.PULL_DOWN
    IRQ_FALLING = 4
    machine = None

    def __init__(self, id, mode=-1, pull=-1, value=None):
        if isinstance(id, Pin):
            id = id.pad.number
        if not 0 <= id < p.COUNT:
            raise ValueError("invalid pin")
        self.pad = self.machine.pads[id]
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value)

    def init(self, mode=-1, pull=-1, value=None):
        pad = self.pad
        if value is not None:  # before the direction: no pulse of the wrong level
            pad.out = int(bool(value))
        if mode != -1:
            pad.mode, pad.function = mode, None
        if pull != -1:
            pad.pull = pull
        self.machine.pads.changed(pad.number)

    def __call__(self, value=None):
        return self.value(value)

    def irq(self, handler, trigger):
        assert trigger == self.IRQ_FALLING
        self.pad.falls = lambda: handler(self)

    def value(self, value=None):
        if value is None:
            return self.pad.level()
        self.pad.out = int(bool(value))
        self.machine.pads.changed(self.pad.number)
        return None


class UART:
    """`machine.UART`: `lines` of the machine has a SimSerial for each transmit pin."""

    machine = None

    def __init__(self, id, **options):
        if id not in (0, 1):
            raise ValueError(f"UART({id}) doesn't exist")
        self.id = id
        self._line = None
        if options:
            self.init(**options)

    def init(self, baudrate, bits, parity, stop, tx, rx, timeout, txbuf, rxbuf):
        for pin, lane, name in ((tx, 0, "TX"), (rx, 1, "RX")):
            number = pin.pad.number
            if number & 3 != lane or (number + 4 & 8) >> 3 != self.id:
                raise ValueError(f"bad {name} pin")
            pin.pad.function = "uart"
        assert (bits, parity, stop, timeout) == (8, None, 1, 0)
        assert RXBUF_MIN <= rxbuf <= RXBUF_MAX
        self._txbuf = txbuf
        self._line = self.machine.lines.get(tx.pad.number)
        if self._line is not None:
            self._line.set_baud(baudrate)
            self._line.read_into(bytearray(rxbuf))
            self.machine.uarts[self.id] = self._line

    def any(self):
        return 0 if self._line is None else self._line.waiting()

    def readinto(self, buffer, n):
        assert n <= self.any()  # more would wait for it
        part = bytearray(n)
        n = self._line.read_into(part)
        buffer[:n] = part[:n]
        return n or None

    def write(self, buffer, n):
        if self._line is not None:
            taken = self._line.write(buffer, n)
            assert taken, "a full buffer would block"
        return n

    def txdone(self):
        return self._line is None or not self._line.sending()


class I2C:
    """`machine.I2C`: `buses` of the machine has an I2cBus for each data pin."""

    machine = None

    def __init__(self, id, scl, sda, freq=400_000, timeout=50_000):
        for pin, lane in ((sda, 0), (scl, 1)):
            number = pin.pad.number
            if number & 1 != lane or number >> 1 & 1 != id:
                raise ValueError("bad SCL pin" if lane else "bad SDA pin")
            pin.pad.function = "i2c"
        machine = self.machine
        self._bus = machine.buses.get(sda.pad.number) or I2cBus(machine.clock, {})
        self._bus.frequency = freq

    def writeto(self, address, buffer):
        """Bytes that were acknowledged; OSError for an address that was not."""
        try:
            self._bus.writeto(address, buffer)
        except NotTaken:
            return len(buffer) - 1
        return len(buffer)

    def readfrom_mem_into(self, address, register, buffer):
        self._bus.readfrom_mem_into(address, register, buffer)

    def scan(self):
        return [] if self._bus.stuck else sorted(self._bus.devices)


class SoftI2C:
    """`machine.SoftI2C`: any two pins, also a bus whose wires are crossed."""

    machine = None

    def __init__(self, scl, sda, freq=400_000):
        straight = self.machine.buses.get(sda.pad.number)
        crossed = self.machine.buses.get(scl.pad.number)
        self._devices = []
        for bus, fits in ((straight, False), (crossed, True)):
            if bus is not None and bus.swapped == fits and not bus.stuck and not bus.silent:
                self._devices = sorted(bus.devices)
        scl.pad.function = sda.pad.function = None

    def scan(self):
        return self._devices


class SPI:
    """`machine.SPI`, the controller of one chip."""

    machine = None

    def __init__(self, id, baudrate, polarity, phase, sck, mosi, miso):
        for pin, lane, name in ((miso, 0, "MISO"), (sck, 2, "SCK"), (mosi, 3, "MOSI")):
            number = pin.pad.number
            if number & 3 != lane or number >> 3 & 1 != id:
                raise ValueError(f"bad {name} pin")
            pin.pad.function = "spi"
        assert (polarity, phase) == (0, 0)
        self._bus = self.machine.spi[sck.pad.number]

    def write(self, buffer):
        self._bus.write(buffer)

    def write_readinto(self, out, into):
        self._bus.write_readinto(out, into)


class ADC:
    """`machine.ADC` on pads 26 to 29."""

    machine = None

    def __init__(self, pin):
        if not 26 <= pin.pad.number <= 29:
            raise ValueError("Pin doesn't have ADC capabilities")
        self._pad = pin.pad

    def read_u16(self):
        volts = 0.0 if self._pad.volts is None else self._pad.volts()
        code = min(max(round(volts / VOLTS * 4095), 0), 4095)
        return code << 4 | code >> 8


class WDT:
    """`machine.WDT`."""

    machine = None

    def __init__(self, timeout=5000):
        if not 1 <= timeout <= WATCHDOG_MAX_MS:
            raise ValueError("timeout exceeds 8388")
        self.machine.dog.start(timeout)

    def feed(self):
        self.machine.dog.feed()


class Registers:
    """`machine.mem32`; what nobody has written reads 0."""

    def __init__(self, machine):
        self._machine = machine
        self.words = {}
        self._acknowledged = {}

    def __getitem__(self, address):
        if address in UART_ERRORS:
            line = self._machine.uarts.get(UART_ERRORS[address])
            lost = 0 if line is None else line.overruns()
            return 8 if lost > self._acknowledged.get(address, 0) else 0
        return self.words.get(address, 0)

    def __setitem__(self, address, value):
        if address in UART_ERRORS:
            line = self._machine.uarts.get(UART_ERRORS[address])
            self._acknowledged[address] = 0 if line is None else line.overruns()
        else:
            self.words[address] = value


class FakeMachine:
    """`clock`: chips.bus.BusClock; `dog`: start(ms) and feed(); `restart()` is machine.reset().
    A board fills `lines` and `receivers` (SimSerial by transmit and by receive pin), `buses`
    (I2cBus by data pin) and `spi` (SpiBus by clock pin)."""

    def __init__(self, clock, dog, restart):
        self.pads = p.Pads()
        self.clock, self.dog = clock, dog
        self.lines, self.receivers, self.buses, self.spi, self.uarts = {}, {}, {}, {}, {}
        self.mem32 = Registers(self)
        self.reset = restart
        for kind in (Pin, UART, I2C, SoftI2C, SPI, ADC, WDT):
            setattr(self, kind.__name__, type(kind.__name__, (kind,), {"machine": self}))

    def unique_id(self):
        return b"\xe6\x60\x58\x38\x83\x21\x5a\x2c"

    def freq(self):
        return 125_000_000

    def note_cause(self, reason, chip_reset):
        """What the registers tell after a reset."""
        self.mem32.words[REASON], self.mem32.words[CHIP_RESET] = reason, chip_reset
