"""PackState: what is known about the pack now. Allocated once; each sub-record has exactly one
writer (named in its docstring); everyone else only reads.

None means "not fitted" or "not yet known", never 0.
"""

from array import array

MAX_CELLS = 16

# State.power.mode
OFF = 0
STARTING = 1
ON = 2
SLEEP = 3
SAFE = 4  # recovery: MOSFETs off, ports alive


class Measured:
    """Written by control/measurement.py."""

    def __init__(self):
        self.valid = False  # a plausible measurement exists and is not older than three periods
        self.age = 0  # periods since the last good measurement
        self.cell_count = 0
        self.cell_mv = array("H", [0] * MAX_CELLS)
        self.max_mv = 0
        self.min_mv = 0
        self.max_cell = 0  # 0-based
        self.min_cell = 0
        self.average_mv = 0
        self.difference_mv = 0
        self.pack_mv = 0  # sum of the cells
        self.tap_mv = None  # pack tap
        self.port_mv = None  # load side
        self.current_ma = 0  # + charges, calibrated, no dead band: what is counted
        self.shown_ma = 0  # with the dead band: display and protocols
        self.power_mw = 0  # shown_ma x pack_mv, signed
        self.temp_dc = [None] * 5  # T1..T4, MOS; None = not fitted or not valid
        self.temp_max = None  # battery, 0.1 degC
        self.temp_min = None


class Mosfets:
    """Written by control/mosfets.py."""

    def __init__(self):
        self.charge = False  # commanded
        self.discharge = False
        self.charge_on = False  # as the gate drivers report
        self.discharge_on = False
        self.charge_carry = False  # closed only to carry the other direction's current (PRT-18)
        self.discharge_carry = False
        self.precharging = False
        self.bridging = False  # a path is on towards a higher port, before the charge MOS closes
        self.limiting = False  # charge current limiting module active (PRT-12)


class Gauge:
    """Written by control/counter.py and gauge/gauge.py."""

    def __init__(self):
        self.remaining_mah = None  # shown charge; None until the first cycle
        self.capacity_mah = 0  # actual capacity
        self.soc_dpct = None  # 0.1 %
        self.soc_mpct = None  # 0.001 %
        self.sigma_mpct = None
        self.sigma_dpct = None  # uncertainty: the truth lies within +- this with 68 %, 0.1 %
        self.full = False  # 100 % may be shown
        self.empty = False  # 0 % may be shown
        self.soh_pct = 100
        self.bias_ua = 0  # learned error of the current sensor
        self.cycles = 0
        self.cycle_ah = 0  # discharged in all (cycle capacity)
        self.cycle_mah = 0  # ... its part below 1 Ah
        self.time_to_full_min = None  # at the present current; None = not charging
        self.time_to_empty_min = None
        self.energy_in_wh = 0  # in all; energy_..._today_wh since midnight or the start
        self.energy_out_wh = 0
        self.energy_in_today_wh = 0
        self.energy_out_today_wh = 0


class Limits:
    """Written by control/limits.py: what the pack can take and give now (PRT-25)."""

    def __init__(self):
        self.charge_ma = 0
        self.discharge_ma = 0
        self.charge_enable = False
        self.discharge_enable = False
        self.charge_reason = 0  # fault id, or limit_ids; 0 = the setting
        self.discharge_reason = 0


# State.charging.stage
NOT_CHARGING = 0
BULK = 1
ABSORPTION = 2
FLOAT = 3


class Charging:
    """Written by charging.py: what is asked of the inverter, in the pack's name or the bank's
    (CHG-01, CHG-02). Protocols send these, never the limits they come from."""

    def __init__(self):
        self.cvl_mv = 0  # pack voltage to charge to
        self.ccl_ma = 0
        self.dcl_ma = 0
        self.dvl_mv = 0  # pack voltage at which the inverter must stop discharging
        self.charge_enable = False
        self.discharge_enable = False
        self.force_charge = False  # so low that the inverter must charge, also from the grid
        self.full_charge = False  # a full charge is wanted, to synchronise charge and cells
        self.stage = NOT_CHARGING
        self.ccl_reason = 0  # fault id, or limit_ids; 0 = the setting
        self.dcl_reason = 0


class Power:
    """Written by control/power.py."""

    def __init__(self):
        self.mode = STARTING
        self.heating = False
        self.heater_ma = None
        self.emergency_s = 0  # seconds left of emergency power
        self.shutdown_in_s = None  # seconds to the power-off, None = not counting
        self.sleep_in_s = None


class Balance:
    """Written by control/balancing.py, ledger.py and lead_test.py."""

    def __init__(self):
        self.active = False  # charge is to be moved; pauses for a reading are part of it
        self.reason = 0  # why not: fault id, or a reason of control/balancing.py; 0 = active
        self.donor = None  # 0-based; None = no transfer
        self.receiver = None
        self.current_ma = 0  # measured; negative: a high cell is discharged, positive: a low
        # one is charged (BAL-03)
        self.lead_mohm = [None] * MAX_CELLS  # both leads of a cell; None = not tested
        self.surplus_mah = array("i", [0] * MAX_CELLS)  # above the emptiest cell
        self.known = False  # surplus_mah comes from a reading near full
        self.moved_mah = 0  # given by donors in all


class Link:
    """Written by ports/can_port.py."""

    def __init__(self):
        self.can_state = 0  # hal.parts.Can.ACTIVE .. BUS_OFF
        self.can_load_permille = 0  # of what the bus can carry
        self.inverter_stop = False  # the inverter is missing, and limits are to go to 0 (COM-10)


class System:
    """Written by the controller."""

    def __init__(self):
        self.uptime_s = 0  # since this start
        self.run_time_s = 0  # since the first power-on, kept over power loss
        self.starts = 0  # power-on count
        self.cycles = 0  # control cycles done, wraps at 2**30
        self.healthy = 0  # healthy measurement cycles in a row, saturates
        self.late_ms = 0  # lateness of the last cycle
        self.late_max_ms = 0
        self.late_count = 0  # cycles more than 100 ms late
        self.rtc_s = None
        self.reset_cause = None
        self.service_faults = 0  # bit n: service n is disabled
        self.sequence = 0  # changes with every completed cycle


class Panel:
    """Written by panel/panel.py."""

    def __init__(self):
        self.dip = 0
        self.leds = 0  # LED_ bits as driven now
        self.contacts = 0  # DRY bits
        self.buzzer = False
        self.link_frames = 0  # frames exchanged in parallel mode; whoever exchanges them adds


class State:
    """The one record of a pack."""

    def __init__(self):
        self.measured = Measured()
        self.mosfets = Mosfets()
        self.gauge = Gauge()
        self.limits = Limits()
        self.charging = Charging()
        self.power = Power()
        self.balance = Balance()
        self.link = Link()
        self.system = System()
        self.panel = Panel()
