"""Temperature rules, runaway and heating (PRT-07..11, PRT-24, PWR-04)."""

from firmware import parameter_ids as p
from firmware.requests import CONSOLE, SET
from tests.fakes.bench import Bench

OFF, BOTH, CHARGE, DISCHARGE = (False, False), (True, True), (True, False), (False, True)


def beyond(key, degc, inside, released, state, **options):
    """Trips beyond the level after 5 s, not at it; released beyond the recovery."""
    b = Bench(**options)
    b.battery(inside)
    b.run(7)
    assert not b.stands(key)
    b.battery(degc)
    b.run(4.8)
    assert not b.stands(key)
    b.run(0.5)
    assert b.stands(key), b.faults_now()
    assert b.mosfets() == state
    return b, released


# req: PRT-07
def test_charge_over_temperature():
    b, _ = beyond("charge_otp", 60.1, 60, 55, (False, True), changes={p.DISCHARGE_OTP_DC: 700})
    b.battery(55)
    b.run(2)
    assert b.mosfets() == DISCHARGE
    b.battery(54.9)
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-09
def test_discharge_over_temperature():
    changes = {p.CHARGE_OTP_DC: 700, p.CHARGE_OTPR_DC: 600}
    b, _ = beyond("discharge_otp", 60.1, 60, 55, (True, False), changes=changes)
    b.battery(55)
    b.run(2)
    assert b.mosfets() == CHARGE
    b.battery(54.9)
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-08
def test_charge_under_temperature():
    b, _ = beyond("charge_utp", -0.1, 0, 5, DISCHARGE)
    b.battery(5)
    b.run(2)
    assert b.mosfets() == DISCHARGE
    b.battery(5.1)
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-08
def test_discharge_under_temperature():
    changes = {p.CHARGE_UTP_DC: -300, p.CHARGE_UTPR_DC: -250}
    b, _ = beyond("discharge_utp", -20.1, -20, -10, CHARGE, changes=changes)
    b.battery(-10)
    b.run(2)
    assert b.mosfets() == CHARGE
    b.battery(-9.9)
    b.run(0.3)
    assert b.mosfets() == BOTH


# req: PRT-07, PRT-08
def test_the_hottest_and_the_coldest_sensor_count():
    b = Bench()
    b.hal.afe.temp_dc[3] = 601
    b.run(5.5)
    assert b.stands("charge_otp")
    b.hal.afe.temp_dc[3] = 250
    b.hal.afe.temp_dc[1] = -1
    b.run(5.5)
    assert not b.stands("charge_otp") and b.stands("charge_utp")


# req: PRT-10
def test_mos_over_temperature():
    b = Bench()
    b.hal.afe.temp_dc[4] = 750
    b.run(4)
    assert b.mosfets() == BOTH
    b.hal.afe.temp_dc[4] = 751
    b.run(1.8)
    assert b.mosfets() == BOTH
    b.run(0.5)
    assert b.stands("mos_otp")
    assert b.mosfets() == OFF
    b.hal.afe.temp_dc[4] = 700
    b.run(3)
    assert b.mosfets() == OFF
    b.hal.afe.temp_dc[4] = 699
    b.run(0.5)
    assert b.mosfets() == BOTH


# req: PRT-10
def test_the_battery_is_not_compared_with_the_mos_level():
    b = Bench(changes={p.CHARGE_OTP_DC: 800, p.DISCHARGE_OTP_DC: 800})
    b.battery(78)
    b.run(6)
    assert not b.stands("mos_otp")


# req: PRT-11
def test_the_battery_alarm_is_an_alarm_only():
    hot = {p.CHARGE_OTP_DC: 700, p.DISCHARGE_OTP_DC: 700}
    b, _ = beyond("battery_hot", 60.1, 60, 50, BOTH, changes=hot)
    assert b.faults.jk_word() >> 21 & 1
    assert not b.faults.alm()
    b.battery(50)
    b.run(1)
    assert b.stands("battery_hot")
    b.battery(49.9)
    b.run(0.3)
    assert not b.stands("battery_hot")


# req: PRT-07
def test_a_rule_ends_when_its_sensors_are_taken_out_of_use():
    b = Bench()
    b.battery(65)
    b.run(6)
    assert b.stands("charge_otp")
    b.requests.submit(CONSOLE, SET, {p.TEMP_SENSORS_DISABLED: 1})
    b.run(0.3)
    assert not b.stands("charge_otp")
    assert b.mosfets() == BOTH


# req: PRT-09, MEA-03
def test_a_rule_stands_when_its_sensors_fail():
    b = Bench()
    b.battery(65)
    b.run(6)
    for i in range(4):
        b.hal.afe.temp_dc[i] = 32767
    b.run(5)
    assert b.stands("discharge_otp") and b.stands("no_temp_sensor")
    assert b.mosfets() == OFF


# req: PRT-24
def test_above_eighty_degrees_it_trips_for_good():
    b = Bench()
    b.battery(80.1)
    b.run(1.8)
    assert not b.stands("trip_output")
    b.run(0.5)
    assert b.stands("trip_output")
    assert b.mosfets() == OFF
    b.battery(30)
    b.run(10)
    assert b.stands("trip_output")
    b.boot()
    b.run(3)
    assert b.stands("trip_output")
    b.controller.control.key()
    b.run(1)
    assert not b.stands("trip_output")


# req: PRT-24
def test_a_runaway_rises_more_than_ten_kelvin_a_minute():
    for rate, trips in ((9.5, False), (12, True)):
        b = Bench()
        degc = 20.0
        for _ in range(100):
            b.battery(degc)
            b.run(1)
            degc += rate / 60
        assert b.stands("trip_output") == trips, rate


# req: PRT-24
def test_a_step_of_a_sensor_is_no_runaway():
    b = Bench()
    b.run(30)
    b.battery(45)
    b.run(90)
    assert not b.stands("trip_output")


# req: PRT-24
def test_a_stuck_mos_trips_for_good():
    b = Bench()
    b.requests.submit(CONSOLE, SET, {p.DISCHARGE_SWITCH: 0})
    b.current(-5)
    b.run(2)
    assert b.stands("discharge_mos_stuck") and b.stands("trip_output")
    assert b.state.limits.charge_ma == 0 and not b.state.limits.charge_enable


def cold(**changes):
    values = {p.HEATING_ENABLED: 1}
    values.update(changes)
    b = Bench(changes=values)
    b.battery(-5)
    b.hal.charger_sense.mv = 28_000
    b.run(1)
    return b


# req: PWR-04
def test_heating_when_charging_is_wanted_below_the_charge_temperature():
    b = cold()
    assert b.hal.heater.on and b.state.power.heating
    assert b.state.power.heater_ma == 4000
    b.battery(4.9)
    b.run(1)
    assert b.hal.heater.on  # up to the recovery
    b.battery(5)
    b.run(1)
    assert not b.hal.heater.on
    b.battery(2)
    b.run(1)
    assert not b.hal.heater.on  # hysteresis


# req: PWR-04
def test_no_heating_without_a_charger_or_when_not_allowed():
    b = cold()
    b.hal.charger_sense.mv = 0
    b.run(1)
    assert not b.hal.heater.on
    b = cold()
    b.requests.submit(CONSOLE, SET, {p.HEATING_ENABLED: 0})
    b.run(1)
    assert not b.hal.heater.on
    b = cold()
    b.controller.control.power.off()
    b.run(1)
    assert not b.hal.heater.on


# req: PWR-04
def test_no_heating_on_missing_data():
    b = cold()
    b.hal.afe.read_result = 1
    b.run(1)
    assert not b.hal.heater.on


# req: PWR-04
def test_a_heater_that_fails_is_noticed():
    b = cold()
    b.hal.heater.draws_ma = 0
    b.run(1.5)
    assert not b.stands("heater")
    b.run(1)
    assert b.stands("heater")
    assert b.mosfets()[1]
    b.hal.heater.draws_ma = 4000
    b.run(59)
    assert b.stands("heater") and not b.hal.heater.on  # it rests a minute
    b.run(2.5)
    assert not b.stands("heater") and b.hal.heater.on
    b.hal.heater.draws_ma = 10_100  # more than its 10 A
    b.run(3)
    assert b.stands("heater") and not b.hal.heater.on
    b.battery(20)
    b.run(61)
    assert not b.stands("heater")
    b.hal.heater.leak_ma = 500  # current while off
    b.run(3)
    assert b.stands("heater")


# req: PWR-04
def test_a_board_without_a_heater():
    b = Bench(start=False)
    b.hal.heater = None
    b.boot()
    b.battery(-5)
    b.run(7)
    assert b.state.power.heater_ma is None and not b.state.power.heating
    assert b.faults_now() == ["charge_utp"]
