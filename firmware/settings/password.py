"""Checks and changes the passwords (SEC-01, SEC-03); loaded for a call only.

A wrong password makes its port wait: 1 s, 2, 4 and so on up to 5 minutes, for each password and
each port of its own. What comes meanwhile is not looked at and does not lengthen the wait, so that
nobody can lock the owner out for good; the key on the pack opens the ports in any case.
"""

from hashlib import sha256

from firmware import passwords as kept
from firmware import requests as r
from firmware.parameters import Refused

DEFAULTS = (b"1234", b"123456")
SHORTEST, LONGEST = 4, 10  # 10 bytes is the field of the NW protocol
LONGEST_WAIT_S = 300
ROUNDS = 16
SALT, HASH = 8, 16


def do(requests, source, kind, payload):
    """Carry out one of the requests that are guarded by a password instead of an open port."""
    passwords, state = requests.passwords, requests.control.context.state
    now_s = state.system.uptime_s
    if kind == r.LOCK:
        requests.open_until_s[source] = 0
    elif kind == r.CONNECT:
        _check(passwords, source, kept.DEVICE, payload, now_s)
    elif kind == r.UNLOCK:
        _check(passwords, source, kept.SETTINGS, payload, now_s)
        requests.open_until_s[source] = now_s + r.WINDOW_S
    else:
        which, old, new, again = payload
        _check(passwords, source, which, old, now_s)
        new = _plain(new)
        if new != _plain(again):
            raise Refused("password: the new one was entered in two ways")
        if not SHORTEST <= len(new) <= LONGEST or not all(32 < b < 127 for b in new):
            raise Refused("password: %d to %d letters and digits" % (SHORTEST, LONGEST))
        salt = _salt(which, passwords, state)
        passwords.kept[which] = salt + _hash(salt, new)
        passwords.changed = True


def _plain(text):
    """A password as it comes in a field of fixed length."""
    return bytes(text).rstrip(b"\0")


def _check(passwords, source, which, text, now_s):
    at = 2 * source + which
    if now_s < passwords.until_s[at]:
        raise kept.Throttled("password: wrong before, wait")
    text, stored = _plain(text), passwords.kept[which]
    if stored:
        salt = stored[:SALT]
        right = salt + _hash(salt, text) == stored
    else:
        right = text == DEFAULTS[which]
    if right:
        passwords.wrong[at] = 0
        return
    passwords.until_s[at] = now_s + min(1 << passwords.wrong[at], LONGEST_WAIT_S)
    passwords.wrong[at] = min(passwords.wrong[at] + 1, 9)
    raise Refused("password: wrong")


def _salt(which, passwords, state):
    """Differs from change to change; it need not be secret."""
    measured, system = state.measured, state.system
    seen = (system.run_time_s, system.cycles, system.rtc_s, measured.current_ma, measured.cell_mv)
    return sha256(repr((which, passwords.kept, seen)).encode()).digest()[:SALT]


def _hash(salt, text):
    digest = salt + text
    for _ in range(ROUNDS):
        digest = sha256(salt + digest).digest()
    return digest[:HASH]
