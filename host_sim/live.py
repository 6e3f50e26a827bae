"""The live view: the panel on a terminal and its keyboard; the terminal is given back after it."""

import sys
import termios
import tty

from rich.console import Console
from rich.live import Live

from host_sim import live_panel, realtime_text
from host_sim.live_keys import Keyboard

REFRESH_S = 1 / 6


class LiveView:
    """A context manager: takes the terminal on entering, gives it back however it is left."""

    def __init__(self, pack, log, pace, bridges):
        self._scene = live_panel.Scene(pack, log, pace, bridges)
        self._pack = pack
        self._log = log
        self._console = Console()
        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        self._fd = sys.stdin.fileno()
        self._terminal = None
        self._last = ""

    def __enter__(self):
        self._terminal = termios.tcgetattr(self._fd)
        try:
            tty.setcbreak(self._fd)
            self._live.start()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, *_):
        try:
            self._live.stop()
        finally:
            self._give_back()
        if self._last:
            print(self._last)

    def _give_back(self):
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._terminal)

    def start(self, loop):
        """Before the first pass."""
        loop.keys = Keyboard(self._pack, self._log, loop.stop, self._fd)
        self._scene.keyboard = loop.keys
        loop.every(REFRESH_S, self._draw)

    def _draw(self):
        self._live.update(self._scene.draw(*self._console.size), refresh=True)

    def end(self):
        """After the last pass: one line stays on the terminal."""
        self._last = realtime_text.status_line(self._pack)
