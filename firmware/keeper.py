"""What survives a restart: the control record, the gauge's record, the passwords and a user's
table, in slots.

Each record has two slots, written in turn, so that a torn write loses only the newest. At most one
slot is written a cycle. Storage that fails or raises is a warning, never a reason to stop.
"""

from firmware import fault_ids as f
from firmware.control import record
from firmware.gauge import ocv
from firmware.gauge.gauge import Gauge
from firmware.ondemand import call
from firmware.parameters import Refused

RECORD = (0, 1)  # slots
GAUGE = (2, 3)
TABLE = 4
SAVE_MS = 600_000  # the record at least this often
SAVE_STANDING_MS = 60_000  # while a reason with a countdown stands
SAVE_PAUSE_MS = 1_000
SAVE_START_MS = 10_000  # the first record after a start, with the power-on count
GAUGE_MS = 3_600_000  # the gauge's record: 24 writes a day
MOVED_MAH = 500  # balanced charge that is worth a record before


class Keeper:
    """Loads at start, stores from `step` after each cycle."""

    def __init__(self, hal, control, passwords):
        self._hal = hal
        self._control = control
        self._passwords = passwords
        self._password_ms = SAVE_STANDING_MS  # since they were last stored, or could not be
        self._buffer = bytearray(hal.nvm.SIZE)
        self._slot = 0  # index of the slot written last
        self._gauge_slot = 0
        self._sequence = 0
        self._standing = False  # a reason stood when the record was last stored
        self._save_ms = SAVE_MS - SAVE_START_MS
        self._gauge_ms = 0
        self._moved_mah = 0

    def load(self):
        """The control record and the passwords, before the first cycle."""
        try:
            slot = record.newest(self._hal.nvm, self._buffer, RECORD)
            if slot >= 0:
                self._control.record.restore(self._buffer)
                self._slot = slot
        except Exception:
            self._control.context.faults.put(f.STORAGE, True)
        self._standing = self._control.record.note()
        self._passwords_in("load")

    def build_gauge(self):
        """The gauge with what it had learned; else it goes on from the charge of the control
        record. A table or a record that cannot be used is a warning."""
        control = self._control
        gauge = Gauge(control.context, control.counter, self._table())
        left_mah = control.context.state.gauge.remaining_mah
        try:
            self._load_gauge(gauge)
        except Refused:  # another pack's: it learns anew
            self._sequence = 0
        except Exception:
            control.context.faults.put(f.STORAGE, True)
        if left_mah is not None:  # it is younger
            gauge.go_on(left_mah)
        return gauge

    def _table(self):
        """A user's open-circuit voltage table, None = the chemistry's own."""
        try:
            n = self._hal.nvm.read(TABLE, self._buffer)
            if n < ocv.SIZE:
                return None
            table = bytes(memoryview(self._buffer)[: ocv.SIZE])
            ocv.Curve(table)
            return table
        except Exception:
            self._control.context.faults.put(f.STORAGE, True)
            return None

    def _load_gauge(self, gauge):
        nvm, best = self._hal.nvm, -1
        for i in (0, 1):
            n = nvm.read(GAUGE[i], self._buffer)
            if n and call("gauge_record", "valid", self._buffer, n):
                if best < 0 or newer(self._buffer[3], self._sequence):
                    best, self._sequence = i, self._buffer[3]
        if best >= 0:
            n = nvm.read(GAUGE[best], self._buffer)
            gauge.restore(self._buffer, n, self._control.balancing.ledger.restore)
            self._gauge_slot = best

    def step(self, dt_ms, leaving, falling):
        """After a cycle: at once when a reason came or went, and now and then for the counters.
        `leaving`: a restart or a power-off comes behind; `falling`: the supply does."""
        control = self._control
        self._save_ms += dt_ms
        self._gauge_ms += dt_ms
        self._password_ms = min(self._password_ms + dt_ms, SAVE_MS)
        limit_ms = SAVE_STANDING_MS if self._standing else SAVE_MS
        if falling or control.record.changed():
            limit_ms = SAVE_PAUSE_MS
        if leaving or self._save_ms >= limit_ms:
            self._save()
        elif self._passwords.changed and self._password_ms >= SAVE_STANDING_MS:
            self._password_ms = 0
            self._passwords_in("save")
        elif self._gauge_ms >= GAUGE_MS or self._balanced():
            self.save_gauge()
        if leaving:
            self.save_gauge()
            if self._passwords.changed:
                self._passwords_in("save")

    def _balanced(self):
        moved_mah = self._control.context.state.balance.moved_mah - self._moved_mah
        return moved_mah >= MOVED_MAH and self._gauge_ms >= SAVE_STANDING_MS

    def _save(self):
        """A slot that could not be written is tried again next: the other keeps the record."""
        self._save_ms = 0
        self._standing = self._control.record.note()
        slot = 1 - self._slot
        if self._write(RECORD[slot], self._control.record.encode):
            self._slot = slot

    def save_gauge(self):
        """Store what the gauge has learned now."""
        self._gauge_ms = 0
        gauge = self._control.gauge
        if gauge is None:
            return
        self._moved_mah = self._control.context.state.balance.moved_mah
        slot, sequence = 1 - self._gauge_slot, self._sequence + 1 & 255
        ledger = self._control.balancing.ledger.encode
        if self._write(GAUGE[slot], lambda buffer: gauge.encode(buffer, sequence, ledger)):
            self._gauge_slot, self._sequence = slot, sequence

    def _passwords_in(self, function):
        """Load or save them; what could not be saved is tried again in a minute."""
        try:
            nvm, passwords = self._hal.nvm, self._passwords
            good = call("password_record", function, nvm, passwords, self._buffer)
        except Exception:
            good = False
        if not good:
            self._control.context.faults.put(f.STORAGE, True)

    def _write(self, slot, encode):
        try:
            good = self._hal.nvm.write(slot, self._buffer, encode(self._buffer))
        except Exception:
            good = False
        self._control.context.faults.put(f.STORAGE, not good)
        return good


def newer(sequence, than):
    """True when a record's running number (0..255) comes after another's."""
    return (sequence - than) & 255 < 128
