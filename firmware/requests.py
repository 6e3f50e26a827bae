"""Requests: the one way to change anything from outside. Checked, applied and answered within the
call; handlers run between two control cycles (design decision 1, SEC-03).

POLICY says which source may ask what. Turning something off is always accepted.
"""

from firmware import events
from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control import board, calibration
from firmware.parameters import (
    Refused,
    bounds,
    check_consistency,
    exists,
    key,
    needs,
    preset_changes,
)

# sources
KEY = 0
CONSOLE = 1  # local: REPL, simulation, tests
RS485_1 = 2
RS485_2 = 3
RS232 = 4
CAN = 5

# kinds; the payload stands behind
SET = 1  # {parameter id: raw value}
PRESET = 2  # profile name
EMERGENCY = 3  # None
CALIBRATE_VOLTAGE = 4  # measured pack voltage, mV
CALIBRATE_CURRENT = 5  # measured current, mA, + charges
CALIBRATE_ZERO = 6  # None
POWER_OFF = 7  # None
ACKNOWLEDGE = 8  # None: like a short key press
SET_TIME = 9  # seconds since 2020-01-01
RESTART = 10  # None
EMERGENCY_STOP = 11  # None

# what a source must show: always, or an unlocked port
FREE = (POWER_OFF, EMERGENCY_STOP, SET_TIME)
SWITCHES = (p.CHARGE_SWITCH, p.DISCHARGE_SWITCH, p.BALANCE_SWITCH)
TRUSTED = (KEY, CONSOLE)
OPENED_BY = ((RS485_1, p.RS485_1_OPEN), (RS485_2, p.RS485_2_OPEN), (RS232, p.RS232_OPEN))
LATEST_S = 0x3FFFFFFF  # 34 years
WINDOW_S = 600  # a short key press opens all ports this long

PARTS = (None, "heater", "charge_limiter", "buzzer", "balancer")


class Requests:
    """`submit` raises Refused (nothing changed) or returns a warning text or None."""

    def __init__(self, control):
        self._control = control
        self._context = control.context
        self._window_until_s = 0
        self.restart = False  # the controller restarts when its slice ends

    def open_window(self):
        """A short key press: ports accept settings for ten minutes (SEC-03)."""
        self._window_until_s = self._context.state.system.uptime_s + WINDOW_S

    def unlocked(self, source):
        """True when the source may widen settings now."""
        if source in TRUSTED:
            return True
        if self._context.state.system.uptime_s < self._window_until_s:
            return True
        for port, id in OPENED_BY:
            if port == source:
                return self._context.parameters.values[id] == 1
        return False

    def submit(self, source, kind, payload=None):
        """Do it or raise Refused. Every outcome is an event."""
        try:
            if kind not in FREE and not self._turns_off(kind, payload):
                if not self.unlocked(source):
                    raise Refused("this port is locked: press the key or open it", True)
            warning = self._do(kind, payload)
        except Refused:
            self._context.events.add(events.REQUEST, kind, -1)
            raise
        self._context.events.add(events.REQUEST, kind, 0)
        return warning

    def _turns_off(self, kind, payload):
        if kind != SET or not payload:
            return False
        for id in payload:
            if id not in SWITCHES or payload[id] != 0:
                return False
        return True

    def _do(self, kind, payload):
        context, control = self._context, self._control
        values, measured = context.parameters.values, context.state.measured
        if kind == SET:
            return self._set(payload)
        if kind == PRESET:
            return self._preset(payload)
        if kind == EMERGENCY:
            control.emergency.start()
        elif kind == EMERGENCY_STOP:
            control.emergency.stop()
        elif kind == CALIBRATE_VOLTAGE:
            self._apply(calibration.voltage(values, measured, payload))
        elif kind == CALIBRATE_CURRENT:
            self._apply(calibration.current(values, measured, payload))
        elif kind == CALIBRATE_ZERO:
            raw_ma = control.measurement.sample.current_ma
            self._apply(calibration.zero(values, measured, context.state.mosfets, raw_ma))
        elif kind == POWER_OFF:
            control.power.off()
        elif kind == ACKNOWLEDGE:
            control.key()
        elif kind == SET_TIME:
            if not isinstance(payload, int) or not 0 <= payload <= LATEST_S:
                raise Refused("time = %s: allowed are 0..%d s since 2020" % (payload, LATEST_S))
            context.hal.clock.set_rtc(payload)
        elif kind == RESTART:
            self.restart = True
        else:
            raise Refused("unknown request %s" % kind, True)
        return None

    def _set(self, changes):
        context = self._context
        changes = dict(changes)
        warning = self._clamp_balance(changes)
        context.parameters.check_changes(changes)
        self._check_board(changes)
        self._apply(changes, checked=True)
        return warning

    def _preset(self, name):
        context = self._context
        changes, fixed = preset_changes(name)
        values = context.parameters.values
        check_consistency(lambda id: changes.get(id, values[id]))
        self._check_board(changes)
        self._apply(changes, checked=True)
        context.parameters.fixed = fixed
        context.events.add(events.PRESET, changes[p.PROFILE])

    def _apply(self, changes, checked=False):
        context = self._context
        if not checked:
            context.parameters.check_changes(changes, factory=True)
        old = context.parameters.values
        for id in changes:
            if id < len(old) and old[id] != changes[id]:
                context.events.add(events.PARAMETER, id, changes[id])
        context.parameters.apply(changes)
        self._control.settings_changed()

    def _clamp_balance(self, changes):
        """Balance current above 0.1 C or the board's maximum is clamped with a warning."""
        values = self._context.parameters.values
        asked = changes.get(p.BALANCE_MAX_MA, values[p.BALANCE_MAX_MA])
        capacity = changes.get(p.DESIGN_CAPACITY_MAH, values[p.DESIGN_CAPACITY_MAH])
        touched = p.BALANCE_MAX_MA in changes or p.DESIGN_CAPACITY_MAH in changes
        if not touched or not isinstance(asked, int) or not isinstance(capacity, int):
            return None
        lowest = bounds(p.BALANCE_MAX_MA)[0]
        highest = max(min(capacity // 10, self._context.hal.capabilities.balance_max_ma), lowest)
        if asked <= highest:
            return None
        changes[p.BALANCE_MAX_MA] = highest
        return "balance_max_ma = %d: set to %d (0.1 C or the board's maximum)" % (asked, highest)

    def _check_board(self, changes):
        """What the board cannot do is refused (PRF-04, PRF-07)."""
        context = self._context
        values, hal = context.parameters.values, context.hal
        for id in changes:
            part = PARTS[needs(id)] if exists(id) else None
            if part and changes[id] not in (0, values[id]) and getattr(hal, part) is None:
                raise Refused("%s: this board has no %s" % (key(id), part.replace("_", " ")), True)
        board.check_currents(hal.capabilities, changes)
        chemistry = changes.get(p.CHEMISTRY, values[p.CHEMISTRY])
        count = changes.get(p.CELL_COUNT, values[p.CELL_COUNT])
        if chemistry == values[p.CHEMISTRY] and count == values[p.CELL_COUNT]:
            return
        board.check_cells(hal.capabilities, chemistry, count)
        self._check_fit(chemistry, count, changes)

    def _check_fit(self, chemistry, count, changes):
        """Chemistry and cell count change only with both MOSFETs off and fitting cells."""
        context = self._context
        values, state = context.parameters.values, context.state
        mosfets, faults = state.mosfets, context.faults
        if mosfets.charge or mosfets.discharge or mosfets.charge_on or mosfets.discharge_on:
            raise Refused("chemistry and cell_count change only with both MOSFETs off")
        if faults.stands(f.AFE_LOST) or faults.stands(f.FROZEN_DATA):
            raise Refused("chemistry and cell_count: no measured cells to compare with")
        found = self._control.measurement.sample.cells_found
        if count != found:
            raise Refused("cell_count = %d: %d cells are measured" % (count, found))
        highest = changes.get(p.CELL_OVP_MV, values[p.CELL_OVP_MV])
        lowest = changes.get(p.POWER_OFF_MV, values[p.POWER_OFF_MV])
        for i in range(count):
            mv = self._control.measurement.sample.cell_mv[i]
            if not lowest <= mv <= highest:
                raise Refused(
                    "chemistry %s: cell %d measures %d mV, it must lie in %d..%d"
                    % (board.NAMES[chemistry], i + 1, mv, lowest, highest)
                )
