"""A board that measures what a recording says, for the real measurement and gauge."""

from hal import contract as c

RANGE_MA = 10_000_000  # recordings may be scaled: no reading is a saturated one


class ReplayAfe(c.Afe):
    """`cells`, `current_ma` and `temp_dc` (None: no sensor) are what the next reads give."""

    def __init__(self):
        self.cells = []
        self.current_ma = 0
        self.temp_dc = None
        self._scan = 0

    def read(self, sample):
        self._scan = self._scan + 1 & 0xFFFF
        cells = self.cells
        for i in range(len(cells)):
            mv = cells[i]
            sample.cell_mv[i] = 0 if mv < 0 else 65535 if mv > 65535 else mv
        sample.cells_found = len(cells)
        sample.current_ma = self.current_ma
        sample.temp_dc[0] = c.SENSOR_OPEN if self.temp_dc is None else _int16(self.temp_dc)
        sample.scan = self._scan
        return c.OK


def _int16(value):
    return min(max(value, -32_767), 32_766)


class ReplayHal(c.Hal):
    """Front end only."""

    def __init__(self):
        c.Hal.__init__(self)
        self.afe = ReplayAfe()
        self.capabilities.name = "replay"
        self.capabilities.period_ms = 1000
        self.capabilities.current_range_ma = RANGE_MA
