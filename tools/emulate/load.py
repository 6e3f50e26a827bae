"""Parties that ask a board's serial ports all the time, and time the answers on the wire."""

import random
import struct

from firmware.crc16 import crc16
from host_sim.asker import BLOCK

PORTS = {"rs485_1": 115_200, "rs485_2": 115_200, "rs232": 9_600}
ADDRESS, READ, CELLS_AT = 1, 3, 0x1200  # JK RS485 Modbus: cell voltages
REGISTERS = 16
PAUSE_US = 7_300  # between two questions at least
SPREAD_US = 100_000  # a control period: questions that come at once lock to its phase
START_US = 8_000_000  # a board that comes up must not find old questions
PATIENCE_US = 300_000
BITS = 10


def voltages():
    """(question, bytes of the answer): the voltages of all cells."""
    body = struct.pack(">BBHH", ADDRESS, READ, CELLS_AT, REGISTERS)
    return body + struct.pack("<H", crc16(body, 0, len(body))), 5 + 2 * REGISTERS


class Asker:
    """One party, which pauses up to `spread_us` longer than it must. `first_us` and `last_us`:
    from the end of each question to the first byte of the answer on the wire and to its end."""

    def __init__(self, board, port, baud, question, spread_us=0, start_us=PAUSE_US):
        self._rng, self._spread_us = random.Random(port), spread_us
        self._world = board.world
        self._byte_us = BITS * 1_000_000 / baud
        self._node = board.pack.host(port, baud, self._hear)
        self._question, self._length = question
        self._got, self._turn = 0, 0
        self.asked = self.answered = 0
        self.first_us, self.last_us = [], []
        self._running = True
        self._world.after(start_us, self._ask)

    def stop(self):
        """No further questions."""
        self._running = False

    def _ask(self):
        if not self._running:
            return
        self._got = 0
        self._turn += 1
        self.asked += 1
        self._end_us = self._world.now_us + len(self._question) * self._byte_us
        self._node.send(self._question)
        self._world.after(PATIENCE_US, self._give_up, self._turn)

    def _hear(self, data):
        now_us = self._world.now_us
        if not self._got:
            self._begin_us = now_us - self._byte_us
        self._got += len(data)
        if self._got == self._length:
            self.answered += 1
            self.first_us.append(round(self._begin_us - self._end_us))
            self.last_us.append(round(now_us - self._end_us))
            self._turn += 1
            self._world.after(PAUSE_US + self._rng.randint(0, self._spread_us), self._ask)

    def _give_up(self, turn):
        if turn == self._turn:
            self._ask()


class Load:
    """All ports are asked without an end, one for the longest answer."""

    def __init__(self, board):
        long = ("rs485_2",)
        self.askers = {
            port: Asker(board, port, baud, BLOCK if port in long else voltages(), 0, START_US)
            for port, baud in PORTS.items()
        }

    def counts(self):
        """(questions, answers) of all ports."""
        askers = self.askers.values()
        return sum(a.asked for a in askers), sum(a.answered for a in askers)


def spread(name, times):
    """Median, 95 % and longest of some times."""
    times = sorted(times)
    if not times:
        return {}
    return {
        f"{name}_median_us": times[len(times) // 2],
        f"{name}_p95_us": times[len(times) * 95 // 100],
        f"{name}_max_us": times[-1],
    }


def answers(chip, board, seconds=20):
    """{name: us} of the answers of one RS485 port alone: a short one, then a 300-byte block."""
    found = {}
    for prefix, question in (("", voltages()), ("block_", BLOCK)):
        asker = Asker(board, "rs485_1", PORTS["rs485_1"], question, SPREAD_US)
        chip.run_until(chip.now_us + 1_000_000 * seconds)
        asker.stop()
        chip.run_until(chip.now_us + PATIENCE_US)
        found |= spread(f"{prefix}first_byte", asker.first_us)
        found |= spread(f"{prefix}last_byte", asker.last_us)
    return found
