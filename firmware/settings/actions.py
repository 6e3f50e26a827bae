"""What a request does (the policy, who may ask it, is in permission.py)."""

from firmware import events
from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from firmware.settings import board, calibration
from firmware.settings.checks import check_consistency
from firmware.settings.rows import bounds, exists, key, needs, preset_changes

LATEST_S = 0x3FFFFFFF  # 34 years
PARTS = (None, "heater", "charge_limiter", "buzzer", "balancer")


def do(requests, kind, payload):
    """Carry a request out; a warning text or None. Refused: nothing was changed."""
    control = requests.control
    context = control.context
    if kind == r.SET:
        return _set(control, payload)
    if kind == r.PRESET:
        _preset(control, payload)
    elif kind == r.EMERGENCY:
        control.emergency.start()
    elif kind == r.EMERGENCY_STOP:
        control.emergency.stop()
    elif kind in (r.CALIBRATE_VOLTAGE, r.CALIBRATE_CURRENT, r.CALIBRATE_ZERO):
        _calibrate(control, kind, payload)
    elif kind == r.POWER_OFF:
        control.power.off()
    elif kind == r.ACKNOWLEDGE:
        control.key()
    elif kind == r.SET_TIME:
        if not isinstance(payload, int) or not 0 <= payload <= LATEST_S:
            raise Refused("time = %s: allowed are 0..%d s since 2020" % (payload, LATEST_S))
        context.hal.clock.set_rtc(payload)
    elif kind == r.RESTART:
        requests.restart = True
    elif kind == r.SET_SOC:
        _set_soc(control, payload)
    elif kind == r.TEST_LEADS:
        if control.balancing is not None:
            control.balancing.start_lead_test()
    else:
        raise Refused("unknown request %s" % kind, True)
    return None


def _set_soc(control, dpct):
    if not isinstance(dpct, int) or not 0 <= dpct <= 1000:
        raise Refused("soc = %s: allowed are 0..1000 (0.1 %%)" % dpct)
    if control.gauge is None or control.gauge_failed:
        raise Refused("soc: the gauge does not run, restart")
    control.gauge.by_hand(dpct)


def _calibrate(control, kind, payload):
    state, values = control.context.state, control.context.parameters.values
    if kind == r.CALIBRATE_VOLTAGE:
        changes = calibration.voltage(values, state.measured, payload)
    elif kind == r.CALIBRATE_CURRENT:
        changes = calibration.current(values, state.measured, payload)
    else:
        raw_ma = control.measurement.sample.current_ma
        changes = calibration.zero(values, state.measured, state.mosfets, raw_ma)
    control.context.parameters.check_changes(changes, factory=True)
    _apply(control, changes)


def _set(control, changes):
    context = control.context
    changes = dict(changes)
    warning = _clamp_balance(control, changes)
    context.parameters.check_changes(changes)
    _check_board(control, changes)
    _apply(control, changes)
    return warning


def _preset(control, name):
    context = control.context
    changes, fixed = preset_changes(name)
    values = context.parameters.values
    check_consistency(lambda id: changes.get(id, values[id]))
    _check_board(control, changes)
    _apply(control, changes)
    context.parameters.fixed = fixed
    context.events.add(events.PRESET, changes[p.PROFILE])


def _apply(control, changes):
    context = control.context
    old = context.parameters.values
    context.parameters.check(len(old))  # ends the pass that runs
    if not context.parameters.check(len(old)):  # would be sealed as good
        raise Refused("the settings in memory are damaged: restart")
    for id in changes:
        if id < len(old) and old[id] != changes[id]:
            context.events.add(events.PARAMETER, id, changes[id])
    context.parameters.apply(changes)
    control.settings_changed()


def _clamp_balance(control, changes):
    """Balance current above 0.1 C or the board's maximum is clamped with a warning."""
    values = control.context.parameters.values
    asked = changes.get(p.BALANCE_MAX_MA, values[p.BALANCE_MAX_MA])
    capacity = changes.get(p.DESIGN_CAPACITY_MAH, values[p.DESIGN_CAPACITY_MAH])
    touched = p.BALANCE_MAX_MA in changes or p.DESIGN_CAPACITY_MAH in changes
    if not touched or not isinstance(asked, int) or not isinstance(capacity, int):
        return None
    lowest = bounds(p.BALANCE_MAX_MA)[0]
    highest = max(min(capacity // 10, control.context.hal.capabilities.balance_max_ma), lowest)
    if asked <= highest:
        return None
    changes[p.BALANCE_MAX_MA] = highest
    return "balance_max_ma = %d: set to %d (0.1 C or the board's maximum)" % (asked, highest)


def _check_board(control, changes):
    """What the board cannot do is refused (PRF-04, PRF-07)."""
    context = control.context
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
    _check_fit(control, chemistry, count, changes)


def _check_fit(control, chemistry, count, changes):
    """Chemistry and cell count change only with both MOSFETs off and fitting cells."""
    context = control.context
    values, state = context.parameters.values, context.state
    mosfets, faults = state.mosfets, context.faults
    if mosfets.charge or mosfets.discharge or mosfets.charge_on or mosfets.discharge_on:
        raise Refused("chemistry and cell_count change only with both MOSFETs off")
    if faults.stands(f.AFE_LOST) or faults.stands(f.FROZEN_DATA):
        raise Refused("chemistry and cell_count: no measured cells to compare with")
    found = control.measurement.sample.cells_found
    if count != found:
        raise Refused("cell_count = %d: %d cells are measured" % (count, found))
    highest = changes.get(p.CELL_OVP_MV, values[p.CELL_OVP_MV])
    lowest = changes.get(p.POWER_OFF_MV, values[p.POWER_OFF_MV])
    for i in range(count):
        mv = control.measurement.sample.cell_mv[i]
        if not lowest <= mv <= highest:
            raise Refused(
                "chemistry %s: cell %d measures %d mV, it must lie in %d..%d"
                % (board.NAMES[chemistry], i + 1, mv, lowest, highest)
            )
