"""Scripted buses: every transfer has to be the next one of a script, byte by byte.

    wire = Wire(w("3E 22 00"), r(0x14, "74 0E"), FAIL)

A script holds what the driver must write and what the chip then answers; FAIL is a transfer that
nobody acknowledges. `wire.done()` says that nothing is left.
"""

FAIL = ("fail", 0, b"")


def hexed(text):
    """Bytes of a hex dump."""
    return bytes(int(word, 16) for word in text.split())


def w(text):
    """A write: register and data."""
    return ("write", 0, hexed(text))


def r(register, text):
    """A read of a register, and the answer."""
    return ("read", register, hexed(text))


class Wire:
    """machine.I2C with the two methods that the drivers use. The chip has one address."""

    def __init__(self, *script, address=8):
        self.script = list(script)
        self.address = address
        self.waited_us = 0

    def wait_us(self, us):
        self.waited_us += us

    def done(self):
        return not self.script

    def _next(self, kind, address, register, data):
        assert address == self.address
        assert self.script, "unexpected %s %02x %s" % (kind, register, data)
        step = self.script.pop(0)
        if step is FAIL:
            raise OSError(5)
        assert (kind, register) == step[:2], "%s instead of %s" % (kind, step)
        return step[2]

    def writeto(self, address, buffer):
        data = bytes(buffer)
        wanted = self._next("write", address, 0, data)
        assert data == wanted, "wrote %s instead of %s" % (hexdump(data), hexdump(wanted))

    def readfrom_mem_into(self, address, register, buffer):
        answer = self._next("read", address, register, b"")
        assert len(buffer) == len(answer), "%d bytes from %02x" % (len(buffer), register)
        buffer[:] = answer


def hexdump(data):
    """Bytes as people read them."""
    return " ".join("%02X" % byte for byte in data)
