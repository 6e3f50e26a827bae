"""From MicroPython's prompt to the running pack, or to service mode."""

import os
import time

import machine
import rp2

from boards.pico_bq76952.board import KILL, Board

COMMAND = b"selftest"
BAUD = 115_200


def main():
    """Run for ever. The kill line is pulled whatever ends the program: Ctrl-C, an exception, a
    soft reset. A watchdog that has been started then resets the board within two seconds."""
    try:
        board = Board(machine, rp2, time, open, os.statvfs)
        from firmware.main import run  # noqa: PLC0415 (the board first: its outputs are safe now)

        run(board, board.idle)
    finally:
        off()


def off():
    """Both MOSFETs off, past driver and bus."""
    machine.Pin(KILL, machine.Pin.OUT, value=1)


def service():
    """Answer "selftest" on RS232 (115200) until Ctrl-C; the prompt of USB is behind it."""
    off()
    print("service mode: both MOSFETs are off, the firmware is not running")
    print("Ctrl-C, then start.selftest() tests the board; start.leave() starts the firmware")
    board = Board(machine, rp2, time, open, os.statvfs)
    board.bring("rs232")
    board.rs232.set_baud(BAUD)
    listen(board, board.rs232)


def listen(board, port):
    """Serve the port for ever."""
    buffer, seen = bytearray(64), b""
    while True:
        n = port.read_into(buffer)
        if n:
            seen = (seen + bytes(buffer[:n]))[-len(buffer) :]
        if COMMAND in seen:
            seen = b""
            selftest(board, lambda line: say(port, line))
        time.sleep_ms(5)


def say(port, line):
    """One line over a serial port, waiting until it has gone."""
    data = line.encode() + b"\r\n"
    while not port.write(data, len(data)):
        time.sleep_ms(5)


def selftest(board=None, out=print):
    """Test the board; each finding is a line for `out`. True when nothing failed."""
    from boards.pico_bq76952 import selftest as tests  # noqa: PLC0415 (only when it is asked for)

    off()
    if board is None:
        board = Board(machine, rp2, time, open, os.statvfs)
    return tests.run(board, machine, time, out)


def leave():
    """End service mode: start the firmware."""
    try:
        os.remove("service")
    except OSError:
        pass
    machine.reset()
