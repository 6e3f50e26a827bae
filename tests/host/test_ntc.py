"""The error of the thermistor tables against the formulas, at every 0.1 degC."""

import pytest

from hal import ntc
from tools import ntc as make


def errors(table, ohm_at, low_c, high_c):
    """Difference to the formula for each 0.1 degC, in 0.1 degC."""
    for tenth in range(low_c * 10, high_c * 10 + 1):
        reading = min(65_535, round(make.ratio(ohm_at(tenth / 10), 10_000)))
        yield ntc.temperature_dc(reading, table) - tenth


# req: MEA-03
@pytest.mark.parametrize("beta", [3435, 3950])
def test_the_shipped_tables_are_those_of_the_tool(beta):
    shipped = getattr(ntc, f"BETA_{beta}")
    assert shipped == make.table(lambda celsius: make.resistance(celsius, 10_000, beta), 10_000)


# req: MEA-03
@pytest.mark.parametrize("beta", [3435, 3950])
def test_the_tables_are_within_0p2_degc_of_the_beta_formula(beta):
    table = getattr(ntc, f"BETA_{beta}")
    found = list(errors(table, lambda c: make.resistance(c, 10_000, beta), -40, 120))
    assert max(map(abs, found)) <= 2
    inside = list(errors(table, lambda c: make.resistance(c, 10_000, beta), -20, 70))
    assert max(map(abs, inside)) <= 1


# req: MEA-03
def test_a_table_of_a_steinhart_hart_thermistor():
    """Coefficients of a common 10 kOhm thermistor (material type 3)."""
    coefficients = (1.129241e-3, 2.341077e-4, 8.775468e-8)

    def ohm_at(celsius):
        return make.steinhart(celsius, *coefficients)

    assert abs(ohm_at(25) - 10_000) < 10
    found = list(errors(make.table(ohm_at, 10_000), ohm_at, -40, 120))
    assert max(map(abs, found)) <= 2
