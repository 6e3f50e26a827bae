"""The CAN port: one controller and one protocol at a time; a service of the controller.

Each frame of the protocol's set has its own grid in time; the grids are shifted against each
other, so that the set never leaves as one burst. A frame is made when there is room to send it and
dropped when its time is over: nothing old reaches the bus. Frames that an inverter asked for, and
the whole set when a direction is taken away (PRT-25), go out at once.

A protocol is an object with `bitrate`, `frames`, `id(i)`, `extended(i)`, `period_ms(i)`,
`encode(i, data)`, `receive(frame)`, `due` and `silence_matters` (protocols/can/encoder.py).
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.parts import Can, CanFrame

EXTENDED = 0x20000000  # marks an identifier of 29 bits
RECEIVE_A_STEP = 8  # bounds the work in a flood
IDLE_MS = 100  # the HAL wakes the port when frames arrive
WATCH_MS = 100  # between two looks at the error state
OLD_MS = 50  # a frame is late by this or a quarter of its period: dropped
BUSY_MS = 2  # all transmit buffers are full: try again
BACK_OFF_MS = 100  # first wait in bus-off; doubles
BACK_OFF_MAX_MS = 5_000
STEADY_MS = 10_000  # without bus-off for so long: the next one is a first one again
CLEAR_MS = 2_000  # ... and the fault is over
CONFLICT_MS = 60_000  # silence after another sender used our identifiers (COM-16)
SURE = 10  # looks in a row with frames acknowledged, where an inverter itself says nothing
LIMIT = 0x3FFFFFFF


class CanCounters:
    """What passed since start; every counter wraps at 2**30."""

    def __init__(self):
        self.sent = 0
        self.dropped = 0  # their time was over before there was room
        self.received = 0
        self.alive = 0  # signs of life of the inverter
        self.foreign = 0  # not for us
        self.bus_offs = 0
        self.passives = 0  # times that errors silenced us, mostly: nobody acknowledges
        self.conflicts = 0  # own identifiers heard


class CanPort:
    """Writes state.link. `values` are the parameters."""

    def __init__(self, can, faults, values, state):
        self.counters = CanCounters()
        self.protocol = None
        self._can = can
        self._faults = faults
        self._values = values
        self._link = state.link
        self._charging = state.charging
        self._asked = 0  # directions asked for, bit 0 charge, 1 discharge
        self._frame = CanFrame()
        self._data = bytearray(8)
        self._wait_ms = self._age_ms = self._ids = array("i")
        self._pending = 0  # bit i: frame i is to be sent
        self._first = 0  # ... before the others
        self._watch_ms = 0
        self._state = Can.ACTIVE
        self._steady_ms = STEADY_MS
        self._off_ms = self._back_off_ms = 0
        self._conflict_ms = 0  # left
        self._silent_ms = 0  # since the inverter was heard
        self._heard = False  # since the protocol was selected
        self._good = 0  # looks in a row with frames on the bus
        self._sent_before = 0
        self._bits = 0  # on the bus in this second
        self._second_ms = 0

    def select(self, protocol):
        """Speak this protocol from now on; None = nothing."""
        self.protocol = protocol
        self._heard = False
        self._silent_ms = self._good = self._conflict_ms = self._pending = self._first = 0
        self._faults.put(f.INVERTER_SILENT, False)
        self._faults.put(f.CAN_CONFLICT, False)
        self._link.inverter_stop = False
        if protocol is None:
            return
        n = protocol.frames
        self._wait_ms = array("i", [protocol.period_ms(i) * i // n for i in range(n)])
        self._age_ms = array("i", [0] * n)
        self._ids = array("i", [0] * n)
        for i in range(n):
            self._identify(i)
        self._can.set_bitrate(protocol.bitrate)

    def traffic(self):
        """A number that grows while somebody talks to us."""
        return self.counters.alive

    def step(self, dt_ms):
        """Receive, look after the bus, send one frame at most; ms until due."""
        if self.protocol is None:
            return IDLE_MS
        more = self._receive()
        self._watch(dt_ms)
        wait_ms = self._schedule(dt_ms)
        if self._pending and not self._conflict_ms and self._state != Can.BUS_OFF:
            wait_ms = min(wait_ms, self._send())
        return 0 if more else wait_ms

    # --- sending --------------------------------------------------------------------------------

    def _schedule(self, dt_ms):
        """Mark what is due, drop what is too old; ms until the next is due."""
        protocol, wait_ms, age_ms = self.protocol, self._wait_ms, self._age_ms
        self._ask_first()
        due, protocol.due = protocol.due, 0
        self._first |= due
        next_ms = IDLE_MS
        for i in range(protocol.frames):
            bit, period_ms = 1 << i, protocol.period_ms(i)
            if self._pending & bit:
                age_ms[i] += dt_ms
                if age_ms[i] > max(period_ms // 4, OLD_MS):
                    self._drop(i)
            if due & bit:
                self._want(i)
            wait_ms[i] -= dt_ms
            if wait_ms[i] <= 0:
                late_ms = -wait_ms[i] % period_ms
                wait_ms[i] = period_ms - late_ms
                self._want(i)
            next_ms = min(next_ms, wait_ms[i])
        if self._conflict_ms or self._state == Can.BUS_OFF:
            self._pending = self._first = 0
        return next_ms

    def _want(self, i):
        if not self._pending >> i & 1:
            self._pending |= 1 << i
            self._age_ms[i] = 0

    def _drop(self, i):
        self._pending &= ~(1 << i)
        self._first &= ~(1 << i)
        self.counters.dropped = self.counters.dropped + 1 & LIMIT

    def _ask_first(self):
        """A direction is taken away: the whole set says so at once (PRT-25)."""
        out = self._charging
        asked = 1 if out.charge_enable and out.ccl_ma else 0
        if out.discharge_enable and out.dcl_ma:
            asked |= 2
        if self._asked & ~asked:
            self.protocol.due |= (1 << self.protocol.frames) - 1
        self._asked = asked

    def _send(self):
        """Send the frame that waits longest; ms until the next may follow."""
        i = self._oldest()
        protocol, data = self.protocol, self._data
        n = protocol.encode(i, data)
        if n >= 0:
            self._identify(i)
            id, extended = self._ids[i] & EXTENDED - 1, self._ids[i] & EXTENDED != 0
            if not self._can.send(id, extended, data, n):
                return BUSY_MS
            self.counters.sent = self.counters.sent + 1 & LIMIT
            self._count_bits(extended, n)
        self._pending &= ~(1 << i)
        self._first &= ~(1 << i)
        return 1 if self._pending else IDLE_MS

    def _oldest(self):
        """The frame to send next: asked for, else waiting longest, else first in the set."""
        among = self._pending & self._first or self._pending
        best = -1
        for i in range(self.protocol.frames):
            if among >> i & 1 and (best < 0 or self._age_ms[i] > self._age_ms[best]):
                best = i
        return best

    def _identify(self, i):
        """The identifier depends on the address switch in some protocols."""
        id = self.protocol.id(i)
        self._ids[i] = id | EXTENDED if self.protocol.extended(i) else id

    def _count_bits(self, extended, n):
        """Bits on the wire, with a tenth of stuffing."""
        self._bits += ((67 if extended else 47) + 8 * n) * 11 // 10

    # --- receiving ------------------------------------------------------------------------------

    def _receive(self):
        """True when more frames may wait."""
        frame, counters = self._frame, self.counters
        for _ in range(RECEIVE_A_STEP):
            if not self._can.receive(frame):
                return False
            self._count_bits(frame.extended, frame.n)
            counters.received = counters.received + 1 & LIMIT
            if self.protocol.receive(frame):
                counters.alive = counters.alive + 1 & LIMIT
                self._alive()
            else:
                self._check_own(frame)
        return True

    def _check_own(self, frame):
        """Somebody else sends what only we may send: an inverter would mix two packs (COM-16)."""
        id = frame.id | EXTENDED if frame.extended else frame.id
        for own in self._ids:
            if own == id:
                self.counters.conflicts = self.counters.conflicts + 1 & LIMIT
                self._conflict_ms = CONFLICT_MS
                self._faults.put(f.CAN_CONFLICT, True, frame.id)
                return
        self.counters.foreign = self.counters.foreign + 1 & LIMIT

    def _alive(self):
        self._heard = True
        self._silent_ms = 0
        self._faults.put(f.INVERTER_SILENT, False)
        self._link.inverter_stop = False

    # --- the bus --------------------------------------------------------------------------------

    def _watch(self, dt_ms):
        self._measure_load(dt_ms)
        self._watch_ms += dt_ms
        if self._watch_ms < WATCH_MS:
            return
        dt_ms, self._watch_ms = self._watch_ms, 0
        state = self._can.state()
        if state != self._state:
            self._enter(state)
        if state == Can.BUS_OFF:
            self._recover(dt_ms)
        else:
            self._steady_ms = min(self._steady_ms + dt_ms, STEADY_MS)
            if self._steady_ms >= CLEAR_MS:
                self._faults.put(f.CAN_BUS_OFF, False)
        if self._conflict_ms:
            self._conflict_ms = max(self._conflict_ms - dt_ms, 0)
            if not self._conflict_ms:
                self._faults.put(f.CAN_CONFLICT, False)
        self._listen(dt_ms)

    def _measure_load(self, dt_ms):
        self._second_ms += dt_ms
        if self._second_ms >= 1000:
            kbit = self.protocol.bitrate // 1000
            self._link.can_load_permille = min(self._bits // kbit * 1000 // self._second_ms, 1000)
            self._bits = self._second_ms = 0

    def _enter(self, state):
        counters = self.counters
        if state == Can.BUS_OFF:
            counters.bus_offs = counters.bus_offs + 1 & LIMIT
            self._faults.put(f.CAN_BUS_OFF, True, counters.bus_offs)
            if self._steady_ms >= STEADY_MS:
                self._back_off_ms = BACK_OFF_MS
            self._steady_ms = self._off_ms = 0
        elif state == Can.PASSIVE and self._state != Can.BUS_OFF:
            counters.passives = counters.passives + 1 & LIMIT
        self._state = self._link.can_state = state

    def _recover(self, dt_ms):
        """Join the bus again after a wait that doubles while that does not hold."""
        self._off_ms += dt_ms
        if self._off_ms >= self._back_off_ms:
            self._off_ms = 0
            self._back_off_ms = min(2 * self._back_off_ms, BACK_OFF_MAX_MS)
            self._can.restart()

    def _listen(self, dt_ms):
        """An inverter that was there and is gone (COM-10). One that says nothing by itself is
        there while it acknowledges."""
        if not self.protocol.silence_matters and not self._conflict_ms:
            sent, self._sent_before = self.counters.sent != self._sent_before, self.counters.sent
            if self._state > Can.WARNING:
                self._good = 0
            elif sent:
                self._good = min(self._good + 1, SURE)
                if self._good == SURE:
                    self._alive()
        limit_ms = self._values[p.INVERTER_SILENCE_S] * 1000
        self._silent_ms = min(self._silent_ms + dt_ms, LIMIT)
        if self._heard and limit_ms and self._silent_ms >= limit_ms:
            self._faults.put(f.INVERTER_SILENT, True, self._silent_ms // 1000)
            self._link.inverter_stop = self._values[p.INVERTER_SILENT_STOP] == 1
