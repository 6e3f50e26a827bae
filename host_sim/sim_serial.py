"""The firmware's UART on a simulated line: buffers, wake-ups, sending after the slice."""

from hal.contract import Serial
from host_sim.bus import Node
from host_sim.processor import SLICE_US

RX_BYTES = 512
TX_BYTES = 1024
IDLE_CHARS = 2  # the line counts as idle after so many character times
WAKE_BYTES = 32  # more than that waiting: wake without waiting for idle


class SimSerial(Serial, Node):
    """`wake()` is called when bytes wait for the firmware."""

    def __init__(self, processor, wake, echo=False):
        Node.__init__(self, 9600)
        self.echo = echo
        self._processor = processor
        self._wake = wake
        self._rx = bytearray()
        self._tx_waiting = 0
        self._overruns = 0
        self._last_us = 0
        self._watching = False
        self._epoch = 0
        self.jammed = False  # a fault: the transmitter takes nothing

    def clear(self):
        """As after a reset: empty buffers."""
        self._rx = bytearray()
        self.queue.clear()
        self._tx_waiting = 0
        self._overruns = 0
        self._epoch += 1

    # --- the contract --------------------------------------------------------------------------

    def set_baud(self, baud):
        self.baud = baud

    def read_into(self, buffer):
        n = min(len(buffer), len(self._rx))
        buffer[:n] = self._rx[:n]
        del self._rx[:n]
        return n

    def write(self, buffer, n):
        if self.jammed or len(self.queue) + self._tx_waiting + n > TX_BYTES:
            return False
        data, epoch = bytes(memoryview(buffer)[:n]), self._epoch
        self._tx_waiting += n
        self._processor.when_done(lambda: self._start(data, epoch))
        return True

    def sending(self):
        return self.active or bool(self.queue) or self._tx_waiting > 0

    def overruns(self):
        return self._overruns

    def quiet_ms(self):
        """Seen from the end of the slice that asks, when its answer leaves."""
        now_us = self.bus.world.now_us + (SLICE_US[2] if self._processor.in_slice else 0)
        return int(now_us - self._last_us) // 1000

    # --- the wire --------------------------------------------------------------------------------

    def _start(self, data, epoch):
        if epoch == self._epoch:
            self._tx_waiting -= len(data)
            if self.bus is not None:
                self.send(data)

    def receive(self, byte):
        if not self._processor.listening:
            return
        if len(self._rx) >= RX_BYTES:
            self._overruns += 1
            return
        self._rx.append(byte)
        world = self.bus.world
        self._last_us = world.now_us
        if len(self._rx) == WAKE_BYTES:
            self._wake()
        if not self._watching:
            self._watching = True
            world.after(IDLE_CHARS * self.byte_us(), self._check_idle)

    def _check_idle(self):
        world, gap_us = self.bus.world, IDLE_CHARS * self.byte_us()
        if world.now_us < self._last_us + int(gap_us):
            world.at(self._last_us + gap_us, self._check_idle)
            return
        self._watching = False
        if self._rx:
            self._wake()
