"""Address switch (PNL-05)."""

from firmware import events, fault_ids
from tests.firmware.panel.rig import Rig


# req: PNL-05
def test_all_sixteen_addresses_are_read_at_start():
    for address in range(16):
        rig = Rig(dip=address)
        assert rig.state.panel.dip == address
        assert rig.logged() == []


# req: PNL-05
def test_a_live_change_counts_after_50_ms_and_is_logged_once():
    rig = Rig(dip=3)
    rig.io.dip_bits = 9
    rig.panel.step(25)
    rig.panel.step(25)
    assert rig.state.panel.dip == 3
    assert rig.panel.step(25) == 50
    assert rig.state.panel.dip == 9
    rig.run(500)
    assert rig.logged() == [(events.DIP, 9, 0)]


# req: PNL-05
def test_a_bouncing_switch_changes_nothing():
    rig = Rig(dip=3)
    for reading in (2, 3, 2, 6, 2, 3, 7, 3):
        rig.io.dip_bits = reading
        assert rig.panel.step(25) == 25 or reading == 3
        assert rig.state.panel.dip == 3
    rig.run(200)
    assert rig.state.panel.dip == 3
    assert rig.logged() == []


# req: PNL-05
def test_a_floating_line_keeps_the_last_good_address():
    rig = Rig(dip=5)
    rig.io.dip_bits = -1
    rig.run(2000)
    assert rig.state.panel.dip == 5
    assert rig.logged() == [(events.FAULT_ON, fault_ids.PANEL_LOST, 0)]


# req: PNL-05
def test_a_panel_without_a_good_reading_for_a_second_is_a_fault():
    rig = Rig(dip=5)
    rig.io.dip_bits = -1
    rig.run(900)
    assert not rig.faults.stands(fault_ids.PANEL_LOST)
    rig.run(200)
    assert rig.faults.stands(fault_ids.PANEL_LOST)
    rig.io.dip_bits = 5
    rig.run(50)
    assert not rig.faults.stands(fault_ids.PANEL_LOST)


# req: PNL-05
def test_floating_at_start_is_0_until_the_first_good_reading():
    rig = Rig(dip=-1)
    assert rig.state.panel.dip == 0
    rig.io.dip_bits = 12
    rig.run(150)
    assert rig.state.panel.dip == 12
    assert rig.logged() == [(events.DIP, 12, 0)]


# req: PNL-05
def test_time_in_which_nobody_looked_is_no_proof_of_a_steady_switch():
    rig = Rig(dip=5)
    rig.io.dip_bits = 6
    rig.panel.step(60_000)
    assert rig.state.panel.dip == 5
