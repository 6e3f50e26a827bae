"""Requests: the one way to change anything from outside. Checked, applied and answered within the
call; handlers run between two control cycles (design decision 1, SEC-03).

Turning something off is always accepted; the CAN port may turn on again what it alone has turned
off. All else needs an open port: by the settings password for ten minutes, by a short press of the
key for ten minutes on all ports, or by a parameter for good.
"""

from firmware import events
from firmware import parameter_ids as p
from firmware.ondemand import call
from firmware.parameters import Refused
from firmware.passwords import SOURCES, Passwords, Throttled

# sources
KEY = 0
CONSOLE = 1  # local: REPL, simulation, tests
RS485_1 = 2
RS485_2 = 3
RS232 = 4
CAN = 5

# kinds; the payload stands behind
SET = 1  # {parameter id: raw value}
PRESET = 2  # profile name
EMERGENCY = 3  # None
CALIBRATE_VOLTAGE = 4  # measured pack voltage, mV
CALIBRATE_CURRENT = 5  # measured current, mA, + charges
CALIBRATE_ZERO = 6  # None
POWER_OFF = 7  # None
ACKNOWLEDGE = 8  # None: like a short key press
SET_TIME = 9  # seconds since 2020-01-01
RESTART = 10  # None
EMERGENCY_STOP = 11  # None
SET_SOC = 12  # state of charge, 0.1 % (SOC-05)
TEST_LEADS = 13  # None: balance lead resistance test (MEA-05)
UNLOCK = 14  # settings password: opens the port that sends it
LOCK = 15  # None: closes it again
CONNECT = 16  # device password
CHANGE_PASSWORD = 17  # (DEVICE or SETTINGS of passwords.py, old, new, new once more)

GUARDED = (UNLOCK, LOCK, CONNECT, CHANGE_PASSWORD)  # by a password of their own
SWITCHES = (p.CHARGE_SWITCH, p.DISCHARGE_SWITCH, p.BALANCE_SWITCH)
TRUSTED = (KEY, CONSOLE)
OPENED_BY = ((RS485_1, p.RS485_1_OPEN), (RS485_2, p.RS485_2_OPEN), (RS232, p.RS232_OPEN))
# 0 is accepted from everybody, beside that of SWITCHES
OFF = (p.HEATING_ENABLED, p.BUTTON_EMERGENCY, p.RS485_1_OPEN, p.RS485_2_OPEN, p.RS232_OPEN)
WINDOW_S = 600  # the settings password opens its port this long, a short key press all ports


class Requests:
    """`submit` raises Refused (nothing changed) or returns a warning text or None."""

    def __init__(self, control):
        self.control = control
        self._context = control.context
        self._window_until_s = 0
        self.open_until_s = [0] * SOURCES  # by the settings password
        self.passwords = Passwords()
        self.off_by = [None, None, None]  # source that turned a switch of SWITCHES off
        self.restart = False  # the controller restarts when its slice ends

    def open_window(self):
        """A short key press: ports accept settings for ten minutes (SEC-03)."""
        self._window_until_s = self._context.state.system.uptime_s + WINDOW_S

    def unlocked(self, source):
        """True when the source may widen settings now."""
        if source in TRUSTED:
            return True
        now_s = self._context.state.system.uptime_s
        if now_s < self._window_until_s or now_s < self.open_until_s[source]:
            return True
        for port, id in OPENED_BY:
            if port == source:
                return self._context.parameters.values[id] == 1
        return False

    def open_for_good(self):
        """True while a parameter keeps a port open."""
        for _, id in OPENED_BY:
            if self._context.parameters.values[id]:
                return True
        return False

    def submit(self, source, kind, payload=None):
        """Do it or raise Refused. Every outcome is an event."""
        try:
            if kind in GUARDED:
                warning = call("password", "do", self, source, kind, payload)
            else:
                warning = call("permission", "do", self, source, kind, payload)
        except Throttled:  # no event: nobody can flood the log with them
            raise
        except Refused:
            self._context.events.add(events.REQUEST, kind, -1)
            raise
        self._context.events.add(events.REQUEST, kind, 0)
        return warning
