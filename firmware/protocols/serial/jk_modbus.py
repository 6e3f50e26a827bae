"""JK BMS RS485 Modbus V1.0, serial protocols 001 (115200) and 013 (9600): protocols page, 1.1-1.8.

A register address is an area's base plus a byte offset; n words are 2n bytes from there. Writes
go to the requests as {parameter id: value}, all or nothing. A write to a trigger register is
answered by a 300-byte block with the acknowledge directly behind it.
"""

from firmware import requests as request
from firmware.ondemand import call
from firmware.parameters import Refused
from firmware.passwords import Throttled
from firmware.protocols import jk_areas, jk_settings, modbus

MAX_READ_WORDS = 121  # a JK refuses 124 with exception 02; 122 and 123 are not known
AREA = 0xFE00  # mask: every area begins at a multiple of 0x200
CONTROL = 0x1600
TRIGGERS = (
    (0x1620, jk_settings.STATUS),
    (0x161E, jk_settings.SETTINGS),
    (0x161C, jk_settings.INFO),
)


class JkModbus(modbus.Modbus):
    """The register server of one port; `source` is the port's number in firmware/requests.py."""

    def __init__(self, view, requests, source):
        self.counters = None
        self._view = view
        self._requests = requests
        self._source = source
        self._ahead = None  # the area whose block goes ahead of the acknowledge

    def address(self):
        """The DIP switch; towards the inverter 0 answers as 1 (COM-13)."""
        dip = self._view.panel.dip
        return 1 if dip == 0 and self._source == request.RS485_1 else dip

    def answer(self, buf, n, out):
        """As the base's, with the block that was asked for in front. Silence when there is no
        memory to load the information area (decision 13)."""
        self._ahead = None
        try:
            length = modbus.Modbus.answer(self, buf, n, out)
            if self._ahead is None:
                return length
            size = modbus.JK_BLOCK
            out[size : size + length] = out[:length]
            jk_areas.block(self._ahead, self._view, out)
            return size + length
        except MemoryError:
            return 0

    def read(self, register, words, out, at):
        """Registers of one area, gaps as zeros; exception 02 outside and for odd addresses. The
        whole area is made in out[at : at + SIZE], then its part moves to the beginning."""
        base, n = register & AREA, 2 * words
        first = register - base
        if base not in (jk_settings.SETTINGS, jk_settings.STATUS, jk_settings.INFO):
            return modbus.ILLEGAL_ADDRESS
        if register & 1 or first + n > jk_settings.SIZE or words > MAX_READ_WORDS:
            return modbus.ILLEGAL_ADDRESS
        jk_areas.encode(base, self._view, b">", out, at, first, first + n)
        if first:
            out[at : at + n] = out[at + first : at + first + n]
        return 0

    def write(self, register, words, data, at):
        """Send a block, carry out a command or set parameters; 02 = the register is refused, 03 =
        the value (protocols page, 1.3), 04 = there is no memory for it now, 06 = wrong passwords
        came before, wait."""
        for trigger, area in TRIGGERS:
            if trigger == register:
                if words != 1:
                    return modbus.ILLEGAL_VALUE
                self._ahead = area
                return 0
        try:
            self._ask(register, data, at, 2 * words)
            return 0
        except Throttled:
            code = modbus.BUSY
        except Refused as refused:
            code = modbus.ILLEGAL_ADDRESS if refused.register else modbus.ILLEGAL_VALUE
        except MemoryError:
            code = modbus.FAILURE
        self.counters.refused = self.counters.refused + 1 & modbus.LIMIT
        return code

    def _ask(self, register, data, at, n):
        view, requests, source = self._view, self._requests, self._source
        if register & AREA == CONTROL:
            data = bytes(memoryview(data)[at : at + n])
            self._ahead = call("jk_control", "do", view, requests, source, register, data)
            return
        changes = call("jk_write", "changes", view, register, data, at, n)
        if changes:
            requests.submit(source, request.SET, changes)


build = JkModbus  # what the loader calls
