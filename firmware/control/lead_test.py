"""Resistance of the balance leads (MEA-05): the balancer pulses on each cell in turn, and the
step of its voltage tells the resistance of its two leads.

Each pulse lies between two readings at rest, so that a slow drift cancels; when the pack current
moves meanwhile, it is repeated. The first round is weak: what a good lead carries would make a
bad one look like an empty cell. Good leads then get a strong pulse for a finer value.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control.leads import MOST_MOHM

WEAK_MA = 300
STRONG_MA = 2_000
STRONG_MOHM = 70  # 140 mV
SETTLE = 2  # readings after a switch that do not count ...
READ = 5  # ... and those that do
STEADY_PARTS = 140  # 2 A in 280 Ah: the cell's own step is then below 1 mV
BROKEN_MV = 150  # so far from the other cells in a pulse: end it at once
TRIES = 50
RETRY_MS = 60_000
WEEK_MS = 604_800_000
DAY_MS = 86_400_000  # while a lead is bad

BEFORE, PULSE, AFTER = range(3)


class LeadTest:
    """Writes state.balance.lead_mohm, owns BALANCE_LEAD. `step` says the current to pulse from
    `cell` to `receiver`; `dead` = the balancer did not carry it."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._measured = context.state.measured
        self._balance = context.state.balance
        self._faults = context.faults
        self.running = self.dead = False
        self.cell = self.receiver = 0
        self._wait_ms = 0  # until the next test
        self._strong = False
        self._tries = 0
        self._old_mohm = None
        self._clear()

    def start(self):
        """Test all leads as soon as conditions allow."""
        self._wait_ms = 0

    def due(self, dt_ms):
        """Counts the time; True when a test wants to run or runs."""
        if not self.running and self._wait_ms > 0:
            self._wait_ms = max(self._wait_ms - dt_ms, 0)
        return self.running or not self._wait_ms

    def stop(self):
        """Interrupted: what was known holds, the test starts again with its first cell."""
        if self.running:
            self.running = False
            self._balance.lead_mohm[self.cell] = self._old_mohm

    def step(self, full_ma, flows_ma):
        """One good reading with `flows_ma` in the leads; mA to pulse now."""
        weak_ma = min(WEAK_MA, full_ma)
        if not self.running:
            self.running, self.dead = True, False
            self._strong = False
            self._tries = 0
            self._take(0)
        self._count += 1
        if self._count > SETTLE:
            self._read(flows_ma)
        if self._count >= SETTLE + READ:
            self._count = 0
            self._stage += 1
            if self._stage > AFTER:
                self._judge(weak_ma)
        if not self.running or self._stage != PULSE:
            return 0
        return min(full_ma, STRONG_MA) if self._strong else weak_ma

    def _take(self, cell):
        """The turn of a cell: its own voltage must not be corrected meanwhile."""
        leads, cells = self._balance.lead_mohm, self._values[p.CELL_COUNT]
        while cell < cells:
            # from four cells on the receiver shares no lead with it
            receiver = (cell + cells // 2) % cells
            if not self._strong or max(leads[cell], leads[receiver]) <= STRONG_MOHM:
                self.cell, self.receiver = cell, receiver
                self._old_mohm = leads[cell]
                leads[cell] = None
                self._clear()
                return
            cell += 1
        if self._strong:
            self._finish(cells)
        else:
            self._strong = True
            self._take(0)

    def _clear(self):
        self._stage, self._count = BEFORE, 0
        self._rest_mv = self._pulse_mv = self._pulse_ma = 0
        self._low_ma, self._high_ma = 0x1FFFFFFF, -0x1FFFFFFF

    def _read(self, flows_ma):
        m = self._measured
        mv, ma = m.cell_mv[self.cell], m.current_ma
        self._low_ma, self._high_ma = min(self._low_ma, ma), max(self._high_ma, ma)
        if self._stage != PULSE:
            self._rest_mv += mv
            return
        self._pulse_mv += mv
        self._pulse_ma += flows_ma
        if m.difference_mv > BROKEN_MV and not self._strong:
            self._count = SETTLE + READ
            self._pulse_mv, self._pulse_ma = mv * READ, flows_ma * READ

    def _judge(self, weak_ma):
        """One pulse is over."""
        steady_ma = max(self._values[p.DESIGN_CAPACITY_MAH] // STEADY_PARTS, 500)
        drop_mv = max(self._rest_mv - 2 * self._pulse_mv, 0)  # x 2 x READ
        flowed_ma, moved_ma = self._pulse_ma, self._high_ma - self._low_ma
        self._clear()
        if flowed_ma < weak_ma * READ // 2:
            self.dead = True
            self._give_up()
        elif moved_ma > steady_ma:
            self._tries += 1
            if self._tries >= TRIES:
                self._give_up()
        else:
            mohm = (drop_mv * 500 + flowed_ma // 2) // flowed_ma
            self._balance.lead_mohm[self.cell] = min(mohm, MOST_MOHM)
            self._take(self.cell + 1)

    def _give_up(self):
        self.stop()
        self._wait_ms = RETRY_MS

    def _finish(self, cells):
        worst = 0
        for i in range(cells):
            worst = max(worst, self._balance.lead_mohm[i])
        bad = worst > self._values[p.LEAD_LIMIT_MOHM]
        self._faults.put(f.BALANCE_LEAD, bad, worst)
        self.running = False
        self._wait_ms = DAY_MS if bad else WEEK_MS
