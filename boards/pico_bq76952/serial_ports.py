"""The serial ports of the board, loaded when the first of them is built."""

from boards.pico_bq76952.board import (
    RS232_RX,
    RS232_TX,
    RS485_1_RX,
    RS485_1_TX,
    RS485_2_RX,
    RS485_2_TX,
)
from hal.rp2040_pio import PioSerial
from hal.rp2040_uart import UartSerial


def serial(machine, rp2, time, name):
    """The port of this name."""
    if name == "rs485_1":
        return UartSerial(machine, 0, RS485_1_TX, RS485_1_RX)
    if name == "rs485_2":
        return UartSerial(machine, 1, RS485_2_TX, RS485_2_RX)
    return PioSerial(machine, rp2, time, 0, RS232_TX, RS232_RX)
