"""How the dry contacts behave, whatever their source (PNL-06). DRY1 is bit 1, DRY2 bit 2."""

from firmware import fault_ids, state
from tests.firmware.panel.rig import Rig, follow_soc, on_dry2


# req: PNL-06
def test_defaults_dry1_system_alarm_dry2_low_soc_20_25():
    rig = Rig()
    assert rig.contacts() == 0
    rig.faults.put(fault_ids.CHARGE_OTP, True)
    assert rig.contacts() == 1
    assert follow_soc(rig, (201, 200, 249)) == [1, 3, 3]
    rig.faults.put(fault_ids.CHARGE_OTP, False)
    assert follow_soc(rig, (249, 250)) == [2, 0]
    assert rig.state.panel.contacts == 0


# req: SEC-02, PNL-02
def test_password_not_modified_and_warnings_move_neither_contact_nor_buzzer():
    rig = Rig()
    rig.set(dry1_trigger=10, dry2_trigger=10, buzzer_trigger=10)
    rig.run(200)
    for fault in (
        fault_ids.PASSWORD_DEFAULT,
        fault_ids.SAFE_MODE,
        fault_ids.LOW_SOC,
        fault_ids.BATTERY_HOT,
        fault_ids.STORAGE,
    ):
        rig.faults.put(fault, True)
    assert rig.contacts() == 0
    assert not rig.hal.buzzer.on
    assert rig.io.leds & 4


# req: PNL-06
def test_contacts_are_open_before_the_first_healthy_cycle():
    rig = Rig(mode=state.STARTING, healthy=0)
    rig.faults.put(fault_ids.CELL_OVP, True)
    rig.state.gauge.soc_dpct = 100
    rig.run(2000)
    assert rig.io.contacts == 0
    rig.state.system.healthy = 1
    assert rig.contacts() == 3


# req: PNL-06
def test_an_alarm_closes_dry1_although_no_cycle_ever_was_healthy():
    rig = Rig(mode=state.STARTING, healthy=0)
    rig.state.measured.valid = False
    rig.faults.put(fault_ids.AFE_LOST, True)
    rig.run(4900)
    assert rig.io.contacts == 0
    rig.run(200)
    assert rig.io.contacts == 1


# req: PNL-06
def test_contacts_stay_closed_when_a_later_cycle_is_unhealthy():
    rig = Rig()
    rig.faults.put(fault_ids.AFE_LOST, True)
    assert rig.contacts() == 1
    rig.state.system.healthy = 0
    assert rig.contacts() == 1


# req: PNL-06
def test_contacts_open_when_the_controller_is_off():
    rig = Rig()
    rig.faults.put(fault_ids.CELL_OVP, True)
    rig.state.gauge.soc_dpct = 100
    assert rig.contacts() == 3
    rig.state.power.mode = state.OFF
    assert rig.contacts() == 0
    assert rig.state.panel.contacts == 0


# req: PNL-06
def test_switched_on_again_contacts_wait_for_a_healthy_cycle():
    rig = Rig()
    rig.faults.put(fault_ids.CELL_OVP, True)
    assert rig.contacts() == 1
    rig.state.power.mode = state.OFF
    rig.run(10_000)
    rig.state.power.mode, rig.state.system.healthy = state.STARTING, 0
    rig.run(2000)
    assert rig.io.contacts == 0
    rig.state.system.healthy = 1
    assert rig.contacts() == 1


# req: PNL-06
def test_unknown_values_and_stale_measurements_close_nothing():
    for source, on in ((1, 100), (3, 80_000), (5, 5000), (11, 100), (13, 0), (8, -40)):
        rig = on_dry2(source, on, on)
        assert rig.contacts() == 2, source
        rig.state.gauge.soc_dpct = None
        rig.state.measured.valid = False
        assert rig.contacts() == 0, source
    rig = on_dry2(9, 0, 0)
    rig.state.measured.temp_dc[4] = None
    assert rig.contacts() == 0


# req: PNL-06
def test_release_value_on_the_wrong_side_does_not_make_a_contact_chatter():
    for off in (3600, 3700):
        rig = on_dry2(4, 3600, off)
        rig.state.measured.max_mv = 3600
        assert [rig.contacts() for _ in range(6)] == [2] * 6
        rig.state.measured.max_mv = 3599
        assert rig.contacts() == 0


# req: PNL-06
def test_another_source_does_not_inherit_the_hysteresis():
    rig = on_dry2(1, 20, 25)
    assert follow_soc(rig, (190, 220)) == [2, 2]
    rig.set(dry2_trigger=5, dry2_on=2600, dry2_off=3400)
    assert rig.contacts() == 0


# req: PNL-06
def test_intermittent_contacts_pulse_one_second_each_and_report_the_trigger():
    rig = on_dry2(10)
    rig.set(dry_intermittent=1)
    rig.run(700)
    rig.faults.put(fault_ids.CELL_OVP, True)
    seen = [rig.contacts() for _ in range(60)]
    assert seen == [2] * 20 + [0] * 20 + [2] * 20
    rig.run(1000)
    assert (rig.io.contacts, rig.state.panel.contacts) == (0, 2)
    rig.faults.put(fault_ids.CELL_OVP, False)
    assert rig.contacts() == 0
    assert rig.state.panel.contacts == 0
