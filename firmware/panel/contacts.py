"""Dry contacts and buzzer: selectable triggers (PNL-06, PRT-24; protocols page, 7).

Only measured values and faults of severity protection and above move an output: "password not
modified", warnings and other outputs never do (PNL-02, SEC-02).
"""

from firmware import fault_table, state
from firmware import faults as fault
from firmware import parameter_ids as ids
from firmware.panel import panel_table as table
from hal import contract

BUZZER = 4  # beside DRY1 and DRY2 in the output bits

ROW = 4
PULSE_MS = 1000  # dry_intermittent: 1 s closed, 1 s open


def system_alarms():
    """Words of 30 bits: faults that light ALM and are at least protections."""
    mask = [0] * fault_table.WORDS
    for id in range(1, fault_table.COUNT):
        word, bit = id // 30, 1 << id % 30
        if fault_table.SEVERITY[id] >= fault.PROTECTION and fault_table.ALM[word] & bit:
            mask[word] |= bit
    return mask


class Trigger:
    """One output: its parameter ids and whether its source holds."""

    def __init__(self, output, source_id, on_id, off_id):
        self.output = output
        self.source_id = source_id
        self.on_id = on_id
        self.off_id = off_id
        self.source = table.NO_SOURCE
        self.active = False
        self.pulse_ms = 0


class Contacts:
    """Decides about DRY1, DRY2 and the buzzer.

    `active` holds the outputs whose trigger holds, `driven` those that are closed now (they differ
    while a contact pulses). `remote` holds the outputs that a remote command asks for (source 12).
    """

    def __init__(self, state, faults, parameters):
        self._state = state
        self._faults = faults
        self._values = parameters.values
        self._alarms = system_alarms()
        self._triggers = (
            Trigger(contract.DRY1, ids.DRY1_TRIGGER, ids.DRY1_ON, ids.DRY1_OFF),
            Trigger(contract.DRY2, ids.DRY2_TRIGGER, ids.DRY2_ON, ids.DRY2_OFF),
            Trigger(BUZZER, ids.BUZZER_TRIGGER, ids.BUZZER_ON, ids.BUZZER_OFF),
        )
        self.active = 0
        self.driven = 0
        self.remote = 0

    def step(self, dt_ms):
        """Look at every trigger."""
        active = driven = 0
        for trigger in self._triggers:
            was = trigger.active
            trigger.active = self._holds(trigger)
            if not trigger.active:
                continue
            active |= trigger.output
            trigger.pulse_ms = (trigger.pulse_ms + dt_ms) % (2 * PULSE_MS) if was else 0
            if trigger.pulse_ms < PULSE_MS or not self._pulses(trigger):
                driven |= trigger.output
        self.active = active
        self.driven = driven

    def open(self):
        """Everything open and silent; a trigger has to hold anew afterwards."""
        for trigger in self._triggers:
            trigger.active = False
        self.active = 0
        self.driven = 0

    def _pulses(self, trigger):
        if trigger.output == BUZZER or not self._values[ids.DRY_INTERMITTENT]:
            return False
        return not table.SOURCES[ROW * trigger.source + 3]

    def _holds(self, trigger):
        source = self._values[trigger.source_id]
        if source != trigger.source:
            trigger.source = source
            trigger.active = False  # the old source's hysteresis means nothing to the new one
        if source == table.NO_SOURCE or ROW * source >= len(table.SOURCES):
            return False
        sense = table.SOURCES[ROW * source]
        if sense == table.FAULT:
            return self._fault(source)
        if sense == table.STATE:
            return self._condition(source, trigger.output)
        return self._beyond(trigger, sense)

    def _beyond(self, trigger, sense):
        """Trigger value reached, or reached before and not yet back at the release value."""
        at = ROW * trigger.source
        value = self._value(table.SOURCES[at + 1])
        if value is None:
            return False  # nothing acts on data that is not there
        per = table.SOURCES[at + 2]
        on, off = self._values[trigger.on_id] * per, self._values[trigger.off_id] * per
        if sense == table.BELOW:
            value, on, off = -value, -on, -off
        return value >= on or (trigger.active and value > off)

    def _fault(self, source):
        if source == table.TRIP_OUTPUT:
            return self._faults.any(table.TRIP_OUTPUT_FAULTS)
        return self._faults.any(table.MOS_ABNORMAL_FAULTS)

    def _condition(self, source, output):
        if source == table.SYSTEM_ALARM:
            return self._faults.any(self._alarms)
        if source == table.REMOTE_CONTROL:
            return self.remote & output != 0
        return self._protecting()

    def _protecting(self):
        """The controller measures and could open the MOSFETs: a contact that a dead, restarting
        or blind controller opens."""
        mode = self._state.power.mode
        if mode != state.ON and mode != state.SLEEP:
            return False
        return self._state.measured.valid and not self._faults.any(table.PROTECTING_FAULTS)

    def _value(self, number):
        """The measured value of a source, None while it is unknown."""
        measured = self._state.measured
        if number == table.VALUE_SOC:
            return self._state.gauge.soc_dpct
        if not measured.valid:
            return None
        if number == table.VALUE_PACK_MV:
            return measured.pack_mv
        if number == table.VALUE_MAX_MV:
            return measured.max_mv
        if number == table.VALUE_MIN_MV:
            return measured.min_mv
        if number == table.VALUE_CHARGE_MA:
            return measured.current_ma
        if number == table.VALUE_DISCHARGE_MA:
            return -measured.current_ma
        if number == table.VALUE_HOTTEST:
            return measured.temp_max
        if number == table.VALUE_COLDEST:
            return measured.temp_min
        return measured.temp_dc[contract.MOS_SENSOR]
