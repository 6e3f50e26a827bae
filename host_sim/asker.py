"""A host on a serial line that asks again and again and notes how long the answers take."""

import random

from host_sim.bus import ExternalNode

# JK Modbus requests to address 1 (a client's and a captured one), and the length of the answer
STATUS = (bytes.fromhex("01031200000ac0b5"), 25)
BLOCK = (bytes.fromhex("011016200001020000d6f1"), 308)
PORTS = ("rs485_1", "rs485_2", "rs232")
TIMEOUT_US = 300_000
SPREAD_US = 100_000  # pauses are spread over a control period, so that every phase of it is met


class Asker(ExternalNode):
    """Sends `frame`, waits for `length` bytes, pauses at least `pause_us`. Times are from the end
    of the request's last byte: `first_ms` to the start of the answer's first byte, `last_ms` to
    the end of its last; `failed` counts answers that were missing or short."""

    def __init__(self, world, baud, frame, length, pause_us=20_000, seed=1):
        ExternalNode.__init__(self, baud, self._hear)
        self.first_ms = []
        self.last_ms = []
        self.failed = 0
        self._world = world
        self._frame = frame
        self._length = length
        self._pause_us = pause_us
        self._rng = random.Random(seed)
        self._round = 0
        self._end_us = 0
        self._heard = 0

    def start(self):
        """Begin; it goes on for ever."""
        self._heard = 0
        self._round += 1
        self._end_us = self._world.now_us + len(self._frame) * self.byte_us()
        self.send(self._frame)
        self._world.at(self._end_us + TIMEOUT_US, self._give_up, self._round)

    def _hear(self, data):
        if self._heard == 0:
            self.first_ms.append((self._world.now_us - self.byte_us() - self._end_us) / 1000)
        self._heard += len(data)
        if self._heard == self._length:
            self.last_ms.append((self._world.now_us - self._end_us) / 1000)
            self._again()

    def _give_up(self, round):
        if round == self._round and self._heard < self._length:
            self.failed += 1
            self._again()

    def _again(self):
        pause_us = self._pause_us + self._rng.randrange(SPREAD_US)
        self._round += 1
        self._world.after(pause_us, self.start)


def ask(pack, port, frame, length, **options):
    """An Asker on a port of a simulated pack, started."""
    serial = getattr(pack.hal, port)
    asker = serial.bus.attach(Asker(pack.world, serial.baud, frame, length, **options))
    asker.start()
    return asker


def ask_all(pack):
    """One on each port, as fast as they get answers; all ports have to speak JK Modbus."""
    return [ask(pack, port, *BLOCK, pause_us=0, seed=i) for i, port in enumerate(PORTS)]


class Lateness:
    """Notes how late every control cycle of a pack begins, ms."""

    def __init__(self, pack):
        self.late_ms = []
        pack.processor.on_slice = self._slice

    def _slice(self, controller, kind):
        if kind == 1:
            self.late_ms.append(controller.state.system.late_ms)


def percentile(values, per_cent):
    """The value that so many per cent do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * per_cent // 100, len(ordered) - 1)]
