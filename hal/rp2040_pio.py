"""A third UART of the RP2040: two state machines of a PIO block, each fed by a DMA channel.

Neither direction needs the processor: bytes arrive and leave while flash is written with the
interrupts off, when a hardware UART under MicroPython loses what does not fit its 32 bytes.
"""

from hal import contract as c
from hal.rp2040_uart import WANTED

RX_BYTES = 512  # as of a hardware UART, and a flash write does not stop it
TX_BYTES = 320  # the longest answer of a port (ports/serial_port.py); it sends one at a time
FIRST_BAUD = 9600
CYCLES = 8  # of a state machine for each bit
PIO_BASE = (0x50200000, 0x50300000)
TX_FIFO, RX_FIFO = 0x10, 0x20  # of state machine 0; the others 4 bytes further each
RX_BYTE = 3  # received bits enter the word from the left: its highest byte is the one
RX_REQUEST = 4  # DMA request of a receive FIFO against that of the transmit FIFO
MICROSECONDS = (1 << 30) - 1


def programs(rp2):
    """(transmit, receive): 8N1, CYCLES a bit, least significant bit first."""

    @rp2.asm_pio(
        sideset_init=rp2.PIO.OUT_HIGH,
        out_init=rp2.PIO.OUT_HIGH,
        out_shiftdir=rp2.PIO.SHIFT_RIGHT,
        fifo_join=rp2.PIO.JOIN_TX,
    )
    def transmit():
        pull().side(1)[7]  # stop bit, and idle while there is nothing to send
        set(x, 7).side(0)[7]  # start bit
        label("bit")
        out(pins, 1)[6]
        jmp(x_dec, "bit")

    @rp2.asm_pio(
        in_shiftdir=rp2.PIO.SHIFT_RIGHT,
        fifo_join=rp2.PIO.JOIN_RX,
    )
    def receive():
        label("start")
        wait(0, pin, 0)
        set(x, 7)[10]  # to the middle of the first data bit
        label("bit")
        in_(pins, 1)
        jmp(x_dec, "bit")[6]
        jmp(pin, "good")  # stop bit
        wait(1, pin, 0)  # a break, or another baud rate
        jmp("start")
        label("good")
        push(noblock)

    return transmit, receive


class PioSerial(c.Serial):
    """State machines `first` (transmits) and `first` + 1 of PIO block first // 4."""

    def __init__(self, machine, rp2, time, first, tx, rx):
        self._rp2, self._time = rp2, time
        self._transmit, self._receive = programs(rp2)
        self._tx = machine.Pin(tx, machine.Pin.OUT, value=1)
        self._rx = machine.Pin(rx, machine.Pin.IN, machine.Pin.PULL_UP)
        self._first = first
        base, lane = PIO_BASE[first // 4], first % 4
        self._tx_fifo = base + TX_FIFO + 4 * lane
        self._rx_fifo = base + RX_FIFO + 4 * (lane + 1) + RX_BYTE
        self._out, self._in = bytearray(TX_BYTES), bytearray(RX_BYTES)
        self._sender, self._receiver = rp2.DMA(), rp2.DMA()
        request = (first // 4) * 8 + lane
        self._send_ctrl = self._sender.pack_ctrl(size=0, inc_write=False, treq_sel=request)
        self._fill_ctrl = self._receiver.pack_ctrl(
            size=0, inc_read=False, treq_sel=request + 1 + RX_REQUEST
        )
        self._taken = 0  # bytes of `_in` that the firmware has had
        self._ends_us = None  # when the last byte has left
        self._lost = 0
        self.wanted = WANTED
        self._baud = self._wanted = FIRST_BAUD
        self._init()

    def _init(self):
        machines, clock = self._rp2.StateMachine, CYCLES * self._baud
        self._receiver.active(0)
        sender = machines(self._first, self._transmit, freq=clock, sideset_base=self._tx,
                          out_base=self._tx)  # fmt: skip
        receiver = machines(self._first + 1, self._receive, freq=clock, in_base=self._rx,
                            jmp_pin=self._rx)  # fmt: skip
        sender.active(1)
        receiver.active(1)
        self._listen()

    def _listen(self):
        """Receive into the empty buffer, from its start."""
        self._receiver.active(0)
        self._taken = 0
        self._receiver.config(
            read=self._rx_fifo, write=self._in, count=RX_BYTES, ctrl=self._fill_ctrl, trigger=True
        )

    def set_baud(self, baud):
        self._wanted = baud
        self.sending()

    def waiting(self):
        """Received bytes that nobody has taken yet."""
        return RX_BYTES - self._receiver.count - self._taken

    def read_into(self, buffer):
        self.sending()
        n = min(self.waiting(), len(buffer))
        at = self._taken
        if n:
            buffer[:n] = self._in[at : at + n]
        self._taken = at = at + n
        if at == RX_BYTES:
            self._lost += 1  # how much came meanwhile nobody knows
            self._listen()
        elif n and not self.waiting():
            self._rewind()
        return n

    def _rewind(self):
        """All was taken: begin anew at the start of the buffer. A byte that comes meanwhile waits
        in the FIFO, or, when the channel has just moved it, is still to be taken here."""
        self._receiver.ctrl = self._receiver.pack_ctrl(default=self._fill_ctrl, enable=0)
        if self.waiting():
            self._receiver.ctrl = self._fill_ctrl
        else:
            self._listen()

    def write(self, buffer, n):
        if n > TX_BYTES or self.sending():
            return False
        self._out[:n] = memoryview(buffer)[:n]
        byte_us = 10_000_000 // self._baud + 1
        # two more: the state machine's clock is rounded
        self._ends_us = self._time.ticks_add(self._time.ticks_us(), (n + 2) * byte_us)
        self._sender.config(
            read=self._out, write=self._tx_fifo, count=n, ctrl=self._send_ctrl, trigger=True
        )
        return True

    def sending(self):
        if self._ends_us is not None:
            late = self._time.ticks_diff(self._time.ticks_us(), self._ends_us)
            if late < 0 or self._sender.active():
                return True
            self._ends_us = None
        if self._wanted != self._baud:
            self._baud = self._wanted
            self._init()
        return False

    def overruns(self):
        return self._lost
