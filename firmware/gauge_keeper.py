"""What the gauge has learned, over restarts: its record in two slots, and a user's table."""

from firmware import fault_ids as f
from firmware.gauge import ocv
from firmware.gauge.gauge import Gauge
from firmware.ondemand import call
from firmware.parameters import Refused

GAUGE = (2, 3)  # slots
TABLE = 4
GAUGE_MS = 3_600_000  # a record at least so often: 24 writes a day
SOONEST_MS = 60_000
MOVED_MAH = 500  # balanced charge that is worth a record before


class GaugeKeeper:
    """Builds the gauge, gives it what is stored, and says when to store it again."""

    def __init__(self, control, keeper):
        self._control = control
        self._faults = control.context.faults
        self._nvm = control.context.hal.nvm
        self._keeper = keeper
        self._buffer = keeper.buffer
        self._slot = 0  # index of the slot written last
        self._sequence = 0
        self._passed_ms = 0  # since the last record
        self._moved_mah = 0
        self._gauge = Gauge(control.context, control.counter, self._table())

    def restore(self):
        """The gauge with what it had learned; else it goes on from the charge of the control
        record, as counted since. A record that cannot be used is a warning."""
        control, gauge = self._control, self._gauge
        left_mah = control.context.state.gauge.remaining_mah
        try:
            balancing = control.balancing
            ledger = None if balancing is None else balancing.ledger.restore
            found = call("gauge_record", "load", gauge, self._nvm, GAUGE, self._buffer, ledger)
            self._slot, self._sequence = found
        except Refused:  # another pack's: it learns anew
            self._sequence = 0
        except Exception:
            self._faults.put(f.STORAGE, True)
        if self._keeper.charge_known:  # it is younger
            gauge.go_on(left_mah)
        control.counter.moved_mah = 0  # before the gauge was there
        return gauge

    def _table(self):
        """A user's open-circuit voltage table, None = the chemistry's own."""
        try:
            n = self._nvm.read(TABLE, self._buffer)
            if n < ocv.SIZE:
                return None
            table = bytes(memoryview(self._buffer)[: ocv.SIZE])
            ocv.Curve(table)
            return table
        except Exception:
            self._faults.put(f.STORAGE, True)
            return None

    def due(self, dt_ms):
        """True when it is time to `save`; once a cycle."""
        self._passed_ms += dt_ms
        if self._passed_ms >= GAUGE_MS:
            return True
        moved_mah = self._control.context.state.balance.moved_mah - self._moved_mah
        return moved_mah >= MOVED_MAH and self._passed_ms >= SOONEST_MS

    def save(self):
        """Store what the gauge has learned now."""
        self._passed_ms = 0
        self._moved_mah = self._control.context.state.balance.moved_mah
        slot, sequence = 1 - self._slot, self._sequence + 1 & 255
        gauge, balancing = self._gauge, self._control.balancing
        ledger = None if balancing is None else balancing.ledger.encode
        if self._keeper.write(GAUGE[slot], lambda data: gauge.encode(data, sequence, ledger)):
            self._slot, self._sequence = slot, sequence
