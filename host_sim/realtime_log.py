"""What happens to a running pack, as lines: alarms, MOSFETs, resets, power, DIP, settings."""

from collections import deque

from firmware.settings.rows import exists
from host_sim import tables

KEPT = 100
MODES = ("off", "starting", "on", "asleep", "recovery")
CAUSES = ("power-on", "pin", "watchdog", "brown-out", "software")
ON_OFF = ("off", "on")


class Log:
    """Watches a pack after every slice of its program and keeps the newest lines.

    `entries` are (us, text, key); the key is a fault's severity or "" and is for colours.
    sink(us, text) is called for each, unless it is None.
    """

    def __init__(self, pack):
        self._pack = pack
        self.sink = None
        self.entries = deque(maxlen=KEPT)
        self._controller = None
        self._words = []
        self._values = None
        self._generation = None
        self._mode = self._dip = None
        self._gate = None
        self._resets = 0
        self._powered = True
        pack.processor.on_slice = self._slice

    def note(self, text, key="", us=None):
        """Add a line, with the simulated time now or `us`."""
        us = self._pack.world.now_us if us is None else us
        self.entries.append((us, text, key))
        if self.sink is not None:
            self.sink(us, text)

    def look(self):
        """What does not wait for a slice; call it now and then."""
        pack = self._pack
        while self._resets < len(pack.resets):
            us, cause = pack.resets[self._resets]
            self._resets += 1
            self.note(f"controller starts ({CAUSES[cause]})", us=us)
        self._gates()
        if pack.powered != self._powered:
            self._powered = pack.powered
            self.note(f"controller's supply {ON_OFF[pack.powered]}")

    def _slice(self, controller, kind):
        if controller is not self._controller:
            self._controller = controller
            self._words = [0] * len(controller.faults.standing)
            self._generation = None
            self._mode = self._dip = None
        self._gates(before_us=self._pack.world.now_us)
        self._faults(controller.faults)
        self.look()
        self._state(controller.state)
        self._settings(controller.parameters)

    def _faults(self, faults):
        for i, word in enumerate(faults.standing):
            changed = self._words[i] ^ word
            self._words[i] = word
            for bit in range(30):
                if changed >> bit & 1:
                    self._fault(i * 30 + bit, word >> bit & 1)

    def _fault(self, id, on):
        row = tables.fault_rows()[id]
        kind = "ALM" if row.get("alm") else row["severity"]
        detail = f" ({row['severity']})" if row.get("alm") else ""
        key = row["severity"] if on else ""
        self.note(f"{kind} {ON_OFF[on]}: {row['text']}{detail}", key)

    def _gates(self, before_us=None):
        """Changes of the gate drivers since the last look, exact to the microsecond."""
        fresh = []
        for entry in reversed(self._pack.hal.gate_log):
            if entry is self._gate:
                break
            fresh.append(entry)
        for entry in reversed(fresh):
            us, charge, discharge = entry
            if before_us is not None and us >= before_us:
                break
            self._gate = entry
            text = f"MOSFETs: charge {ON_OFF[charge]}, discharge {ON_OFF[discharge]}"
            self.note(text, us=us)

    def _state(self, state):
        if state.power.mode != self._mode:
            self._mode = state.power.mode
            self.note(f"power: {MODES[self._mode]}")
        if state.panel.dip != self._dip:
            if self._dip is not None:
                self.note(f"address {state.panel.dip}")
            self._dip = state.panel.dip

    def _settings(self, parameters):
        if parameters.generation == self._generation:
            return
        old, self._values = self._values, list(parameters.values)
        first, self._generation = self._generation is None, parameters.generation
        if first:
            return
        for row in tables.parameters():
            id = row["id"]
            if id < len(self._values) and exists(id) and old[id] != self._values[id]:
                before, now = (tables.show(row, v[id]) for v in (old, self._values))
                self.note(f"setting {row['key']}: {before} -> {now}")
