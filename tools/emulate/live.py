"""An emulated board in real time: its serial ports and its REPL as pseudo terminals."""

import signal
from contextlib import ExitStack, suppress

from host_sim.ptys import PtyPort
from host_sim.realtime import Pace, RealTime
from host_sim.realtime_ports import close_ports, open_ports
from host_sim.realtime_text import clock

STATUS_S = 2.0
LOOK_S = 0.05
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class ReplPort:
    """The board's USB terminal as a pseudo terminal, for realtime.RealTime. A reset of the board
    takes it away and brings a new one, as it does on USB."""

    def __init__(self, chip, folder):
        self._chip, self._folder = chip, folder
        self._waiting = b""  # said, and not yet taken by the program at the other end
        self._resets = len(chip.resets)
        self.pty = PtyPort("repl", folder)

    def fileno(self):
        """For select."""
        return self.pty.fileno()

    def can_wake(self):
        """True when select tells of new bytes."""
        return self.pty.is_open

    def take_in(self):
        """What a program types."""
        data = self.pty.read()
        if data:
            self._chip.type(data)

    def give_out(self):
        """What the board says; lost when nobody has the terminal open."""
        if self._resets != len(self._chip.resets):
            self._resets = len(self._chip.resets)
            self._waiting = b""
            self.pty.close()
            self.pty = PtyPort("repl", self._folder)
        self._waiting += self._chip.take_output()
        taken = self.pty.write(self._waiting)
        self._waiting = self._waiting[taken:] if self.pty.is_open else b""

    def close(self):
        """End the pty and take its link away."""
        self.pty.close()


def status(chip, board):
    """The board in one line, as seen from outside."""
    plant, panel = board.pack.plant, board.hal.panel
    cells = " ".join(f"{1000 * volts:.0f}" for volts in plant.cell_voltages())
    charge, discharge = board.hal.gates or (False, False)
    parts = (
        f"{plant.current_a:+.2f} A",
        f"cells_mv {cells}",
        f"charge {'ON' if charge else 'off'} discharge {'ON' if discharge else 'off'}",
        f"lamps {panel.leds:010b}",
        f"{len(chip.resets)} resets, {chip.erases:.0f} sectors erased",
    )
    return f"{clock(chip.now_us):>14}  " + " | ".join(parts)


class Run:
    """`options`: ports, speed, duration, fault (see __main__.py); `say` takes lines."""

    def __init__(self, chip, board, options, say=print):
        self._chip, self._board, self._options, self._say = chip, board, options, say
        self._gates = self._resets = None

    def run(self):
        """Until a signal, or the end of the time."""
        options, chip = self._options, self._chip
        for order in options.fault:
            self._board.world.at(order.at_us, self._inject, order)
        end_us = None if options.duration is None else round(options.duration * 1_000_000)
        with ExitStack() as stack:
            bridges = open_ports(self._board.pack, options.ports)
            stack.callback(close_ports, bridges)
            repl = ReplPort(chip, options.ports)
            stack.callback(repl.close)
            pace = Pace(chip, options.speed)
            loop = RealTime(pace, chip, [*bridges, repl], end_us)
            for number in SIGNALS:
                stack.callback(signal.signal, number, signal.signal(number, loop.stop))
            loop.every(STATUS_S, lambda: self._say(status(chip, self._board)))
            loop.every(LOOK_S, self._look)
            loop.run()
            self._say(status(chip, self._board))

    def _inject(self, order):
        with suppress(ValueError):
            order.apply(self._board.pack)
            self._say(f"{clock(self._chip.now_us):>14}  fault injected: {order.text}")

    def _look(self):
        """Tell of MOSFETs that have moved, and of resets."""
        now = clock(self._chip.now_us)
        if self._board.hal.gates != self._gates:
            self._gates = self._board.hal.gates
            self._say(f"{now:>14}  MOSFETs: charge {self._gates[0]}, discharge {self._gates[1]}")
        if len(self._chip.resets) != self._resets:
            self._resets = len(self._chip.resets)
            if self._resets:
                self._say(f"{now:>14}  reset, reason {self._chip.resets[-1][1]}")
