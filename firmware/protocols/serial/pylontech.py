"""Pylontech low voltage RS485 V3.3 / V3.5, serial protocols 005 (115200) and 014 (9600): which
command is for which pack, and what it gets (inverter page, B11).

The group's master has the address 2, its slaves 3 and up. A pack answers to the number of its DIP
switch (0 = the master) and, where it is alone on the wire, always to 2 (COM-13). An INFO of FF
asks the master for all packs (COM-08).
"""

from firmware import requests as request
from firmware.protocols.serial import pylon_pack as pack
from firmware.protocols.serial import pylon_system as group
from firmware.protocols.serial.kinds import kinds
from firmware.protocols.serial.pylon_frame import BAD_ADDRESS, BAD_CID2, OK, Frames
from firmware.protocols.view import DEVICE_NAME, SERIAL_NUMBER

MASTER = 2
ALL = 0xFF
MAKER = b"PYLON"  # whom inverters expect
VERSION = b"\x0f\x1e"  # 15.30 (COM-14)
MAIN_LINE = b"\x01\x00\x00"
ANALOG = 0x42
ALARM = 0x44
SYSTEM = 0x47
GET_VERSION = 0x4F
MAKER_INFO = 0x51
PRODUCT = 0x60
MANAGEMENT = 0x92
SERIAL = 0x93
FLAGGED = (ANALOG, ALARM, SYSTEM)  # their replies begin with the INFOFLAG
FIRMWARE = 0x96
GROUP = ((0x61, group.analog), (0x62, group.alarm), (0x63, group.management))


class Pylontech(Frames):
    """One port; `source` is its number in firmware/requests.py."""

    def __init__(self, view, requests, source):
        Frames.__init__(self)
        self._view = view
        self._shared = source == request.RS485_2  # other packs on the same wire
        self._alarms_read = self._switches_read = -1  # as told in the last reply to 44
        self._found = 0  # kinds of faults that stand while a reply is made

    def hears(self, address, command):
        """Our address, the master's, and those of the packs that a master speaks for."""
        if address == 0:  # clients look for the first pack that way
            return not self._shared and command in (GET_VERSION, MAKER_INFO)
        return self._index(address) >= 0

    def _index(self, number):
        """Index of the pack with that number, -1 = not ours."""
        own = self._view.panel.dip or MASTER
        if number == own or (number == MASTER and not self._shared):
            return 0
        if own == MASTER and MASTER < number < MASTER + self._view.pack_count:
            return number - MASTER
        return -1

    def serve(self, address, command, info):
        """See pylon_frame.Frames. INFO is the number of a pack; none or 0 means the addressed."""
        if command == GET_VERSION:
            return OK
        self._found = kinds(self._view) if command in FLAGGED else 0
        if command == PRODUCT:
            return self._product()
        for code, body in GROUP:
            if command == code:
                body(self._view, self.info.put)
                return OK
        number = info[0] if info else address
        if number == ALL and command in (ANALOG, ALARM):
            packs = range(self._view.pack_count)
            return self._group(command, len(packs), packs)
        index = self._index(number or address or MASTER)
        if index < 0:
            return BAD_ADDRESS
        if command in (ANALOG, ALARM):
            return self._group(command, number, (index,))
        return self._pack(command, number, self._view.pack(index))

    def _group(self, command, head, indices):
        """Commands 42 and 44 for one pack or all of them; `head` is its number or their count."""
        view, put = self._view, self.info.put
        put(b">BB", self._unread(), head)
        wide = pack.large(view)
        for index in indices:
            if command == ANALOG:
                pack.analog(view.pack(index), wide, put)
            else:
                found = kinds(view.pack(index)) if index else self._found
                pack.alarm(view.pack(index), found, put)
        if command == ALARM:
            self._alarms_read, self._switches_read = self._found, pack.switches(view)
        return OK

    def _unread(self):
        """INFOFLAG: bit 0 the alarms, bit 4 the switches have changed since the last 44."""
        alarms = self._found != self._alarms_read
        return alarms | (pack.switches(self._view) != self._switches_read) << 4

    def _pack(self, command, number, view):
        put = self.info.put
        if command == SYSTEM:
            put(b">B", self._unread())
            pack.system(view, put)
        elif command == MAKER_INFO:
            put(b">10s2s20s", view.text(DEVICE_NAME)[:10], VERSION, MAKER)
        elif command == MANAGEMENT:
            put(b">B", number)
            pack.management(view, put)
        elif command == SERIAL:
            put(b">B16s", number, view.text(SERIAL_NUMBER))
        elif command == FIRMWARE:
            put(b">B2s3s", number, VERSION, MAIN_LINE)
        else:
            return BAD_CID2
        return OK

    def _product(self):
        view, put = self._view, self.info.put
        put(b">10s20s2sB", view.text(DEVICE_NAME)[:10], MAKER, VERSION, view.pack_count)
        for index in range(view.pack_count):
            put(b">16s", view.pack(index).text(SERIAL_NUMBER))
        return OK


build = Pylontech  # what the loader calls
