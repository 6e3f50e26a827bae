"""Texas Instruments INA226 and INA228 as a current sensor over a shunt (SBOS547, SLYS021).

The voltage over the shunt is read and converted here: no calibration register to get wrong. Each
reading proves first that the chip still has our settings, because an INA228 that was reset would
show a quarter of the current. Registers are big-endian. Nothing raises or allocates.

An INA226 stands 36 V at its bus pin: measure on the low side, leave the pin open.
"""

from hal.contract import BUS_ERROR, NOT_READY, OK

MANUFACTURER = 0x5449
SATURATED_PERCENT = 98  # of the range: beyond it clips without a word


class _Ina:
    """What both have in common: 16-bit registers, and the share of the range that is in use."""

    def __init__(self, i2c, address, shunt_uohm):
        self._i2c = i2c
        self._address = address
        self._shunt = shunt_uohm
        self._out = bytearray(3)
        self._in = bytearray(2)
        self._started = False
        self.current_ma = 0  # + as the sense pins say
        self.saturated = False

    def _write(self, register, value):
        out = self._out
        out[0], out[1], out[2] = register, value >> 8, value & 0xFF
        try:
            self._i2c.writeto(self._address, out)
        except OSError:
            return False
        return True

    def _read_into(self, register, buffer):
        try:
            self._i2c.readfrom_mem_into(self._address, register, buffer)
        except OSError:
            return False
        return True

    def _read(self, register):
        """A register, -1 on a bus error."""
        if not self._read_into(register, self._in):
            return -1
        return self._in[0] << 8 | self._in[1]

    def start(self):
        """Identify and set up. False when it is not there, or not sound."""
        self._started = self._set_up()
        return self._started

    def read(self):
        """Measure; OK, BUS_ERROR, or NOT_READY when `start` is needed (again)."""
        if not self._started:
            return NOT_READY
        found = self._read(self.SETTINGS)
        if found < 0:
            return BUS_ERROR
        if found != self._settings:
            self._started = False
            return NOT_READY
        return self._measure()

    def _take(self, raw, full, nanovolts, parts):
        """`raw` counts of nanovolts / parts each, over the shunt in micro-Ohm."""
        self.saturated = abs(raw) * 100 >= full * SATURATED_PERCENT
        divisor = self._shunt * parts
        ma = (abs(raw) * nanovolts + (divisor >> 1)) // divisor
        self.current_ma = -ma if raw < 0 else ma
        return OK


class Ina226(_Ina):
    """81.92 mV a side in steps of 2.5 uV."""

    SETTINGS = 0x00
    SHUNT = 0x01
    MANUFACTURER_ID, DIE_ID = 0xFE, 0xFF
    DIE = 0x2260
    AVERAGED = 0x4525  # 16 conversions of 1.1 ms, shunt only, continuous
    FULL = 32_767

    def __init__(self, i2c, address=0x40, shunt_uohm=1_000):
        _Ina.__init__(self, i2c, address, shunt_uohm)
        self._settings = self.AVERAGED

    def _set_up(self):
        if self._read(self.MANUFACTURER_ID) != MANUFACTURER or self._read(self.DIE_ID) != self.DIE:
            return False
        return self._write(self.SETTINGS, self._settings)

    def _measure(self):
        value = self._read(self.SHUNT)
        if value < 0:
            return BUS_ERROR
        raw = value - 0x10000 if value & 0x8000 else value
        return self._take(raw, self.FULL, 2_500, 1)


class Ina228(_Ina):
    """40.96 mV a side in steps of 78.125 nV, or (`wide`) 163.84 mV in steps of 312.5 nV."""

    SETTINGS, ADC, SHUNT, DIAGNOSIS = 0x00, 0x01, 0x04, 0x0B
    MANUFACTURER_ID, DEVICE_ID = 0x3E, 0x3F
    DEVICE = 0x228
    NARROW = 0x0010  # ADCRANGE
    ALL_CONTINUOUS = 0xFBE9  # shunt 4.12 ms, bus and die 1.05 ms, 4 of each: 25 ms
    MEMORY_GOOD = 0x0001  # the trim memory's checksum
    FULL = 524_287

    def __init__(self, i2c, address=0x40, shunt_uohm=1_000, wide=False):
        _Ina.__init__(self, i2c, address, shunt_uohm)
        self._settings = 0 if wide else self.NARROW
        self._raw = bytearray(3)

    def _set_up(self):
        if self._read(self.MANUFACTURER_ID) != MANUFACTURER:
            return False
        if self._read(self.DEVICE_ID) >> 4 != self.DEVICE:
            return False
        diagnosis = self._read(self.DIAGNOSIS)
        if diagnosis < 0 or not diagnosis & self.MEMORY_GOOD:
            return False
        return self._write(self.ADC, self.ALL_CONTINUOUS) and self._write(
            self.SETTINGS, self._settings
        )

    def _measure(self):
        data = self._raw
        if self._read(self.ADC) != self.ALL_CONTINUOUS:
            self._started = False
            return NOT_READY
        if not self._read_into(self.SHUNT, data):
            return BUS_ERROR
        raw = data[0] << 12 | data[1] << 4 | data[2] >> 4
        if raw & 0x80000:
            raw -= 0x100000
        return self._take(raw, self.FULL, 625, 8 if self._settings else 2)
