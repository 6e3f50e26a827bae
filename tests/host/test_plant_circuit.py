"""The pack circuit against hand calculation: switches, pre-charge, port, chargers, loads."""

import pytest

from tests.host.circuits import force, pack, run


# req: PRT-16, PRT-18
@pytest.mark.parametrize(
    ("charge", "discharge", "amps", "flows"),
    [
        (True, True, 50, 50),
        (True, True, -50, -50),
        (False, True, 50, 0),
        (False, True, -50, -50),  # through the body diode of the charge MOS
        (True, False, 50, 50),  # through the body diode of the discharge MOS
        (True, False, -50, 0),
        (False, False, 50, 0),
        (False, False, -50, 0),
    ],
)
def test_common_port(charge, discharge, amps, flows):
    circuit = pack(on=False)
    circuit.set_gates(charge, discharge)
    force(circuit, current_a=float(amps))
    assert circuit.current_a == pytest.approx(flows)


# req: PRT-18
def test_body_diode_heats_the_mosfets_more():
    carried, diode = pack(), pack(on=False)
    diode.set_gates(False, True)
    for circuit in (carried, diode):
        force(circuit, current_a=-50.0)
        run(circuit, 60)
    assert 0 < carried.mos_temp_c - 25.0 < 2.0
    # 50 A x 0.7 V = 35 W, 43.75 K at the end; after 60 s of tau 100 s: 45 % of it, 20 K
    assert 18.0 < diode.mos_temp_c - 25.0 < 22.0


# req: PRT-16
def test_broken_mosfets():
    circuit = pack()
    circuit.charge_stuck = True
    circuit.set_gates(False, False)
    force(circuit, current_a=30.0)
    assert circuit.current_a == 30.0
    force(circuit, current_a=-30.0)
    assert circuit.current_a == 0.0
    circuit.charge_stuck, circuit.discharge_fails = False, True
    circuit.set_gates(True, True)
    assert circuit.current_a == 0.0


# req: PRT-06
def test_short_circuit_is_thousands_of_amps():
    circuit = pack()
    force(circuit, resistor_ohm=0.002)
    # 26.4 V / (8 x 0.2 mOhm + 0.5 mOhm + 2 mOhm) = 6.4 kA
    assert circuit.current_a == pytest.approx(-26.46 / 0.0041, rel=0.01)
    circuit.set_gates(False, False)
    assert circuit.current_a == 0.0


# req: PRT-12
def test_limiter_passes_its_current_while_the_charge_mos_is_off():
    circuit = pack(on=False)
    circuit.set_gates(False, True)
    force(circuit, charger_a=100.0, charger_v=29.2)
    assert circuit.current_a == 0.0
    circuit.set_limiter(True)
    assert circuit.current_a == 10.0
    circuit.set_limiter(False)
    assert circuit.current_a == 0.0


# req: PRT-19
def test_precharge_brings_the_port_up_in_a_second():
    circuit = pack(on=False)
    assert circuit.port_v == 0.0
    circuit.set_precharge(True)
    run(circuit, 0.3)
    assert 14 < circuit.port_v < 18  # 33 Ohm x 10 mF = 0.33 s: 60 % after 0.3 s
    run(circuit, 2.0)
    assert circuit.port_v > 0.99 * 26.4
    circuit.set_gates(False, True)
    assert circuit.take_inrush()[0] < 100.0


# req: PRT-19
def test_closing_without_precharge_is_a_pulse():
    circuit = pack(on=False)
    circuit.set_gates(True, True)
    peak_a, tau_s = circuit.take_inrush()
    assert peak_a == pytest.approx(26.46 / 0.0141, rel=0.01)
    assert tau_s == pytest.approx(141e-6, rel=0.01)
    assert circuit.take_inrush()[0] == 0.0


# req: PRT-19
def test_precharge_into_a_plain_load_gets_nowhere():
    circuit = pack(on=False)
    force(circuit, resistor_ohm=10.0)
    circuit.set_precharge(True)
    run(circuit, 5.0)
    assert circuit.port_v == pytest.approx(26.46 * 10 / 43, rel=0.02)


# req: MEA-08
def test_loads_lock_out_and_the_port_falls_when_the_pack_opens():
    circuit = pack()
    force(circuit, current_a=-20.0)
    run(circuit, 1)
    circuit.set_gates(False, False)
    run(circuit, 1)
    assert circuit.port_v < 0.8 * 26.4
    assert circuit.load_present()
    circuit.set_precharge(True)
    run(circuit, 3)
    assert circuit.port_v > 0.95 * 26.4  # the load waits for the pack


# req: PWR-02
def test_charger_is_seen_in_front_of_open_mosfets():
    circuit = pack(on=False)
    assert circuit.charger_v() == 0.0
    force(circuit, charger_a=10.0, charger_v=34.0)
    assert circuit.charger_v() == 34.0
    circuit.set_gates(True, True)
    assert circuit.charger_v() < 27.0  # it is loaded now


# req: CHG-01
def test_charger_goes_from_constant_current_to_constant_voltage():
    circuit = pack(soc=0.9)
    force(circuit, charger_a=56.0, charger_v=28.0)
    assert circuit.current_a == 56.0
    run(circuit, 3 * 3600, 1.0)
    assert 0.0 <= circuit.current_a < 3.0
    assert circuit.pack_v() == pytest.approx(28.0, abs=0.01)


# req: CHG-01
def test_charger_feeds_the_load_first():
    circuit = pack(soc=0.5)
    force(circuit, charger_a=30.0, charger_v=29.0, current_a=-50.0)
    assert circuit.current_a == pytest.approx(-20.0)


# req: MEA-02
def test_power_load():
    circuit = pack()
    force(circuit, power_w=-2600.0)
    assert circuit.current_a * circuit.port_v == pytest.approx(-2600.0, rel=0.005)
