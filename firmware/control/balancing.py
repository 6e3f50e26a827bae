"""Active balancing: when, between which cells, with what current (BAL-01..05).

Every decision comes from voltages taken while the balancer pauses, and stands for HOLD_MS. A
reason against it stops the balancer in the same cycle. In voltage order the highest cell gives to
the lowest (the manual's rule, and the trim near full); else the charge ledger says who gives.
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control.balance_limits import (
    BALANCED,
    LEADS_UNKNOWN,
    LEAST_MA,
    NO_BALANCER,
    NOTHING_KNOWN,
    START_VOLTAGE,
    TESTING,
    TOO_WEAK,
    BalanceLimits,
)
from firmware.control.lead_test import LeadTest
from firmware.control.ledger import Ledger
from hal.contract import MAX_CELLS

# phases
REST, MOVE, SETTLE, READ, TEST = range(5)

HOLD_MS = 50_000  # a transfer
REST_MS = 30_000  # no transfer, at least
SETTLE_MS = 2_000
READ_MS = 3_000
READINGS = 3
MOST_READINGS = 60
TRIM_MV = (3445, 4150, 2600)  # from here the voltage order counts
WRONG_MS = 2_000
FAULT_MS = 600_000  # rest after a wrong current, doubled each time up to ...
LONGEST_FAULT_MS = 36_000_000


class Balancing:
    """Writes state.balance and owns BALANCER and BALANCER_STUCK. Without a balancer: nothing."""

    def __init__(self, context):
        self._part = context.hal.balancer
        self._parameters = context.parameters
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._balance = context.state.balance
        self.ledger = Ledger(context)
        self.leads = LeadTest(context)
        self.limits = BalanceLimits(context)
        self._generation = -1
        self._cells = 0
        self.phase = REST
        self._ms = 0  # in this phase
        self._asked_ma = -1  # a balancer may still run from before a restart
        self._flows_ma = 0
        self._sign = 1
        self._wrong_ms = 0
        self._fault_ms = 0  # left
        self._pause_ms = FAULT_MS
        self._mean_dmv = array("i", [0] * MAX_CELLS)
        self._n = 0
        self._sum_ma = self._low_ma = self._high_ma = 0
        if self._part is None:
            self._balance.reason = NO_BALANCER

    def step(self, dt_ms):
        """Once a cycle, after the measurement."""
        if self._part is None:
            return
        balance, m = self._balance, self._measured
        flows_ma = self._flows_ma = self._part.current_ma()
        if flows_ma > 0 and balance.donor is not None:
            self.ledger.count(min(flows_ma, 20_000), dt_ms)
        if m.valid:
            self.ledger.follow(m.current_ma, dt_ms)
        self._watch(flows_ma, dt_ms)
        if self._generation != self._parameters.generation:
            self._changed()
        reason = self.limits.against(self._asked_ma, self.phase == TEST)
        if reason or self._asked_ma < 0:
            self._rest(reason)
            self.leads.stop()
        elif not m.age:
            self._ms += dt_ms
            self._advance(flows_ma, dt_ms)
        if self._asked_ma or self._flows_ma >= LEAST_MA:
            balance.current_ma = self._flows_ma * self._sign
        else:
            balance.current_ma = 0
            if not balance.active:
                balance.donor = balance.receiver = None

    def off(self):
        """After an exception: nothing is moved."""
        balance = self._balance
        balance.active = False
        self.phase, self._ms, self._asked_ma = REST, 0, -1
        self.leads.stop()
        if self._part is not None:
            self._part.transfer(0, 0, 0)
            balance.current_ma = 0

    def start_lead_test(self):
        """Measure the resistance of all leads as soon as conditions allow (MEA-05)."""
        self.leads.start()

    def _changed(self):
        """Settings changed: decide anew; of another pack's cells nothing is known."""
        self._generation = self._parameters.generation
        cells, balance = self._values[p.CELL_COUNT], self._balance
        if self._cells and cells != self._cells:
            self.leads.stop()
            self.ledger.forget()
            for i in range(MAX_CELLS):
                balance.lead_mohm[i] = None
            self.leads.start()
        self._cells = cells
        if balance.active:
            self._rest(0)

    def _watch(self, ma, dt_ms):
        """A current far from the one asked for ends the transfer for a while; one that does not
        stop also ends charging: the donor's reading cannot be trusted then."""
        asked, faults = max(self._asked_ma, 0), self._faults
        if ma <= asked + asked // 4 + LEAST_MA and ma * 2 >= asked:
            self._wrong_ms = 0
            if self._fault_ms:
                self._fault_ms = max(self._fault_ms - dt_ms, 0)
                if not self._fault_ms:
                    faults.put(f.BALANCER, False)
                    faults.put(f.BALANCER_STUCK, False)
            return
        self._wrong_ms += dt_ms
        if self._wrong_ms >= WRONG_MS:
            self._wrong_ms = WRONG_MS
            self._accuse(f.BALANCER if asked else f.BALANCER_STUCK, ma)

    def _accuse(self, fault, ma):
        self._fault_ms = self._pause_ms
        if not self._faults.stands(fault):
            self._pause_ms = min(2 * self._pause_ms, LONGEST_FAULT_MS)
            self._faults.put(fault, True, ma)

    def _advance(self, flows_ma, dt_ms):
        phase = self.phase
        if self.leads.due(dt_ms) and (phase == TEST or phase == REST):
            if phase == TEST or self.limits.may_test():
                self._test(flows_ma)
                return
        if phase == MOVE:
            if self._ms >= HOLD_MS:
                self._drive(self._balance.donor, self._balance.receiver, 0)
                self._pause_ms = FAULT_MS
                self._enter(SETTLE)
        elif phase == READ:
            self._collect()
        elif self._ms >= (SETTLE_MS if phase == SETTLE else REST_MS):
            self._n = 0
            self._enter(READ)

    def _enter(self, phase):
        self.phase, self._ms = phase, 0

    def _rest(self, reason):
        """Move nothing, from now on for at least REST_MS."""
        self._balance.active = False
        self._balance.reason = reason
        if self._asked_ma:
            self._drive(self._balance.donor, self._balance.receiver, 0)
        self._enter(REST)

    def _drive(self, donor, receiver, ma):
        """Tell the balancer."""
        balance = self._balance
        if ma != self._asked_ma or donor != balance.donor or receiver != balance.receiver:
            self._wrong_ms = 0
            self._asked_ma = ma
            balance.donor, balance.receiver = donor, receiver
            self._part.transfer(donor or 0, receiver or 0, ma)
            self._flows_ma = self._part.current_ma()

    def _test(self, flows_ma):
        """One reading of the lead test."""
        leads = self.leads
        if not self._asked_ma and not self.limits.may_test():
            leads.stop()
            self._rest(TESTING)
            return
        if self.phase != TEST:
            self._enter(TEST)
        self._balance.reason = TESTING
        ma = leads.step(self.limits.full_ma(), flows_ma)
        self._drive(leads.cell, leads.receiver, ma)
        if leads.dead:
            leads.dead = False
            self._accuse(f.BALANCER, flows_ma)
        if not leads.running:
            self._rest(TESTING)

    def _collect(self):
        """One clean reading; the last one decides."""
        m, means = self._measured, self._mean_dmv
        cells, ma, first = m.cell_mv, m.current_ma, self._n == 0
        for i in range(m.cell_count):
            means[i] = cells[i] if first else means[i] + cells[i]
        if first:
            self._sum_ma = 0
            self._low_ma = self._high_ma = ma
        self._n += 1
        self._sum_ma += ma
        self._low_ma, self._high_ma = min(self._low_ma, ma), max(self._high_ma, ma)
        if self._n < READINGS or (self._ms < READ_MS and self._n < MOST_READINGS):
            return
        for i in range(m.cell_count):
            means[i] = means[i] * 10 // self._n
        self._decide(m.cell_count, self._sum_ma // self._n)

    def _decide(self, cells, ma):
        """Who gives to whom until the next reading."""
        balance, ledger = self._balance, self.ledger
        means, capacity_mah = self._mean_dmv, self._values[p.DESIGN_CAPACITY_MAH]
        steady = self._high_ma - self._low_ma <= max(capacity_mah // 50, 500)
        steady = steady and ma >= -(capacity_mah // 500)
        if steady and ma <= capacity_mah // 10:
            ledger.read(means, cells, ma)
        high = low = 0
        for i in range(cells):
            if means[i] > means[high]:
                high = i
            if means[i] < means[low]:
                low = i
        trim_dmv = TRIM_MV[self._values[p.CHEMISTRY]] * 10
        top = steady and means[high] >= trim_dmv and ma <= capacity_mah // 16
        if top or not self._values[p.BALANCE_STRATEGY]:
            reason = self._compare(means[high], means[low])
            outlier = means[high] + means[low] > 2 * self._measured.average_mv * 10
        else:
            reason = 0 if ledger.pick(cells, balance.active) else BALANCED
            if not balance.known:
                reason = NOTHING_KNOWN
            high, low, outlier = ledger.donor, ledger.receiver, ledger.outlier(cells)
        self._act(high, low, reason)
        self._sign = -1 if outlier else 1

    def _compare(self, high_dmv, low_dmv):
        """The manual's rule (BAL-01)."""
        values = self._values
        apart = high_dmv - low_dmv - values[p.BALANCE_TRIGGER_MV] * 10
        above = high_dmv - values[p.BALANCE_START_MV] * 10
        least = 0 if self._balance.active else 1
        if above < least:
            return START_VOLTAGE
        return BALANCED if apart < least else 0

    def _act(self, donor, receiver, reason):
        """Begin or go on, or rest."""
        balance, leads = self._balance, self._balance.lead_mohm
        ma = 0
        for i in range(self._measured.cell_count):
            if leads[i] is None:
                reason = LEADS_UNKNOWN
        if self._faults.stands(f.BALANCE_LEAD):
            reason = f.BALANCE_LEAD
        elif self.leads.due(0) and self.limits.may_test():
            reason = reason or TESTING
        if not reason:
            ma = self.limits.most_ma(max(leads[donor], leads[receiver]))
            reason = 0 if ma else TOO_WEAK
        if reason:
            self._rest(reason)
            return
        balance.active, balance.reason = True, 0
        self._enter(MOVE)
        self._drive(donor, receiver, ma)
