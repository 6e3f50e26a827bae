"""HardwareLimits in the registers of a BQ76952, and back (TRM, "Protections").

Steps: cells 50.6 mV; charge and short discharge over-current 2 mV over the shunt, delays 3.3 ms,
at most 425 ms; a discharge over-current of a second and more is OCD3, in seconds and current
counts; short circuit a table of 16 levels and steps of 15 us, for discharge only. A charge
over-current that shall wait longer than the comparator can is left to the software, and the
comparator, at its fastest, serves as the short circuit of the other direction (PRT-06).

Rounded to the safe side: over-voltage, currents and delays down, under-voltage up. A limit below
the chip's least becomes the least. Rounding a rounded value changes nothing.
"""

from hal.contract import HardwareLimits

PROTECTIONS = 0x9275  # first of the 32 bytes of all thresholds and delays
# what a limit that is off leaves there: the chip's defaults, but for the recoveries (32 bytes,
# in the order of the data memory): an over-current is over when no current flows (the default
# waits for 200 mA of the other direction), and nothing recovers before a silent host has been
# noticed, so that no MOSFET closes again without one
RECOVERY_S = 6
RECOVERY_MA = 200  # in the chip's idea of mA
TEMPLATE = (
    b"\x32\x4a\x00\x56\x4a\x00\x02\x02"  # CUV, COV, both hystereses
    b"\x00\x0a\x0f\x02\x04\x04\x01\x03\x07"  # COV latch, OCC, OCD1, OCD2
    b"\x00\x02\xc8\x00\x60\xf0\x02\x38\xff"  # SCD, OCC recovery, OCD3, OCD recovery
    b"\x00\x0a\x0f\xc8\x00\x06"  # OCD latch, SCD recovery time
)
CUV, COV, OCC, OCD1, SCD, OCD3 = 0, 3, 11, 13, 17, 21  # each with its delay behind it

# bits of Enabled Protections A and C
EN_SCD, EN_OCD1, EN_OCC, EN_COV, EN_CUV = 0x80, 0x20, 0x10, 0x08, 0x04
EN_OCD3, EN_HWD = 0x80, 0x02

SHORT_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
CELL_STEP = 506  # 0.1 mV
COV_CODES = (20, 110)
CUV_CODES = (20, 90)
OCC_CODES = (2, 62)
OCD_CODES = (2, 100)
CELL_DELAYS = (3, 2049)  # in steps of 3.3 ms, with the two that the chip adds
OC_DELAYS = (3, 129)
FASTEST_OC = OC_DELAYS[0]  # 10 ms
LONGEST_OC_MS = 425
SHORT_DELAYS = (1, 31)
SECOND_MS = 1_000
LONGEST_OCD3_S = 255
LONGEST_WATCHDOG_S = 65_535


def _clamp(value, bounds):
    return max(bounds[0], min(bounds[1], value))


def _steps(ms, bounds):
    """Delay in steps of 3.3 ms; reported in whole ms below the real one."""
    return _clamp((ms * 10 + 9) // 33, bounds)


class Codes:
    """The numbers that go into the registers; 0 in a level = that protection is off."""

    def __init__(self, shunt_uohm, count_ma):
        self._shunt = shunt_uohm
        self._count_ma = count_ma
        self.cov = self.cuv = self.occ = self.ocd1 = self.ocd3 = self.short = 0
        self.cov_delay = self.cuv_delay = self.occ_delay = self.ocd1_delay = 3
        self.ocd3_s = 1
        self.short_delay = 1
        self.watchdog_s = 0

    def encode(self, limits):
        """Take the codes from limits."""
        self.cov = self.cuv = 0
        if limits.cell_ov_mv:
            self.cov = _clamp((limits.cell_ov_mv * 10 + 9) // CELL_STEP, COV_CODES)
        if limits.cell_uv_mv:
            self.cuv = _clamp(-((9 - limits.cell_uv_mv * 10) // CELL_STEP), CUV_CODES)
        self.cov_delay = _steps(limits.cell_ov_delay_ms, CELL_DELAYS)
        self.cuv_delay = _steps(limits.cell_uv_delay_ms, CELL_DELAYS)
        self.occ = self._current(limits.charge_oc_ma, OCC_CODES)
        self.occ_delay = _steps(limits.charge_oc_delay_ms, OC_DELAYS)
        if limits.charge_oc_delay_ms > LONGEST_OC_MS:
            self.occ_delay = FASTEST_OC
        self._discharge(limits.discharge_oc_ma, limits.discharge_oc_delay_ms)
        self.short = self._short(limits.short_ma)
        self.short_delay = _clamp(limits.short_delay_us // 15 + 1, SHORT_DELAYS)
        self.watchdog_s = 0
        if limits.watchdog_ms:
            self.watchdog_s = _clamp(limits.watchdog_ms // 1000, (1, LONGEST_WATCHDOG_S))

    def _discharge(self, ma, delay_ms):
        self.ocd1 = self.ocd3 = 0
        if not ma:
            return
        if delay_ms >= SECOND_MS:
            self.ocd3 = _clamp(ma // self._count_ma, (1, 32_767))
            self.ocd3_s = min(delay_ms // SECOND_MS, LONGEST_OCD3_S)
        else:
            self.ocd1 = self._current(ma, OCD_CODES)
            self.ocd1_delay = _steps(delay_ms, OC_DELAYS)

    def _current(self, ma, bounds):
        """Steps of 2 mV over the shunt."""
        shunt = self._shunt
        return _clamp((ma * shunt + shunt - 1) // 2_000_000, bounds) if ma else 0

    def _short(self, ma):
        """1 + index of the highest level that is not above."""
        if not ma:
            return 0
        index = 15
        while index and SHORT_MV[index] * 1_000_000 // self._shunt > ma:
            index -= 1
        return index + 1

    def decode(self, limits):
        """Fill `limits`, except `cells`, with what the codes stand for."""
        for name in HardwareLimits.FIELDS:
            if name != "cells":
                setattr(limits, name, 0)
        if self.cov:
            limits.cell_ov_mv = self.cov * CELL_STEP // 10
            limits.cell_ov_delay_ms = self.cov_delay * 33 // 10
        if self.cuv:
            limits.cell_uv_mv = -(-self.cuv * CELL_STEP // 10)
            limits.cell_uv_delay_ms = self.cuv_delay * 33 // 10
        if self.occ:
            limits.charge_oc_ma = self.occ * 2_000_000 // self._shunt
            limits.charge_oc_delay_ms = self.occ_delay * 33 // 10
        if self.ocd1:
            limits.discharge_oc_ma = self.ocd1 * 2_000_000 // self._shunt
            limits.discharge_oc_delay_ms = self.ocd1_delay * 33 // 10
        elif self.ocd3:
            limits.discharge_oc_ma = self.ocd3 * self._count_ma
            limits.discharge_oc_delay_ms = self.ocd3_s * SECOND_MS
        if self.short:
            limits.short_ma = SHORT_MV[self.short - 1] * 1_000_000 // self._shunt
            limits.short_delay_us = (self.short_delay - 1) * 15
        limits.watchdog_ms = self.watchdog_s * 1000

    def store(self, data):
        """Write the 32 bytes of PROTECTIONS."""
        for i in range(32):
            data[i] = TEMPLATE[i]
        if self.cuv:
            _put(data, CUV, self.cuv, self.cuv_delay - 2)
        if self.cov:
            _put(data, COV, self.cov, self.cov_delay - 2)
        if self.occ:
            data[OCC], data[OCC + 1] = self.occ, self.occ_delay - 2
        if self.ocd1:
            data[OCD1], data[OCD1 + 1] = self.ocd1, self.ocd1_delay - 2
        if self.ocd3:
            data[OCD3] = -self.ocd3 & 0xFF
            data[OCD3 + 1] = -self.ocd3 >> 8 & 0xFF
            data[OCD3 + 2] = self.ocd3_s
        if self.short:
            data[SCD], data[SCD + 1] = self.short - 1, self.short_delay

    def enabled_a(self):
        """Enabled Protections A."""
        bits = EN_CUV if self.cuv else 0
        bits |= EN_COV if self.cov else 0
        bits |= EN_OCC if self.occ else 0
        bits |= EN_OCD1 if self.ocd1 else 0
        return bits | EN_SCD if self.short else bits

    def enabled_c(self):
        """Enabled Protections C."""
        bits = EN_OCD3 if self.ocd3 else 0
        return bits | EN_HWD if self.watchdog_s else bits

    def load(self, data, enabled_a, enabled_c, watchdog_s):
        """Take the codes from the registers."""
        self.cuv = data[CUV] if enabled_a & EN_CUV else 0
        self.cuv_delay = (data[CUV + 1] | data[CUV + 2] << 8) + 2
        self.cov = data[COV] if enabled_a & EN_COV else 0
        self.cov_delay = (data[COV + 1] | data[COV + 2] << 8) + 2
        self.occ = data[OCC] if enabled_a & EN_OCC else 0
        self.occ_delay = data[OCC + 1] + 2
        self.ocd1 = data[OCD1] if enabled_a & EN_OCD1 else 0
        self.ocd1_delay = data[OCD1 + 1] + 2
        self.ocd3 = 0x10000 - (data[OCD3] | data[OCD3 + 1] << 8) if enabled_c & EN_OCD3 else 0
        self.ocd3_s = data[OCD3 + 2]
        self.short = (data[SCD] & 15) + 1 if enabled_a & EN_SCD else 0
        self.short_delay = max(data[SCD + 1], 1)
        self.watchdog_s = watchdog_s if enabled_c & EN_HWD else 0


def _put(data, at, level, delay):
    data[at], data[at + 1], data[at + 2] = level, delay & 0xFF, delay >> 8
