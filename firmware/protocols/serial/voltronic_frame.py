"""Voltronic's own kind of Modbus: the answer to a read has a length of two bytes, exceptions have
other codes, and every pack also answers to a common address.

An answer of one register has the form of a request to the common address; where packs share a wire
it is therefore not heard.
"""

from firmware import requests as request
from firmware.protocols.serial.registers import Registers

COMMON = 1
BAD_COMMAND = 2


class Voltronic(Registers):
    """The register server of one port."""

    head = 4

    def hears(self, number):
        """Our own address, and the common one."""
        return number == self.address() or (number == COMMON and self._source != request.RS485_2)

    def exception(self, code):
        """Whatever a request asks for in vain, it is the command that is wrong."""
        return BAD_COMMAND
