"""The SOC bar L1..L6 (PNL-03), the same charging and discharging."""

from firmware.panel import panel_table as table

HYSTERESIS_DPCT = 10  # 1.0 %: a lamp goes out only when the SOC is this far below its boundary


def level(soc_dpct):
    """Lamps that the table asks for at a SOC in 0.1 %, 1..6."""
    lamps = 1
    for up_to in table.BAR_UP_TO:
        if soc_dpct > up_to and lamps < len(table.BAR_UP_TO):
            lamps += 1
    return lamps


class Bar:
    """The bar with its hysteresis. `lamps` is 0..6; 0 = SOC unknown.

    A lamp goes on exactly at its boundary; going down it stays until 1.0 % below, so that a SOC
    that trembles at the boundary does not make it flutter.
    """

    def __init__(self):
        self.lamps = 0

    def step(self, soc_dpct):
        """Follow the SOC, 0.1 % or None; the number of lamps."""
        if soc_dpct is None:
            self.lamps = 0
            return 0
        low, high = level(soc_dpct), level(soc_dpct + HYSTERESIS_DPCT)
        if self.lamps == 0 or low > self.lamps:
            self.lamps = low
        elif high < self.lamps:
            self.lamps = high
        return self.lamps
