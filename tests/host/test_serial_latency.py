"""How fast the ports answer while the control cycle takes its time of the processor: 15 ms a
cycle, 3 ms a service slice, the CPU model of host_sim/processor.py."""

from firmware import parameter_ids as ids
from host_sim.asker import BLOCK, STATUS, Lateness, ask, ask_all, percentile
from host_sim.pack import SimPack
from host_sim.world import World

MINUTES = 1


def started(**options):
    """A pack some seconds after its start."""
    world = World()
    pack = SimPack(world, dip=1, **options)
    world.run_for(5)
    return world, pack


# req: COM-02, COM-05
def test_a_jk_modbus_answer_begins_soon():
    world, pack = started()
    asker = ask(pack, "rs485_2", *STATUS)
    world.run_for(60 * MINUTES)
    assert asker.failed == 0 and len(asker.first_ms) > 500
    assert percentile(asker.first_ms, 50) <= 10
    assert max(asker.first_ms) <= 40
    assert min(asker.first_ms) > 0


# req: COM-02, COM-05
def test_a_block_is_there_in_time():
    world, pack = started()
    asker = ask(pack, "rs485_2", *BLOCK)
    world.run_for(60 * MINUTES)
    assert asker.failed == 0 and len(asker.last_ms) > 400
    assert percentile(asker.last_ms, 50) <= 36
    assert percentile(asker.last_ms, 95) <= 45
    assert max(asker.last_ms) <= 55
    assert min(asker.last_ms) > 308 * 10 / 115.2


# req: COM-01, COM-06
def test_three_busy_ports_do_not_delay_the_control_cycle():
    world, pack = started(settings={ids.RS232_PROTOCOL: 1})
    askers = ask_all(pack)
    lateness = Lateness(pack)
    world.run_for(60 * MINUTES)
    for asker in askers:
        assert asker.failed == 0 and len(asker.last_ms) > 500
        assert percentile(asker.first_ms, 50) <= 10 and max(asker.first_ms) <= 40
    assert len(lateness.late_ms) >= 595
    assert max(lateness.late_ms) <= 15
    assert pack.controller.state.system.late_count == 0
