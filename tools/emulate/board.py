"""A board of boards/ around the emulated chip: its pads, buses and lines lead to the parts that
its circuit.py has soldered to a fake `machine`, with the plant behind them.

Each chip model is the one of the simulation; here its transfers come from the emulated silicon,
and the time that they take passes there.
"""

from hal.rp2040_pio import CYCLES
from host_sim.board_hal import front_of
from host_sim.fake_machine import pads as p
from host_sim.pack import SimPack
from host_sim.world import World

LOW, HIGH, PULLED_UP, PULLED_DOWN = 0, 1, 3, 4  # states of a pin as the emulator tells them
NO_TIME_HZ = 10**12  # a bus model must not charge for transfers: the chip has spent the time
AHEAD = 512  # bytes offered to a reader; the chip takes what it wants
HELD = 110  # errno of a bus that somebody holds
FULL_SCALE = 4095
VOLTS = 3.3
ADC_PINS = range(26, 30)


def block_of_i2c(data_pin):
    return data_pin >> 1 & 1


def block_of_spi(clock_pin):
    return clock_pin >> 3 & 1


def block_of_uart(tx_pin):
    """0, 1, or None for a pin that no UART can drive."""
    return (tx_pin + 4 & 8) >> 3 if tx_pin & 3 == 0 else None


class Board:
    """`pack`: a SimPack made with `make_hal=front_of(name)` and not started."""

    def __init__(self, pack):
        self.pack, self.hal, self.world = pack, pack.hal, pack.world
        self.powered = True
        self.hal.on_off = self._cut
        machine = self.hal.machine
        self._pads = machine.pads
        self._buses = {block_of_i2c(pin): bus for pin, bus in machine.buses.items()}
        for bus in self._buses.values():
            bus.frequency = NO_TIME_HZ
        self._lines, self.pio = {}, {}
        for pin, line in machine.lines.items():
            self._add_line(pin, line)
        serial = [*machine.lines, *machine.receivers]
        self.watch = [n for n in range(p.COUNT) if n not in serial]
        self.i2c = {n: sorted(bus.devices) for n, bus in self._buses.items()}
        self._chips = {block_of_spi(pin): bus.chip for pin, bus in machine.spi.items()}
        self.spi = sorted(self._chips)
        self._told = {}  # pin -> level, channel -> code that the chip knows

    def _add_line(self, tx, line):
        block = block_of_uart(tx)
        name = str(block)
        if block is None or name in self._lines:
            name = f"pio{tx}"
            receivers = self.hal.machine.receivers.items()
            rx = next(pin for pin, other in receivers if other is line)
            self.pio[name] = {"tx": tx, "rx": rx, "cycles": CYCLES}
        self._lines[name] = line

    def files(self):
        """{name: bytes} of the flash that a board in this state has."""
        return {f"slot{n}.bin": bytes(data) for n, data in self.hal.nvm.slots.items()}

    def _cut(self):
        """The supply latch is open."""
        self.powered = False

    def _catch_up(self, us):
        self.world.run_until(us)

    # --- buses -----------------------------------------------------------------------------------

    def i2c_write(self, us, bus, address, data):
        """True, False = not acknowledged, None = the bus is held."""
        self._catch_up(us)
        try:
            self._buses[bus].writeto(address, data)
        except OSError as error:
            return None if error.errno == HELD or HELD in error.args else False
        return True

    def i2c_read(self, us, bus, address, written):
        """What a reader gets behind a register address, False or None as i2c_write."""
        self._catch_up(us)
        data = bytearray(AHEAD)
        if len(written) != 1:
            return False
        try:
            self._buses[bus].readfrom_mem_into(address, written[0], data)
        except OSError as error:
            return None if error.errno == HELD or HELD in error.args else False
        return bytes(data)

    def spi_byte(self, us, bus, byte):
        """The byte that comes back for one that the chip clocks out."""
        self._catch_up(us)
        return self._chips[bus].transfer(byte)

    # --- pins ------------------------------------------------------------------------------------

    def pin(self, us, number, state):
        """The chip drives a pin, or lets it go; the levels that follow from it."""
        self._catch_up(us)
        pad = self._pads[number]
        if state in (LOW, HIGH):
            pad.mode, pad.out = p.OUT, state
        else:
            pad.mode = p.IN
            pad.pull = {PULLED_UP: p.PULL_UP, PULLED_DOWN: p.PULL_DOWN}.get(state, -1)
        self._pads.changed(number)
        return self._levels()

    def reset(self, us, reason):
        """The chip was reset: its outputs are gone."""
        self._catch_up(us)
        self.pack.processor.stalled = False
        self.hal.clear_outputs()
        self._told.clear()  # it is a new one
        return self._levels()

    def _levels(self):
        """{pin: level or None} of what the board does to the pins, where it is news."""
        news = {}
        for number in self.watch:
            pad = self._pads[number]
            level = None if pad.source is None else pad.source()
            if level is None:
                level = pad.resistor
            if self._told.get(number) != level:
                news[number] = self._told[number] = level
        return news

    def _codes(self):
        """{channel: code} of the converter, where it is news."""
        news = {}
        for channel, number in enumerate(ADC_PINS):
            volts = self._pads[number].volts
            if volts is None:
                continue
            code = min(max(round(volts() / VOLTS * FULL_SCALE), 0), FULL_SCALE)
            if self._told.get(("adc", channel)) != code:
                news[channel] = self._told["adc", channel] = code
        return news

    # --- between two runs of the chip ------------------------------------------------------------

    def order(self, us):
        """What the board does to the chip now."""
        self._catch_up(us)
        arrived = {}
        for name, line in self._lines.items():
            data = bytearray(line.waiting())
            if data and line.read_into(data):
                arrived[name] = data.hex()
        return {
            "pins": self._levels(),
            "adc": self._codes(),
            "uart": arrived,
            "hung": self.pack.processor.stalled,
            "silent": [n for n, bus in self._buses.items() if bus.silent or bus.swapped],
        }

    def sent(self, us, line, byte):
        """A byte leaves the chip."""
        self._lines[line].write(bytes((byte,)), 1)

    def baud(self, line, baud):
        """The chip has set a rate."""
        if baud:
            self._lines[line].set_baud(round(baud))


def pack_on(name, **options):
    """A Board with a new simulated pack around it; `options` as for SimPack."""
    return Board(SimPack(World(), make_hal=front_of(name), start=False, **options))
