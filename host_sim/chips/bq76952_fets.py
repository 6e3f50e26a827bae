"""What drives the two MOSFETs of a BQ76952: host, protections, body-diode protection, kill pin."""

CHG, DSG = 0x01, 0x04  # of FET Status
OPTIONS = 0x9308
SFET, FET_INIT_OFF = 0x01, 0x20
CHG_OFF, DSG_OFF = 0x04, 0x01  # of FET_CONTROL
KILL_PIN, KILL_FUNCTION = 0x92FB, 0x42  # DFETOFF as one pin for both MOSFETs


class Fets:
    """Two gates; `control` is FET_CONTROL (ones force off)."""

    def __init__(self, chip):
        self._chip = chip
        self.charge = self.discharge = False

    def power_on(self):
        """FET test mode: both off."""
        self.enabled = False
        self.control = 0
        self.resolve()

    def settings_changed(self):
        """CONFIG_UPDATE mode was left: the host's state is the one of FET_INIT_OFF again."""
        off = self._chip.memory.value(OPTIONS) & FET_INIT_OFF
        self.control = 0x0F if off else 0
        self.resolve()

    def command(self, number):
        """The subcommands about MOSFETs."""
        if number == 0x0022:
            self.enabled = not self.enabled
        elif number == 0x0093:
            self.control |= 0x03
        elif number == 0x0094:
            self.control |= 0x0C
        elif number in (0x0095, 0x0096):
            self.control = 0x0F if number == 0x0095 else 0

    def status(self):
        """FET Status."""
        return (CHG if self.charge else 0) | (DSG if self.discharge else 0)

    def resolve(self):
        """Work out both gates and drive them."""
        chip = self._chip
        value = chip.memory.value
        may = self.enabled and not chip.update
        if chip.killed and value(KILL_PIN) == KILL_FUNCTION:
            may = False
        diode_ma = value(0x9273)
        series = value(OPTIONS) & SFET
        charge = may and not self.control & CHG_OFF
        discharge = may and not self.control & DSG_OFF
        if charge and self._tripped(0x9265):
            charge = bool(series) and chip.reported_ma < -diode_ma
        if discharge and self._tripped(0x9269):
            discharge = bool(series) and chip.reported_ma > diode_ma
        self.charge, self.discharge = charge, discharge
        chip.board.set_gates(charge, discharge)

    def _tripped(self, actions):
        status, value = self._chip.protections.status, self._chip.memory.value
        return any(status(group) & value(actions + n) for n, group in enumerate("ABC"))
