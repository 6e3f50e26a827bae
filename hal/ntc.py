"""Thermistors at a converter, by table: no logarithm, integers only.

The thermistor hangs between input and ground with a pull-up to the converter's reference, so the
reading (0..65535 = full scale, as `machine.ADC.read_u16` gives it) falls with the temperature.
Tables for others: tools/ntc.py.
"""

from hal.contract import SENSOR_OPEN, SENSOR_SHORT

FIRST_DC, STEP_DC = -400, 50  # of every table, 0.1 degC

# 10 kOhm at 25 degC with a pull-up of 10 kOhm, by its beta
BETA_3435 = (
    62999, 62127, 61030, 59679, 58048, 56121, 53893, 51378, 48604, 45614, 42468, 39233,
    35977, 32768, 29664, 26713, 23949, 21395, 19060, 16947, 15049, 13355, 11850, 10518,
    9342, 8306, 7394, 6593, 5888, 5267, 4721, 4239, 3814, 3439,
)  # fmt: skip
BETA_3950 = (
    63945, 63288, 62418, 61289, 59856, 58080, 55933, 53406, 50512, 47293, 43817, 40171,
    36455, 32768, 29202, 25831, 22706, 19860, 17306, 15040, 13049, 11313, 9807, 8507,
    7387, 6424, 5596, 4885, 4273, 3747, 3294, 2902, 2564, 2270,
)  # fmt: skip

OPEN_AT = 64_900  # above: 1 MOhm and more, colder than -60 degC
SHORT_AT = 650  # below: 100 Ohm and less, hotter than 170 degC


def temperature_dc(reading, table=BETA_3435):
    """0.1 degC, SENSOR_OPEN or SENSOR_SHORT. Beyond the table's ends its ends: -40.0 and 125.0
    are past every limit of a battery."""
    if reading > OPEN_AT:
        return SENSOR_OPEN
    if reading < SHORT_AT:
        return SENSOR_SHORT
    last = len(table) - 1
    if reading >= table[0]:
        return FIRST_DC
    if reading <= table[last]:
        return FIRST_DC + STEP_DC * last
    low, high = 0, last  # table[low] > reading >= table[high]
    while high - low > 1:
        middle = (low + high) >> 1
        if table[middle] > reading:
            low = middle
        else:
            high = middle
    width = table[low] - table[high]
    part = ((table[low] - reading) * STEP_DC + (width >> 1)) // width
    return FIRST_DC + STEP_DC * low + part
