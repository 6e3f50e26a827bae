"""The emulated chip as a child process that runs in lock step with this one.

It emulates as long as it is told, and asks when its firmware uses a bus or moves a pin; nothing
happens in between. `board` answers: started(), i2c_write, i2c_read, spi, pin, reset, sent, baud,
order (see board.py); `Bare` is a board with nothing on it.
"""

import json
import subprocess

from tools import runtimes
from tools.emulate import disk

TICK_US = 1_000  # so long the chip runs before bytes and pin levels are exchanged


class Stopped(RuntimeError):
    """The emulator has ended; the text is what it said."""


class Bare:
    """A board without parts: nothing answers."""

    i2c, spi, pio, watch = {}, (), {}, ()

    def i2c_write(self, us, bus, address, data):
        return False

    def i2c_read(self, us, bus, address, written):
        return False

    def spi_byte(self, us, bus, byte):
        return 0xFF

    def pin(self, us, number, state):
        return {}

    def reset(self, us, reason):
        return {}

    def order(self, us):
        """What the board does to the chip now: pins, adc, uart."""
        return {}

    def sent(self, us, line, byte):
        """A byte begins to leave on a serial line."""

    def baud(self, line, baud):
        """The rate of a serial line has changed."""


class Chip:
    """`uf2`: path of a MicroPython image; `scratch`: a folder for files of its own; `files`: a
    folder that becomes the flash's file system, or an image of one; None = an empty flash."""

    def __init__(self, uf2, scratch, files=None, board=None):
        self.board = board or Bare()
        self.now_us = 0  # emulated time since power-on
        self.connected = False  # the firmware's USB is up
        self.erases = self.pages = 0
        self.resets = []  # (us, reason)
        self.output = bytearray()  # of the REPL, not yet taken
        self._usb = b""
        self._order = {}
        image = files
        if files is not None and files.is_dir():
            image = scratch / "disk.img"
            image.write_bytes(disk.pack(files))
        self._start(uf2, image)

    def _start(self, uf2, image):
        board = self.board
        setup = {
            "uf2": str(uf2),
            "disk": image and str(image),
            "i2c": board.i2c,
            "spi": list(board.spi),
            "pio": board.pio,
            "watch": list(board.watch),
        }
        script = disk.emulator() / "slave.mjs"
        self._process = subprocess.Popen(
            [runtimes.command("node"), str(script), json.dumps(setup)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=runtimes.environment(),
        )
        self._until_tick()

    # --- time ------------------------------------------------------------------------------------

    def run_until(self, us):
        """Emulate up to a time."""
        while self.now_us < us:
            self._tick(min(us, self.now_us + TICK_US))

    def next_us(self):
        """When something may happen: always at once (for realtime.Pace)."""
        return self.now_us

    def run_while(self, condition, us):
        """Emulate while condition() holds, at most `us`; True when it ended by the condition."""
        end = self.now_us + us
        while condition():
            if self.now_us >= end:
                return False
            self._tick(min(end, self.now_us + TICK_US))
        return True

    def _tick(self, until_us):
        order, self._order = {**self.board.order(self.now_us), **self._order}, {}
        order["until"] = until_us
        if self._usb:
            order["usb"], self._usb = self._usb.hex(), b""
        self._send(order)
        self._until_tick()

    # --- what a hand does ------------------------------------------------------------------------

    def type(self, data):
        """Bytes into the REPL."""
        self._usb += data

    def take_output(self):
        """What the REPL has said since the last call."""
        data = bytes(self.output)
        self.output.clear()
        return data

    def press_reset(self):
        """The RST key."""
        self._order["start"] = "pin"

    def power_on(self):
        """The supply comes back."""
        self._order["start"] = "power"

    def save(self, path):
        """Write the flash's file system to a file."""
        self._order["save"] = str(path)
        self._tick(self.now_us)

    def close(self):
        """End the emulator."""
        if self._process.poll() is None:
            self._process.stdin.close()  # it waits there
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- questions -------------------------------------------------------------------------------

    def _send(self, answer):
        self._process.stdin.write(json.dumps(answer).encode() + b"\n")
        self._process.stdin.flush()

    def _until_tick(self):
        """Answer questions until the next order is due."""
        while True:
            line = self._process.stdout.readline()
            if not line:
                raise Stopped(f"the emulator ended with code {self._process.wait()}")
            kind, us, *what = json.loads(line)
            self.now_us = max(self.now_us, us)
            if kind == "tick":
                self._note(what[0])
                return
            self._send(self._answer(kind, us, what))

    def _answer(self, kind, us, what):
        board = self.board
        if kind == "i2c-write":
            bus, address, data = what
            return board.i2c_write(us, bus, address, bytes.fromhex(data))
        if kind == "i2c-read":
            bus, address, data = what
            answer = board.i2c_read(us, bus, address, bytes.fromhex(data))
            return answer.hex() if isinstance(answer, bytes) else answer
        if kind == "reset":
            self.resets.append((us, what[0]))
            return board.reset(us, what[0])
        if kind == "spi":
            return board.spi_byte(us, *what)
        return board.pin(us, *what)

    def _note(self, news):
        self.output += bytes.fromhex(news["usb"])
        self.connected = news["connected"]
        self.erases, self.pages = news["erases"], news["pages"]
        for line, baud in news["bauds"].items():
            self.board.baud(line, baud)
        for line, us, byte in news["sent"]:
            self.board.sent(us, line, byte)
