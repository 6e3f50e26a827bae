"""What survives a restart: the control record and the passwords here, what belongs to the gauge in
gauge_keeper.py; in slots.

Each record has two slots, written in turn, so that a torn write loses only the newest. At most one
slot is written a cycle. Storage that fails or raises is a warning, never a reason to stop.
"""

from firmware import fault_ids as f
from firmware.control import record
from firmware.ondemand import call

RECORD = (0, 1)  # slots
SAVE_MS = 600_000  # the record at least this often
SAVE_STANDING_MS = 60_000  # while a reason with a countdown stands
SAVE_PAUSE_MS = 1_000
SAVE_START_MS = 10_000  # the first record after a start, with the power-on count


class Keeper:
    """Loads at start, stores from `step` after each cycle."""

    def __init__(self, hal, control, passwords):
        self._hal = hal
        self._control = control
        self._passwords = passwords
        self._password_ms = SAVE_STANDING_MS  # since they were last stored, or could not be
        self.buffer = bytearray(hal.nvm.SIZE)
        self.gauge = None  # a GaugeKeeper, when there is one
        self.charge_known = False  # by the control record
        self._slot = 0  # index of the slot written last
        self._standing = False  # a reason stood when the record was last stored
        self._save_ms = SAVE_MS - SAVE_START_MS

    def load(self):
        """The control record, before the first cycle: what it holds keeps MOSFETs open."""
        try:
            slot = record.newest(self._hal.nvm, self.buffer, RECORD)
            if slot >= 0:
                call("control_record", "restore", self._control.record, self.buffer)
                self._slot = slot
        except (ImportError, MemoryError):  # not the record's fault: no start without its locks
            raise
        except Exception:
            self._control.context.faults.put(f.STORAGE, True)
        self._standing = self._control.record.note()
        self.charge_known = self._control.context.state.gauge.remaining_mah is not None

    def load_passwords(self):
        """Before a port is there that may ask for one."""
        self._passwords_in("load")

    def step(self, dt_ms, leaving, falling):
        """After a cycle: at once when a reason came or went, and now and then for the counters.
        `leaving`: a restart or a power-off comes behind; `falling`: the supply does."""
        gauge, passwords = self.gauge, self._passwords
        self._save_ms += dt_ms
        self._password_ms = min(self._password_ms + dt_ms, SAVE_MS)
        learned = gauge is not None and gauge.due(dt_ms)
        limit_ms = SAVE_STANDING_MS if self._standing else SAVE_MS
        if falling or self._control.record.changed():
            limit_ms = SAVE_PAUSE_MS
        if leaving or self._save_ms >= limit_ms:
            self._save()
        elif passwords.changed and self._password_ms >= SAVE_STANDING_MS:
            self._password_ms = 0
            self._passwords_in("save")
        elif learned:
            gauge.save()
        if leaving:
            if gauge is not None:
                gauge.save()
            if passwords.changed:
                self._passwords_in("save")

    def _save(self):
        """A slot that could not be written is tried again next: the other keeps the record."""
        self._save_ms = 0
        self._standing = self._control.record.note()
        slot = 1 - self._slot
        if self.write(RECORD[slot], self._control.record.encode):
            self._slot = slot

    def _passwords_in(self, function):
        """Load or save them; what could not be saved is tried again in a minute."""
        try:
            nvm, passwords = self._hal.nvm, self._passwords
            good = call("password_record", function, nvm, passwords, self.buffer)
        except Exception:
            good = False
        if not good:
            self._control.context.faults.put(f.STORAGE, True)

    def write(self, slot, encode):
        """Store what `encode` puts into a buffer (it returns the length). False when it failed."""
        try:
            good = self._hal.nvm.write(slot, self.buffer, encode(self.buffer))
        except Exception:
            good = False
        self._control.context.faults.put(f.STORAGE, not good)
        return good
