"""JK BMS RS485 Modbus V1.0, serial protocols 001 (115200) and 013 (9600): protocols page, 1.1-1.6.

A register address is an area's base plus a byte offset; n words are 2n bytes from there. Writes
go to the requests as {parameter id: value}, all or nothing.
"""

from firmware import requests as request
from firmware.parameters import Refused
from firmware.protocols import jk_settings, modbus
from firmware.protocols.jk_info import Info
from firmware.protocols.jk_layout import INFO, SETTINGS, SIZE, STATUS
from firmware.protocols.jk_status import Status

MAX_READ_WORDS = 121  # a JK refuses 124 with exception 02; 122 and 123 are not known
BIG = ">"


class JkModbus(modbus.Modbus):
    """The register server of one port; `source` is the port's number in firmware/requests.py."""

    def __init__(self, view, requests, source):
        modbus.Modbus.__init__(self)
        self._view = view
        self._requests = requests
        self._source = source
        self._status = Status(view)
        self._info = Info(view)
        self._area = bytearray(SIZE)

    def address(self):
        """The DIP switch; towards the inverter 0 answers as 1 (COM-13)."""
        dip = self._view.panel.dip
        return 1 if dip == 0 and self._source == request.RS485_1 else dip

    def read(self, register, words, out, at):
        """Registers of one area, gaps as zeros; exception 02 outside and for odd addresses."""
        base = self._base(register, 2 * words)
        if base is None or words > MAX_READ_WORDS:
            return modbus.ILLEGAL_ADDRESS
        first = register - base
        last = first + 2 * words
        area = self._area
        for i in range(first, last):
            area[i] = 0
        self._encode(base, area, first, last)
        out[at : at + last - first] = area[first:last]
        return 0

    def _encode(self, base, area, first, last):
        if base == STATUS:
            self._status.encode(BIG, area, 0, first, last)
            return
        if base == INFO:
            self._info.encode(BIG, area, 0, first, last)
        jk_settings.encode(base, self._view, BIG, area, 0, first, last)

    def write(self, register, words, data, at):
        """Set parameters; 02 = the register is refused, 03 = the value (protocols page, 1.3)."""
        base = self._base(register, 2 * words)
        if base is None:
            return modbus.ILLEGAL_ADDRESS
        try:
            changes = jk_settings.changes(self._view, register, data, at, 2 * words)
            if changes:
                self._requests.submit(self._source, request.SET, changes)
        except Refused as refused:
            return modbus.ILLEGAL_ADDRESS if refused.register else modbus.ILLEGAL_VALUE
        return 0

    def _base(self, register, n):
        """The area that holds the n bytes, None for odd or unknown addresses."""
        if register & 1:
            return None
        for base in (SETTINGS, STATUS, INFO):
            if base <= register and register + n <= base + SIZE:
                return base
        return None


def build(view, requests, source):
    """The protocol of a port (called by the loader)."""
    return JkModbus(view, requests, source)
