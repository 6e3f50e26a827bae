"""The JK status area 0x1200..0x1324, from a view (protocols page, 1.5).

Quantities that this controller does not have read as zero.
"""

from firmware import parameter_ids as ids
from firmware.protocols import jk_layout
from firmware.protocols.view import MOS
from firmware.state import ON

JK_CELLS = 32
# which fields JK tools show; captured from a unit with hardware 15A, software 15.30 (COM-14)
VALID_FIELDS = b"\xfe\xff\x7f\xdc\x2f\x01\x01\xb0\x0f\x00\x00\x00"
U32 = 0xFFFFFFFF
U16 = 0xFFFF


class Status:
    """Encodes one view's status."""

    def __init__(self, view):
        self._view = view
        self._cells = [0] * JK_CELLS
        self._leads = [0] * JK_CELLS
        makers = (
            self._cell_mv,
            self._cell_figures,
            self._lead_mohm,
            self._pack,
            self._gauge,
            self._timers,
            self._times,
            self._clock,
            self._valid,
        )
        self._groups = tuple(zip(jk_layout.STATUS_GROUPS, makers))

    def encode(self, order, out, at, first, last):
        """Fill out[at + first : at + last]; bytes around it may be written too, within SIZE."""
        for group, values in self._groups:
            jk_layout.pack(group, values, order, out, at, first, last)

    def _cell_mv(self):
        measured, cells = self._view.measured, self._cells
        for i in range(JK_CELLS):
            cells[i] = measured.cell_mv[i] if i < measured.cell_count else 0
        return cells

    def _cell_figures(self):
        measured = self._view.measured
        return (
            (1 << measured.cell_count) - 1,
            measured.average_mv,
            measured.difference_mv,
            measured.max_cell,
            measured.min_cell,
        )

    def _lead_mohm(self):
        leads, known = self._leads, self._view.balance.lead_mohm
        for i in range(len(known)):
            leads[i] = 0 if known[i] is None else min(known[i], U16)
        return leads

    def _lead_alarms(self):
        limit, word = self._view.value(ids.LEAD_LIMIT_MOHM), 0
        known = self._view.balance.lead_mohm
        for i in range(len(known)):
            if known[i] is not None and known[i] > limit:
                word |= 1 << i
        return word

    def _pack(self):
        view = self._view
        measured, balance = view.measured, view.balance
        ma = balance.current_ma
        return (
            view.temperature_dc(MOS),
            self._lead_alarms(),
            measured.pack_mv,
            abs(measured.power_mw),
            measured.shown_ma,
            view.temperature_dc(0),
            view.temperature_dc(1),
            view.alarm_word(),
            ma,
            (2 if ma < 0 else 1) if balance.active else 0,
            view.soc_pct(),
        )

    def _gauge(self):
        view = self._view
        gauge, mosfets = view.gauge, view.mosfets
        return (
            view.remaining_mah(),
            gauge.capacity_mah,
            gauge.cycles,
            gauge.cycle_mah & U32,
            gauge.soh_pct,
            1 if mosfets.precharging else 0,
            0,
            view.system.run_time_s & U32,
            1 if mosfets.charge_on else 0,
            1 if mosfets.discharge_on else 0,
            0,
        )

    def _sensors(self):
        """Bit 0 MOS, 1..5 T1..T5; T3 is the MOS sensor once more, our T3 and T4 are T4 and T5."""
        bits = 0
        for bit, sensor in enumerate((MOS, 0, 1, MOS, 2, 3)):
            if self._view.sensor_fitted(sensor):
                bits |= 1 << bit
        return bits

    def _timers(self):
        power = self._view.power
        heating = 1 if power.heating else 0
        emergency_s = min(power.emergency_s, U16)
        return 0, 0, 0, 0, 0, 0, self._sensors(), heating, 0, emergency_s, 0, 0, 0, 0.0

    def _times(self):
        view = self._view
        heater_ma = view.power.heater_ma
        started = 1 if view.power.mode == ON else 0
        return (
            0,
            0,
            view.measured.pack_mv // 10 & U16,
            0 if heater_ma is None else min(heater_ma, 32767),
            0,
            0,
            0,
            started,
            0,
            0,
            0,
            0,
            view.system.uptime_s * 10 & U32,
            0,
            view.temperature_dc(MOS),
            view.temperature_dc(2),
            view.temperature_dc(3),
            0,
        )

    def _clock(self):
        view = self._view
        power, panel, rtc_s = view.power, view.panel, view.system.rtc_s
        sleep_in_s = power.sleep_in_s
        if sleep_in_s is None:
            sleep_in_s = view.value(ids.SMART_SLEEP_H) * 3600
        return (
            0 if rtc_s is None else rtc_s,
            0,
            sleep_in_s,
            1 if view.mosfets.limiting else 0,
            view.value(ids.CHEMISTRY),
            0,
            0,
            0,
            (panel.contacts & 3) << 1 | (1 if panel.buzzer else 0),
        )

    def _valid(self):
        return (VALID_FIELDS,)
