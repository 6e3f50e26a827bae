"""The charge current limiting module (PRT-12): instead of forbidding charge after an over-current
or a charge short circuit, it passes 10 A beside the open charge MOS, until the limited current
stays below 5 A. It also leads onto a live bus (MEA-08, see precharge.py).
"""

from firmware import fault_ids as f
from firmware import fault_table
from firmware import parameter_ids as p

END_MA = 5_000
END_MS = 10_000
TRIGGERS = (f.CHARGE_OCP, f.CHARGE_OCP2, f.CHARGE_SHORT)


class Limiter:
    """Owns LIMITING; writes state.mosfets.limiting. Nothing happens on a board without one."""

    def __init__(self, context):
        self._module = context.hal.charge_limiter
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._mosfets = context.state.mosfets
        self._low_ms = 0
        self._used = False  # it has ended for the present over-current
        self.bridge = False  # asked for by the port check

    def fitted(self):
        """True when the board has a module."""
        return self._module is not None

    def step(self, dt_ms):
        """Switch the module."""
        if self._module is None:
            return
        triggered = False
        for fault in TRIGGERS:
            if self._faults.stands(fault):
                triggered = True
        if not triggered:
            self._used = False
        elif self._mosfets.limiting:
            low = abs(self._measured.current_ma) < END_MA
            self._low_ms = self._low_ms + dt_ms if low else 0
            if self._low_ms >= END_MS:
                self._used = True
        else:
            self._low_ms = 0
        wanted = triggered and not self._used and not self._values[p.LIMITER_DISABLED]
        wanted = (wanted or self.bridge) and not self._other_reason()
        if wanted != self._mosfets.limiting:
            self._mosfets.limiting = wanted
            self._module.set(wanted)
        self._faults.put(f.LIMITING, wanted)

    def stop(self):
        """Module off."""
        self._mosfets.limiting = False
        if self._module is not None:
            self._module.set(False)

    def _other_reason(self):
        """A reason against charging stands that limiting does not cure."""
        standing = self._faults.standing
        for i in range(fault_table.WORDS):
            reasons = standing[i] & fault_table.CHARGE[i]
            for fault in TRIGGERS:
                if fault // 30 == i:
                    reasons &= ~(1 << fault % 30)
            if reasons:
                return True
        return False
