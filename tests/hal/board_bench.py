"""The contract suite on a board itself, real or emulated: runs there, over its prompt.

What has to happen outside of the board (the front end falls silent, bytes arrive) is asked of the
PC in a line that begins with `?`; its answer is a line, too.
"""

import os
import sys
import time

from hal import contract as c
from tests.hal import contract

PORTS = ("rs485_1", "rs485_2", "rs232")
FREE_PINS = [n for n in range(29) if n not in (23, 24, 25)]  # those have no pin


def ask(what, *arguments):
    """The PC's answer."""
    print("?", what, *arguments)
    return sys.stdin.readline().strip()


def forget():
    """An empty storage."""
    for slot in range(c.Nvm.SLOTS):
        try:
            os.remove("slot{}.bin".format(slot))
        except OSError:
            pass


class BoardBench(contract.Bench):
    """A restart lets every pin go, as a reset does, and builds the board's code anew."""

    def __init__(self, name):
        self._name = name
        contract.Bench.__init__(self, self._built())

    def _built(self):
        import machine
        import rp2

        module = __import__("boards." + self._name + ".board", None, None, ("Board",))
        return module.Board(machine, rp2, time, open, os.statvfs)

    def pass_ms(self, ms):
        time.sleep_ms(ms)

    def restart(self):
        from machine import Pin

        for number in FREE_PINS:
            Pin(number, Pin.IN)
        time.sleep_ms(1)
        self.hal = self._built()

    def break_bus(self, on):
        ask("break", int(on))

    def _port(self, port):
        return next(name for name in PORTS if getattr(self.hal, name) is port)

    def feed(self, port, data):
        ask("feed", self._port(port), data.hex())

    def sent(self, port):
        return bytes.fromhex(ask("sent", self._port(port)))


def main(board, number):
    """One check on a board that has just been reset."""
    forget()
    check = contract.CHECKS[number]
    check(BoardBench(board))
    print("passed")
