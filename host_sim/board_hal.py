"""A board of boards/ in the place of SimHal: the firmware gets the HAL that the board's own code
builds, over a fake `machine` and models of its chips; the plant is behind them.

The parts that SimHal has (panel, switches, memory ...) are here the far side of the pins: what a
board's circuit.py makes of their levels. Faults and looks of scenarios work on them unchanged.
"""

from importlib import import_module
from pathlib import Path

from hal import contract as c
from host_sim.chips.afe import ChipAfe
from host_sim.fake_machine import FakeMachine, FakeRp2, FakeTime
from host_sim.sim_hal import SimHal

FOLDER = Path(__file__).resolve().parent.parent / "boards"
# RP2040: WATCHDOG REASON and CHIP_RESET after each cause; a brown-out looks like a power-on
REGISTERS = {
    None: (0, 0),
    c.RESET_POWER_ON: (0, 1 << 8),
    c.RESET_BROWN_OUT: (0, 1 << 8),
    c.RESET_PIN: (0, 1 << 16),
    c.RESET_WATCHDOG: (1, 0),
    c.RESET_SOFT: (2, 0),
}
NOT_FOUND, FULL = 2, 28  # errno
CANNOT_GO = ("pack_tap", "port_voltage", "kill_line")  # in a chip, or what makes it safe


def names():
    """The boards that can be simulated."""
    return sorted(path.parent.name for path in FOLDER.glob("*/circuit.py"))


def front_of(name):
    """What SimPack takes as `make_hal` for a board. ValueError for an unknown one."""
    if name not in names():
        raise ValueError(f"unknown board {name!r}; there are {', '.join(names())}")
    board = import_module(f"boards.{name}.board")
    circuit = import_module(f"boards.{name}.circuit")

    def make(*arguments, **options):
        return BoardHal(board, circuit.connect, *arguments, **options)

    return make


class File:
    """A file on littlefs, which changes over when it is closed."""

    def __init__(self, nvm, slot, writing):
        self._nvm, self._slot, self._writing = nvm, slot, writing
        self._data = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        data = self._data
        wanted = self._writing and error[0] is None
        if wanted and not self._nvm.write(self._slot, data, len(data)):
            raise OSError(FULL)

    def readinto(self, buffer):
        return self._nvm.read(self._slot, buffer)

    def write(self, data):
        self._data += bytes(data)
        return len(data)


PORTS = ("rs485_1", "rs485_2", "rs232", "can")


class Front(ChipAfe):
    """The chip and its faults. `driver` is the one that the firmware has."""

    driver = None

    def read_back(self, limits):
        return self.driver is not None and self.driver.read_back(limits)

    @property
    def current_ma(self):
        return self.driver.count_ma * self.chip.counts


class BoardHal(SimHal):
    """`board` and `connect`: what a folder of boards/ has in board.py (Board) and circuit.py; the
    rest as SimHal. `firmware_side()` is the HAL of a controller that starts now."""

    def __init__(self, board, connect, world, plant, sensors, build=None, absent=(), period_ms=100,
                 buses=None):  # fmt: skip
        stuck = [name for name in absent if name in CANNOT_GO]
        if stuck:
            raise ValueError(f"this board cannot be had without {stuck[0]}")
        self._board, self._connect = board, connect
        self.free_blocks = 200
        SimHal.__init__(self, world, plant, sensors, build, absent, period_ms, buses, Front)
        self.afe.chip.awake_us = world.now_us  # it sits on the battery and has long been up

    def _build_ports(self, buses):
        SimHal._build_ports(self, buses)
        self.machine = FakeMachine(self.afe.clock, None, self.reset)
        self.rp2 = FakeRp2(self.machine)
        self.time = FakeTime(self.world, self.afe.clock)

    def _build_parts(self):
        SimHal._build_parts(self)
        self.capabilities = self._board.capabilities()
        self.machine.dog = self.watchdog
        self._connect(self)

    def clear_outputs(self):
        SimHal.clear_outputs(self)
        self.machine.pads.reset()

    def open_file(self, path, mode):
        """MicroPython's open, for the slots of the memory."""
        slot = int(path[len("slot") : -len(".bin")])
        if mode == "rb" and (slot not in self.nvm.slots or self.nvm.unreadable):
            raise OSError(NOT_FOUND)
        return File(self.nvm, slot, mode == "wb")

    def statvfs(self, path):
        """MicroPython's os.statvfs: block size, and the number of free blocks in the middle."""
        return (4096, 4096, 352, self.free_blocks, self.free_blocks, 0, 0, 0, 0, 255)

    def firmware_side(self):
        self.machine.note_cause(*REGISTERS[self.reset_cause])
        hal = self._board.Board(self.machine, self.rp2, self.time, self.open_file, self.statvfs)
        self.afe.driver = hal.afe
        for name in PORTS:
            hal.bring(name)
        for name in self.absent:
            setattr(hal, name, None)
        return hal
