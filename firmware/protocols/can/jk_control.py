"""The control frame of JK CAN, 18F0F428: charge, discharge and balance switch.

Switching off is always done. Switching on only undoes what this port has switched off (the rule is
in firmware/requests.py), and not within five seconds: a host that repeats itself must not make the
MOSFETs chatter.
"""

from firmware import requests as request
from firmware.parameters import Refused
from firmware.protocols.can.encoder import Encoder

REST_S = 5


class JkControl(Encoder):
    """JK CAN, both rates."""

    def __init__(self, view, requests, source, table):
        Encoder.__init__(self, view, requests, source, table)
        self._off_at_s = 0

    def control(self, frame):
        """Byte 0: which of the bytes 1..3 count; each 1 = on, 0 = off. Anything else: garbage."""
        data, mask = frame.data, frame.data[0]
        if mask > 7:
            return
        off, on = {}, 0
        for i in range(3):
            if mask >> i & 1:
                if data[1 + i] > 1:
                    return
                switch = request.SWITCHES[i]
                if data[1 + i] and not self._view.values[switch]:
                    on |= 1 << i
                elif not data[1 + i] and self._view.values[switch]:
                    off[switch] = 0
        now_s = self._view.system.uptime_s
        if off:
            self._off_at_s = now_s
            self._submit(off)
        elif now_s - self._off_at_s >= REST_S:
            for i in range(3):
                if on >> i & 1:
                    self._submit({request.SWITCHES[i]: 1})

    def _submit(self, changes):
        try:
            self._requests.submit(self._source, request.SET, changes)
        except (Refused, MemoryError):
            return
