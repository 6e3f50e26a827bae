"""What the calls that chip drivers get in every control cycle allocate; runs on MicroPython only.
Results are `name bytes` lines, each for CALLS calls after WARM_UP (see memory.py for `phases`).
"""

import gc
import sys

from hal import contract as c
from hal.chips.bq76952 import Bq76952
from hal.chips.mcp2515 import MCP2515
from hal.parts import CanFrame
from tests.fakes.bq import RegisterChip
from tests.fakes.mcp import ReadyMcp2515

CALLS = 500
WARM_UP = 20


def cases():
    """(name, function that makes one call)."""
    yield from front_end("plain_", False)
    yield from front_end("crc_", True)
    yield from can()


def front_end(kind, crc):
    """The front end's calls of a control cycle."""
    chip = RegisterChip()
    afe = Bq76952(chip, chip.wait_us, crc=crc)
    sample, limits = c.Sample(), c.HardwareLimits()
    limits.cells = 16
    assert afe.start() and afe.configure(limits)
    for i in range(16):
        chip.registers[0x14 + 2 * i], chip.registers[0x15 + 2 * i] = 0xE4, 0x0C
    yield kind + "read", lambda: check(afe.read(sample) == c.OK and sample.cells_found == 16)
    yield kind + "set_mosfets", lambda: check(afe.set_mosfets(True, True))
    yield kind + "mosfets", lambda: check(afe.mosfets() == 3)
    yield kind + "latches", lambda: check(afe.latches() == 0)


def can():
    """The CAN port's calls."""
    chip, frame, data = ReadyMcp2515(), CanFrame(), bytearray(8)
    bus = MCP2515(chip, chip.cs, chip, chip.wait_us)
    bus.set_bitrate(250_000)
    yield "can_send", lambda: check(bus.send(0x18FF50E5, True, data, 8))
    yield "can_receive", lambda: check(bus.receive(frame) and frame.id == 0x305)
    yield "can_state", lambda: check(bus.state() == bus.ACTIVE)


def check(good):
    """A call that did not do its work would allocate little."""
    assert good


def phases(arguments):
    """One measurement a step."""
    for name, call in cases():
        for _ in range(WARM_UP):
            call()
        gc.collect()
        yield
        print(name, allocated(call))


def allocated(call):
    """Bytes that CALLS calls allocate, with the collector off."""
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(CALLS):
        call()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def main(arguments):
    """Print the figures."""
    for _ in phases(arguments):
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
