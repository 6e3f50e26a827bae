"""The live run on a real (pseudo) terminal: it draws, takes keys, and gives the terminal back."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 10
LEAVE_SCREEN = b"\x1b[?1049l"
MAIN = "import sys; from host_sim.__main__ import main; sys.exit(main(sys.argv[1:]))"
BROKEN = "from host_sim.live_panel import Scene\nScene.draw = lambda *_: 1 / 0\n" + MAIN


class Terminal:
    """A pseudo terminal of 118 x 44 with a live run on it."""

    def __init__(self, folder, code=MAIN, *options):
        self.folder = folder
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 118, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        command = [sys.executable, "-c", code, "run", "--ports", str(folder), *options]
        size = {"COLUMNS": "118", "LINES": "44"}  # the caller's own would win over the terminal
        environment = {**os.environ, "TERM": "xterm-256color", **size}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
        )

    def read_until(self, wanted):
        """Read what is drawn until all of `wanted` came; fails when it does not in time."""
        end = time.monotonic() + LIMIT_S
        while not wanted(self.output):
            assert time.monotonic() < end, self.output[-3000:].decode(errors="replace")
            if select.select([self.master], [], [], 0.1)[0]:
                self.output += os.read(self.master, 65536)

    def press(self, keys):
        self.output = b""
        os.write(self.master, keys)

    def ended(self):
        """Exit code, when the process has ended and everything it wrote was read."""
        self.read_until(lambda _: self.process.poll() is not None)
        while select.select([self.master], [], [], 0)[0]:
            self.output += os.read(self.master, 65536)
        return self.process.returncode

    def restored(self):
        same = termios.tcgetattr(self.slave) == self.before
        return same and self.output.rindex(LEAVE_SCREEN) > 0 and not list(self.folder.iterdir())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def open_terminal(tmp_path):
    opened = []

    def begin(*arguments):
        opened.append(Terminal(tmp_path / "ports", *arguments))
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


# req: PRT-06, PWR-01
def test_keys_and_quit(open_terminal):
    terminal = open_terminal(MAIN, "--speed", "4")
    terminal.read_until(lambda seen: "MOSFETs: charge on, discharge on".encode() in seen)
    mode = termios.tcgetattr(terminal.slave)[3]
    assert not mode & (termios.ICANON | termios.ECHO)
    terminal.press(b"s")
    terminal.read_until(lambda seen: b"short circuit on discharge" in seen)
    terminal.press(b"q")
    assert terminal.ended() == 0
    assert terminal.restored()
    last = terminal.output[terminal.output.rindex(LEAVE_SCREEN) :]
    assert b"short circuit on discharge" in last and b"SOC " in last  # one line stays


# req: PRT-15
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_the_terminal_back(open_terminal, number):
    terminal = open_terminal()
    terminal.read_until(lambda seen: b"power: on" in seen)
    terminal.process.send_signal(number)
    assert terminal.ended() == 0
    assert terminal.restored()


# req: PRT-15
def test_an_exception_gives_the_terminal_back(open_terminal):
    terminal = open_terminal(BROKEN)
    assert terminal.ended() == 1
    assert b"ZeroDivisionError" in terminal.output[terminal.output.rindex(LEAVE_SCREEN) :]
    assert terminal.restored()
