"""The CAN port: one controller and one protocol at a time; a service of the controller.

Each frame of the protocol's set has its own grid in time; the grids are shifted against each
other, so that the set never leaves as one burst. A frame is made when its turn comes and dropped
when its time is over: nothing old reaches the bus. Frames that an inverter asked for, and the
whole set when a direction is taken away (PRT-25), go out at once.

A protocol is an object with `bitrate`, `frames`, `id(i)`, `extended(i)`, `period_ms(i)`,
`encode(i, data)`, `expected()`, `receive(frame)`, `due` and `silence_matters`
(protocols/can/encoder.py).
"""

from array import array

from firmware import fault_ids as f
from firmware.ports.can_watch import BusWatch, CanCounters, Silence
from hal.parts import Can, CanFrame

EXTENDED = 0x20000000  # marks an identifier of 29 bits
RECEIVE_A_STEP = 8  # bounds the work in a flood
HURRY_A_STEP = 2  # frames that were asked for or must be told at once; of others one
IDLE_MS = 100  # the HAL wakes the port when frames arrive
WATCH_MS = 100  # between two looks at the error state
START_MS = 5_000  # without a measurement nothing is sent for so long
OLD_MS = 50  # a frame is late by this or a quarter of its period: dropped
BUSY_MS = 2  # all transmit buffers are full: try again ...
ALONE_MS = 20  # ... less often when nobody acknowledges
CONFLICT_MS = 60_000  # silence after another sender used our identifiers (COM-16); doubles ...
CONFLICT_MAX_MS = 3_840_000
FREE_MS = 10_000  # ... until they were ours alone for so long
LIMIT = 0x3FFFFFFF


class CanPort:
    """Writes state.link. `values` are the parameters."""

    def __init__(self, can, faults, values, state):
        self.counters = CanCounters()
        self.protocol = None
        self._can = can
        self._faults = faults
        self._state = state
        self._watch = BusWatch(can, faults, state.link, self.counters)
        self._silence = Silence(faults, values, state.link)
        self._started = False
        self._asked = 0  # directions asked for, bit 0 charge, 1 discharge
        self._frame = CanFrame()
        self._data = bytearray(8)
        self._wait_ms = self._age_ms = self._period_ms = array("i")
        self._passed_ms = 0  # since `_wait_ms` was looked at
        self._next_ms = 0  # ... until its shortest is over
        self._ids = []  # own identifiers, | EXTENDED
        self._expected = []
        self._pending = 0  # bit i: frame i is to be sent
        self._first = 0  # ... before the others
        self._made = -1  # frame in `_data`, -1 = none
        self._made_n = 0
        self._watch_ms = 0
        self._conflict_ms = 0  # silence left
        self._pause_ms = CONFLICT_MS  # of the next silence
        self._free_ms = FREE_MS  # sending without a conflict
        self._bits = 0  # on the bus in this second
        self._second_ms = 0

    def select(self, protocol):
        """Speak this protocol from now on; None = nothing."""
        self.protocol = protocol
        self._pending = self._first = self._conflict_ms = 0
        self._made = -1
        self._pause_ms, self._free_ms = CONFLICT_MS, FREE_MS
        self._silence.forget()
        self._faults.put(f.CAN_CONFLICT, False)
        if protocol is None:
            self._watch.forget()
            return
        n = protocol.frames
        protocol.due = 0
        self._period_ms = array("i", [protocol.period_ms(i) for i in range(n)])
        self._wait_ms = array("i", [self._period_ms[i] * i // n for i in range(n)])
        self._age_ms = array("i", [0] * n)
        self._passed_ms = self._next_ms = 0
        self._ids = [0] * n
        for i in range(n):
            self._identify(i)
        self._expected = list(protocol.expected())
        self._can.set_bitrate(protocol.bitrate)

    def traffic(self):
        """A number that grows while somebody talks to us."""
        return self.counters.alive

    def step(self, dt_ms):
        """Receive, look after the bus, send a frame or two; ms until due."""
        if self.protocol is None:
            return IDLE_MS
        more = self._receive()
        looked = self._look_after(dt_ms)
        if not self._ready():
            return 0 if more else IDLE_MS
        wait_ms = self._schedule(dt_ms)
        if looked and not self._first:
            return 0  # that was enough for a slice
        if self._pending:
            wait_ms = min(wait_ms, self._send())
        return 0 if more else wait_ms

    def _ready(self):
        """The pack is known: zeros for what is not measured yet would be a lie."""
        if not self._started:
            state = self._state
            self._started = state.measured.valid or state.system.uptime_s * 1000 >= START_MS
        return self._started

    # --- sending --------------------------------------------------------------------------------

    def _schedule(self, dt_ms):
        """Mark what is due, drop what is too old; ms until the next is due."""
        due, self.protocol.due = self.protocol.due, 0
        self._first |= due
        if self._pending:
            self._grow_old(dt_ms)
        self._passed_ms += dt_ms
        if due or self._passed_ms >= self._next_ms:
            self._next_ms = self._look_at_clock(due, self._passed_ms)
            self._passed_ms = 0
        self._tell_stop()
        if self._conflict_ms or self._watch.state == Can.BUS_OFF:
            self._pending = self._first = 0
            self._made = -1
        return self._next_ms - self._passed_ms

    def _grow_old(self, dt_ms):
        pending, age_ms, i = self._pending, self._age_ms, 0
        while pending:
            if pending & 1:
                age_ms[i] += dt_ms
                if age_ms[i] > max(self._period_ms[i] // 4, OLD_MS):
                    self.counters.dropped = self.counters.dropped + 1 & LIMIT
                    self._done(i)
            pending >>= 1
            i += 1

    def _look_at_clock(self, due, dt_ms):
        """Want what is `due` and what the clock says; ms until it says more."""
        wait_ms, next_ms, i = self._wait_ms, IDLE_MS, len(self._wait_ms)
        while i:
            i -= 1
            left_ms = wait_ms[i] - dt_ms
            if left_ms <= 0 or due >> i & 1:
                self._want(i)
                left_ms %= self._period_ms[i]
                if due >> i & 1 or not left_ms:  # who asks needs no sending by the clock
                    left_ms += self._period_ms[i]
            wait_ms[i] = left_ms
            next_ms = left_ms if left_ms < next_ms else next_ms
        return next_ms

    def _want(self, i):
        if not self._pending >> i & 1:
            self._pending |= 1 << i
            self._age_ms[i] = 0

    def _done(self, i):
        self._pending &= ~(1 << i)
        self._first &= ~(1 << i)
        if i == self._made:
            self._made = -1

    def _tell_stop(self):
        """A direction is taken away: the whole set says so at once (PRT-25)."""
        out = self._state.charging
        asked = 1 if out.charge_enable and out.ccl_ma else 0
        if out.discharge_enable and out.dcl_ma:
            asked |= 2
        if self._asked & ~asked:
            self._made = -1
            for i in range(self.protocol.frames):
                self._want(i)
            self._first = self._pending
        self._asked = asked

    def _send(self):
        """Send one of what is pending, or some that hurry; ms until the next may follow."""
        for _ in range(HURRY_A_STEP if self._first else 1):
            if self._made < 0:
                self._make(self._oldest())
            if self._made >= 0 and not self._put(self._made):
                return ALONE_MS if self._watch.state == Can.PASSIVE else BUSY_MS
            if not self._pending:
                return IDLE_MS
        return 1

    def _make(self, i):
        """Fill `_data`, unless the frame is not sent now."""
        self._made_n = self.protocol.encode(i, self._data)
        if self._made_n < 0:
            self._done(i)
            return
        self._made = i
        self._identify(i)

    def _put(self, i):
        """Send frame i, which is made; False when there is no room."""
        id, extended = self._ids[i] & EXTENDED - 1, self._ids[i] & EXTENDED != 0
        if not self._can.send(id, extended, self._data, self._made_n):
            return False
        self.counters.sent = self.counters.sent + 1 & LIMIT
        self._count_bits(extended, self._made_n)
        self._done(i)
        return True

    def _oldest(self):
        """The frame to send next: asked for, else waiting longest, else first in the set."""
        among = self._pending & self._first or self._pending
        age_ms = self._age_ms
        best = -1
        i = 0
        while among:
            if among & 1 and (best < 0 or age_ms[i] > age_ms[best]):
                best = i
            among >>= 1
            i += 1
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
        frame = self._frame
        for _ in range(RECEIVE_A_STEP):
            if not self._can.receive(frame):
                return False
            self._count_bits(frame.extended, frame.n)
            self._take(frame)
        return True

    def _take(self, frame):
        counters = self.counters
        id = frame.id | EXTENDED if frame.extended else frame.id
        if id in self._expected:
            counters.received = counters.received + 1 & LIMIT
            if self.protocol.receive(frame):
                counters.alive = counters.alive + 1 & LIMIT
                self._silence.alive()
        elif id in self._ids:  # an inverter would mix two packs (COM-16)
            counters.conflicts = counters.conflicts + 1 & LIMIT
            self._conflict(frame.id)
        else:
            counters.foreign = counters.foreign + 1 & LIMIT

    # --- the bus --------------------------------------------------------------------------------

    def _conflict(self, id):
        """Stop sending; who hears us again when we begin waits longer."""
        if not self._conflict_ms and self._free_ms < FREE_MS:
            self._pause_ms = min(2 * self._pause_ms, CONFLICT_MAX_MS)
        self._free_ms = 0
        self._conflict_ms = self._pause_ms
        self._faults.put(f.CAN_CONFLICT, True, id)

    def _look_after(self, dt_ms):
        """True when it was time for a look at the controller."""
        self._measure_load(dt_ms)
        self._watch_ms += dt_ms
        if self._watch_ms < WATCH_MS:
            return False
        dt_ms, self._watch_ms = self._watch_ms, 0
        self._watch.step(dt_ms)
        if self._conflict_ms:
            self._conflict_ms = max(self._conflict_ms - dt_ms, 0)
        else:
            if self._free_ms < FREE_MS:
                self._free_ms += dt_ms
                if self._free_ms >= FREE_MS:
                    self._pause_ms = CONFLICT_MS
                    self._faults.put(f.CAN_CONFLICT, False)
            if not self.protocol.silence_matters:
                self._silence.acknowledged(self.counters.sent, self._watch.state)
        self._silence.step(dt_ms)
        return True

    def _measure_load(self, dt_ms):
        self._second_ms += dt_ms
        if self._second_ms >= 1000:
            link, kbit = self._state.link, self.protocol.bitrate // 1000
            link.can_load_permille = min(self._bits // kbit * 1000 // self._second_ms, 1000)
            self._bits = self._second_ms = 0
