"""Is this reading to be believed? (MEA-06, MEA-07, MEA-09)

Every check names a fault. A fault comes up after three bad periods in a row and goes after three
good ones; until then the reading is just not used. One that comes back within ten minutes needs
a minute of good readings: a loose contact must not make the MOSFETs chatter.
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import MAX_CELLS, NOT_READY, OK

BAD_PERIODS = 3
FIRST_PERIODS = 7  # a chip that was just started and says so: both MOSFETs are off anyway
CELL_LOW_MV = 500
CELL_HIGH_MV = 5500
FROZEN_MS = 2000  # same codes for this long while the current steps
STEP_MA = 20_000
WRONG_WAY_MV = 5  # average cell voltage against the current step
WRONG_WAYS = 3  # also jumps of the voltage alone
BALANCE_STEP_MA = 50
STILL_MA = 1_000  # a current that does not follow a voltage step
CALM_MS = 600_000  # a fault that comes back within this time ...
AGAIN_MS = 60_000  # ... needs so long a time of good readings
SPIKE_WINDOW_MS = 60_000

CAUSES = (f.AFE_LOST, f.FROZEN_DATA, f.CELL_COUNT, f.CELL_IMPLAUSIBLE, f.PACK_SUM)


class Plausibility:
    """Judges a sample; owns the faults of CAUSES and CURRENT_SENSOR."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._faults = context.faults
        self._mosfets = context.state.mosfets
        self._balance = context.state.balance
        self._balance_ma = 0  # at the last reading
        self._range_ma = context.hal.capabilities.current_range_ma
        # a voltage that jumps this far between two readings needs a current that does too
        self._period_ms = context.hal.capabilities.period_ms
        self._spike_mv = 10 + self._period_ms // 50
        self._bad = 0
        self._good = 0
        self._needed = BAD_PERIODS  # good periods that end a fault
        self._calm_ms = CALM_MS  # since the last fault ended
        self._scan = None
        self._codes = array("H", [0] * MAX_CELLS)
        self._same_ms = 0
        self._same_ma = 0
        self._held = False  # the codes stood while the current stepped, and stand still
        self._saturated = 0
        self._last_mv = None
        self._last_ma = 0
        self._wrong_ways = 0
        self._spikes = 0
        self._spike_ms = 0
        self._jumped = False  # the voltage jumped alone: does the current follow in the next one?
        self._still = False
        self._direction_bad = False

    def check(self, result, sample, dt_ms):
        """True when the sample may be used; keeps the faults."""
        cause = self._cause(result, sample, dt_ms)
        faults = self._faults
        self._calm_ms = min(self._calm_ms + dt_ms, CALM_MS)
        if cause:
            self._good = 0
            starts = result == NOT_READY and self._scan is None
            bad = FIRST_PERIODS if starts else BAD_PERIODS
            self._bad = min(self._bad + 1, bad)
            if self._bad >= bad and not faults.stands(cause):
                faults.put(cause, True)
                if self._calm_ms < CALM_MS:
                    self._needed = AGAIN_MS // self._period_ms
            return False
        self._bad = 0
        if self._good < self._needed:
            self._good += 1
            if self._good == self._needed:
                self._end(faults)
        return True

    def _end(self, faults):
        self._needed = BAD_PERIODS
        for fault in CAUSES:
            if faults.stands(fault):
                self._calm_ms = 0
                faults.put(fault, False)

    def _cause(self, result, sample, dt_ms):
        if result != OK:
            return f.AFE_LOST
        if sample.scan == self._scan:
            return f.FROZEN_DATA
        self._scan = sample.scan
        count = self._values[p.CELL_COUNT]
        total, same = 0, True
        cells, codes = sample.cell_mv, self._codes
        plausible = True
        for i in range(count):
            mv = cells[i]
            total += mv
            if mv != codes[i]:
                same = False
                codes[i] = mv
            # empty inputs behind the last cell are a matter of the count, holes an open wire
            if (mv < CELL_LOW_MV or mv > CELL_HIGH_MV) and i < sample.cells_found:
                plausible = False
        if not plausible:
            return f.CELL_IMPLAUSIBLE
        if sample.cells_found != count:
            return f.CELL_COUNT
        if self._frozen(same, sample.current_ma, dt_ms):
            return f.FROZEN_DATA
        tap = sample.pack_mv
        if tap >= 0 and abs(tap - total) > max(total // 100, 50 * count):
            return f.PACK_SUM
        return 0

    def _frozen(self, same, ma, dt_ms):
        if not same:
            self._same_ms = 0
            self._same_ma = ma
            self._held = False
        elif self._same_ms < FROZEN_MS:
            self._same_ms += dt_ms
        elif abs(ma - self._same_ma) > STEP_MA:
            self._held = True
        return self._held

    def current_sensor(self, sample, measured, dt_ms):
        """Saturated, stuck or reversed current (MEA-09). With the MOSFETs open no current can
        prove it right again: a wrong direction stays until the key or a restart, a saturated
        one for a minute or until the key."""
        if abs(sample.current_ma) >= self._range_ma:
            self._saturated += 1
            if self._saturated >= BAD_PERIODS:
                self._saturated = BAD_PERIODS + AGAIN_MS // self._period_ms
        elif self._saturated > BAD_PERIODS:  # nothing flows now: that proves little
            self._saturated -= 1
        else:
            self._saturated = 0
        if measured.age == 0:
            self._follow(measured.average_mv, measured.current_ma, dt_ms)
            # a charge that the discharge MOS carries cannot empty a cell that under-voltage
            # switched off: the load does, past a sensor that is stuck
            if self._mosfets.discharge_carry and self._faults.stands(f.CELL_UVP):
                if measured.min_mv < self._faults.value[f.CELL_UVP] - 10 * WRONG_WAY_MV:
                    self._wrong_ways += 1
        if max(self._wrong_ways, self._spikes) >= WRONG_WAYS:
            self._direction_bad = True
        bad = self._direction_bad or self._saturated > BAD_PERIODS
        self._faults.put(f.CURRENT_SENSOR, bad, measured.current_ma)

    def _follow(self, average_mv, ma, dt_ms):
        # the drop in the leads of a balancer that starts or stops is no jump of the cells
        balanced_ma = self._balance.current_ma
        switched = abs(balanced_ma - self._balance_ma) > BALANCE_STEP_MA
        self._balance_ma = balanced_ma
        if switched:
            self._jumped = self._still = False
        elif self._last_mv is not None:
            dv, di = average_mv - self._last_mv, ma - self._last_ma
            if di < 0:
                dv, di = -dv, -di
            if di > STEP_MA:
                if dv <= -WRONG_WAY_MV:
                    self._wrong_ways += 1
                elif dv > 0:
                    self._wrong_ways = 0
            self._stuck(di < STILL_MA, abs(dv))
        self._spike_ms = max(self._spike_ms - dt_ms, 0)
        if not self._spike_ms:
            self._spikes = 0
        self._last_mv, self._last_ma = average_mv, ma

    def _stuck(self, still, jump_mv):
        """Counts voltage jumps without a current step in the readings beside them (current and
        voltage of a step may lie one reading apart)."""
        if self._jumped and still:
            self._spikes += 1
            self._spike_ms = SPIKE_WINDOW_MS
        self._jumped = still and self._still and jump_mv > self._spike_mv
        self._still = still

    def acknowledge(self):
        """The key was pressed: give the current sensor another chance."""
        self._direction_bad = False
        self._wrong_ways = 0
        self._spikes = 0
        self._saturated = 0
