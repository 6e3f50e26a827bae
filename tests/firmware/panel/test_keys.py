"""Key gestures (PNL-08, PWR-01)."""

from firmware import events, gestures, state
from firmware.panel import keys
from hal import contract
from tests.fakes.hal import FakeHal
from tests.firmware.panel.rig import Rig

KEY = contract.KEY_ACTIVATE
RST = contract.KEY_RESET


def hold(rig, bits, ms):
    rig.io.key_bits = bits
    rig.run(ms, 25)


# req: PNL-08, PWR-01
def test_a_press_is_one_short_press_on_release():
    for mode in (state.OFF, state.ON, state.SLEEP, state.SAFE):
        rig = Rig(mode=mode)
        hold(rig, KEY, 200)
        assert rig.panel.take_gesture() == keys.NONE
        hold(rig, 0, 100)
        assert rig.panel.take_gesture() == keys.SHORT_PRESS
        assert rig.panel.take_gesture() == keys.NONE
        assert rig.logged() == [(events.KEY, keys.SHORT_PRESS, 0)]


# req: PNL-08
def test_a_bouncing_key_is_no_press():
    rig = Rig()
    for _ in range(10):
        hold(rig, KEY, 25)
        hold(rig, 0, 25)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.NONE


# req: PNL-08, PWR-01
def test_more_than_3_s_is_off_while_still_held_and_the_release_adds_nothing():
    rig = Rig()
    hold(rig, KEY, 3000)
    assert rig.panel.take_gesture() == keys.NONE
    hold(rig, KEY, 100)
    assert rig.panel.take_gesture() == keys.HOLD_OFF
    hold(rig, KEY, 5000)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.NONE
    assert rig.logged() == [(events.KEY, keys.HOLD_OFF, 0)]


# req: PNL-08
def test_just_under_3_s_is_a_short_press():
    rig = Rig()
    hold(rig, KEY, 2950)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.SHORT_PRESS


# req: PNL-08
def test_a_key_that_switched_the_controller_on_does_not_switch_it_off():
    rig = Rig(keys=KEY)
    hold(rig, KEY, 8000)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.NONE
    hold(rig, KEY, 3100)
    assert rig.panel.take_gesture() == keys.HOLD_OFF


# req: PNL-08
def test_a_late_step_does_not_turn_a_press_into_off():
    rig = Rig()
    hold(rig, KEY, 100)
    rig.panel.step(60_000)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.SHORT_PRESS


# req: PNL-08, PWR-01
def test_rst_restarts():
    rig = Rig()
    hold(rig, RST, 100)
    assert rig.panel.take_gesture() == keys.RESET
    hold(rig, RST, 5000)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.NONE


# req: PNL-08
def test_rst_under_a_held_key_is_a_restart_alone():
    rig = Rig()
    hold(rig, KEY, 200)
    hold(rig, KEY | RST, 5000)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.RESET
    assert rig.panel.take_gesture() == keys.NONE
    assert rig.logged() == [(events.KEY, keys.RESET, 0)]


# req: PNL-08
def test_the_stronger_gesture_waits():
    rig = Rig()
    hold(rig, KEY, 3100)
    hold(rig, 0, 200)
    hold(rig, KEY, 200)
    hold(rig, 0, 200)
    assert rig.panel.take_gesture() == keys.HOLD_OFF


# req: PNL-08
def test_recovery_is_the_key_held_under_rst():
    causes = (
        (contract.RESET_PIN, KEY, True),
        (contract.RESET_SOFT, KEY, True),
        (contract.RESET_POWER_ON, KEY | RST, True),
        (None, KEY | RST, True),
        (contract.RESET_PIN, 0, False),
        (contract.RESET_PIN, RST, False),
        (contract.RESET_POWER_ON, KEY, False),
        (contract.RESET_WATCHDOG, KEY, False),
        (contract.RESET_BROWN_OUT, KEY, False),
        (None, KEY, False),
    )
    for cause, pressed, wanted in causes:
        hal = FakeHal()
        hal.reset_cause = cause
        hal.panel.key_bits = pressed
        assert gestures.recovery_wanted(hal) == wanted, (cause, pressed)


# req: PNL-08
def test_dip_15_for_10_s_in_recovery_resets_the_passwords_once():
    rig = Rig(mode=state.SAFE, dip=15)
    rig.run(9950)
    assert rig.panel.take_gesture() == keys.NONE
    rig.run(50)
    assert rig.panel.take_gesture() == keys.PASSWORD_RESET
    rig.run(30_000)
    assert rig.panel.take_gesture() == keys.NONE
    assert rig.logged() == [(events.KEY, keys.PASSWORD_RESET, 0)]


# req: PNL-08
def test_no_password_reset_outside_recovery_or_at_another_address():
    for mode, dip in ((state.ON, 15), (state.OFF, 15), (state.SAFE, 14), (state.SAFE, -1)):
        rig = Rig(mode=mode, dip=dip)
        rig.run(15_000)
        assert rig.panel.take_gesture() == keys.NONE


# req: PNL-08
def test_the_10_s_begin_anew_when_the_switch_leaves_15():
    rig = Rig(mode=state.SAFE, dip=15)
    rig.run(9000)
    for reading in (7, -1):
        rig.io.dip_bits = reading
        rig.run(100)
        rig.io.dip_bits = 15
        rig.run(9000)
        assert rig.panel.take_gesture() == keys.NONE
