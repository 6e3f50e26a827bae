"""The CAN port of the board, loaded when it is built."""

from boards.pico_bq76952.board import (
    CAN_CRYSTAL_MHZ,
    CAN_CS,
    CAN_HZ,
    CAN_INT,
    CAN_MISO,
    CAN_MOSI,
    CAN_SCK,
)
from hal.chips.mcp2515 import MCP2515


def can(machine, time, clock):
    """(the port, the pin that falls when a frame has come)."""
    pin = machine.Pin
    spi = machine.SPI(0, baudrate=CAN_HZ, polarity=0, phase=0, sck=pin(CAN_SCK),
                      mosi=pin(CAN_MOSI), miso=pin(CAN_MISO))  # fmt: skip
    interrupt = pin(CAN_INT, pin.IN, pin.PULL_UP)
    select = pin(CAN_CS, pin.OUT, value=1)
    chip = MCP2515(spi, select, clock, time.sleep_us, CAN_CRYSTAL_MHZ, interrupt)
    return chip, interrupt
