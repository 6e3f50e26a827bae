"""Thermistor tables at literal readings: resistances of a 10 kOhm thermistor with beta 3435 from
R = 10000 exp(3435 (1/T - 1/298.15)), divided with 10 kOhm."""

from hal import ntc
from hal.contract import SENSOR_OPEN, SENSOR_SHORT


# req: MEA-03
def test_known_points():
    # 25 degC: 10 kOhm, half of full scale; 0 degC: 28.7 kOhm; 60 degC: 2.98 kOhm
    for reading, dc in ((32_768, 250), (48_604, 0), (15_049, 600), (62_999, -400), (3_439, 1_250)):
        assert ntc.temperature_dc(reading) == dc
    assert ntc.temperature_dc(32_768, ntc.BETA_3950) == 250


# req: MEA-03
def test_both_ends():
    assert ntc.temperature_dc(0) == SENSOR_SHORT
    assert ntc.temperature_dc(649) == SENSOR_SHORT
    assert ntc.temperature_dc(650) == 1_250
    assert ntc.temperature_dc(3_438) == 1_250
    assert ntc.temperature_dc(3_440) == 1_250
    assert ntc.temperature_dc(3_450) == 1_249
    assert ntc.temperature_dc(62_990) == -399
    assert ntc.temperature_dc(63_000) == -400
    assert ntc.temperature_dc(64_900) == -400
    assert ntc.temperature_dc(64_901) == SENSOR_OPEN
    assert ntc.temperature_dc(65_535) == SENSOR_OPEN


# req: MEA-03
def test_colder_never_reads_hotter():
    for table in (ntc.BETA_3435, ntc.BETA_3950):
        last = 1_250
        for reading in range(650, 64_901, 7):
            dc = ntc.temperature_dc(reading, table)
            assert -400 <= dc <= last
            last = dc
