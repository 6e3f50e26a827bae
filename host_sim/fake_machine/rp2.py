"""MicroPython's `rp2` as far as a UART needs it: state machines that run the two programs named
`transmit` and `receive`, and DMA channels between their FIFOs and memory.
"""

from host_sim.fake_machine import pads as p

BASES = (0x50200000, 0x50300000)
CYCLES = 8  # of the programs for each bit
FIFO = 8  # words, both FIFOs of a state machine joined
ENABLE = 1
FIELDS = {"enable": 0, "size": 2, "inc_read": 4, "inc_write": 5, "treq_sel": 15}


class PIO:
    OUT_HIGH, SHIFT_RIGHT, JOIN_TX, JOIN_RX = 3, 1, 1, 2


class StateMachine:
    rp2 = None

    def __init__(self, id, program, freq, sideset_base=None, out_base=None, in_base=None,
                 jmp_pin=None):  # fmt: skip
        if not 0 <= id < 8:
            raise ValueError("invalid state machine")
        base, lane, rp2 = BASES[id // 4], id % 4, self.rp2
        if program == "transmit":
            assert sideset_base.pad is out_base.pad
            line = rp2.machine.lines.get(out_base.pad.number)
            rp2.fifos[base + 0x10 + 4 * lane] = line, 8 * (id // 4) + lane
            out_base.pad.mode = p.OUT
        else:
            assert in_base.pad is jmp_pin.pad
            line = rp2.machine.receivers.get(in_base.pad.number)
            rp2.fifos[base + 0x23 + 4 * lane] = line, 8 * (id // 4) + 4 + lane
        if line is not None:
            line.set_baud(round(freq / CYCLES))

    def active(self, value=None):
        return 1


class DMA:
    """A channel between memory and a FIFO, byte by byte."""

    rp2 = None

    def __init__(self):
        self._line = self._buffer = None
        self._left = self._ctrl = 0
        self._receives = False

    def pack_ctrl(self, default=None, **fields):
        value = 0x3F8039 if default is None else default
        for name, field in fields.items():
            width = {"treq_sel": 63, "size": 3}.get(name, 1)
            value = value & ~(width << FIELDS[name]) | field << FIELDS[name]
        return value

    def config(self, read, write, count, ctrl, trigger):
        assert trigger
        self._ctrl, self._left = ctrl, count
        self._receives = isinstance(read, int)
        self._buffer = write if self._receives else read
        self._line, request = self.rp2.fifos[read if self._receives else write]
        if self._receives and self._line is not None:
            self._line.rx_bytes = count + FIFO
        assert ctrl >> FIELDS["treq_sel"] & 63 == request, "the FIFO of another state machine"
        assert ctrl >> FIELDS["size"] & 3 == 0
        if not self._receives and self._line is not None:
            assert self._line.write(self._buffer, count)

    def active(self, value=None):
        if value is not None and not value:
            self._line = None
        if self._line is None:
            return False
        return self._left > 0 if self._receives else self._line.sending()

    @property
    def ctrl(self):
        return self._ctrl

    @ctrl.setter
    def ctrl(self, value):
        self._fill()
        self._ctrl = value

    @property
    def count(self):
        self._fill()
        return self._left

    def _fill(self):
        """Move what has arrived."""
        if not self._receives or self._line is None or not self._ctrl & ENABLE:
            return
        part = bytearray(self._left)
        n = self._line.read_into(part)
        at = len(self._buffer) - self._left
        self._buffer[at : at + n] = part[:n]
        self._left -= n


class FakeRp2:
    """Over the pads and lines of a FakeMachine."""

    PIO = PIO

    def __init__(self, machine):
        self.machine = machine
        self.fifos = {}
        for kind in (StateMachine, DMA):
            setattr(self, kind.__name__, type(kind.__name__, (kind,), {"rp2": self}))

    def asm_pio(self, **options):
        """The decorator; a program is known by its name."""
        return lambda function: function.__name__
