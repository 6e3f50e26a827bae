"""Which panel state holds, and the lamp word that its row asks for (PNL-01, PNL-02, PNL-04)."""

from firmware import state
from firmware.panel import panel_table as table
from hal import contract

ROW = 6
# columns of a row
ON_OFF = 1
RUN = 2
ALM = 3
BAR = 4
LINK = 5
# cells of a lamp
ON = 1
FLICKER = 2

FLICKER_MS = 250  # 2 Hz: 250 ms on, 250 ms off
FLASH_MS = 100  # one flash of Link, and the least darkness between two


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


def row_of(panel):
    """Index of the row of a panel state in the packed table."""
    at = 0
    while table.STATES[at] != panel:
        at += ROW
    return at


def glows(cell, lit):
    """True when a lamp's cell makes it shine now; `lit` while flickering lamps are on."""
    return cell == ON or (cell == FLICKER and lit)


def lamp_word(at, bar_lamps, lit, link):
    """LED_ bits for the row at `at`: `bar_lamps` 0..6, `lit` as above, `link` while the Link lamp
    flashes."""
    rows = table.STATES
    word = 0
    if glows(rows[at + ON_OFF], lit):
        word |= contract.LED_ON_OFF
    if glows(rows[at + RUN], lit):
        word |= contract.LED_RUN
    if glows(rows[at + ALM], lit):
        word |= contract.LED_ALM
    if rows[at + BAR]:
        word |= contract.LED_L1 * ((1 << bar_lamps) - 1)
    if rows[at + LINK] and link:
        word |= contract.LED_LINK
    return word


class Lamps:
    """The lamps in time: the phase of the flicker and the flashes of Link."""

    def __init__(self, link_frames):
        self._panel = table.SHUTDOWN
        self._phase_ms = 0
        self._frames = link_frames
        self._flash_ms = 0  # time left of flash and darkness after it

    def step(self, panel, bar_lamps, link_frames, dt_ms):
        """The LED_ bits of now for a panel state."""
        self._phase_ms = (self._phase_ms + dt_ms) % (2 * FLICKER_MS)
        if panel != self._panel:
            self._panel = panel
            self._phase_ms = 0  # an alarm begins with light
        lit = self._phase_ms < FLICKER_MS
        return lamp_word(row_of(panel), bar_lamps, lit, self._flash(link_frames, dt_ms))

    def _flash(self, link_frames, dt_ms):
        self._flash_ms = max(0, self._flash_ms - dt_ms)
        if link_frames != self._frames and self._flash_ms == 0:
            self._frames = link_frames
            self._flash_ms = 2 * FLASH_MS
        return self._flash_ms > FLASH_MS
