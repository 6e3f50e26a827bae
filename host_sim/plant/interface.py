"""The plant interface: what a battery truth model must offer (docs/plant.md).

`circuit.Circuit` stands around one `CellModel` and does everything between the cells and the
port: MOSFETs, diodes, pre-charge, sources. A new truth (hysteresis, more RC pairs, ageing) is a
new CellModel and nothing else. Units: V, A (+ charges), ohm, degC, Ah, s, W.
"""


class CellModel:
    """A string of cells. The circuit reads the public lists, so they stay the same objects.

    The voltage of a cell is linear in the current within a step: emf_v + current x r0_ohm. The
    circuit uses that to find the current of shorts and chargers without iterating.
    """

    def __init__(self, count):
        self.count = count
        self.emf_v = [0.0] * count  # everything but the ohmic part
        self.r0_ohm = [0.0] * count
        self.soc = [0.0] * count  # 0..1, true; may leave the range when abused
        self.capacity_ah = [0.0] * count
        self.temp_c = [25.0] * count
        self.total_emf_v = 0.0  # sums over the string, kept by step()
        self.total_r0_ohm = 0.0

    def step(self, dt_s, current_a, balance_a, heat_w, ambient_c):
        """Go on by dt_s (> 0, up to 60 s) with constant inputs.

        current_a flows through every cell; balance_a is a list with the additional current of
        each cell, or None; heat_w is brought evenly into the string (heater, abuse).
        """
        raise NotImplementedError

    def set_soc(self, cell, soc):
        """Put one cell at rest at a state of charge, 0..1."""
        raise NotImplementedError

    def set_temperature(self, temp_c):
        """Put every cell at a temperature."""
        for i in range(self.count):
            self.temp_c[i] = temp_c

    def voltages(self, current_a, balance_a=None):
        """Terminal voltage of each cell at this current, V."""
        if balance_a is None:
            return [e + current_a * r for e, r in zip(self.emf_v, self.r0_ohm, strict=True)]
        return [
            e + (current_a + b) * r
            for e, r, b in zip(self.emf_v, self.r0_ohm, balance_a, strict=True)
        ]

    def pack_soc(self):
        """True pack state of charge, 0..1: usable charge over usable capacity, not a mean."""
        left = min(s * q for s, q in zip(self.soc, self.capacity_ah, strict=True))
        room = min((1.0 - s) * q for s, q in zip(self.soc, self.capacity_ah, strict=True))
        return left / (left + room) if left + room else 0.0

    def charge_left_ah(self):
        """Charge until the weakest cell is empty, Ah."""
        return min(s * q for s, q in zip(self.soc, self.capacity_ah, strict=True))


class Plant:
    """What the simulated HAL sees: a battery with its switches and whatever is plugged in.

    Inputs are set by the methods; they take effect at once (`current_a` is then valid for the
    new state), time passes only in `step`.
    """

    cells = None  # CellModel
    current_a = 0.0  # through the cells now, + charges
    port_v = 0.0  # load side of the MOSFETs
    mos_temp_c = 25.0

    def step(self, dt_s):
        """Let dt_s pass with the present inputs."""
        raise NotImplementedError

    def set_gates(self, charge, discharge):
        """Drive the gates; stuck or broken MOSFETs may not follow."""
        raise NotImplementedError

    def set_precharge(self, on):
        """Connect the pre-charge resistor."""
        raise NotImplementedError

    def set_limiter(self, on):
        """Connect the charge current limiting module."""
        raise NotImplementedError

    def set_heater(self, on):
        """Power the heating mats."""
        raise NotImplementedError

    def set_balance(self, donor, receiver, amps):
        """Active balancer: take `amps` from a cell, bring them to another; 0 stops."""
        raise NotImplementedError

    def cell_voltages(self):
        """Voltage of each cell now where the board measures it, V."""
        raise NotImplementedError

    def terminal_voltages(self):
        """Voltage of each cell now at its terminals, V: the truth."""
        raise NotImplementedError

    def pack_v(self):
        """Sum of the cell voltages, V."""
        raise NotImplementedError

    def solve(self):
        """Work out the current anew after an input was changed directly."""
        raise NotImplementedError

    def take_inrush(self):
        """(peak A, time constant s) of the pulse of the last switch-on; each is told once."""
        raise NotImplementedError

    def charger_v(self):
        """Voltage that a charger offers in front of the MOSFETs, 0 when there is none."""
        raise NotImplementedError

    def load_present(self):
        """True while something at the port wants to draw current."""
        raise NotImplementedError
