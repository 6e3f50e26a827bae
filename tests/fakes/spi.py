"""A scripted SPI chip: every transfer has to be the next one of a script, byte by byte.

    wire = SpiWire(x("03 0E 00", "FF FF 80"), x("C0"))

The second text is what the chip answers, 0xFF where it is left out. `wire.done()` says that
nothing is left. It is SPI, select pin, clock (`ms`) and wait at once.
"""

from tests.fakes.wire import hexdump, hexed


def x(sent, answered=""):
    """One transfer between two edges of the select pin."""
    out = hexed(sent)
    into = hexed(answered)
    return out, into + b"\xff" * (len(out) - len(into))


class SpiWire:
    def __init__(self, *script):
        self.script = list(script)
        self.waited_us = 0
        self.ms = 0
        self.selected = False
        self.used = False  # one instruction for each select

    def cs(self, level):
        self.selected = not level
        self.used = False

    def wait_us(self, us):
        self.waited_us += us

    def ticks_ms(self):
        return self.ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def done(self):
        return not self.script and not self.selected

    def _next(self, out):
        assert self.selected and not self.used, "one instruction for each select"
        self.used = True
        assert self.script, "unexpected " + hexdump(out)
        wanted, answer = self.script.pop(0)
        assert bytes(out) == wanted, "%s instead of %s" % (hexdump(out), hexdump(wanted))
        return answer

    def write(self, out):
        self._next(out)

    def write_readinto(self, out, into):
        into[:] = self._next(out)
