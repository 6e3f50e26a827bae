"""A serial port: one UART, its buffers and counters, and one protocol at a time.

A protocol is an object with
  frame_length(buf, n)   > 0 a whole frame of that length, 0 more bytes are needed, < 0 drop -n
  answer(buf, n, out)    length of the reply in `out`, 0 = silence, < 0 = not for us
  poll(dt_ms, out)       length of a frame to send unasked, 0 = none
  poll_ms                how often `poll` wants to be called, 0 = never
  shortest               bytes of the shortest request: no need to look at fewer at once
  more(out)              may be absent: length of the next part of a long answer, 0 = that was all
  counters               set here: where the protocol counts its wrong check sums
It may raise nothing: what it hears is noise, collisions and other people's traffic (COM-09).
"""

from firmware.fault_ids import SERIAL_NOISE

TX_SIZE = 320  # a JK block and its acknowledge are 308 bytes
RX_SIZE = 384  # the echo of such an answer, and the next request behind it
LONGEST = 360  # more than any frame: what begins and does not end by then never will
IDLE_MS = 200  # the HAL wakes the port when bytes arrive
SENDING_MS = 2  # an end that is late: ask again
MORE_BYTES = 32  # behind the beginning of a frame so many are worth a look
SILENCE_MS = 20  # the shortest pause that ends a frame; adapters and gateways split frames
STALE_MS = 200  # what waited through such a gap of our own is no frame's beginning any more
DROPS_A_STEP = 16  # bounds the work on garbage in one step
CHECKS_A_STEP = 3  # ... and the wrong check sums over long frames
GIVE_UP_MS = 100  # a transmitter that takes nothing for so long loses the answer
NOISE_BYTES = 200
NOISE_MS = 10_000
LIMIT = 0x3FFFFFFF


class Counters:
    """What passed a port since start; every counter wraps at 2**30."""

    def __init__(self):
        self.frames_ok = 0  # whole frames with a right check sum, ours or not
        self.answered = 0
        self.foreign = 0  # good frames for others
        self.crc_errors = 0
        self.length_errors = 0  # frames that broke off
        self.bad_bytes = 0  # dropped as garbage
        self.overruns = 0  # lost in the receiver
        self.echoes = 0  # own frames heard back
        self.refused = 0  # writes: locked, out of range, wrong password
        self.answer_ms = -1  # from the last request's end to its answer; -1 = not known
        self.answer_max_ms = -1


class SerialPort:
    """Moves bytes between a HAL serial and a protocol; a service of the controller.

    `faults` may be None; then noise is only counted.
    """

    def __init__(self, serial, protocol, baud, faults=None):
        self.counters = Counters()
        self.baud = 0
        self.protocol = None
        self._more = None  # of the protocol, see above
        self._serial = serial
        self._faults = faults
        self._rx = bytearray(RX_SIZE)
        self._tx = bytearray(TX_SIZE)
        self._rx_view = memoryview(self._rx)
        self._n = 0  # bytes waiting in rx
        self._quiet_ms = 0  # since the last byte
        self._begun = False  # the bytes in rx begin a frame whose rest is missing
        self._broken = False  # their end is known to be missing
        self._silence_ms = SILENCE_MS
        self._unsent = 0  # bytes of tx that the transmitter has not taken yet
        self._unsent_ms = 0
        self._sending_ms = 0  # until what was sent should have left
        self._echo_at = -1  # where in rx our own frame would stand, -1 = not expected
        self._echo_n = 0
        self._poll_ms = 0
        self._noise = 0  # bad bytes since the last good frame
        self._noise_ms = 0
        self._noisy = False
        self._next = (protocol, baud)
        self._change()

    def select(self, protocol, baud):
        """Speak another protocol or rate from now on: at once, or when the answer that is being
        made or sent has left."""
        self._next = (protocol, baud)

    def traffic(self):
        """A number that grows while somebody talks to us."""
        return self.counters.answered

    def step(self, dt_ms):
        """Receive, answer one frame at most, send; ms until due, 0 when more is waiting."""
        if self._begun and dt_ms > STALE_MS:
            self._break_off(self._n)
        self._receive(dt_ms)
        if self._unsent:
            return self._retry(dt_ms)
        if self._serial.sending() or (self._echo_at >= 0 and self._echoing()):
            return self._until_sent(dt_ms)
        n = self._more(self._tx) if self._more else 0
        if n:
            return self._send(n)
        if self._next is not None:
            self._change()
        self._poll_ms = min(self._poll_ms + dt_ms, LIMIT)
        return self._work()

    def _receive(self, dt_ms):
        """Read as much as there is room for; a full buffer empties by being worked off. A quiet
        line is no noise."""
        got = self._serial.read_into(self._rx_view[self._n :] if self._n else self._rx_view)
        if got:
            self._n += got
            self._quiet_ms = 0
            self._broken = False
            self.counters.overruns = self._serial.overruns() & LIMIT
        else:
            self._quiet_ms = min(self._quiet_ms + dt_ms, LIMIT)
        if self._noise:
            self._noise_ms = min(self._noise_ms + dt_ms, LIMIT)
            if self._quiet_ms >= NOISE_MS:
                self._noise = self._noise_ms = 0

    def _echoing(self):
        """Drop our own frame when it was heard whole. True = wait for its rest."""
        at, n = self._echo_at, self._echo_n
        heard = min(self._n - at, n)
        if heard > 0 and self._rx[at : at + heard] == self._tx[:heard]:
            if heard == n:
                self._count("echoes", 1)
                self._cut(at, n)
            elif self._quiet_ms < self._silence_ms:
                return True
        self._echo_at = -1
        return False

    def _change(self):
        """Take over a selected protocol, with empty buffers."""
        self.protocol, baud = self._next
        self._next = None
        if baud != self.baud:
            self._serial.set_baud(baud)
            self.baud = baud
            self._silence_ms = max(SILENCE_MS, 40_000 // baud + 1)
        self.protocol.counters = self.counters
        self._more = getattr(self.protocol, "more", None)
        self._n = self._poll_ms = 0

    def _work(self):
        self._begun = False
        self._serial.wanted = self.protocol.shortest
        checks = self.counters.crc_errors + CHECKS_A_STEP
        for _ in range(DROPS_A_STEP):
            if not self._n:
                return self._idle()
            length = self.protocol.frame_length(self._rx, self._n)
            if length > 0:
                return self._frame(length)
            if length == 0:
                if self._n < LONGEST and self._quiet_ms < self._silence_ms:
                    self._begun = True
                    self._serial.wanted = MORE_BYTES
                    return self._silence_ms - self._quiet_ms
                self._break_off(1)
                continue
            self._bad(-length)
            self._cut(0, min(-length, self._n))
            if self.counters.crc_errors >= checks:
                break
        return 0 if self._n else self._idle()

    def _break_off(self, n):
        """The frame that has begun will not end: it is older than the pause that ends a frame, or
        longer than the buffer. Behind the `n` bytes dropped a good one may stand."""
        if not self._broken:
            self._broken = True  # until more bytes come: it is one frame that ended
            self._count("length_errors", 1)
        self._bad(n)
        self._cut(0, n)
        self._begun = False

    def _frame(self, length):
        counters = self.counters
        counters.frames_ok = counters.frames_ok + 1 & LIMIT
        self._noise = self._noise_ms = 0
        if self._noisy:
            self._noisy = False
            self._faults.put(SERIAL_NOISE, False)
        reply = self.protocol.answer(self._rx, length, self._tx)
        self._cut(0, length)
        if reply > 0:
            counters.answered = counters.answered + 1 & LIMIT
            self._time(counters)
            return self._send(reply)
        if reply < 0:
            self._count("foreign", 1)
        return 0 if self._n else self._idle()

    def _idle(self):
        period_ms = self.protocol.poll_ms
        if not period_ms:
            return IDLE_MS
        if self._poll_ms >= period_ms:
            dt_ms, self._poll_ms = self._poll_ms, 0
            length = self.protocol.poll(dt_ms, self._tx)
            if length > 0:
                return self._send(length)
        return min(IDLE_MS, period_ms - self._poll_ms)

    def _send(self, n):
        if not self._serial.write(self._tx, n):
            self._unsent = n
            return 2
        self._unsent = self._unsent_ms = 0
        self._echo_at, self._echo_n = self._n, n
        self._sending_ms = n * 10_000 // self.baud + 1
        return self._until_sent(0)

    def _until_sent(self, dt_ms):
        """ms until due while a frame leaves; its end matters only when something waits for it."""
        self._sending_ms = max(self._sending_ms - dt_ms, SENDING_MS)
        waits = self._n or self._more or self._next is not None
        return self._sending_ms if waits else IDLE_MS

    def _time(self, counters):
        """Note how long the asker has waited for the answer."""
        counters.answer_ms = waited_ms = self._serial.quiet_ms()
        if waited_ms > counters.answer_max_ms:
            counters.answer_max_ms = waited_ms

    def _retry(self, dt_ms):
        self._unsent_ms += dt_ms
        if self._unsent_ms > GIVE_UP_MS:
            self._unsent = self._unsent_ms = 0
            return 0
        return self._send(self._unsent)

    def _cut(self, at, n):
        """Take n bytes at `at` out of rx."""
        end = self._n - n
        if end > at:
            self._rx[at:end] = self._rx[at + n : self._n]
        self._n = end

    def _count(self, name, n):
        setattr(self.counters, name, getattr(self.counters, name) + n & LIMIT)

    def _bad(self, n):
        self._count("bad_bytes", n)
        self._noise = min(self._noise + n, LIMIT)
        if self._noise > NOISE_BYTES and self._noise_ms >= NOISE_MS and self._faults is not None:
            self._noisy = True
            self._faults.put(SERIAL_NOISE, True, self._noise)
