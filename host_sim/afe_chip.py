"""The front end's own limits: steps and ranges, modelled on a 16-cell monitor chip with a
0.2 mOhm shunt (protocols page on chips: cell thresholds 50.6 mV, currents 2 mV over the shunt,
short-circuit table, 15 us short-circuit delay).

Safe side: over-voltage, currents and delays are rounded down, under-voltage up. A limit below
the chip's least becomes the least. A rounded value stays as it is when it is rounded again.
"""

from hal import contract as c

SHUNT_UOHM = 200
CELL_STEP = 506  # 0.1 mV
CELL_OV_CODES = (20, 110)
CELL_UV_CODES = (20, 90)
CELL_DELAY_MS = (10, 6_762)
OC_STEP_MA = 2_000_000 // SHUNT_UOHM
CHARGE_OC_CODES = (2, 62)
DISCHARGE_OC_CODES = (2, 100)
OC_DELAY_STEP_MS = 10
OC_DELAY_MS = (10, 10_000)
SHORT_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
SHORT_DELAY_STEP_US = 15
SHORT_DELAY_MAX_US = 450
WATCHDOG_STEP_MS = 1_000
WATCHDOG_MAX_MS = 65_000_000


def _clamp(value, bounds):
    return max(bounds[0], min(bounds[1], value))


def _cell_ov(mv):
    """Rounded down to a step; reported in whole mV below the real one."""
    code = _clamp((mv * 10 + 9) // CELL_STEP, CELL_OV_CODES)
    return code * CELL_STEP // 10


def _cell_uv(mv):
    """Rounded up to a step; reported in whole mV above the real one."""
    code = _clamp(-((9 - mv * 10) // CELL_STEP), CELL_UV_CODES)
    return -(-code * CELL_STEP // 10)


def _current(ma, codes):
    return _clamp(ma // OC_STEP_MA, codes) * OC_STEP_MA


def _short(ma):
    least = SHORT_MV[0] * 1_000_000 // SHUNT_UOHM
    fitting = [mv * 1_000_000 // SHUNT_UOHM for mv in SHORT_MV]
    return max([level for level in fitting if level <= ma] or [least])


def _oc_delay(ms):
    return _clamp(ms - ms % OC_DELAY_STEP_MS, OC_DELAY_MS)


def quantise(limits):
    """Round a HardwareLimits in place to what the chip applies; 0 (off) stays 0."""
    for field, rounded in (
        ("cell_ov_mv", _cell_ov),
        ("cell_uv_mv", _cell_uv),
        ("cell_ov_delay_ms", lambda ms: _clamp(ms, CELL_DELAY_MS)),
        ("cell_uv_delay_ms", lambda ms: _clamp(ms, CELL_DELAY_MS)),
        ("charge_oc_ma", lambda ma: _current(ma, CHARGE_OC_CODES)),
        ("discharge_oc_ma", lambda ma: _current(ma, DISCHARGE_OC_CODES)),
        ("charge_oc_delay_ms", _oc_delay),
        ("discharge_oc_delay_ms", _oc_delay),
        ("short_ma", _short),
        ("short_delay_us", lambda us: _clamp(us - us % SHORT_DELAY_STEP_US, (0, 450))),
        ("watchdog_ms", lambda ms: _clamp(ms - ms % WATCHDOG_STEP_MS, (1_000, WATCHDOG_MAX_MS))),
    ):
        value = getattr(limits, field)
        if value:
            setattr(limits, field, rounded(value))


def copy(source, target):
    """All fields of one HardwareLimits into another."""
    for field in c.HardwareLimits.FIELDS:
        setattr(target, field, getattr(source, field))


class Timers:
    """The chip's slow protections, evaluated once a scan: a latch bit and the FETs it opens."""

    CHARGE = c.LATCH_CELL_OV | c.LATCH_CHARGE_OC
    DISCHARGE = c.LATCH_CELL_UV | c.LATCH_DISCHARGE_OC
    BOTH = c.LATCH_DISCHARGE_SHORT | c.LATCH_CHARGE_SHORT | c.LATCH_WATCHDOG | c.LATCH_RESET

    def __init__(self):
        self._since_us = {}

    def clear(self):
        """Forget the running delays."""
        self._since_us.clear()

    def causes(self, limits, cells_mv, current_ma):
        """LATCH_ bits whose threshold is passed now, without delay."""
        bits = 0
        cells = cells_mv[: limits.cells] if limits.cells else cells_mv
        if limits.cell_ov_mv and cells and max(cells) > limits.cell_ov_mv:
            bits |= c.LATCH_CELL_OV
        if limits.cell_uv_mv and cells and min(cells) < limits.cell_uv_mv:
            bits |= c.LATCH_CELL_UV
        if limits.charge_oc_ma and current_ma > limits.charge_oc_ma:
            bits |= c.LATCH_CHARGE_OC
        if limits.discharge_oc_ma and -current_ma > limits.discharge_oc_ma:
            bits |= c.LATCH_DISCHARGE_OC
        return bits

    def step(self, limits, causes, now_us):
        """LATCH_ bits whose cause has stood for its delay."""
        tripped = 0
        for bit, delay_ms in (
            (c.LATCH_CELL_OV, limits.cell_ov_delay_ms),
            (c.LATCH_CELL_UV, limits.cell_uv_delay_ms),
            (c.LATCH_CHARGE_OC, limits.charge_oc_delay_ms),
            (c.LATCH_DISCHARGE_OC, limits.discharge_oc_delay_ms),
        ):
            if not causes & bit:
                self._since_us.pop(bit, None)
            elif now_us - self._since_us.setdefault(bit, now_us) >= delay_ms * 1000:
                tripped |= bit
        return tripped
