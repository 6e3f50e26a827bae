"""JK BMS PBxx SERIES LCD Protocol V1.0, serial protocol 015, 2400 baud: protocols page, 3.

The frames of 010 with another header and other words. Known from one capture beside the values
that an app showed then: words that stood still there are sent as they stood, and the frames for
icons, pages and the slots of other packs are left out, because nobody knows what they mean.
"""

from firmware.protocols.serial import lcd

FIGURES, CELLS = 0x1000, 0x1210
SLOTS = 16


class LcdPb(lcd.Lcd):
    """One pack on the screen."""

    HEADER = b"\x5a\xa5"

    def _main(self, out):
        view, measured, gauge = self._view, self._view.measured, self._view.gauge
        full, remaining = tenths(gauge.capacity_mah), tenths(gauge.remaining_mah or 0)
        current, degc = lcd.signed(measured.shown_ma, 100), lcd.degrees(measured.temp_max)
        count = measured.cell_count
        cells = [measured.cell_mv[i] if i < count else 0 for i in range(SLOTS)]
        # fmt: off
        at = self._words(
            out, 0, FIGURES, measured.pack_mv // 10 & 0xFFFF, current, view.soc_pct(), 0x000F,
            full, remaining, measured.average_mv, degc, 0, 1, measured.max_mv, 3, 1, 1,
            view.panel.dip,
        )
        cells += [
            2, view.soc_pct(), full, remaining, measured.difference_mv, 1, degc, current,
            view.mosfets.charge_on, 0, view.mosfets.discharge_on,
        ]
        # fmt: on
        return self._words(out, at, CELLS, *cells)

    def _more(self, out, at):
        return at


def tenths(mah):
    """0.1 Ah as a 16-bit word."""
    return min(mah // 100, 0xFFFF)


build = LcdPb  # what the loader calls
