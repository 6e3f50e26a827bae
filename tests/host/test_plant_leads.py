"""Drops in the balance leads, by hand: wire i is the negative lead of cell i."""

import pytest

from firmware import fault_ids
from host_sim.pack import SimPack
from host_sim.plant import leads
from host_sim.plant.circuit import Circuit
from host_sim.plant.ecm import EcmCells
from host_sim.world import World
from tests.host.packs import pack as small_pack


def errors_mv(circuit):
    pairs = zip(circuit.cell_voltages(), circuit.terminal_voltages(), strict=True)
    return [round(1000 * (seen - true), 6) for seen, true in pairs]


def circuit(**options):
    return Circuit(EcmCells(6), **options)


# req: MEA-05
def test_no_drop_without_balancing():
    idle = circuit(lead_ohm=5.0)
    assert idle.cell_voltages() == idle.terminal_voltages()


# req: MEA-05
def test_donor_reads_low_receiver_high_and_neighbours_the_other_way():
    plant = circuit(lead_ohm=0.010)
    plant.set_balance(1, 4, 2.0)
    # 2 A through two wires of 10 mOhm: 40 mV; 1.7 A arrive: 34 mV; one shared wire: half
    assert errors_mv(plant) == pytest.approx([20.0, -40.0, 20.0, -17.0, 34.0, -17.0])
    plant.set_balance(1, 4, 0.0)
    assert errors_mv(plant) == [0.0] * 6


# req: MEA-05
def test_a_wire_between_donor_and_receiver_carries_both():
    plant = circuit(lead_ohm=0.010)
    plant.set_balance(2, 3, 2.0)
    # the wire between them: 2 + 1.7 A = 37 mV off; the outer ones 20 and 17 mV
    assert errors_mv(plant) == pytest.approx([0.0, 20.0, -57.0, 54.0, -17.0, 0.0])


# req: MEA-05
def test_one_bad_wire():
    plant = circuit(lead_ohm=[0.0] * 4 + [0.8] + [0.0] * 2)  # positive of cell 3, negative of 4
    plant.set_balance(3, 0, 1.0)
    assert errors_mv(plant) == pytest.approx([0.0, 0.0, 0.0, -800.0, 800.0, 0.0])
    plant.set_balance(0, 4, 1.0)
    assert errors_mv(plant) == pytest.approx([0.0, 0.0, 0.0, -680.0, 680.0, 0.0])


# req: MEA-05
def test_the_sum_of_all_is_off_by_the_outer_wires_only():
    drops = leads.drops([0.1, 0.7, 0.3, 0.2], [-1.0, 0.5, 0.4])
    assert sum(drops) == pytest.approx(0.4 * 0.2 - 1.0 * 0.1)


# req: MEA-05
def test_wrong_number_of_leads():
    with pytest.raises(ValueError, match="6 leads for 6 cells"):
        circuit(lead_ohm=[0.01] * 6)


# req: MEA-05
def test_injected_lead_shows_in_the_samples_but_not_at_the_tap():
    world, sim = small_pack(
        sensors={"cell_noise_mv": 0.0, "cell_offset_mv": 0.0, "cell_gain": 0.0}
    )
    tap_mv = sim.hal.afe.pack_mv
    rest_mv = list(sim.hal.afe.cells_mv)
    sim.inject("lead", cell=7, ohm=0.8)
    sim.hal.balancer.transfer(7, 2, 1000)
    world.run_for(1)
    moved = [now - before for now, before in zip(sim.hal.afe.cells_mv, rest_mv, strict=True)]
    assert moved == pytest.approx([0, -8, 17, -8, 0, 0, 10, -810], abs=1)
    assert abs(sim.hal.afe.pack_mv - tap_mv) <= 10
    sim.clear("lead")
    world.run_for(1)
    assert sim.hal.afe.cells_mv[7] - rest_mv[7] == pytest.approx(-20, abs=1)
    for cell in (8, -1, "x"):
        with pytest.raises(ValueError, match="there are 8"):
            sim.inject("lead", cell=cell)


# req: MEA-05
def test_the_firmware_measures_these_leads():
    world = World()
    sim = SimPack(world, cells=EcmCells(8, soc=0.6, seed=3))
    world.run_for(60)
    state = sim.controller.state
    assert state.balance.lead_mohm[:8] == pytest.approx([20] * 8, abs=2)
    sim.inject("lead", cell=3, ohm=0.8)
    sim.reset()
    world.run_for(60)
    assert state is not sim.controller.state
    assert sim.controller.state.balance.lead_mohm[3] == pytest.approx(810, abs=15)
    assert sim.controller.state.balance.lead_mohm[4] == pytest.approx(810, abs=15)
    assert sim.controller.faults.stands(fault_ids.BALANCE_LEAD)
