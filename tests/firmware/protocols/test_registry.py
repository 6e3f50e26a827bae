"""What the loader knows and refuses."""

from firmware import loader
from firmware.settings import registry
from tests.fakes.jk import Bench


# req: COM-14
def test_masks_tell_what_is_implemented():
    mask = 0
    for kind, number, _, _ in registry.IMPLEMENTED:
        if kind == registry.SERIAL and number < 32:
            mask |= 1 << number
    assert registry.SERIAL_MASK == mask.to_bytes(4, "little")
    for number in (0, 1, 13):
        assert mask >> number & 1, number
    assert registry.CAN_MASK == b"\xff\x0f\x00\x00"  # 0 to 11


# req: COM-01, COM-02, COM-05
def test_the_twins_differ_in_their_rate():
    bench = Bench()
    for number, baud in ((1, 115200), (13, 9600)):
        loaded = loader.load(registry.SERIAL, number, bench.view, bench.requests, 2)
        assert loaded[1] == baud
        assert loaded[0].address() == 1


# req: COM-03, COM-04
def test_every_can_protocol_sets_its_own_rate():
    bench = Bench()
    rates = {}
    for number in range(103):
        if 12 <= number < 100:
            continue
        protocol, rate = loader.load(registry.CAN, number, bench.view, bench.requests, 5)
        assert protocol.bitrate == rate
        assert 0 < protocol.frames <= 30
        rates[number] = rate
    assert rates.pop(0) == 250_000
    assert set(rates.values()) == {500_000}


# req: COM-05
def test_what_has_no_translation_is_not_loaded():
    for kind, number in ((registry.SERIAL, 2), (registry.SERIAL, 99), (registry.CAN, 12)):
        assert loader.load(kind, number, None, None, 2) is None
