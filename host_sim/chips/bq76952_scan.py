"""What a BQ76952 measures, in its registers: cells, stack, PACK, current, temperatures."""

import struct

CELLS, STACK, PACK, LD, CURRENT, PINS = 0x14, 0x34, 0x36, 0x38, 0x3A, 0x6A
CC_GAIN = 0x91A8
GAIN_1MOHM = 7.4768  # CC Gain of a shunt of 1 mOhm
PIN_SETTINGS = 0x92FA
OPEN_DK, SHORT_DK = 1_901, 4_631  # what the polynomial makes of the ends of the converter
KELVIN_DK = 2_731.5


class Scan:
    """`image` holds the direct registers; `counts` the current in user units."""

    def __init__(self, chip, sensor_pins):
        self._chip = chip
        self._sensor_pins = sensor_pins
        self.frozen = self.frozen_voltages = self.no_tap = False  # faults
        self.clear()

    def clear(self):
        """Nothing measured yet."""
        self.image = bytearray(128)
        self.inputs_mv = [0] * self._chip.inputs
        self.counts = 0
        self._raw_dk = {}

    def unit_ma(self):
        """One count of a current in what the chip believes to be mA."""
        return (0.1, 1, 10, 100)[self._chip.memory.value(0x9303) & 3]

    def sample(self, full):
        """One scan; temperatures only in full ones."""
        if self.frozen:
            return
        board = self._chip.board
        self._current(board.sensors.current_ma(board.plant.current_a))
        if self.frozen_voltages:
            return
        self._voltages(board)
        if full or not self._raw_dk:
            self._temperatures(board)

    def _current(self, true_ma):
        chip = self._chip
        gain = chip.memory.value(CC_GAIN) * (chip.shunt_uohm / 1000) / GAIN_1MOHM
        counts = round(true_ma * gain / self.unit_ma())
        self.counts = max(-32768, min(32767, counts))
        struct.pack_into("<h", self.image, CURRENT, self.counts)

    def _voltages(self, board):
        chip, sensors = self._chip, board.sensors
        measured = sensors.cells_mv(board.plant.cell_voltages())
        self.inputs_mv = [0] * chip.inputs
        for mv, at in zip(measured, chip.wiring, strict=True):
            self.inputs_mv[at] = mv
        padded = self.inputs_mv + [0] * (16 - chip.inputs)
        struct.pack_into("<16h", self.image, CELLS, *padded)
        volts = board.plant.terminal_voltages()
        tap_v = sensors.tap_v(volts)
        moved_v = tap_v - sum(volts) if board.plant.discharge_on else 0.0
        port_v = board.plant.port_v + moved_v
        unit = 10 if chip.memory.value(0x9303) & 4 else 1
        stack = 0 if self.no_tap else round(tap_v * 1000 / unit)
        port = round(port_v * 1000 / unit)
        struct.pack_into("<HHH", self.image, STACK, stack, port, port)

    def _temperatures(self, board):
        true_c = board.sensor_temps()
        for pin in range(9):
            dk = 0
            if self._chip.memory.value(PIN_SETTINGS + pin) & 3 == 3:  # a thermistor
                dk = OPEN_DK
                if pin in self._sensor_pins:
                    dk = self._reading(board, self._sensor_pins[pin], true_c)
            self._raw_dk[pin] = dk
            struct.pack_into("<H", self.image, PINS + 2 * pin, dk)

    def _reading(self, board, place, true_c):
        dc = board.sensors.temp_dc(place, true_c[place])
        if dc == -32768:
            return OPEN_DK
        return SHORT_DK if dc == 32767 else round(dc + KELVIN_DK)

    def temps(self, use):
        """degC of the pins with a use (1 cells, 3 MOSFETs)."""
        value = self._chip.memory.value
        found = []
        for pin, dk in self._raw_dk.items():
            setting = value(PIN_SETTINGS + pin)
            if setting & 3 == 3 and setting >> 2 & 3 == use:
                found.append((dk - KELVIN_DK) / 10)
        return found
