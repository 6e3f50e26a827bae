"""A hardware UART of the RP2040 as a serial port. RS485 transceivers behind it turn round by
themselves: a driver enable polled by the program would be late by a control cycle.
"""

from hal import contract as c

RX_BYTES = 512  # 44 ms at 115200: what a slice and a collection may take together
TX_BYTES = 320  # the longest answer of a port (ports/serial_port.py); it sends one at a time
FIRST_BAUD = 9600
WANTED = 32  # bytes, until a port says better
ERRORS = (0x40034004, 0x40038004)  # UARTRSR of UART0, UART1
OVERRUN = 8


class UartSerial(c.Serial):
    """UART `number` on two pins. A change of the baud rate waits for the transmitter and drops
    what has been received."""

    def __init__(self, machine, number, tx, rx):
        self._tx, self._rx = machine.Pin(tx), machine.Pin(rx)
        self._mem32 = machine.mem32
        self._errors = ERRORS[number]
        self._baud = self._wanted = FIRST_BAUD
        self._queued = 0  # bytes written since the transmitter was last idle
        self._lost = 0
        self.wanted = WANTED
        self._uart = machine.UART(number)
        self.waiting = self._uart.any  # received bytes that nobody has taken yet
        self._init()

    def _init(self):
        self._uart.init(
            baudrate=self._baud,
            bits=8,
            parity=None,
            stop=1,
            tx=self._tx,
            rx=self._rx,
            timeout=0,
            txbuf=TX_BYTES,
            rxbuf=RX_BYTES,
        )

    def set_baud(self, baud):
        self._wanted = baud
        self.sending()

    def read_into(self, buffer):
        self.sending()
        uart = self._uart
        waiting = uart.any()
        if not waiting:
            return 0
        if waiting >= RX_BYTES or self._mem32[self._errors] & OVERRUN:
            self._mem32[self._errors] = 0
            self._lost += 1  # at least one
        return uart.readinto(buffer, min(waiting, len(buffer))) or 0

    def write(self, buffer, n):
        if not self.sending():
            self._queued = 0
        if self._queued + n > TX_BYTES:
            return False
        self._queued += n
        self._uart.write(buffer, n)
        return True

    def sending(self):
        if not self._uart.txdone():
            return True
        if self._wanted != self._baud:
            self._baud = self._wanted
            self._init()
        return False

    def overruns(self):
        return self._lost
