"""The panel service as a whole, and the buzzer (PNL-06, PNL-07)."""

from firmware import fault_ids, parameters, state
from firmware import parameter_ids as ids
from firmware.panel.panel import Panel
from tests.fakes.parts import FakePanelIo
from tests.firmware.panel.rig import Rig


class CountingIo(FakePanelIo):
    """Counts what is written."""

    def __init__(self):
        FakePanelIo.__init__(self)
        self.writes = 0

    def set_leds(self, bits):
        FakePanelIo.set_leds(self, bits)
        self.writes += 1


# req: PNL-07
def test_the_buzzer_ticks_once_for_50_ms_when_a_parameter_is_accepted():
    rig = Rig()
    rig.run(500)
    assert not rig.hal.buzzer.on
    rig.parameters.apply({ids.DRY2_ON: 22})
    assert rig.panel.step(50) == 50
    assert rig.hal.buzzer.on
    assert rig.panel.step(30) == 20
    assert rig.hal.buzzer.on
    rig.panel.step(20)
    assert not rig.hal.buzzer.on
    for _ in range(40):
        rig.run(50)
        assert not rig.hal.buzzer.on
    assert not rig.state.panel.buzzer


# req: PNL-07
def test_no_tick_at_start_for_a_refused_parameter_or_while_off():
    rig = Rig()
    rig.run(100)
    assert not rig.hal.buzzer.on
    try:
        rig.parameters.check_changes({ids.DRY2_TRIGGER: 99})
        raise AssertionError("99 is no trigger source")
    except parameters.Refused:
        rig.run(50)
    assert not rig.hal.buzzer.on
    rig.state.power.mode = state.OFF
    rig.parameters.apply({ids.DRY2_ON: 22})
    rig.run(50)
    rig.state.power.mode = state.ON
    rig.run(50)
    assert not rig.hal.buzzer.on


# req: PNL-06
def test_the_buzzer_sounds_by_default_for_a_hot_mos_100_95():
    rig = Rig()
    seen = []
    for value in (999, 1000, 951, 950):
        rig.state.measured.temp_dc[4] = value
        rig.run(50)
        seen.append((rig.hal.buzzer.on, rig.state.panel.buzzer))
    assert seen == [(False, False), (True, True), (True, True), (False, False)]


# req: PNL-06
def test_the_buzzer_takes_other_sources_and_does_not_pulse():
    rig = Rig()
    rig.set(buzzer_trigger=10, dry_intermittent=1)
    rig.run(100)
    rig.faults.put(fault_ids.CELL_OVP, True)
    for _ in range(50):
        rig.run(50)
        assert rig.hal.buzzer.on
    rig.state.power.mode = state.OFF
    rig.run(50)
    assert not rig.hal.buzzer.on


# req: PNL-07
def test_a_board_without_a_buzzer_works():
    rig = Rig(buzzer=False)
    rig.parameters.apply({ids.DRY2_ON: 22})
    rig.state.measured.temp_dc[4] = 1100
    assert rig.panel.step(50) == 50
    assert rig.state.panel.buzzer  # the alarm of a remote display
    rig.panel.shutdown()


# req: PNL-01, PNL-06
def test_outputs_are_written_on_change_and_every_second():
    rig = Rig()
    rig.hal.panel = CountingIo()
    panel = Panel(rig.hal, rig.state, rig.faults, rig.parameters, rig.events)
    assert rig.hal.panel.writes == 1  # the off state
    panel.step(50)
    assert rig.hal.panel.writes == 2
    for _ in range(18):
        panel.step(50)
    assert rig.hal.panel.writes == 2
    rig.hal.panel.leds, rig.hal.panel.contacts = 0, 3  # a disturbed port expander
    panel.step(50)
    assert rig.hal.panel.writes == 3
    assert rig.hal.panel.leds == 0xF3
    panel.step(50)
    assert rig.hal.panel.contacts == 0


# req: PNL-01
def test_the_state_tells_what_is_driven():
    rig = Rig()
    rig.faults.put(fault_ids.CELL_OVP, True)
    for _ in range(12):
        rig.panel.step(50)
        assert rig.state.panel.leds == rig.io.leds
        assert rig.state.panel.contacts == rig.io.contacts == 1


# req: PNL-01, PNL-06
def test_shutdown_puts_every_output_in_its_off_state():
    rig = Rig()
    rig.set(buzzer_trigger=10)
    rig.faults.put(fault_ids.CELL_OVP, True)
    rig.run(100)
    assert (rig.io.leds, rig.io.contacts, rig.hal.buzzer.on) == (0xF7, 1, True)
    rig.panel.shutdown()
    assert (rig.io.leds, rig.io.contacts, rig.hal.buzzer.on) == (0, 0, False)
    driven = rig.state.panel
    assert (driven.leds, driven.contacts, driven.buzzer) == (0, 0, False)


# req: PNL-06
def test_outputs_are_off_from_construction():
    rig = Rig()
    rig.io.leds, rig.io.contacts, rig.hal.buzzer.on = 1023, 3, True
    Panel(rig.hal, rig.state, rig.faults, rig.parameters, rig.events)
    assert (rig.io.leds, rig.io.contacts, rig.hal.buzzer.on) == (0, 0, False)


# req: PNL-08
def test_it_polls_faster_while_a_key_is_down():
    rig = Rig()
    assert rig.panel.step(50) == 50
    rig.io.key_bits = 1
    assert [rig.panel.step(25) for _ in range(4)] == [25] * 4
    rig.io.key_bits = 0
    assert [rig.panel.step(25) for _ in range(4)] == [25, 25, 50, 50]
