"""Which panel state holds, and the lamp word that its row asks for (PNL-01..PNL-04)."""

from firmware import state
from firmware.panel import panel_table as table
from hal import contract

ROW = 6
# columns of a row
LAMPS = 1  # ON/OFF, RUN, ALM, in the order of their LED_ bits
BAR = 4
LINK = 5
# cells of a lamp
ON = 1
FLICKER = 2

FLICKER_MS = 250  # 2 Hz: 250 ms on, 250 ms off
FLASH_MS = 100  # one flash of Link, and the least darkness between two
HYSTERESIS_DPCT = 10  # 1.0 %: a lamp of the bar goes out this far below its boundary only


def panel_state(mode, alm, overdue):
    """The state of tables/panel.toml that holds. `mode` is State.power.mode, `alm` tells that a
    fault with ALM stands, `overdue` that the start takes longer than it should."""
    if mode == state.OFF:
        return table.SHUTDOWN
    if mode == state.STARTING and not (overdue and alm):
        return table.RESET
    if mode == state.SAFE:
        return table.RECOVERY
    if alm:
        return table.ALARM
    if mode == state.SLEEP:
        return table.SLEEP
    return table.NORMAL


class Lamps:
    """The lamps in time: the phase of the flicker, the flashes of Link, the SOC bar."""

    def __init__(self, link_frames):
        self._show(table.SHUTDOWN)
        self._soc_dpct = None
        self._frames = link_frames
        self._flash_ms = 0  # time left of flash and darkness after it
        self._bar = 0

    def step(self, panel, soc_dpct, link_frames, dt_ms):
        """The LED_ bits of now for a panel state; `soc_dpct` in 0.1 % or None."""
        self._phase_ms = (self._phase_ms + dt_ms) % (2 * FLICKER_MS)
        if panel != self._shown:
            self._show(panel)
        self._flash_ms = max(0, self._flash_ms - dt_ms)
        if link_frames != self._frames and self._flash_ms == 0:
            self._frames = link_frames
            self._flash_ms = 2 * FLASH_MS
        if soc_dpct != self._soc_dpct:
            self._soc_dpct = soc_dpct
            self.bar(soc_dpct)
        word, row = self._states(), self._row
        if row[BAR]:
            word |= contract.LED_L1 * ((1 << self._bar) - 1)
        if row[LINK] and self._flash_ms > FLASH_MS:
            word |= contract.LED_LINK
        return word

    def _show(self, panel):
        """Another panel state."""
        at = 0
        while table.STATES[at] != panel:
            at += ROW
        self._shown, self._row = panel, table.STATES[at : at + ROW]
        self._phase_ms = 0  # an alarm begins with light

    def _states(self):
        """The bits of ON/OFF, RUN and ALM."""
        row, word = self._row, 0
        for i in range(3):
            cell = row[LAMPS + i]
            if cell == ON or (cell == FLICKER and self._phase_ms < FLICKER_MS):
                word |= contract.LED_ON_OFF << i
        return word

    def bar(self, soc_dpct):
        """Lamps of the SOC bar, 0..6; 0 = SOC unknown. The same charging and discharging.

        A lamp goes on exactly at its boundary; going down it stays until 1.0 % below, so that a
        SOC that trembles at the boundary does not make it flutter.
        """
        if soc_dpct is None:
            self._bar = 0
            return 0
        low = high = 1
        for up_to in table.BAR_UP_TO:
            if soc_dpct > up_to:
                low += 1
            if soc_dpct + HYSTERESIS_DPCT > up_to:
                high += 1
        if self._bar < low:
            self._bar = low
        elif self._bar > high:
            self._bar = high
        return self._bar
