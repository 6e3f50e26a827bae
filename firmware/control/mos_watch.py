"""Do the MOSFETs obey? Stuck ones and ones that do not switch on (PRT-16), and what MOSFETs
cannot end: the trip output for a shunt-trip breaker (PRT-24).
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p

STUCK_MA = 1_000
STUCK_MS = 1_000
FAILED_MS = 2_000
PORT_CELL_MV = 500  # per 8 cells: a port further above the pack is not connected to it
SAMPLE_MS = 10_000  # battery temperature every 10 s
SAMPLES = 6  # a minute
RISE_DC = 100  # 10 K a minute


class MosWatch:
    """Owns the *_MOS_* faults and, beside the rules, TRIP_OUTPUT. All of them are latched."""

    def __init__(self, context, protection):
        self._protection = protection
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self._charge_ms = 0
        self._discharge_ms = 0
        self._no_charge_ms = 0
        self._no_discharge_ms = 0
        self._sample_ms = 0
        self._samples = 0
        self._temps = array("h", [0] * (SAMPLES + 1))  # oldest first
        self.tripped = False

    def step(self, dt_ms):
        """Compare commands with what happens."""
        m, mosfets, faults = self._state.measured, self._state.mosfets, self._faults
        if not m.valid:
            return
        # a current that is known to be wrong accuses no MOSFET
        ma = 0 if faults.up[f.CURRENT_SENSOR] else m.current_ma
        passed_ma = 0  # what flows beside the open charge MOS by intent
        if mosfets.limiting or mosfets.bridging:
            passed_ma = self._values[p.CHARGE_LIMITER_MA] // 4 * 5
        stuck = not mosfets.charge and ma > STUCK_MA + passed_ma
        self._charge_ms = self._charge_ms + dt_ms if stuck else 0
        stuck = not mosfets.discharge and not mosfets.precharging and ma < -STUCK_MA
        self._discharge_ms = self._discharge_ms + dt_ms if stuck else 0
        if self._charge_ms >= STUCK_MS:
            faults.put(f.CHARGE_MOS_STUCK, True, ma)
        if self._discharge_ms >= STUCK_MS:
            faults.put(f.DISCHARGE_MOS_STUCK, True, ma)
        self._switch_on(m, mosfets, dt_ms)
        self._runaway(m.temp_max, dt_ms)
        if faults.up[f.CHARGE_MOS_STUCK] or faults.up[f.DISCHARGE_MOS_STUCK]:
            self.tripped = True
        if self.tripped:
            faults.put(f.TRIP_OUTPUT, True)

    def key(self):
        """The activation key: check again. A rule that holds the trip output keeps it."""
        self.tripped = False
        if not self._protection.holds(f.TRIP_OUTPUT):
            self._faults.put(f.TRIP_OUTPUT, False)
        for fault in range(f.CHARGE_MOS_STUCK, f.DISCHARGE_MOS_FAILED + 1):  # all four
            self._faults.put(fault, False)
        self._charge_ms = self._discharge_ms = self._no_charge_ms = self._no_discharge_ms = 0

    def _switch_on(self, m, mosfets, dt_ms):
        """A MOS that is asked for must be driven, and its port must follow the pack."""
        # with both closed the port is the pack: one that a charger holds above it is cut off
        live_mv = m.pack_mv + PORT_CELL_MV * m.cell_count // 8
        cut_off = mosfets.discharge_on and m.port_mv is not None and m.port_mv > live_mv
        failed = mosfets.charge and (not mosfets.charge_on or cut_off)
        self._no_charge_ms = self._no_charge_ms + dt_ms if failed else 0
        dead = m.port_mv is not None and m.port_mv < m.pack_mv - m.pack_mv // 10
        failed = mosfets.discharge and (not mosfets.discharge_on or dead)
        self._no_discharge_ms = self._no_discharge_ms + dt_ms if failed else 0
        if self._no_charge_ms >= FAILED_MS:
            self._faults.put(f.CHARGE_MOS_FAILED, True)
        if self._no_discharge_ms >= FAILED_MS:
            self._faults.put(f.DISCHARGE_MOS_FAILED, True, m.port_mv or 0)

    def _runaway(self, dc, dt_ms):
        """A battery temperature that rises in each of six 10 s steps, 10 K in all: a step of the
        sensor alone is not a runaway."""
        if dc is None:
            self._samples = 0
            return
        self._sample_ms -= dt_ms
        if self._sample_ms > 0:
            return
        self._sample_ms = SAMPLE_MS
        temps = self._temps
        for i in range(SAMPLES):
            temps[i] = temps[i + 1]
        temps[SAMPLES] = dc
        self._samples = min(self._samples + 1, SAMPLES + 1)
        if self._samples <= SAMPLES:
            return
        rising = True
        for i in range(SAMPLES):
            if temps[i + 1] <= temps[i]:
                rising = False
        if rising and temps[SAMPLES] - temps[0] > RISE_DC:
            self.tripped = True
