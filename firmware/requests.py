"""Requests: the one way to change anything from outside. Checked, applied and answered within the
call; handlers run between two control cycles (design decision 1, SEC-03).

POLICY says which source may ask what. Turning something off is always accepted; the CAN port may
turn on again what it alone has turned off.
"""

from firmware import events
from firmware import parameter_ids as p
from firmware.ondemand import call
from firmware.parameters import Refused

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

# what a source must show: always, or an unlocked port
FREE = (POWER_OFF, EMERGENCY_STOP, SET_TIME)
SWITCHES = (p.CHARGE_SWITCH, p.DISCHARGE_SWITCH, p.BALANCE_SWITCH)
TRUSTED = (KEY, CONSOLE)
OPENED_BY = ((RS485_1, p.RS485_1_OPEN), (RS485_2, p.RS485_2_OPEN), (RS232, p.RS232_OPEN))
WINDOW_S = 600  # a short key press opens all ports this long


class Requests:
    """`submit` raises Refused (nothing changed) or returns a warning text or None."""

    def __init__(self, control):
        self.control = control
        self._context = control.context
        self._window_until_s = 0
        self._off_by = [None, None, None]  # source that turned a switch of SWITCHES off
        self.restart = False  # the controller restarts when its slice ends

    def open_window(self):
        """A short key press: ports accept settings for ten minutes (SEC-03)."""
        self._window_until_s = self._context.state.system.uptime_s + WINDOW_S

    def unlocked(self, source):
        """True when the source may widen settings now."""
        if source in TRUSTED:
            return True
        if self._context.state.system.uptime_s < self._window_until_s:
            return True
        for port, id in OPENED_BY:
            if port == source:
                return self._context.parameters.values[id] == 1
        return False

    def submit(self, source, kind, payload=None):
        """Do it or raise Refused. Every outcome is an event."""
        try:
            if kind not in FREE and not self._turns_off(kind, payload):
                if not self.unlocked(source) and not self._turns_back(source, kind, payload):
                    raise Refused("this port is locked: press the key or open it", True)
            before = self._switches()
            warning = call("actions", "do", self, kind, payload)
            self._note(source, kind, payload, before)
        except Refused:
            self._context.events.add(events.REQUEST, kind, -1)
            raise
        self._context.events.add(events.REQUEST, kind, 0)
        return warning

    def _turns_off(self, kind, payload):
        if kind != SET or not payload:
            return False
        for id in payload:
            if id not in SWITCHES or payload[id] != 0:
                return False
        return True

    def _turns_back(self, source, kind, payload):
        """True for nothing but switches that the CAN port itself has turned off."""
        if source != CAN or kind != SET or not payload:
            return False
        for id in payload:
            if id not in SWITCHES or self._off_by[SWITCHES.index(id)] != CAN:
                return False
        return True

    def _switches(self):
        values = self._context.parameters.values
        return [values[id] for id in SWITCHES]

    def _note(self, source, kind, payload, before):
        """Remember who turned a switch off; two who did so leave it to a trusted source."""
        if kind != SET:
            return
        for i in range(len(SWITCHES)):
            if SWITCHES[i] not in payload:
                continue
            if payload[SWITCHES[i]]:
                self._off_by[i] = None
            elif before[i] or self._off_by[i] != source:
                self._off_by[i] = source if before[i] else None
