"""The start-up gate (PRT-15, PRT-21): both MOSFETs stay off until the front end is configured and
read back, both off paths are proven, the settings are valid and three measurement cycles in a row
were healthy. The gate closes again after an exception in measurement or protection.
"""

from firmware import fault_ids as f
from firmware.control.afe_limits import WATCHDOG_MS
from firmware.control.short_circuit import SHORTS
from firmware.parameters import Refused, check_consistency
from hal.contract import LATCH_RESET, LATCH_WATCHDOG

HEALTHY = 3
RETRY_MS = 1_000

# steps of the gate
START = 0
KILL_TEST = 1
WAIT = 2
DONE = 3


class Startup:
    """Owns STARTING, SETTINGS_INVALID and OFF_PATH."""

    def __init__(self, context, limits):
        self._hal = context.hal
        self._parameters = context.parameters
        self._faults = context.faults
        self._system = context.state.system
        self._limits = limits
        self._timer_ms = 0
        self._stage = START
        self.found = 0  # shorts that the chip had latched before it was started anew
        self.close()

    def close(self):
        """Begin again from the first step."""
        self._faults.put(f.STARTING, True)
        self._stage = START
        self._timer_ms = 0
        self._system.healthy = 0

    def passed(self):
        """True when the gate is open."""
        return self._stage == DONE

    def step(self, dt_ms):
        """One step a cycle."""
        if self._stage == DONE:
            return
        self._timer_ms -= dt_ms
        if self._timer_ms > 0:
            return
        if self._stage == START:
            self._start()
        elif self._stage == KILL_TEST:
            self._kill_test()
        else:
            self._wait()

    def _start(self):
        kill = self._hal.kill_line
        if kill is not None:
            kill.set(True)
        found = self._hal.afe.latches()
        if found > 0:
            self.found |= found & SHORTS  # a short may have browned us out (PRT-06)
        if not self._hal.afe.start():
            self._timer_ms = RETRY_MS
            self._faults.put(f.AFE_LOST, True)
            return
        self._hal.afe.clear_latches(LATCH_RESET | LATCH_WATCHDOG)  # our own doing
        self._limits.lost()
        self._stage = KILL_TEST if kill is not None else WAIT

    def _kill_test(self):
        """The kill line is on: a MOSFET that is asked for must stay off all the same. Only the
        charge MOS is asked for, so that no load gets power should the line be broken."""
        afe, kill = self._hal.afe, self._hal.kill_line
        asked = afe.set_mosfets(True, False)
        driven = afe.mosfets()
        afe.set_mosfets(False, False)
        if asked and driven >= 0:  # else the bus gave no answer: test again
            self._faults.put(f.OFF_PATH, driven != 0 or not kill.is_on(), driven)
            self._stage = WAIT

    def _wait(self):
        valid = self._settings_valid()
        self._faults.put(f.SETTINGS_INVALID, not valid)
        limits = self._limits
        armed = not limits.pending
        if self._hal.capabilities.host_watchdog:
            armed = armed and 0 < limits.applied.watchdog_ms <= WATCHDOG_MS
        if valid and armed and self._system.healthy >= HEALTHY:
            self._stage = DONE
            self._faults.put(f.STARTING, False)

    def _settings_valid(self):
        try:
            values = self._parameters.values
            check_consistency(lambda id: values[id])
        except Refused:
            return False
        return True
