"""The register protocols on every runtime: whole answers, and the limits that are asked of the
inverter instead of the raw ones. Frames were sealed by hand."""

from firmware import fault_ids
from tests.fakes.inverter import Bench
from tests.fakes.jk import sealed
from tests.fakes.serial_protocols import PROTOCOLS


def bench(key):
    ours = Bench(PROTOCOLS[key][0])
    ours.cells(3300, 3310, 3290, 3305)
    ours.temperatures(200, None, -50, 205, 300)
    ours.asks(57_600, 44_850, 100_000, 150_000)
    limits = ours.state.limits
    limits.charge_ma, limits.discharge_ma = 200_000, 300_000
    return ours


# req: COM-05
def test_every_sample_is_answered():
    for key in sorted(PROTOCOLS):
        for question in PROTOCOLS[key][1]:
            ours = Bench(PROTOCOLS[key][0], dip=1)
            assert ours.ask(question), (key, question)
            assert ours.port.counters.answered == 1 and ours.port.counters.crc_errors == 0


# req: COM-05
def test_limits_are_those_that_are_asked_of_the_inverter():
    growatt, voltronic, pace = bench("growatt"), bench("voltronic"), bench("pace")
    assert growatt.ask(sealed("01 03 0019 0001")) == sealed("01 03 02 2710")
    assert growatt.ask(sealed("01 03 0021 0003")) == sealed("01 03 06 1680 0000 3A98")
    assert voltronic.ask(sealed("01 03 0070 0005")) == sealed(
        "01 03 000A 0240 01C1 03E8 05DC 00C0"
    )
    assert pace.ask(sealed("01 03 006B 0001")) == sealed("01 03 02 E100")
    assert pace.ask(sealed("01 03 004C 0001")) == sealed("01 03 02 0064")
    assert pace.ask(sealed("01 03 004F 0001")) == sealed("01 03 02 0096")


# req: COM-05
def test_a_limit_that_the_wire_cannot_carry_stops_at_its_end():
    ours = bench("growatt")
    ours.asks(70_000_000, 0, 700_000, 2_000_000)
    assert ours.ask(sealed("01 03 0019 0001")) == sealed("01 03 02 FFFF")
    assert ours.ask(sealed("01 03 0021 0003")) == sealed("01 03 06 FFFF 0000 FFFF")


# req: COM-05
def test_sensors_and_faults():
    ours = bench("voltronic")
    assert ours.ask(sealed("01 03 0025 0005")) == sealed("01 03 000A 0004 0BD7 0B73 0A79 0B78")
    ours.put(fault_ids.CHARGE_UTP)
    assert ours.ask(sealed("01 03 0050 0003")) == sealed("01 03 0006 0004 0000 0100")
    assert bench("pace").ask(sealed("01 03 001F 0006")) == sealed(
        "01 03 0C 00C8 0076 FFCE 00CD 012C 0076"
    )


# req: COM-05
def test_nothing_is_known_yet():
    """Before the first measurement every protocol still answers, and allows nothing."""
    for key, question, answer in (
        ("growatt", "01 03 0013 0003", "01 03 06 0001 0000 0000"),
        ("growatt", "01 03 0021 0003", "01 03 06 0000 0000 0000"),
        ("voltronic", "01 03 0070 0005", "01 03 000A 0000 0000 0000 0000 0000"),
        ("pace", "01 03 006B 0001", "01 03 02 0000"),
    ):
        assert Bench(PROTOCOLS[key][0]).ask(sealed(question)) == sealed(answer)
