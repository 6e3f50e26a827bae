"""What a BQ76952 measures: cells, stack, port, current, temperatures, and whether it is new.

Cells and current are read in one block with Battery Status, temperatures every fifth time. The
chip has no scan counter; the alarm bit ADSCAN comes with every scan (63 ms) and is cleared here.
"""

from hal import contract as c
from hal.chips.bq76952_bus import Block

# temperature inputs, in the order of their registers (0x6A + 2n) and pin settings
CFETOFF, DFETOFF, ALERT, TS1, TS2, TS3, HDQ, DCHG, DDSG = range(9)
NOT_FITTED = -1
SENSORS = (TS1, TS2, HDQ, DCHG, TS3)  # T1..T4, MOSFETs

ALARM_STATUS = 0x62  # latched, cleared by writing ones
FULLSCAN, ADSCAN = 0x80, 0x02  # low byte
SSBC = 0x80  # high byte: some bit of safety status B or C came up

# offsets in the block that begins with Battery Status (0x12)
CELLS, STACK, PACK, CURRENT = 2, 34, 36, 40
TEMPERATURE_EVERY = 5  # readings
CELL_MV = 500  # an input with less carries no cell
KELVIN_DK = 2_731
COLDEST_DC, HOTTEST_DC = -500, 1_500  # beyond: no thermistor reads like that


def _signed(data, at):
    value = data[at] | data[at + 1] << 8
    return value - 0x10000 if value & 0x8000 else value


class Measurement:
    """`count_ma` is a count of the current; `sensors` the pins of T1..T4 and the MOSFETs."""

    def __init__(self, bus, count_ma, range_ma, sensors):
        self._bus = bus
        self._count_ma = count_ma
        self._range_ma = range_ma
        self._sensors = sensors
        self._alarm = Block(ALARM_STATUS, 2)
        self._measured = Block(0x12, 42)
        self._temperatures = Block(0x6A, 18)
        self._ready = False
        self._turn = 0
        self._temp_dc = [c.SENSOR_OPEN] * c.TEMPERATURES
        self.scan = 0
        self.current_ma = 0

    def restart(self):
        """The settings have changed: what was measured before does not count."""
        self._ready = False

    def alarms(self):
        """Read and clear the alarms. The high byte, -1 on a bus error."""
        bus, alarm = self._bus, self._alarm
        if not bus.read(alarm):
            return -1
        if alarm.data[0] | alarm.data[1] and not bus.write(ALARM_STATUS, alarm.data, 2):
            return -1
        return alarm.data[1]

    def status(self):
        """Read cells and current, after `alarms`. Battery Status, -1 on a bus error."""
        return self._measured.word(0) if self._bus.read(self._measured) else -1

    def fill(self, sample, inputs, cells):
        """Turn what was read into a sample; OK, NOT_READY, BUS_ERROR as Afe.read. `cells` is 0
        while nobody has said how many there are: then every input with a voltage is one."""
        fresh = self._alarm.data[0]
        if not self._ready:
            if not fresh & FULLSCAN:
                return c.NOT_READY
            self._ready = True
            self._turn = 0
        if not self._turn:
            if not self._bus.read(self._temperatures):
                return c.BUS_ERROR
            self._convert()
        self._turn = (self._turn + 1) % TEMPERATURE_EVERY
        if fresh & ADSCAN:
            self.scan = self.scan + 1 & 0xFFFF
        self._cells(sample, inputs, cells)
        data = self._measured.data
        ma = _signed(data, CURRENT) * self._count_ma
        self.current_ma = ma = max(-self._range_ma, min(self._range_ma, ma))
        sample.current_ma = ma
        sample.pack_mv = 10 * (data[STACK] | data[STACK + 1] << 8)
        sample.port_mv = 10 * (data[PACK] | data[PACK + 1] << 8)
        for i in range(c.TEMPERATURES):
            sample.temp_dc[i] = self._temp_dc[i]
        sample.scan = self.scan
        return c.OK

    def _cells(self, sample, inputs, cells):
        data, cell_mv = self._measured.data, sample.cell_mv
        found = at = 0
        below, last = cells - 1, inputs - 1
        byte = CELLS
        for i in range(inputs):
            mv = data[byte] | data[byte + 1] << 8
            byte += 2
            if mv > 0x7FFF:  # negative
                mv = 0
            carries = mv > CELL_MV
            if carries:
                found += 1
            if (i < below or i == last) if cells else carries:
                cell_mv[at] = mv
                at += 1
        for i in range(at, c.MAX_CELLS):
            cell_mv[i] = 0
        sample.cells_found = found

    def _convert(self):
        """Temperatures in 0.1 K; no thermistor in its range reads like an open or a short one."""
        data, temp_dc, sensors = self._temperatures.data, self._temp_dc, self._sensors
        for i in range(c.TEMPERATURES):
            dc = c.SENSOR_OPEN
            if sensors[i] != NOT_FITTED:
                dc = _signed(data, 2 * sensors[i]) - KELVIN_DK
                if dc < COLDEST_DC:
                    dc = c.SENSOR_OPEN
                elif dc > HOTTEST_DC:
                    dc = c.SENSOR_SHORT
            temp_dc[i] = dc
