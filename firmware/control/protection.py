"""Protection: runs the rules of control/rules.py over the measured quantities.

A rule beyond its trip level counts its delay (`pending`), then raises its fault. How it ends is
the rule's kind. What a fault switches off is in the fault table; MOSFETs are decided elsewhere.
"""

from firmware import fault_ids as f
from firmware import fault_table, levels
from firmware import parameter_ids as p
from firmware.control import rules
from firmware.control.reconnect import Reconnect
from firmware.control.rules import ABOVE, LATCH, LEVEL, RECONNECT, RULES, TIME, WIDTH

NEVER = 0x3FFFFFFF


class Rule:
    """The row from RULES[at] at work. Levels are multiplied by `sense`, so that "beyond" is
    always ">"."""

    def __init__(self, at, values):
        self._at = at
        self.fault, self.quantity = RULES[at], RULES[at + 1]
        self.sense = 1 if RULES[at + 2] == ABOVE else -1
        self.trip = NEVER
        self.release = NEVER
        self.delay_ms = NEVER
        self.timer_ms = 0  # counts the trip delay; > 0 = pending. Active: what is left of TIME
        self.active = False
        self.again = Reconnect() if self.kind() in (RECONNECT, LATCH) else None
        self.load(values)

    def kind(self):
        """How it ends once tripped."""
        return RULES[self._at + 6]

    def load(self, values):
        """Read the levels anew. True when they were the same as before."""
        at = self._at
        trip = levels.level(values, RULES[at + 3]) * self.sense
        if self.kind() == TIME:
            release = values[RULES[at + 4]] * 1000
        else:
            release = levels.level(values, RULES[at + 4]) * self.sense
        second = self.fault == f.CHARGE_OCP2 or self.fault == f.DISCHARGE_OCP2
        if second and not values[p.DISCHARGE_OCP2_ENABLED]:
            trip = NEVER
        delay = rules.delay_ms(values, RULES[at + 5])
        same = trip == self.trip and release == self.release and delay == self.delay_ms
        self.trip, self.release, self.delay_ms = trip, release, delay
        return same


class Protection:
    """Owns the faults of RULES. `pending` says that a trip delay is running (PRT-25)."""

    def __init__(self, context):
        self._parameters = context.parameters
        self._state = context.state
        self._faults = context.faults
        self._generation = context.parameters.generation
        self.quantities = [None] * rules.QUANTITIES
        values = context.parameters.values
        self.rules = tuple(Rule(at, values) for at in range(0, len(RULES), WIDTH))
        self.charge_pending = 0  # fault whose delay is running towards the charge MOS, 0 = none
        self.discharge_pending = 0
        self._missed_ms = 0  # time of bad readings since the last good one
        self.moves = 0  # rules that tripped or ended

    def step(self, dt_ms):
        """Look at every rule once. Without a valid measurement nothing moves: the MOSFETs are
        open then for another reason, and no timer may run on old numbers."""
        if self._generation != self._parameters.generation:
            self.load()
        if not self._state.measured.valid:
            self._missed_ms = 0
            return
        if self._state.measured.age:  # one or two bad readings do not stretch a delay
            self._missed_ms += dt_ms
            return
        dt_ms += self._missed_ms
        self._missed_ms = 0
        self._collect()
        self.charge_pending = self.discharge_pending = 0
        quantities = self.quantities
        for r in self.rules:
            v = quantities[r.quantity]
            if v is None:
                self._unknown(r)
                continue
            if r.sense < 0:
                v = -v
            if r.active:
                self._active(r, v, dt_ms)
            elif v > r.trip:
                self._beyond(r, v, dt_ms)
            elif r.timer_ms:
                r.timer_ms = 0

    def load(self):
        """Read all levels anew after a parameter change."""
        self._generation = self._parameters.generation
        for r in self.rules:
            r.load(self._parameters.values)

    def verify(self):
        """Derive all levels again; False when one differs from what it was (MEA-09)."""
        if self._generation != self._parameters.generation:
            return True  # about to be read anyway
        good = True
        for r in self.rules:
            if not r.load(self._parameters.values):
                good = False
        return good

    def key(self):
        """The activation key was pressed: frees rules that used up their reconnects and latched
        rules whose value is back inside (PRT-20)."""
        for r in self.rules:
            if r.active and r.again is not None:
                r.again.freed = True

    def _collect(self):
        q, m = self.quantities, self._state.measured
        q[rules.CELL_MAX] = m.max_mv
        q[rules.CELL_MIN] = m.min_mv
        q[rules.PACK] = m.pack_mv
        q[rules.CHARGE_MA] = m.current_ma
        q[rules.DISCHARGE_MA] = -m.current_ma
        q[rules.BATTERY_MAX] = m.temp_max
        q[rules.BATTERY_MIN] = m.temp_min
        q[rules.MOS] = m.temp_dc[4]
        q[rules.DIFFERENCE] = m.difference_mv
        soc = self._state.gauge.soc_dpct
        q[rules.SOC] = None if soc is None else soc // 10
        deep = self._faults.up[f.DEEP_DISCHARGE]
        q[rules.DEEP_CHARGE_MA] = m.current_ma if deep else 0

    def _unknown(self, r):
        """No value: nothing counts. A temperature rule ends when its sensors were taken out of
        use by a setting; with sensors that failed it stands (their own fault says so)."""
        if not r.active:
            r.timer_ms = 0
        sensor = rules.BATTERY_MAX <= r.quantity <= rules.MOS
        failed = self._faults.stands(f.NO_TEMP_SENSOR) or self._faults.stands(f.MOS_SENSOR)
        if r.active and sensor and not failed:
            self._end(r)

    def _beyond(self, r, v, dt_ms):
        r.timer_ms = r.timer_ms + dt_ms if r.timer_ms else 1
        if r.timer_ms > r.delay_ms:
            self._trip(r, v * r.sense)
            return
        if blocks(r.fault, fault_table.CHARGE):
            self.charge_pending = r.fault
        if blocks(r.fault, fault_table.DISCHARGE):
            self.discharge_pending = r.fault

    def _trip(self, r, value):
        r.active = True
        self.moves = self.moves + 1 & 0x3FFFFFFF
        r.timer_ms = r.release if r.kind() == TIME else 0
        if r.again is not None:
            r.again.tripped(self._state.system.uptime_s)
        self._faults.put(r.fault, True, value)

    def _active(self, r, v, dt_ms):
        kind = r.kind()
        if kind == LEVEL:
            done = v < r.release
            if rules.BATTERY_MAX <= r.quantity < rules.MOS and self._faults.stands(f.TEMP_SENSOR):
                done = False  # the sensor that told may be the one that has failed
        elif kind == TIME:
            charge_ocp = r.fault == f.CHARGE_OCP or r.fault == f.CHARGE_OCP2
            if charge_ocp and self._state.mosfets.limiting:
                return
            r.timer_ms -= dt_ms
            done = r.timer_ms <= 0
        elif kind == RECONNECT:
            ma = self._state.measured.current_ma
            allowed_ma = ma if r.sense < 0 else -ma
            done = r.again.step(v < r.release, allowed_ma, self._state.system.uptime_s, dt_ms)
        else:
            done = kind == LATCH and r.again.freed and v < r.release
            r.again.freed = False  # the key counts while the value is inside, not for later
        if done:
            self._end(r)

    def _end(self, r):
        r.active = False
        r.timer_ms = 0
        self.moves = self.moves + 1 & 0x3FFFFFFF
        self._faults.put(r.fault, self.holds(r.fault))

    def holds(self, fault):
        """True while a tripped rule holds the fault."""
        for r in self.rules:
            if r.active and r.fault == fault:
                return True
        return False


def blocks(fault, mask):
    """True when the fault belongs to the mask (a row of fault_table)."""
    return mask[fault // 30] >> fault % 30 & 1 == 1
