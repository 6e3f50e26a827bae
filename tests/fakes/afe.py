"""The front end of FakeHal: plain values in, plain values out."""

from hal import contract as c

UV_STEP_MV = 50  # cell thresholds of this front end come in steps of 50 mV
CURRENT_STEP_MA = 1000


class FakeAfe(c.Afe):
    """Front end. Inputs: cell_mv, current_ma, temp_dc, pack_mv, port_mv, read_result (forces
    every bus access to fail when it is BUS_ERROR), frozen. Outputs: mosfet_bits, configured."""

    def __init__(self, hal, cells):
        self._hal = hal
        self.cell_mv = [3300] * cells
        self.current_ma = 0
        self.temp_dc = [250, 250, 250, 250, 300]
        self.pack_mv = None  # None = follows the cells
        self.port_mv = 0
        self.scan = 0
        self.frozen = False
        self.read_result = c.OK
        self.latch_bits = 0
        self.mosfet_bits = 0
        self.mosfet_calls = 0
        self.obeys = True  # False: the gate drivers stay as they are
        self.starts = 0
        self.reads = 0
        self.configured = c.HardwareLimits()
        self.configures = 0
        self.standing_latches = 0  # bits whose cause stands: clear_latches leaves them

    def _dead(self):
        return self.read_result == c.BUS_ERROR

    def start(self):
        self.starts += 1
        self.mosfet_bits = 0
        return not self._dead()

    def read(self, sample):
        self.reads += 1
        if self.read_result != c.OK:
            return self.read_result
        if not self.frozen:
            self.scan = self.scan + 1 & 0xFFFF
        n = len(self.cell_mv)
        total = 0
        for i in range(c.MAX_CELLS):
            mv = self.cell_mv[i] if i < n else 0
            sample.cell_mv[i] = mv
            total += mv
        sample.cells_found = n
        sample.current_ma = self.current_ma
        for i in range(c.TEMPERATURES):
            sample.temp_dc[i] = self.temp_dc[i]
        sample.scan = self.scan
        sample.pack_mv = total if self.pack_mv is None else self.pack_mv
        sample.port_mv = self.port_mv
        return c.OK

    def set_mosfets(self, charge, discharge):
        self.mosfet_calls += 1
        if self._dead():
            return False
        if self.obeys:
            self.mosfet_bits = c.CHARGE_ON if charge else 0
            if discharge:
                self.mosfet_bits |= c.DISCHARGE_ON
        return True

    def mosfets(self):
        if self._dead():
            return -1
        kill = self._hal.kill_line
        return 0 if kill is not None and kill.on else self.mosfet_bits

    def configure(self, limits):
        if self._dead() or self.mosfet_bits:
            return False
        for field in limits.FIELDS:
            setattr(self.configured, field, getattr(limits, field))
        self.quantise(self.configured)
        self.configures += 1
        return True

    def read_back(self, limits):
        if self._dead():
            return False
        for field in limits.FIELDS:
            setattr(limits, field, getattr(self.configured, field))
        return True

    def quantise(self, limits):
        limits.cell_ov_mv -= limits.cell_ov_mv % UV_STEP_MV
        limits.cell_uv_mv += -limits.cell_uv_mv % UV_STEP_MV
        limits.charge_oc_ma -= limits.charge_oc_ma % CURRENT_STEP_MA
        limits.discharge_oc_ma -= limits.discharge_oc_ma % CURRENT_STEP_MA
        limits.short_ma -= limits.short_ma % CURRENT_STEP_MA

    def latches(self):
        return -1 if self._dead() else self.latch_bits

    def clear_latches(self, bits):
        if self._dead():
            return False
        self.latch_bits &= ~bits | self.standing_latches
        return True
