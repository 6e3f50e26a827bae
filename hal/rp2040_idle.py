"""What the program does between slices: notice what has arrived; while nothing is due also collect
garbage and wait.

A collection takes 8 to 17 ms. Here it comes when there is room for it and no port has anything;
left to MicroPython it would come in the middle of a control cycle.
"""

import gc

ROOM_MS = 30
COLLECT_MS = 1_000  # between two collections
PAUSE_MS = 2  # nothing new for so long: whoever sends has finished (2 characters at 9600)


class Idle:
    """`ports`: (bit of Controller.wake, port with waiting() and wanted); `key` a pin, its bit
    `key_bit`."""

    def __init__(self, time, ports, key, key_bit):
        self._time = time
        self._ports = ports
        self._seen = [0] * len(ports)
        self._since_ms = [0] * len(ports)
        self._key, self._key_bit = key, key_bit
        self._pressed = key.value()
        self._noticed = 0
        self._collected_ms = time.ticks_ms()

    def notice(self, bit):
        """An interrupt has something for a service."""
        self._noticed |= bit

    def wait(self, ms):
        """Up to `ms`, 0 = only look; the services to wake."""
        time = self._time
        start_ms = time.ticks_ms()
        mask = self._look()
        if ms >= ROOM_MS and not mask and self._silent():
            if time.ticks_diff(start_ms, self._collected_ms) >= COLLECT_MS:
                self._collected_ms = start_ms
                gc.collect()
        while not mask and time.ticks_diff(time.ticks_ms(), start_ms) < ms:
            time.sleep_ms(1)
            mask = self._look()
        return mask

    def _silent(self):
        for _, port in self._ports:
            if port.waiting():
                return False
        return True

    def _look(self):
        mask = self._noticed
        if mask:
            self._noticed &= ~mask
        seen, now_ms = self._seen, self._time.ticks_ms()
        for i in range(len(seen)):
            bit, port = self._ports[i]
            waiting = port.waiting()
            if waiting >= port.wanted:
                seen[i] = 0  # as many may come again behind those that are taken now
                mask |= bit
            elif waiting != seen[i]:
                seen[i], self._since_ms[i] = waiting, now_ms
            elif waiting and self._time.ticks_diff(now_ms, self._since_ms[i]) >= PAUSE_MS:
                seen[i] = 0
                mask |= bit
        pressed = self._key.value()
        if pressed != self._pressed:
            self._pressed = pressed
            mask |= self._key_bit
        return mask
