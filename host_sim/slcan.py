"""The Lawicel text protocol of USB-CAN dongles ("slcan"), on the dongle's side.

A command ends with a carriage return and is answered by one, or by a bell when it is wrong:
`S6` bit rate, `O` open, `L` open to listen only, `C` close, `tIIINDD..` a frame (`T` with 29 bits,
`r` and `R` remote frames), `V` version, `N` serial number, `F` status, `Z0`/`Z1` time stamps.
"""

RATES = (10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000)
LONGEST = 32  # more than any command
OK, WRONG = b"\r", b"\a"
HEX = frozenset(b"0123456789abcdefABCDEF")


class Slcan:
    """One dongle. `send(id, extended, data)` puts a frame on the bus and returns False when it
    cannot; `join(bitrate or None, listen)` follows the channel: None = closed."""

    def __init__(self, send, join, now_ms=lambda: 0):
        self._send = send
        self._join = join
        self._now_ms = now_ms
        self._line = bytearray()
        self._skip = False  # until the next carriage return
        self.rate = None  # bit/s; None = not told: the pack's
        self.is_open = False
        self.listens = False
        self.stamps = False
        self.wrong = 0  # commands

    def feed(self, data):
        """Take bytes of the program; the bytes to answer."""
        out = bytearray()
        for byte in data:
            if byte in b"\r\n":
                if self._skip:
                    out += self._refuse()
                elif self._line:
                    out += self._do(bytes(self._line))
                self._line.clear()
                self._skip = False
            elif len(self._line) >= LONGEST:
                self._skip = True
            else:
                self._line.append(byte)
        return bytes(out)

    def _refuse(self):
        self.wrong += 1
        return WRONG

    def _do(self, line):
        command, rest = line[:1], line[1:]
        if command in b"tTrR":
            return self._frame(command, rest)
        act = {b"S": self._speed, b"Z": self._stamps, b"O": self._open, b"L": self._open}.get(
            command
        )
        if act is not None:
            return OK if act(command, rest) else self._refuse()
        if command == b"C" and not rest:
            self.close()
            return OK
        fixed = {b"V": b"V1013\r", b"N": b"NPACK\r", b"F": b"F00\r"}.get(command)
        if fixed is not None and not rest:
            return fixed
        return OK if command in b"MmXW" else self._refuse()

    def _speed(self, _, rest):
        if self.is_open or len(rest) != 1 or rest not in b"012345678":
            return False
        self.rate = RATES[int(rest)]
        return True

    def _stamps(self, _, rest):
        if rest not in (b"0", b"1"):
            return False
        self.stamps = rest == b"1"
        return True

    def _open(self, command, rest):
        if self.is_open or rest:
            return False
        self.is_open = True
        self.listens = command == b"L"
        self._join(self.rate, self.listens)
        return True

    def close(self):
        """The channel is closed, by the program or because it is gone."""
        if self.is_open:
            self.is_open = False
            self._join(None, False)

    def _frame(self, command, rest):
        """A frame onto the bus. Remote frames are accepted and go nowhere: no protocol of a pack
        has any."""
        digits = 8 if command in b"TR" else 3
        if not self.is_open or self.listens or len(rest) < digits + 1 or not set(rest) <= HEX:
            return self._refuse()
        id, n, text = (
            int(rest[:digits], 16),
            int(rest[digits : digits + 1], 16),
            rest[digits + 1 :],
        )
        highest = 0x1FFFFFFF if digits == 8 else 0x7FF
        remote = command in b"rR"
        if n > 8 or id > highest or len(text) != (0 if remote else 2 * n):
            return self._refuse()
        if not remote and not self._send(id, digits == 8, bytes.fromhex(text.decode())):
            return self._refuse()
        return (b"Z" if digits == 8 else b"z") + OK

    def frame(self, id, extended, data):
        """The text of a received frame; empty while the channel is closed."""
        if not self.is_open:
            return b""
        head = f"T{id:08X}" if extended else f"t{id:03X}"
        stamp = f"{self._now_ms() % 60_000:04X}" if self.stamps else ""
        return f"{head}{len(data)}{data.hex().upper()}{stamp}\r".encode()
