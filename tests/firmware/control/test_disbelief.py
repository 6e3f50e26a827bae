"""What is not to be believed: sensors that fail hot or drift cold, a zero with current beside the
MOSFETs, settings that were damaged before a change.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware import requests as r
from firmware.parameters import Refused
from hal import contract as c
from tests.fakes.bench import Bench

OFF = (False, False)
BOTH = (True, True)


# req: PRT-09, PRT-14, MEA-03
def test_a_hot_sensor_that_fails_releases_nothing():
    b = Bench()
    b.hal.afe.temp_dc[0] = 650
    b.run(6)
    assert b.stands("discharge_otp") and b.stands("charge_otp")
    b.hal.afe.temp_dc[0] = c.SENSOR_OPEN  # burnt through; the others are cool
    b.run(10)
    assert b.stands("discharge_otp") and b.mosfets() == OFF
    b.hal.afe.temp_dc[0] = 250
    b.run(6)
    assert not b.stands("discharge_otp") and b.mosfets() == BOTH


# req: PWR-04
def test_no_heating_of_a_pack_with_a_hot_sensor():
    b = Bench(changes={p.HEATING_ENABLED: 1})
    b.battery(-10)
    b.hal.charger_sense.mv = 30_000
    b.run(1)
    assert b.hal.heater.on
    b.battery(56)
    b.hal.afe.temp_dc[0] = -400  # drifted, not open: it alone asks for heat
    b.run(1)
    assert not b.hal.heater.on


# req: MEA-04
def test_no_current_zero_while_the_limiter_carries_current():
    b = Bench()
    b.controller.requests.submit(r.CONSOLE, r.SET, {p.CHARGE_SWITCH: 0, p.DISCHARGE_SWITCH: 0})
    b.run(1)
    assert b.mosfets() == OFF
    b.state.mosfets.limiting = True
    try:
        b.controller.requests.submit(r.CONSOLE, r.CALIBRATE_ZERO)
    except Refused as e:
        assert "beside" in str(e)
    else:
        raise AssertionError("accepted")
    b.run(0.2)
    b.controller.requests.submit(r.CONSOLE, r.CALIBRATE_ZERO)


# req: MEA-09
def test_damaged_settings_are_not_sealed_by_a_change():
    b = Bench()
    b.parameters.values[p.CELL_OVP_MV] ^= 64
    try:
        b.controller.requests.submit(r.CONSOLE, r.SET, {p.LOW_SOC_PCT: 10})
    except Refused as e:
        assert "damaged" in str(e)
    else:
        raise AssertionError("accepted")
    assert b.parameters.values[p.LOW_SOC_PCT] == 20
    b.run(12)  # the check goes on over the damage
    assert b.faults.stands(f.SETTINGS_CORRUPT) and b.mosfets() == OFF


# req: MEA-09, PRT-01, PRT-18
def test_a_stuck_charge_current_does_not_carry_a_load_past_under_voltage():
    b = Bench()
    b.cells(2590)
    b.current(2)  # stuck: in truth a load discharges
    b.run(5)
    assert b.stands("cell_uvp") and b.mosfets() == BOTH  # carried, as a charge would be
    for mv in range(2590, 2540, -5):
        b.cells(mv)
        b.run(5)
        assert b.mosfets() == BOTH
    b.cells(2535)
    b.run(1)
    assert b.stands("current_sensor") and b.mosfets() == OFF
    b.run(60)
    assert b.mosfets() == OFF
