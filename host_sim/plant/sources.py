"""What is plugged into the port: a CC/CV charger, loads, a forced current, a profile, an inverter.

`Sources.demand` is the current that would flow into the pack if nothing were in its way.
"""

import csv


class Sources:
    """Everything at the port. Currents in A (+ charges), powers in W (+ charges)."""

    COMPLIANCE_V = 4.0  # a forced charging current pushes the open port this far above the pack
    LOCKOUT = 0.8  # loads stop below this part of the pack voltage ...

    def __init__(self):
        self.current_a = 0.0  # forced: both directions, as an inverter does
        self.power_w = 0.0
        self.charger_a = 0.0  # CC/CV charger, 0 = not connected
        self.charger_v = 0.0
        self.inverter_a = 0.0  # like a charger up to inverter_v, or a load (inverter.py)
        self.inverter_v = 0.0
        self.resistor_ohm = 0.0  # a plain resistor at the port, 0 = none; it never locks out
        self.running = False  # ... and start again only when the port is connected

    def load_a(self, port_v):
        """Forced current and power at this port voltage, A; loads that locked out draw none."""
        amps = self.current_a + min(self.inverter_a, 0.0)
        if self.power_w:
            amps += self.power_w / max(port_v, 1.0)
        return amps if amps > 0 or self.running else 0.0

    def demand(self, emf_v, r_ohm):
        """Current into a pack of this EMF and resistance, A."""
        amps = self.load_a(emf_v + r_ohm * self.power_w / max(emf_v, 1.0))
        for most_a, volts in (
            (self.charger_a, self.charger_v),
            (self.inverter_a, self.inverter_v),
        ):
            if most_a > 0:  # constant current, then constant voltage
                amps = max(amps, min(amps + most_a, (volts - emf_v) / r_ohm))
        if self.resistor_ohm:
            amps -= (emf_v + amps * r_ohm) / (self.resistor_ohm + r_ohm)
        return amps

    def _chargers(self):
        return (self.charger_a, self.charger_v), (self.inverter_a, self.inverter_v)

    def open_v(self, pack_v):
        """Voltage to which charging sources pull an open port, 0 when there is none."""
        volts = max(v if a > 0 else 0.0 for a, v in self._chargers())
        if self.current_a > 0 or self.power_w > 0:
            volts = max(volts, pack_v + self.COMPLIANCE_V)
        return volts

    def wants_load(self):
        """True while something wants to discharge the pack."""
        return min(self.current_a, self.power_w, self.inverter_a) < 0 or self.resistor_ohm > 0


class Profile:
    """Steps of current or power over time, from a CSV file with the columns time_s and
    current_a or power_w (+ charges). The value holds until the next row."""

    def __init__(self, rows, power):
        self.rows = sorted(rows)
        self.power = power

    @classmethod
    def read(cls, path):
        """Read a file; ValueError when a column is missing or a row is no number."""
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            kind = next((k for k in ("current_a", "power_w") if k in columns), None)
            if kind is None or "time_s" not in columns:
                raise ValueError(f"{path}: needs the columns time_s and current_a or power_w")
            rows = []
            for row in reader:
                try:
                    rows.append((float(row["time_s"]), float(row[kind])))
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{path} line {reader.line_num}: no number") from error
        return cls(rows, kind == "power_w")
