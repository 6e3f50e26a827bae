"""What a scenario looks at: signals sampled while it runs, and the expectations on them."""

from firmware import state
from hal import contract as c
from host_sim import tables

MODES = {
    state.OFF: "off",
    state.STARTING: "starting",
    state.ON: "on",
    state.SLEEP: "sleep",
    state.SAFE: "safe",
}
LAMPS = {"on_off": c.LED_ON_OFF, "run": c.LED_RUN, "alm": c.LED_ALM, "link": c.LED_LINK}
FLICKER_S = 0.6  # a lamp that changed within this time flickers
OFF_GAUGE = -1  # what an unknown number reads as


def _numbers(pack):
    """Numeric signals, from the firmware where it runs, from the plant for the truth."""
    out = {"true_soc": pack.true_soc, "true_current_a": pack.plant.current_a}
    out["port_v"] = pack.plant.port_v
    controller = pack.controller
    if controller is None:
        return out
    s = controller.state
    m, dpct = s.measured, s.gauge.soc_dpct
    out["current_a"] = m.shown_ma / 1000
    out["pack_v"] = m.pack_mv / 1000
    out["power_w"] = m.power_mw / 1000
    out["max_mv"], out["min_mv"] = m.max_mv, m.min_mv
    out["temp_max_c"] = OFF_GAUGE if m.temp_max is None else m.temp_max / 10
    out["soc"] = OFF_GAUGE if dpct is None else dpct / 10
    out["ccl_a"] = s.limits.charge_ma / 1000
    out["dcl_a"] = s.limits.discharge_ma / 1000
    out["heater_a"] = 0 if s.power.heater_ma is None else s.power.heater_ma / 1000
    out["emergency_s"] = s.power.emergency_s
    out["late_ms"] = s.system.late_max_ms
    return out


class Watch:
    """Samples a pack. `changes` is the list of (time_s, signal, value) of discrete signals."""

    def __init__(self, pack, wanted):
        self.pack = pack
        self.changes = []
        self.now = {}
        self.numeric = {}  # signal -> [(time_s, value)] for those an expectation wants
        self._wanted = wanted
        self._lamp = {}
        self._words = None
        self._keys = {row["id"]: row["key"] for row in tables.fault_rows().values()}

    def sample(self, time_s):
        """Look at everything once."""
        pack = self.pack
        self._set(time_s, "charge", pack.plant.charge_gate)
        self._set(time_s, "discharge", pack.plant.discharge_gate)
        self._lamps(time_s, pack.hal.panel.leds)
        self._set(time_s, "dry1", bool(pack.hal.panel.contacts & c.DRY1))
        self._set(time_s, "dry2", bool(pack.hal.panel.contacts & c.DRY2))
        if pack.hal.buzzer is not None:
            self._set(time_s, "buzzer", bool(pack.hal.buzzer.is_on()))
        self._set(time_s, "heater", bool(pack.plant.heater))
        self._set(time_s, "limiter", bool(pack.plant.limiter))
        self._set(time_s, "precharge", bool(pack.plant.precharge))
        controller = pack.controller
        if controller is None:
            self._set(time_s, "mode", "off" if not pack.powered else "reset")
        else:
            self._set(time_s, "mode", MODES[controller.state.power.mode])
            self._set(time_s, "dip", controller.state.panel.dip)
            self._set(time_s, "ccl_on", controller.state.limits.charge_enable)
            self._set(time_s, "dcl_on", controller.state.limits.discharge_enable)
            self._faults(time_s, controller.faults)
        if self._wanted:
            numbers = _numbers(pack)
            for name in self._wanted:
                if name in numbers:
                    self.numeric.setdefault(name, []).append((time_s, numbers[name]))

    def _set(self, time_s, name, value):
        if self.now.get(name) != value or name not in self.now:
            self.now[name] = value
            self.changes.append((time_s, name, value))

    def _lamps(self, time_s, leds):
        for name, bit in LAMPS.items():
            lit = bool(leds & bit)
            was, since_s, fast = self._lamp.get(name, (lit, -9.0, -1))
            if lit != was:
                # a single change is plain switching; the second within the time is flicker
                fast = fast + 1 if time_s - since_s < FLICKER_S else 0
                since_s = time_s
            self._lamp[name] = (lit, since_s, fast)
            if fast > 0 and time_s - since_s < FLICKER_S:
                self._set(time_s, name, "flicker")
            else:
                self._set(time_s, name, "on" if lit else "off")
        bar = 0
        while bar < 6 and leds & c.LED_L1 << bar:
            bar += 1
        self._set(time_s, "bar", bar)

    def _faults(self, time_s, faults):
        words = tuple(faults.standing)
        if words == self._words:
            return
        self._words = words
        for fault, key in self._keys.items():
            self._set(time_s, key, faults.stands(fault))

    # --- reading back -------------------------------------------------------------------------

    def signals(self):
        """Names of all discrete signals."""
        return set(self.now)

    def value_at(self, name, time_s):
        """Discrete value at a time, None before the first sample."""
        value = None
        for at, signal, new in self.changes:
            if at > time_s:
                break
            if signal == name:
                value = new
        return value

    def changed_to(self, name, value):
        """Times at which a discrete signal became a value."""
        return [at for at, signal, new in self.changes if signal == name and new == value]


def numeric_names(pack):
    """Names of all numeric signals (the pack must run)."""
    return set(_numbers(pack))


def check(watch, expectation, end_s):
    """(holds, what was seen) for one expectation of a scenario."""
    name = expectation["what"]
    if name in watch.numeric:
        return _check_number(watch.numeric[name], expectation, end_s)
    wanted = expectation["is"]
    if "within" in expectation:
        low, high = expectation["within"]
        times = watch.changed_to(name, wanted)
        seen = ", ".join(f"{t:.2f}" for t in times[:4]) or "never"
        return any(low <= t <= high for t in times), f"at {seen} s"
    low, high = _span(expectation, end_s)
    if watch.value_at(name, low) != wanted:
        return False, f"{words(watch.value_at(name, low))} at {low:g} s"
    for at, signal, new in watch.changes:
        if signal == name and low < at <= high and new != wanted:
            return False, f"{words(new)} at {at:.2f} s"
    return True, words(wanted)


def _check_number(rows, expectation, end_s):
    low, high = _span(expectation, end_s)
    values = [v for t, v in rows if low - 0.051 <= t <= high + 0.051]
    if not values:
        return False, "no value"
    smallest, largest = min(values), max(values)
    good = smallest >= expectation.get("min", smallest)
    good = good and largest <= expectation.get("max", largest)
    return good, f"{smallest:.3f}..{largest:.3f}"


def _span(expectation, end_s):
    if "at" in expectation:
        return expectation["at"], expectation["at"]
    low, high = expectation["during"]
    return low, min(high, end_s)


def words(value):
    return {True: "yes", False: "no", None: "unknown"}.get(value, str(value))
