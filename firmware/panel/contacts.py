"""Dry contacts and buzzer: selectable triggers (PNL-06, PRT-24; protocols page, 7), and the tick
of the buzzer when a parameter is accepted (PNL-07).

Only measured values and faults of severity protection and above move an output: "password not
modified", warnings and other outputs never do (PNL-02, SEC-02).
"""

from array import array

from firmware import parameter_ids as ids
from firmware.panel import panel_table as table
from firmware.state import ON, SLEEP
from hal import contract

BUZZER = 4  # beside DRY1 and DRY2 in the output bits
# in the order of their parameters: BUZZER_TRIGGER + n, BUZZER_ON + 2n, BUZZER_OFF + 2n
OUTPUTS = (BUZZER, contract.DRY1, contract.DRY2)

ROW = 4
PULSE_MS = 1000  # dry_intermittent: 1 s closed, 1 s open
TICK_MS = 50


class Contacts:
    """Decides about DRY1, DRY2 and the buzzer.

    `active` holds the outputs whose trigger holds, `driven` those that are closed or sound now
    (they differ while a contact pulses and the buzzer ticks). `remote` holds the outputs that a
    remote command asks for (source 12). `tick_ms` is what is left of a tick.
    """

    def __init__(self, state, faults, parameters):
        self._state = state
        self._faults = faults
        self._parameters = parameters
        self._sources = bytearray(3)
        self._pulse_ms = array("H", (0, 0, 0))
        self.remote = 0
        self.open()

    def open(self):
        """Everything open and silent; a trigger has to hold anew afterwards, and what was
        accepted until now is no news."""
        self.active = self.driven = self.tick_ms = 0
        self._generation = self._parameters.generation

    def step(self, watching, dt_ms):
        """Look at every trigger, unless not yet `watching`."""
        driven = 0
        if not watching:
            self.active = 0
        for n in range(3 if watching else 0):
            if self._follow(n, dt_ms):
                driven |= OUTPUTS[n]
        self.tick_ms = max(0, self.tick_ms - dt_ms)
        if self._parameters.generation != self._generation:
            self._generation = self._parameters.generation
            self.tick_ms = TICK_MS
        self.driven = driven | BUZZER if self.tick_ms else driven

    def _follow(self, n, dt_ms):
        """Look at the trigger of output n; True while the output is closed or sounds."""
        bit, source = OUTPUTS[n], self._parameters.values[ids.BUZZER_TRIGGER + n]
        was = source == self._sources[n] and self.active & bit != 0
        self._sources[n] = source  # another source's hysteresis means nothing to this one
        if not self._holds(ROW * source, n, was):
            self.active &= ~bit
            return False
        self.active |= bit
        self._pulse_ms[n] = (self._pulse_ms[n] + dt_ms) % (2 * PULSE_MS) if was else 0
        if bit == BUZZER or self._pulse_ms[n] < PULSE_MS:
            return True
        return not self._parameters.values[ids.DRY_INTERMITTENT] or table.SOURCES[ROW * source + 3]

    def _holds(self, at, n, was):
        """The trigger holds whose row of SOURCES begins `at`."""
        if at == ROW * table.NO_SOURCE or at >= len(table.SOURCES):
            return False
        sense, number = table.SOURCES[at], table.SOURCES[at + 1]
        if sense == table.FAULT:
            return self._faults.any(table.FAULTS[number])
        if sense == table.STATE:
            if at == ROW * table.REMOTE_CONTROL:
                return self.remote & OUTPUTS[n] != 0
            return self._protecting(table.FAULTS[number])
        return self._reached(at, 2 * n, was)

    def _reached(self, at, level, was):
        """The value is at its level, or was there and is not yet back at that of release."""
        value, per = self._value(table.SOURCES[at + 1]), table.SOURCES[at + 2]
        if value is None:
            return False  # nothing acts on data that is not there
        if table.SOURCES[at] == table.BELOW:
            value, per = -value, -per
        if value >= self._parameters.values[ids.BUZZER_ON + level] * per:
            return True
        return was and value > self._parameters.values[ids.BUZZER_OFF + level] * per

    def _protecting(self, faults):
        """The controller measures and could open the MOSFETs: a contact that a dead, restarting
        or blind controller opens."""
        mode = self._state.power.mode
        if mode != ON and mode != SLEEP:
            return False
        return self._state.measured.valid and not self._faults.any(faults)

    def _value(self, number):
        """The measured value of a source, None for a source without one and while unknown."""
        measured = self._state.measured
        if number == table.VALUE_SOC:
            return self._state.gauge.soc_dpct
        if not number or not measured.valid:
            return None
        if number == table.VALUE_MOS:
            return measured.temp_dc[contract.MOS_SENSOR]
        value = getattr(measured, table.FIELDS[number])
        return -value if number == table.VALUE_DISCHARGE_MA else value
