"""The start-up gate (PRT-15, PRT-21): both MOSFETs stay off until the front end is configured and
read back, both off paths are proven, the settings are valid and three measurement cycles in a row
were healthy. The gate closes again after an exception in measurement or protection.
"""

from firmware import fault_ids as f
from firmware.control.afe_limits import WATCHDOG_MS
from firmware.control.short_circuit import SHORTS
from firmware.ondemand import call
from firmware.parameters import Refused
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
        self.looked = False  # the chip was asked for its latches
        self._checked = -1  # generation of the settings that were found valid or not
        self._valid = False
        self.found = 0  # shorts that the chip had latched before it was started anew
        self.close()

    def close(self, pause_ms=0):
        """Begin again from the first step, after `pause_ms`."""
        self._faults.put(f.STARTING, True)
        self._stage = START
        self._timer_ms = pause_ms
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
        self.looked = True
        self._faults.put(f.AFE_LOST, False)  # measurement raises it again if it is
        self._hal.afe.clear_latches(LATCH_RESET | LATCH_WATCHDOG)  # our own doing
        self._limits.started()
        self._system.healthy = 0  # only readings of the chip as it is now count
        self._stage = KILL_TEST if kill is not None else WAIT

    def _kill_test(self):
        """Each path alone must hold both MOSFETs off: the kill line while the bus asks for the
        charge MOS (no load gets power should the line be broken), then the bus while the kill
        line is released."""
        afe, kill = self._hal.afe, self._hal.kill_line
        asked = afe.set_mosfets(True, False)
        killed, asserted = afe.mosfets(), kill.is_on()
        asked = afe.set_mosfets(False, False) and asked
        kill.set(False)
        released = afe.mosfets()
        if kill.is_on():
            asserted = False
        kill.set(True)
        if asked and killed >= 0 and released >= 0:  # else the bus gave no answer: test again
            self._faults.put(f.OFF_PATH, killed or released or not asserted, killed)
            self._stage = WAIT

    def _wait(self):
        valid = self._settings_valid()
        self._faults.put(f.SETTINGS_INVALID, not valid)
        if valid and self.armed() and self._system.healthy >= HEALTHY:
            self._stage = DONE
            self._faults.put(f.STARTING, False)

    def armed(self):
        """The front end's limits are the wanted ones, read back (PRT-22)."""
        limits = self._limits
        if limits.pending or self._faults.stands(f.AFE_CONFIG):
            return False
        watched = 0 < limits.applied.watchdog_ms <= WATCHDOG_MS
        return watched or not self._hal.capabilities.host_watchdog

    def _settings_valid(self):
        """Looked at once for each set of values: to load the checks takes as long as a cycle. That
        the values stay what they are is checked all the time (MEA-09)."""
        parameters = self._parameters
        if self._checked != parameters.generation:
            try:
                call("checks", "check_stored", parameters.values, self._hal.capabilities)
                self._valid = True
            except Refused:
                self._valid = False
            self._checked = parameters.generation
        return self._valid
