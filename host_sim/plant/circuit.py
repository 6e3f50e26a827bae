"""The pack circuit between cells and port: two MOSFETs back to back on a common port, their
body diodes, pre-charge, limiter, port capacitor, heater (docs/plant.md has the picture).

Solved without iteration: for the present switches the current through the cells follows from
the EMF, the resistance and what the sources want. `solve` is cheap and is called after every
change of an input, `step` lets time pass.
"""

import math

from host_sim.plant import leads
from host_sim.plant.interface import Plant
from host_sim.plant.sources import Sources


class Circuit(Plant):
    """`cells` is a CellModel; `lead_ohm` the resistance of each sense wire, or a list with one
    more than cells. Faults of the switches are plain attributes."""

    DIODE_V = 0.7
    MOS_OHM = 0.5e-3  # both MOSFETs and the shunt
    PORT_F = 10e-3
    PORT_ESR_OHM = 12e-3  # of the capacitor and its cables: limits the switch-on pulse
    LEAK_OHM = 10_000.0
    PRECHARGE_OHM = 33.0
    MOS_HEAT_J_K = 80.0
    MOS_LOSS_W_K = 0.8

    def __init__(self, cells, ambient_c=25.0, lead_ohm=0.010):
        self.cells = cells
        self.lead_ohm = leads.resistances(cells.count, lead_ohm)
        self.sources = Sources()
        self.ambient_c = ambient_c
        self.standby_a = 0.02  # the controller's own supply
        self.limiter_a = 10.0
        self.heater_w = 100.0
        self.balance_efficiency = 0.85
        self.mos_temp_c = ambient_c
        self.port_v = 0.0
        self.current_a = 0.0
        # gates as driven, and what is broken
        self.charge_gate = self.discharge_gate = False
        self.precharge = self.limiter = self.heater = False
        self.charge_stuck = self.discharge_stuck = False
        self.charge_fails = self.discharge_fails = False
        self.heater_stuck = False
        self.abuse_w = 0.0  # heat brought into the cells by a fault
        self.charge_on = self.discharge_on = False  # conducting channels
        self.inrush_a = 0.0  # peak and time constant of the last switch-on into the port
        self.inrush_s = 0.0
        self._balance = None
        self._balance_a = 0.0
        self.solve()

    # --- inputs --------------------------------------------------------------------------------

    def set_gates(self, charge, discharge):
        self.charge_gate, self.discharge_gate = bool(charge), bool(discharge)
        self.switches_changed()

    def switches_changed(self):
        """Work out which channels conduct, after a gate or one of the fault flags changed."""
        was_on = self.discharge_on
        self.charge_on = (self.charge_gate and not self.charge_fails) or self.charge_stuck
        self.discharge_on = (
            self.discharge_gate and not self.discharge_fails
        ) or self.discharge_stuck
        self.inrush_a = 0.0
        if self.discharge_on and not was_on:
            self._close_onto_port()
        self.solve()

    def set_precharge(self, on):
        self.precharge = bool(on)
        self.solve()

    def set_limiter(self, on):
        self.limiter = bool(on)
        self.solve()

    def set_heater(self, on):
        self.heater = bool(on)
        self.solve()

    def set_balance(self, donor, receiver, amps):
        self._balance_a = float(amps)
        if not amps:
            self._balance = None
            return
        self._balance = [0.0] * self.cells.count
        self._balance[donor] -= amps
        self._balance[receiver] += amps * self.balance_efficiency

    # --- outputs -------------------------------------------------------------------------------

    def cell_voltages(self):
        """What the board can measure: with the drop in the leads while the balancer runs."""
        volts = self.terminal_voltages()
        if self._balance is None:
            return volts
        drops = leads.drops(self.lead_ohm, self._balance)
        return [v + d for v, d in zip(volts, drops, strict=True)]

    def terminal_voltages(self):
        return self.cells.voltages(self.internal_a(), self._balance)

    def pack_v(self):
        return self.cells.total_emf_v + self.internal_a() * self.cells.total_r0_ohm

    def internal_a(self):
        """Current through the cells: port current less heater and standby (behind the shunt)."""
        return self.current_a - self.standby_a - self.heater_a()

    def heater_a(self):
        """Heater current, A; the heater hangs on the pack side of the MOSFETs."""
        if not (self.heater or self.heater_stuck):
            return 0.0
        return self.heater_w / max(self.cells.total_emf_v, 1.0)

    def balance_a(self):
        """Current of the active balancer, A, >= 0."""
        return self._balance_a

    def charger_v(self):
        return self.port_v if self.sources.open_v(self.cells.total_emf_v) else 0.0

    def load_present(self):
        return self.sources.wants_load()

    # --- physics -------------------------------------------------------------------------------

    def solve(self):
        """Current and, where the pack holds it, port voltage for the present inputs."""
        cells, sources = self.cells, self.sources
        emf = cells.total_emf_v
        r = cells.total_r0_ohm + self.MOS_OHM
        sources.running = sources.running or self.discharge_on or bool(sources.charger_a)
        amps = sources.demand(emf, r)
        if amps > 0:
            amps = self._charging(amps)
        elif not self.discharge_on:
            amps = 0.0
        self.current_a = amps
        held_v = sources.open_v(emf)
        if self.discharge_on:
            drop = self.DIODE_V if amps < 0 and not self.charge_on else 0.0
            self.port_v = max(emf + amps * r - drop, 0.0)
            if held_v and amps == 0 and not self.charge_on:
                self.port_v = max(self.port_v, held_v)  # blocked: the charger holds the port up
        elif amps > 0:
            self.port_v = emf + amps * r + self.DIODE_V
        elif held_v:
            self.port_v = held_v

    def _charging(self, amps):
        """What of a charging current gets through."""
        if self.charge_on:
            return amps
        return min(amps, self.limiter_a) if self.limiter else 0.0

    def _close_onto_port(self):
        """The discharge MOS closes onto a capacitor of another voltage: a current pulse."""
        r = self.cells.total_r0_ohm + self.MOS_OHM + self.PORT_ESR_OHM
        self.inrush_a = (self.cells.total_emf_v - self.port_v) / r
        self.inrush_s = r * self.PORT_F

    def take_inrush(self):
        """(peak A, time constant s) of the pulse of the last switch-on; each is told once."""
        peak_a, self.inrush_a = self.inrush_a, 0.0
        return peak_a, self.inrush_s

    def step(self, dt_s):
        amps = self.current_a
        self.cells.step(
            dt_s,
            amps - self.standby_a - self.heater_a(),
            self._balance,
            (self.heater_w if self.heater or self.heater_stuck else 0.0) + self.abuse_w,
            self.ambient_c,
        )
        self._heat_mosfets(dt_s)
        if not self.discharge_on:
            self._float_port(dt_s)
        self.solve()

    def _heat_mosfets(self, dt_s):
        amps = abs(self.current_a)
        watts = amps * amps * self.MOS_OHM
        blocked = self.charge_on if self.current_a < 0 else self.discharge_on
        if amps and not blocked:
            watts += amps * self.DIODE_V
        target = self.ambient_c + watts / self.MOS_LOSS_W_K
        keep = math.exp(-dt_s * self.MOS_LOSS_W_K / self.MOS_HEAT_J_K)
        self.mos_temp_c = target + (self.mos_temp_c - target) * keep

    def _float_port(self, dt_s):
        """The port is not held by the pack: capacitor, leak, pre-charge, sources and loads."""
        sources, emf = self.sources, self.cells.total_emf_v
        if sources.open_v(emf):
            return
        siemens = 1.0 / self.LEAK_OHM
        amps = min(sources.load_a(self.port_v), 0.0)
        if sources.resistor_ohm:
            siemens += 1.0 / sources.resistor_ohm
        if self.precharge:
            siemens += 1.0 / self.PRECHARGE_OHM
            amps += emf / self.PRECHARGE_OHM
        target = amps / siemens
        keep = math.exp(-dt_s * siemens / self.PORT_F)
        self.port_v = max(target + (self.port_v - target) * keep, 0.0)
        if self.port_v < sources.LOCKOUT * emf:
            sources.running = False
