"""JK BMS LCD Protocol V2.0, serial protocol 010, 2400 baud: protocols page, 3. The screen is only
sent to, about once a second; there is no check sum.

A frame is a header, the number of bytes behind that number, 82, the address of the first word in
the screen's memory and the words, big-endian. The main frame goes out each second; the others
share the rest of the line's time, a third each second. Words that nobody knows stay 0.
"""

from struct import pack_into

PERIOD_MS = 1000
WRITE = 0x82
MAIN, MORE, COLOUR = 0x1000, 0x1300, 0x2003
CELLS = 24  # of the screen
PARTS = ((0, 6), (6, 15), (15, CELLS))  # cells whose colours go out in one second
GREEN, BLUE, RED, UNUSED = 0x07E0, 0x001F, 0xF800, 0  # RGB 565: normal, highest, lowest
# words 36..44: which bits of the JK alarm word (protocols page, 1.5) light them
ALARMS = (
    1 << 11,
    1 << 4,
    1 << 6 | 1 << 13 | 1 << 25 | 1 << 26,
    1 << 1,
    1 << 8 | 1 << 15 | 1 << 21,
    1 << 7 | 1 << 14,
    1 << 10,
    1 << 0,
    1 << 2,
)


class Lcd:
    """Sends by itself; what comes in is noise."""

    HEADER = b"\xa5\x5a"

    poll_ms = PERIOD_MS
    shortest = 32  # of the noise that may be dropped at leisure

    def __init__(self, view, requests, source):
        self.counters = None
        self._view = view
        self._part = 0

    def frame_length(self, buf, n):
        """A screen says nothing: drop it all."""
        return -n

    def answer(self, buf, n, out):
        """Never asked."""
        return 0

    def poll(self, dt_ms, out):
        """This second's frames; their length."""
        at = self._main(out)
        part, self._part = self._part, (self._part + 1) % len(PARTS)
        if part == 0:
            at = self._more(out, at)
        first, end = PARTS[part]
        for cell in range(first, end):
            at = self._words(out, at, COLOUR + 16 * cell, self._colour(cell))
        return at

    def _words(self, out, at, address, *words):
        """A frame at out[at]; its end."""
        n = len(words)
        out[at : at + 2] = self.HEADER
        pack_into(b">BBH" + b"H" * n, out, at + 2, 3 + 2 * n, WRITE, address, *words)
        return at + 6 + 2 * n

    def _colour(self, cell):
        measured = self._view.measured
        if cell >= measured.cell_count:
            return UNUSED
        if cell == measured.max_cell:
            return BLUE
        return RED if cell == measured.min_cell else GREEN

    def _main(self, out):
        view, measured, mosfets = self._view, self._view.measured, self._view.mosfets
        word, count = view.alarm_word(), measured.cell_count
        alarms = [1 if word & bits else 0 for bits in ALARMS]
        cells = [measured.cell_mv[i] if i < count else 0 for i in range(CELLS)]
        # fmt: off
        return self._words(
            out, 0, MAIN, measured.pack_mv // 10 & 0xFFFF, signed(measured.shown_ma, 100),
            3, view.soc_pct(), measured.difference_mv, degrees(measured.temp_dc[4]),
            degrees(measured.temp_max), word != 0, measured.average_mv, view.balance.active,
            mosfets.charge_on, mosfets.discharge_on, *(cells + alarms),
        )
        # fmt: on

    def _more(self, out, at):
        measured = self._view.measured
        words = [0] * 20
        words[7:10] = measured.max_mv, measured.min_mv, measured.average_mv
        words[14] = measured.difference_mv
        return self._words(out, at, MORE, *words)


def signed(value, unit):
    """Whole units as a 16-bit word, rounded towards 0."""
    amount = min(abs(value) // unit, 32767)
    return -amount & 0xFFFF if value < 0 else amount


def degrees(dc):
    """Whole degC as a 16-bit word; 0 where there is no sensor."""
    return 0 if dc is None else (dc + 5) // 10 & 0xFFFF


build = Lcd  # what the loader calls
