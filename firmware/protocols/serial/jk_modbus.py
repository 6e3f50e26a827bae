"""JK BMS RS485 Modbus V1.0, serial protocols 001 (115200) and 013 (9600): protocols page, 1.1-1.6.

A register address is an area's base plus a byte offset; n words are 2n bytes from there. Writes
go to the requests as {parameter id: value}, all or nothing.
"""

from firmware import requests as request
from firmware.ondemand import call
from firmware.parameters import Refused
from firmware.protocols import jk_areas, jk_settings, modbus

MAX_READ_WORDS = 121  # a JK refuses 124 with exception 02; 122 and 123 are not known
AREA = 0xFE00  # mask: every area begins at a multiple of 0x200


class JkModbus(modbus.Modbus):
    """The register server of one port; `source` is the port's number in firmware/requests.py."""

    def __init__(self, view, requests, source):
        self.counters = None
        self._view = view
        self._requests = requests
        self._source = source

    def address(self):
        """The DIP switch; towards the inverter 0 answers as 1 (COM-13)."""
        dip = self._view.panel.dip
        return 1 if dip == 0 and self._source == request.RS485_1 else dip

    def read(self, register, words, out, at):
        """Registers of one area, gaps as zeros; exception 02 outside and for odd addresses. The
        whole area is made in out[at : at + SIZE], then its part moves to the beginning."""
        base, n = register & AREA, 2 * words
        first = register - base
        if base not in (jk_settings.SETTINGS, jk_settings.STATUS, jk_settings.INFO):
            return modbus.ILLEGAL_ADDRESS
        if register & 1 or first + n > jk_settings.SIZE or words > MAX_READ_WORDS:
            return modbus.ILLEGAL_ADDRESS
        jk_areas.encode(base, self._view, ">", out, at, first, first + n)
        out[at : at + n] = out[at + first : at + first + n]
        return 0

    def write(self, register, words, data, at):
        """Set parameters; 02 = the register is refused, 03 = the value (protocols page, 1.3), 04 =
        there is no memory for it now."""
        try:
            changes = call("jk_write", "changes", self._view, register, data, at, 2 * words)
            if changes:
                self._requests.submit(self._source, request.SET, changes)
        except Refused as refused:
            return modbus.ILLEGAL_ADDRESS if refused.register else modbus.ILLEGAL_VALUE
        except MemoryError:
            return modbus.FAILURE
        return 0


build = JkModbus  # what the loader calls
