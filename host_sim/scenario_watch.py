"""What a scenario looks at: signals sampled while it runs, and the expectations on them."""

from bisect import bisect_left, bisect_right

from firmware import state
from hal import contract as c
from host_sim import limit_reasons, tables
from host_sim import scenario_kinds as k

MODES = {
    state.OFF: "off",
    state.STARTING: "starting",
    state.ON: "on",
    state.SLEEP: "sleep",
    state.SAFE: "safe",
}
LAMPS = {"on_off": c.LED_ON_OFF, "run": c.LED_RUN, "alm": c.LED_ALM, "link": c.LED_LINK}
FLICKER_S = 0.45  # a lamp that changed twice within this time flickers (2 Hz: every 0.25 s)
FAULTS = {row["id"]: row["key"] for row in tables.fault_rows().values()}
SEVERE = ("protection", "latched")
PROTECTIONS = [row["id"] for row in tables.fault_rows().values() if row["severity"] in SEVERE]

# signals that keep a value until they change, and what that may be
FLAGS = ("charge", "discharge", "dry1", "dry2", "buzzer", "heater_on", "limiter", "precharge")
FLAGS += ("kill_line", "ccl_on", "dcl_on")
ASKED = ("charge_enable", "discharge_enable", "force_charge", "full_charge")  # of charge control
FLAGS += ASKED
SIGNALS = dict.fromkeys(FLAGS, k.FLAG)
SIGNALS |= {name: k.one_of(("off", "on", "flicker")) for name in LAMPS}
SIGNALS |= {"bar": k.COUNT, "dip": k.COUNT, "resets": k.COUNT, "protections": k.COUNT}
SIGNALS["mode"] = k.one_of((*MODES.values(), "reset"))
SIGNALS["first_fault"] = k.one_of(("none", *FAULTS.values()))
SIGNALS["stage"] = k.one_of(tuple(limit_reasons.STAGES.values()))
WHY = [key for key, _ in limit_reasons.REASONS.values()]
SIGNALS |= dict.fromkeys(("ccl_reason", "dcl_reason"), k.one_of((*WHY, *FAULTS.values())))
SIGNALS |= dict.fromkeys(FAULTS.values(), k.FLAG)
OF_FIRMWARE = ("dip", "ccl_on", "dcl_on", "first_fault", "protections")
OF_FIRMWARE += (*ASKED, "stage", "ccl_reason", "dcl_reason")


def sort_of(name):
    """(in words, test) of the values that a signal can have."""
    return SIGNALS[name]


def _afe(field, scale):
    """A hardware limit as the front end applies it; nothing while it cannot be asked."""

    def read(pack, _):
        limits = c.HardwareLimits()
        afe = pack.hal.afe
        if afe.nack or not afe.read_back(limits):  # asking would use up an injected nack
            return None
        return getattr(limits, field) / scale

    return read


def _tenth(value):
    return None if value is None else value / 10


def _soc_error(pack, s):
    soc = _tenth(s.gauge.soc_dpct)
    return None if soc is None else soc - pack.true_soc


# the truth, also while the controller is off: function(pack, state)
TRUTH = {
    "true_soc": lambda pack, _: pack.true_soc,
    "true_current_a": lambda pack, _: pack.plant.current_a,
    "true_max_mv": lambda pack, _: 1000 * max(pack.plant.terminal_voltages()),
    "true_min_mv": lambda pack, _: 1000 * min(pack.plant.terminal_voltages()),
    "true_temp_c": lambda pack, _: max(pack.plant.cells.temp_c),
    "port_v": lambda pack, _: pack.plant.port_v,
    "afe_cell_ov_mv": _afe("cell_ov_mv", 1),
    "afe_cell_ov_delay_ms": _afe("cell_ov_delay_ms", 1),
    "afe_cell_uv_mv": _afe("cell_uv_mv", 1),
    "afe_cell_uv_delay_ms": _afe("cell_uv_delay_ms", 1),
    "afe_charge_oc_a": _afe("charge_oc_ma", 1000),
    "afe_charge_oc_delay_ms": _afe("charge_oc_delay_ms", 1),
    "afe_discharge_oc_a": _afe("discharge_oc_ma", 1000),
    "afe_discharge_oc_delay_ms": _afe("discharge_oc_delay_ms", 1),
    "afe_short_a": _afe("short_ma", 1000),
    "afe_short_delay_us": _afe("short_delay_us", 1),
    "afe_watchdog_ms": _afe("watchdog_ms", 1),
}
# what the firmware knows; None = not known, no value then
FIRMWARE = {
    "current_a": lambda _, s: s.measured.current_ma / 1000,
    "pack_v": lambda _, s: s.measured.pack_mv / 1000,
    "power_w": lambda _, s: s.measured.power_mw / 1000,
    "max_mv": lambda _, s: s.measured.max_mv,
    "min_mv": lambda _, s: s.measured.min_mv,
    "temp_max_c": lambda _, s: _tenth(s.measured.temp_max),
    "temp_min_c": lambda _, s: _tenth(s.measured.temp_min),
    "mos_temp_c": lambda _, s: _tenth(s.measured.temp_dc[c.MOS_SENSOR]),
    "soc": lambda _, s: _tenth(s.gauge.soc_dpct),
    "soc_sigma": lambda _, s: _tenth(s.gauge.sigma_dpct),
    "soc_error": _soc_error,
    "ccl_a": lambda _, s: s.limits.charge_ma / 1000,
    "dcl_a": lambda _, s: s.limits.discharge_ma / 1000,
    "cvl_v": lambda _, s: s.charging.cvl_mv / 1000,
    "dvl_v": lambda _, s: s.charging.dvl_mv / 1000,
    "sent_ccl_a": lambda _, s: s.charging.ccl_ma / 1000,
    "sent_dcl_a": lambda _, s: s.charging.dcl_ma / 1000,
    "heater_a": lambda _, s: None if s.power.heater_ma is None else s.power.heater_ma / 1000,
    "emergency_s": lambda _, s: s.power.emergency_s,
    "shutdown_in_s": lambda _, s: s.power.shutdown_in_s,
    "late_ms": lambda _, s: s.system.late_max_ms,
    "first_fault_a": lambda pack, _: pack.controller.faults.first.values[5] / 1000,
    "jk_alarms": lambda pack, _: pack.controller.faults.jk_word(),
}
NUMBERS = {**TRUTH, **FIRMWARE}


class Watch:
    """Samples a pack. `history`: signal -> ([time_s], [value]) of its changes; `numbers`: the
    same of every sample for those that are wanted."""

    def __init__(self, pack, wanted):
        self.pack = pack
        self.history = {}
        self.numbers = {name: ([], []) for name in wanted if name in NUMBERS}
        self._now = {}
        self._lamp = {}
        self._seen_us = -1
        self._words = None

    def sample(self, time_s):
        """Look at everything once."""
        pack, hal, plant = self.pack, self.pack.hal, self.pack.plant
        self._gates(time_s)
        self._lamps(time_s, hal.panel.leds)
        self._put(time_s, "dry1", hal.panel.contacts & c.DRY1 != 0)
        self._put(time_s, "dry2", hal.panel.contacts & c.DRY2 != 0)
        self._put(time_s, "buzzer", hal.buzzer is not None and hal.buzzer.is_on())
        self._put(time_s, "heater_on", plant.heater)
        self._put(time_s, "limiter", plant.limiter)
        self._put(time_s, "precharge", plant.precharge)
        self._put(time_s, "kill_line", hal.kill_line is not None and hal.kill_line.is_on())
        self._put(time_s, "resets", max(len(pack.resets) - 1, 0))
        controller = pack.controller
        if controller is None:
            self._put(time_s, "mode", "reset" if pack.powered else "off")
            self._unknown(time_s)
        else:
            self._firmware(time_s, controller)
        for name, (times, values) in self.numbers.items():
            if controller is not None or name in TRUTH:
                value = NUMBERS[name](pack, None if controller is None else controller.state)
                if value is not None:
                    times.append(time_s)
                    values.append(value)

    def value_at(self, name, time_s):
        """Value of a signal at a time; None = unknown."""
        times, values = self.history.get(name, ([], []))
        at = bisect_right(times, time_s) - 1
        return values[at] if at >= 0 else None

    def changes(self, name, low_s, high_s):
        """[(time_s, value)] of the changes of a signal from low_s to high_s."""
        times, values = self.history.get(name, ([], []))
        first, last = bisect_left(times, low_s), bisect_right(times, high_s)
        return list(zip(times[first:last], values[first:last], strict=True))

    def _firmware(self, time_s, controller):
        s = controller.state
        self._put(time_s, "mode", MODES[s.power.mode])
        self._put(time_s, "dip", s.panel.dip)
        self._put(time_s, "ccl_on", s.limits.charge_enable)
        self._put(time_s, "dcl_on", s.limits.discharge_enable)
        for name in ASKED:
            self._put(time_s, name, getattr(s.charging, name))
        self._put(time_s, "stage", limit_reasons.STAGES[s.charging.stage])
        self._put(time_s, "ccl_reason", limit_reasons.key(s.charging.ccl_reason))
        self._put(time_s, "dcl_reason", limit_reasons.key(s.charging.dcl_reason))
        self._put(time_s, "first_fault", FAULTS.get(controller.faults.first.fault, "none"))
        words = tuple(controller.faults.standing)
        if words != self._words:
            self._words = words
            stands = controller.faults.stands
            for fault, key in FAULTS.items():
                self._put(time_s, key, stands(fault))
            self._put(time_s, "protections", sum(stands(fault) for fault in PROTECTIONS))

    def _unknown(self, time_s):
        """Nothing runs that could know these."""
        if self._words is not None or not self.history.get("dip"):
            self._words = None
            for name in (*OF_FIRMWARE, *FAULTS.values()):
                self._put(time_s, name, None)

    def _put(self, time_s, name, value):
        if name in self._now and self._now[name] == value:
            return
        self._now[name] = value
        times, values = self.history.setdefault(name, ([], []))
        times.append(time_s)
        values.append(value)

    def _gates(self, time_s):
        """The gates with the times at which they changed: a MOSFET that closes onto a short is
        open again before anybody samples it."""
        log = []
        for us, charge, discharge in reversed(self.pack.hal.gate_log):
            if us <= self._seen_us:
                break
            log.append((us, charge, discharge))
        for us, charge, discharge in reversed(log):
            self._put(us / 1e6, "charge", charge)
            self._put(us / 1e6, "discharge", discharge)
            self._seen_us = us
        if "charge" not in self._now:
            self._put(time_s, "charge", False)
            self._put(time_s, "discharge", False)

    def _lamps(self, time_s, leds):
        for name, bit in LAMPS.items():
            lit = leds & bit != 0
            was, since_s, fast = self._lamp.get(name, (lit, -9.0, 0))
            if lit != was:
                # a single change is plain switching; the second within the time is flicker
                fast = fast + 1 if time_s - since_s < FLICKER_S else 0
                since_s = time_s
            self._lamp[name] = (lit, since_s, fast)
            flickers = fast > 0 and time_s - since_s < FLICKER_S
            self._put(time_s, name, "flicker" if flickers else "on" if lit else "off")
        bar = 0
        while bar < 6 and leds & c.LED_L1 << bar:
            bar += 1
        self._put(time_s, "bar", bar)


def check(watch, row):
    """(holds, what was seen) for one expectation."""
    if row["what"] in NUMBERS:
        return _check_number(watch.numbers[row["what"]], row)
    name, wanted = row["what"], row["is"]
    if "within" in row:
        seen = watch.changes(name, 0, float("inf"))
        times = [at for at, value in seen if value == wanted]
        low, high = row["within"]
        found = ", ".join(f"{at:.2f}" for at in times[:6]) or "never"
        return any(low <= at <= high for at in times), f"at {found} s"
    low, high = row["during"] if "during" in row else (row["at"], row["at"])
    value = watch.value_at(name, low)
    if value != wanted:
        return False, f"{words(value)} at {low:g} s"
    for at, value in watch.changes(name, low, high):
        if value != wanted:
            return False, f"{words(value)} at {at:.2f} s"
    return True, words(wanted)


def _check_number(samples, row):
    times, values = samples
    low, high = row["during"] if "during" in row else (row["at"], row["at"])
    first = max(bisect_right(times, low) - 1, 0)  # the value that stands at `low`
    values = values[first : bisect_right(times, high)]
    if not values:
        return False, "no value"
    smallest, largest = min(values), max(values)
    good = row.get("min", smallest) <= smallest and largest <= row.get("max", largest)
    return good, f"{smallest:.3f} .. {largest:.3f}"


def words(value):
    """A value as people write it."""
    if value is None:
        return "unknown"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
