"""Emergency power (PRT-17): for a limited time under-voltage and power-off are ignored, discharge
MOS only; never over-voltage, temperature, short circuit, front end or sensor faults.
"""

from firmware import fault_ids as f
from firmware import levels
from firmware import parameter_ids as p
from firmware.parameters import Refused
from firmware.state import OFF, ON, SLEEP

ONCE_S = 3600


class Emergency:
    """Writes state.power.emergency_s; owns EMERGENCY."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self.granted_s = -ONCE_S  # uptime of the last grant
        self._ms = 0

    def start(self):
        """Grant it; Refused when it was granted less than an hour ago, a cell is too low or the
        pack is not on."""
        if self._state.power.mode not in (ON, SLEEP):
            raise Refused("emergency power: the pack is not switched on")
        now_s = self._state.system.uptime_s
        left_s = ONCE_S - (now_s - self.granted_s)
        if left_s > 0:
            raise Refused("emergency power: granted once an hour, again in %d s" % left_s)
        if self._too_low():
            raise Refused(
                "emergency power: lowest cell %d mV, at least %d needed"
                % (self._state.measured.min_mv, self._floor_mv())
            )
        self.granted_s = now_s
        self._ms = 0
        self._state.power.emergency_s = self._values[p.EMERGENCY_MIN] * 60
        self._faults.put(f.EMERGENCY, True)

    def stop(self):
        """End it now."""
        self._state.power.emergency_s = 0
        self._faults.put(f.EMERGENCY, False)

    def step(self, dt_ms):
        """Count down; end at the time or at the lowest voltage."""
        power = self._state.power
        if not power.emergency_s:
            return
        self._ms += dt_ms
        while self._ms >= 1000 and power.emergency_s:
            self._ms -= 1000
            power.emergency_s -= 1
        if not power.emergency_s or power.mode == OFF or self._too_low():
            self.stop()

    def _floor_mv(self):
        return levels.level(self._values, levels.EMERGENCY_END_MV)

    def _too_low(self):
        measured = self._state.measured
        return not measured.valid or measured.min_mv < self._floor_mv()
