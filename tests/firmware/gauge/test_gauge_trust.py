"""What the gauge believes when sensor or table lie (SOC-01, SOC-04, MEA-09)."""

import struct

from firmware.control.counter import FINE
from firmware.crc16 import crc16
from firmware.gauge import reasons
from firmware.gauge.ocv import POINTS, Curve
from firmware.settings import ocv_table
from tests.fakes.gauge import Rig

MAH = 280_000


def shifted(dmv):
    """The table for LFP, all voltages `dmv` x 0.1 mV higher."""
    packed = bytearray(ocv_table.TABLES[0])
    for at in range(4, 4 + 4 * POINTS, 2):
        value = struct.unpack_from("<H", packed, at)[0]
        struct.pack_into("<H", packed, at, value + dmv)
    end = len(packed) - 2
    struct.pack_into("<H", packed, end, crc16(packed, 0, end))
    return bytes(packed)


class Cell:
    """What really happens: an ideal cell on the middle of the shipped curve; its hysteresis
    turns over an eighth of the capacity. `show` turns the true current into the sensor's."""

    def __init__(self, rig, mpct, show):
        self.rig, self.show = rig, show
        self.curve = Curve(ocv_table.TABLES[0])
        self.mah = MAH * mpct // 100_000
        self.rest = 0
        self.state = 0  # of hysteresis, -256..256

    def mpct(self):
        return self.mah * 100_000 // MAH

    def run(self, seconds, ma, until_mv=None):
        """In beats of ten seconds, at most `seconds`, or until the voltage is reached."""
        for _ in range(seconds // 10):
            self.rest += ma * 10
            self.mah += self.rest // 3600
            self.rest %= 3600
            i = min(max(self.mpct() // 1000, 0), POINTS - 2)
            part = self.mpct() - 1000 * i
            self.state = max(min(self.state + ma * 512 * 8 / 360 / MAH, 256), -256)
            low = self.curve.at(i, int(self.state), 100)
            high = self.curve.at(i + 1, int(self.state), 100)
            mv = (low + (high - low) * part // 1000) // 10
            self.rig.cells(mv)
            self.rig.run(10, self.show(ma), step_ms=10_000)
            if until_mv and mv >= until_mv:
                return

    def error(self):
        """Shown less true charge, 0.001 %."""
        return self.rig.soc() - self.mpct()


def true(ma):
    return ma


def day(cell, out_ma=-28_000, idle_ma=0):
    """Half a charge out, rest, and a whole charge up to full."""
    cell.run(5 * 3600, out_ma)
    cell.run(3 * 3600, idle_ma)
    cell.run(8 * 3600, 56_000, until_mv=3440)
    cell.run(3600, 6_000, until_mv=3470)
    cell.run(300, 1_500)


# req: SOC-04
def test_a_table_that_fits_nowhere_is_noticed_and_no_longer_asked():
    rig = Rig(soc_dpct=800, ocv=shifted(-500))
    cell = Cell(rig, 80_000, true)
    cell.run(6 * 3600, -28_000)
    cell.run(4 * 3600, 28_000)
    assert reasons.GUARD in rig.reasons
    assert rig.gauge.voltage.wrong
    cell.run(3 * 3600, -28_000)
    assert abs(cell.error()) < 3_000  # counting goes on undisturbed


# req: SOC-04
def test_a_table_that_fits_is_not_suspected():
    rig = Rig(soc_dpct=400)  # told 40 % too little
    cell = Cell(rig, 80_000, true)
    cell.run(6 * 3600, -28_000)
    cell.run(4 * 3600, 28_000)
    assert reasons.GUARD not in rig.reasons and not rig.gauge.voltage.wrong
    assert abs(cell.error()) < 15_000


# req: SOC-01, SOC-04
def test_an_offset_is_learned_from_full_to_full():
    for offset_ma in (-400, 400):
        rig = Rig(soc_dpct=990)
        cell = Cell(rig, 99_000, lambda ma, by=offset_ma: ma + by)
        for _ in range(5):
            day(cell)
        bias_ma = rig.counter.bias // FINE
        assert 0.5 < bias_ma / offset_ma < 1.1, (offset_ma, bias_ma)


# req: SOC-01, SOC-04
def test_a_current_that_the_dead_band_hides_is_no_bias():
    rig = Rig(soc_dpct=990)
    cell = Cell(rig, 99_000, lambda ma: 0 if -1_200 < ma < 1_200 else ma)
    for _ in range(5):
        day(cell, idle_ma=-1_100)
    assert -1_500 < rig.counter.hidden // FINE < -500
    assert abs(rig.counter.bias // FINE) < 100
    cell.run(5 * 3600, -28_000)
    assert abs(cell.error()) < 1_500


# req: SOC-01
def test_what_is_counted_beyond_the_end_counts_as_an_error():
    biases = []
    for soc_dpct, error_mpct in ((1000, 0), (900, -1_000)):
        rig = Rig(soc_dpct=soc_dpct)
        fusion = rig.gauge.fusion
        fusion.fixes = 1
        fusion.pass_time(86_400)
        fusion.move(2_800)  # 1 % too much: of 100 % the estimate cannot rise
        fusion.fix(error_mpct, 400 * 400)
        biases.append(rig.counter.bias)
    assert biases[0] == biases[1] > 0


# req: SOC-04, MEA-09
def test_without_a_thermometer_the_gauge_takes_room_temperature():
    with_one, without = Rig(soc_dpct=800), Rig(soc_dpct=800)
    without.temperature(None)
    for rig in (with_one, without):
        Cell(rig, 80_000, true).run(3600, -28_000)
    assert with_one.estimate() == without.estimate()


# req: SOC-04, MEA-09
def test_a_frozen_measurement_stands_still():
    rig = Rig(soc_dpct=500)
    rig.measured.valid = False
    rig.run(3600, -28_000)
    assert rig.estimate() == 50_000
