"""The protections of a BQ76952: alert while the condition holds, status after its delay, and the
chip's own recovery. From the reference manual's chapters on protections, not from any driver.

Not modelled: the latching variants (COVL, OCDL, SCDL: off by default), permanent failures.
"""

ENABLED = {"A": 0x9261, "B": 0x9262, "C": 0x9263}
SHORT_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
CELL_MV = 50.6
COUNT_US = 3_300
EDGE = 1e-9  # of a voltage that lies on its threshold


class Protection:
    """One bit of Safety Alert and Safety Status."""

    def __init__(self, group, bit, holds, delay_us, recovered, recovery_us):
        self.group, self.bit = group, 1 << bit
        self.holds, self.delay_us = holds, delay_us
        self.recovered, self.recovery_us = recovered, recovery_us
        self.clear()

    def clear(self):
        """No alert, no status."""
        self.alert_since = self.good_since = None
        self.status = False

    def step(self, now_us):
        """Follow the condition. The time when something will happen, None when nothing will."""
        holds = self.holds()
        if not holds:
            self.alert_since = None
        elif self.alert_since is None:
            self.alert_since = now_us
        if self.status:
            return self._recover(now_us, holds)
        if not holds:
            return None
        due_us = self.alert_since + self.delay_us()
        if now_us < due_us:
            return due_us
        self.status = True
        self.good_since = None
        return self._recover(now_us, holds)

    def _recover(self, now_us, holds):
        if holds or not self.recovered():
            self.good_since = None
            return None
        if self.good_since is None:
            self.good_since = now_us
        due_us = self.good_since + self.recovery_us()
        if now_us < due_us:
            return due_us
        self.status = False
        self.good_since = None
        return None


class Protections:
    """All protections of one chip. `chip` offers memory, cells_mv() (those of Vcell Mode),
    shunt_mv (+ charges), counts and reported_ma of the current, cell_temps() and fet_temps()."""

    def __init__(self, chip):
        self._chip = chip
        self._value = chip.memory.value
        self.list = [*self._cells(), *self._currents(), *self._temperatures()]
        self.watchdog = Protection("C", 1, chip.host_silent, lambda: 0, lambda: True, lambda: 0)
        self.list.append(self.watchdog)

    def _seconds(self, address):
        return lambda: self._value(address) * 1_000_000

    def _cells(self):
        chip, value = self._chip, self._value

        def low(extra=0):
            return (value(0x9275) + extra) * CELL_MV

        def high(less=0):
            return (value(0x9278) - less) * CELL_MV

        return (
            Protection(
                "A",
                2,
                lambda: min(chip.cells_mv()) < low(),
                lambda: COUNT_US * (2 + value(0x9276)),
                lambda: min(chip.cells_mv()) > low(value(0x927B)),
                self._seconds(0x92AF),
            ),
            Protection(
                "A",
                3,
                lambda: max(chip.cells_mv()) > high(),
                lambda: COUNT_US * (2 + value(0x9279)),
                lambda: max(chip.cells_mv()) < high(value(0x927C)),
                self._seconds(0x92AF),
            ),
        )

    def _currents(self):
        chip, value = self._chip, self._value

        def fast(bit, level, sign, recovered):
            return Protection(
                "A",
                bit,
                lambda: sign * chip.shunt_mv >= 2 * value(level) - EDGE,
                lambda: COUNT_US * (2 + value(level + 1)),
                recovered,
                self._seconds(0x92AF),
            )

        def discharged():
            return chip.reported_ma >= value(0x928D)

        return (
            fast(4, 0x9280, 1, lambda: chip.reported_ma <= value(0x9288)),
            fast(5, 0x9282, -1, discharged),
            fast(6, 0x9284, -1, discharged),
            Protection(
                "A",
                7,
                lambda: -chip.shunt_mv >= SHORT_MV[value(0x9286)] - EDGE,
                lambda: (value(0x9287) - 1) * 15,
                lambda: True,
                self._seconds(0x9294),
            ),
            Protection(
                "C",
                7,
                lambda: chip.counts <= value(0x928A),
                self._seconds(0x928C),
                discharged,
                self._seconds(0x92AF),
            ),
        )

    def _temperatures(self):
        """Triggered by the temperature only, whatever the direction of the current."""
        value = self._value

        def one(bit, address, temps, sign):
            def beyond(limit):
                found = temps()
                return bool(found) and max(sign * t for t in found) >= sign * value(limit)

            return Protection(
                "B",
                bit,
                lambda: beyond(address),
                self._seconds(address + 1),
                lambda: not beyond(address + 2),
                self._seconds(0x92AF),
            )

        cells, fets = self._chip.cell_temps, self._chip.fet_temps
        return (
            one(4, 0x929A, cells, 1),  # OTC
            one(5, 0x929D, cells, 1),  # OTD
            one(7, 0x92A0, fets, 1),  # OTF
            one(0, 0x92A6, cells, -1),  # UTC
            one(1, 0x92A9, cells, -1),  # UTD
        )

    def _enabled(self, protection):
        return self._value(ENABLED[protection.group]) & protection.bit

    def step(self, now_us):
        """Follow everything that is enabled. The earliest time when something will happen."""
        due = []
        for protection in self.list:
            if not self._enabled(protection):
                protection.clear()
                continue
            at_us = protection.step(now_us)
            if at_us is not None:
                due.append(at_us)
        return min(due) if due else None

    def pulse(self, peak_a, above_us):
        """A switch-on pulse: above_us(level A) says how long it stays above a level."""
        short = next(p for p in self.list if (p.group, p.bit) == ("A", 0x80))
        level_a = SHORT_MV[self._value(0x9286)] * 1000 / self._chip.shunt_uohm
        if self._enabled(short) and peak_a > level_a and above_us(level_a) > short.delay_us():
            short.status = True

    def clear(self):
        """As after a reset."""
        for protection in self.list:
            protection.clear()

    def alert(self, group):
        """Safety Alert byte."""
        return sum(p.bit for p in self.list if p.group == group and p.alert_since is not None)

    def status(self, group):
        """Safety Status byte."""
        return sum(p.bit for p in self.list if p.group == group and p.status)
