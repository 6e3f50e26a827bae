"""The JK information area 0x1400..0x1524 but its settings (protocols page, 1.6)."""

from firmware.parameters import FIRST_TEXT
from firmware.protocols import jk_layout, registry

# text parameters, in the order of tables/parameters.toml
MODEL = FIRST_TEXT
SERIAL_NUMBER = FIRST_TEXT + 1
MANUFACTURE_DATE = FIRST_TEXT + 2
USER_DATA = FIRST_TEXT + 3
DEVICE_NAME = FIRST_TEXT + 4

HARDWARE = b"15A"  # what JK tools take us for (COM-14)
SOFTWARE = b"15.30"
# captured from a unit with that hardware and software: commands it knows, fields tools show
COMMANDS = (
    b"\xfe\xff\xff\xff\x8f\xe9\x1d\x02\x00\x00\x00\x00\x90\x1f\x00\x00"
    b"\x00\x00\xc0\xd8\xe7\xfe\x3f\x00\x00\x01\x00\x00\x00\x00\x00\x00"
)
VALID_FIELDS = b"\xfe\x9f\xe9\xff\x0f\x00\x00\x00\x00\x00\x00"
SECRET = b""  # the fields where a JK shows its passwords read as zeros (SEC-03)
LIBRARY = 1


class Info:
    """Encodes one view's information. Settings in between are left zero (see jk_settings)."""

    def __init__(self, view):
        self._view = view
        makers = (
            self._head,
            self._texts,
            self._serial,
            self._can,
            self._second,
            self._triggers,
            self._third,
            self._valid,
        )
        self._groups = tuple(zip(jk_layout.INFO_GROUPS, makers))

    def encode(self, order, out, at, first, last):
        """Fill out[at + first : at + last]; bytes around it may be written too, within SIZE."""
        for group, values in self._groups:
            jk_layout.pack(group, values, order, out, at, first, last)

    def _head(self):
        system = self._view.system
        run_time_s = system.run_time_s & 0xFFFFFFFF
        return self._view.text(MODEL), 0, HARDWARE, SOFTWARE, run_time_s, system.starts

    def _texts(self):
        text = self._view.text
        return (
            text(DEVICE_NAME),
            SECRET,
            text(MANUFACTURE_DATE),
            text(SERIAL_NUMBER),
            text(USER_DATA),
            SECRET,
            text(USER_DATA),
            COMMANDS,
        )

    def _serial(self):
        return 0, 0, 0, registry.mask(registry.SERIAL)

    def _can(self):
        return b"", registry.mask(registry.CAN)

    def _second(self):
        return 0, registry.mask(registry.SERIAL)

    def _triggers(self):
        return 0, 0, 0, LIBRARY, 0, 0, 0, 0, 0, 0, 0, 0, 0, LIBRARY, 0

    def _third(self):
        return 0, b"", 0

    def _valid(self):
        return VALID_FIELDS, 0
