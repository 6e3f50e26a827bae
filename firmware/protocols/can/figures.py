"""What CAN frames carry and no state record holds: figures made from several fields.

Each is an attribute like those of the records (a property), so that a frame's table names both in
the same way. None = not known. Nothing here allocates.
"""

from firmware.protocols.view import MOS
from firmware.state import SLEEP

SENSORS = 4  # battery sensors T1..T4; the MOSFETs' stands behind them
JK_SENSORS = (0, 1, MOS, 2, 3)  # T1..T5 of a JK
JK_BITS = 0x3FFFF  # bits 0..17 of the JK alarm word
CHARGER_MV = 500  # a port this far above the pack is held up by a charger
IDLE, CHARGING, DISCHARGING = range(3)


class Figures:
    """One pack, seen through its PackView."""

    def __init__(self, view):
        self._view = view

    def _sensor(self, hottest):
        """1-based number of the hottest or coldest battery sensor, None without any."""
        temps, best = self._view.measured.temp_dc, None
        for i in range(SENSORS):
            if temps[i] is None:
                continue
            if best is None or (temps[i] > temps[best] if hottest else temps[i] < temps[best]):
                best = i
        return None if best is None else best + 1

    @property
    def temp_mean(self):
        """Mean battery temperature, 0.1 degC, rounded down."""
        temps, total, count = self._view.measured.temp_dc, 0, 0
        for i in range(SENSORS):
            if temps[i] is not None:
                total += temps[i]
                count += 1
        return total // count if count else None

    @property
    def temp_max_no(self):
        """Number of the hottest battery sensor, 1..4."""
        return self._sensor(True)

    @property
    def temp_min_no(self):
        """Number of the coldest battery sensor, 1..4."""
        return self._sensor(False)

    @property
    def flow(self):
        """IDLE, CHARGING or DISCHARGING."""
        ma = self._view.measured.shown_ma
        return CHARGING if ma > 0 else DISCHARGING if ma < 0 else IDLE

    @property
    def charger(self):
        """1 while a charger is connected: current flows in, or the port is held above the pack."""
        measured = self._view.measured
        port_mv = measured.port_mv
        held = port_mv is not None and port_mv > measured.pack_mv + CHARGER_MV
        return 1 if held or measured.shown_ma > 0 else 0

    @property
    def jk_alarms(self):
        """Bits 0..17 of the JK alarm word."""
        return self._view.alarm_word() & JK_BITS

    @property
    def jk_sensors(self):
        """Bit n: the sensor Tn+1 of a JK has a value; its T3 is that of the MOSFETs."""
        temps, bits = self._view.measured.temp_dc, 0
        for bit in range(len(JK_SENSORS)):
            if temps[JK_SENSORS[bit]] is not None:
                bits |= 1 << bit
        return bits

    @property
    def cycle_dah(self):
        """Charge discharged in all, 0.1 Ah."""
        gauge = self._view.gauge
        return gauge.cycle_ah * 10 + gauge.cycle_mah // 100

    @property
    def sleeping(self):
        """1 in the low-power state."""
        return 1 if self._view.power.mode == SLEEP else 0
