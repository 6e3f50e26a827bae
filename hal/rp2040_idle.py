"""What the program does between slices: notice what has arrived; while nothing is due also collect
garbage and wait.

A collection takes 12 ms. Here it comes when there is room for it and no port has anything; left
to MicroPython it would come in the middle of anything.
"""

import gc

ROOM_MS = 14
COLLECT_MS = 1_000  # between two collections
OVERDUE_MS = 1_500  # since the last one: room or not
PAUSE_MS = 2  # nothing new for so long: whoever sends has finished (2 characters at 9600)


class Idle:
    """`ports`: (bit of Controller.wake, port with waiting() and wanted); `key` a pin, its bit
    `key_bit`."""

    def __init__(self, time, ports, key, key_bit):
        self._time = time
        self._ports = [port for _, port in ports]
        self._bits = [bit for bit, _ in ports]
        self._waiting = [port.waiting for _, port in ports]
        self._seen = [0] * len(ports)
        self._since_ms = [0] * len(ports)
        self._key, self._key_bit = key.value, key_bit
        self._pressed = key.value()
        self._noticed = 0
        self._collected_ms = time.ticks_ms()

    def notice(self, bit):
        """An interrupt has something for a service."""
        self._noticed |= bit

    def wait(self, ms):
        """Up to `ms`, 0 = only look; the services to wake."""
        mask = self._look()
        if mask or not ms:
            return mask
        time = self._time
        start_ms = time.ticks_ms()
        since_ms = time.ticks_diff(start_ms, self._collected_ms)
        if since_ms >= (COLLECT_MS if ms >= ROOM_MS else OVERDUE_MS) and self._silent():
            self._collected_ms = start_ms
            gc.collect()
        while not mask and time.ticks_diff(time.ticks_ms(), start_ms) < ms:
            time.sleep_ms(1)
            mask = self._look()
        return mask

    def _silent(self):
        for waiting in self._waiting:
            if waiting():
                return False
        return True

    def _look(self):
        mask = self._noticed
        if mask:
            self._noticed &= ~mask
        waiting, i = self._waiting, len(self._waiting)
        while i:
            i -= 1
            n = waiting[i]()
            if n:
                mask |= self._heard(i, n)
            else:
                self._seen[i] = 0
        if self._key() != self._pressed:
            self._pressed ^= 1
            mask |= self._key_bit
        return mask

    def _heard(self, i, n):
        """The bit of port `i` when the n bytes that wait are worth waking it."""
        seen, time = self._seen, self._time
        if n < self._ports[i].wanted:
            now_ms = time.ticks_ms()
            if n != seen[i]:
                seen[i] = n
                self._since_ms[i] = now_ms
                return 0
            if time.ticks_diff(now_ms, self._since_ms[i]) < PAUSE_MS:
                return 0
        seen[i] = 0  # as many may come again behind those that are taken now
        return self._bits[i]
