"""Bytes on the wires of INA226 and INA228, literally; steps of 2.5 uV (SBOS547), 78.125 and
312.5 nV (SLYS021)."""

from hal.chips.ina2xx import Ina226, Ina228
from hal.contract import BUS_ERROR, NOT_READY, OK
from tests.fakes.wire import FAIL, Wire, r, w

START_226 = (r(0xFE, "54 49"), r(0xFF, "22 60"), w("00 45 25"))
IDS_228 = (r(0x3E, "54 49"), r(0x3F, "22 81"))
SOUND, NARROW = (r(0x0B, "00 01"), w("01 FB E9")), (w("00 00 10"),)
START_228 = IDS_228 + SOUND + NARROW
GOOD_226, GOOD_228 = r(0x00, "45 25"), (r(0x00, "00 10"), r(0x01, "FB E9"))


def ina226(*script, shunt_uohm=200):
    wire = Wire(*(START_226 + script), address=0x40)
    chip = Ina226(wire, shunt_uohm=shunt_uohm)
    assert chip.start()
    return wire, chip


def ina228(*script, shunt_uohm=100):
    wire = Wire(*(START_228 + script), address=0x40)
    chip = Ina228(wire, shunt_uohm=shunt_uohm)
    assert chip.start()
    return wire, chip


# req: MEA-02
def test_ina226_currents():
    for data, ma, saturated in (
        ("00 00", 0, False),
        ("00 01", 13, False),  # 2.5 uV over 200 uOhm: 12.5 mA
        ("1F 40", 100_000, False),  # 8000 x 2.5 uV = 20 mV
        ("E0 C0", -100_000, False),
        ("7D 00", 400_000, False),  # 80 mV, 97.7 % of the range
        ("7F FF", 409_588, True),
        ("80 00", -409_600, True),
    ):
        wire, chip = ina226(GOOD_226, r(0x01, data))
        assert chip.read() == OK and wire.done()
        assert chip.current_ma == ma and chip.saturated == saturated


# req: MEA-02
def test_ina228_currents():
    for data, ma, saturated in (
        ("00 00 00", 0, False),
        ("00 00 10", 1, False),  # 78.125 nV over 100 uOhm: 0.78 mA
        ("00 0F FF", 199, False),  # the lower four bits are nothing: 255 counts
        ("3E 80 00", 200_000, False),  # 256000 x 78.125 nV = 20 mV
        ("C1 80 00", -200_000, False),
        ("7F FF F0", 409_599, True),
        ("80 00 00", -409_600, True),
    ):
        shunt = (r(0x04, data),)
        wire, chip = ina228(*(GOOD_228 + shunt))
        assert chip.read() == OK and wire.done()
        assert chip.current_ma == ma and chip.saturated == saturated


# req: MEA-02
def test_ina228_wide_range():
    reading = (w("00 00 00"), r(0x00, "00 00"), r(0x01, "FB E9"), r(0x04, "FF FF F0"))
    wire = Wire(*(IDS_228 + SOUND + reading), address=0x45)
    chip = Ina228(wire, 0x45, shunt_uohm=100, wide=True)
    assert chip.start() and chip.read() == OK and wire.done()
    assert chip.current_ma == -3  # 312.5 nV


# req: MEA-06
def test_another_chip_or_none_is_refused():
    for script in (
        (FAIL,),
        (r(0xFE, "FF FF"),),
        (r(0xFE, "54 49"), r(0xFF, "22 80")),
        (r(0xFE, "54 49"), r(0xFF, "22 60"), FAIL),
    ):
        wire = Wire(*script, address=0x40)
        chip = Ina226(wire)
        assert not chip.start() and chip.read() == NOT_READY and wire.done()


# req: MEA-06
def test_ina228_with_a_broken_trim_memory_is_refused():
    broken, silent, another = (r(0x0B, "00 00"),), (FAIL,), (r(0x3E, "54 49"), r(0x3F, "22 91"))
    for script in (
        IDS_228 + broken,
        IDS_228 + silent,
        IDS_228 + SOUND + silent,
        another,  # INA229: SPI
    ):
        wire = Wire(*script, address=0x40)
        chip = Ina228(wire)
        assert not chip.start() and chip.read() == NOT_READY and wire.done()


# req: MEA-06, MEA-09
def test_a_chip_that_was_reset_is_noticed():
    """Without ADCRANGE an INA228 would show a quarter."""
    wire, chip = ina228(r(0x00, "00 00"))
    assert chip.read() == NOT_READY and chip.read() == NOT_READY and wire.done()
    wire, chip = ina228(r(0x00, "00 10"), r(0x01, "FB 68"))
    assert chip.read() == NOT_READY and wire.done()
    lost, again = (r(0x00, "41 27"),), (GOOD_226, r(0x01, "00 02"))
    wire, chip = ina226(*(lost + START_226 + again))
    assert chip.read() == NOT_READY
    assert chip.start() and chip.read() == OK and chip.current_ma == 25 and wire.done()


# req: MEA-06
def test_a_bus_error_leaves_the_last_value():
    wire, chip = ina226(GOOD_226, r(0x01, "1F 40"), FAIL, GOOD_226, FAIL)
    assert chip.read() == OK
    assert chip.read() == BUS_ERROR and chip.read() == BUS_ERROR
    assert chip.current_ma == 100_000 and wire.done()
