"""A whole simulated pack on a CAN bus, with its processor time: periods, no acknowledge, bus-off,
floods, two packs on one bus, all ports at once."""

from itertools import pairwise

import pytest

from firmware import parameter_ids as ids
from hal.parts import Can
from host_sim import protocols
from host_sim.can_bus import ExternalCanNode
from host_sim.pack import SimPack
from host_sim.world import World

RATES = {row["key"]: row["baud"] for row in protocols.implemented("can")}
ASK = bytes.fromhex("01 03 12 00 00 0a c0 b5")  # ten cell voltages of address 1


class Inverter(ExternalCanNode):
    """Notes when each frame came; sends a keep-alive each second while `talks`."""

    def __init__(self, world, bitrate, keep_alive=None):
        ExternalCanNode.__init__(self, bitrate)
        self.world = world
        self.at_ms = {}
        self.data = {}
        self.keep_alive = keep_alive
        self.talks = keep_alive is not None
        if keep_alive is not None:
            world.after(300_000, self._beat)

    def receive(self, id, extended, data):
        self.at_ms.setdefault((id, extended), []).append(self.world.now_us / 1000)
        self.data[id, extended] = data

    def _beat(self):
        if self.talks:
            self.submit(self.keep_alive, False, bytes(8))
        self.world.after(1_000_000, self._beat)

    def frames(self):
        return sum(len(times) for times in self.at_ms.values())


def running(key="pylontech", settings=None, keep_alive=None, plugged=True, **options):
    """(world, pack, inverter), the pack just switched on."""
    world = World()
    settings = {ids.CAN_PROTOCOL: protocols.number("can", key), **(settings or {})}
    pack = SimPack(world, settings=settings, **options)
    inverter = Inverter(world, RATES[key], keep_alive)
    if plugged:
        pack.hal.buses["can"].attach(inverter)
    return world, pack, inverter


def port(pack):
    return dict(pack.controller.ports)["can"].port


def poll_everything(world, pack):
    """Masters on all three serial ports that ask as fast as they get answers."""
    _poll(world, pack.host("rs485_1", 115200), 40_000)
    _poll(world, pack.host("rs485_2", 115200), 40_000)
    _poll(world, pack.host("rs232", 9600), 80_000)


def _poll(world, host, every_us):
    def ask():
        host.send(ASK)
        world.after(every_us, ask)

    world.after(2_000_000, ask)


# req: COM-03, COM-04, COM-06
@pytest.mark.parametrize("key", sorted(RATES))
def test_periods_hold_while_all_ports_are_busy(key):
    world, pack, inverter = running(key)
    poll_everything(world, pack)
    world.run_for(3)
    inverter.at_ms.clear()
    world.run_for(12)
    protocol = port(pack).protocol
    checked = 0
    for i in range(protocol.frames):
        times = inverter.at_ms.get((protocol.id(i), protocol.extended(i)), ())
        same = [k for k in range(protocol.frames) if protocol.id(k) == protocol.id(i)]
        if len(times) < 3 or len(same) > 1:
            continue  # sent on demand only, or two frames of one identifier
        gaps = [b - a for a, b in pairwise(times)]
        period = protocol.period_ms(i)
        mean = sum(gaps) / len(gaps)
        assert abs(mean - period) < period * 0.02, (key, i)
        if period >= 500:
            assert max(abs(gap - period) for gap in gaps) <= period * 0.1, (key, i, gaps)
        else:  # a control cycle takes 15 ms, and nothing interrupts it
            assert max(gaps) <= period + 40, (key, i, gaps)
        checked += 1
    assert checked >= 5
    counters = port(pack).counters
    assert counters.dropped <= counters.sent // 100
    answered = [dict(pack.controller.ports)[n].port.counters.answered
                for n in ("rs485_1", "rs485_2", "rs232")]  # fmt: skip
    assert min(answered) > 100
    assert pack.controller.state.system.late_max_ms <= 30


# req: COM-03
def test_nobody_acknowledges_until_the_plug_goes_in():
    world, pack, inverter = running(plugged=False)
    world.run_for(30)
    can = port(pack)
    assert pack.controller.state.link.can_state == Can.PASSIVE and can.counters.bus_offs == 0
    assert can.counters.passives == 1 and inverter.frames() == 0
    assert pack.hal.gates == (True, True)
    pack.hal.buses["can"].attach(inverter)
    plugged_ms = world.now_us / 1000
    world.run_for(1)
    first = min(min(times) for times in inverter.at_ms.values())
    assert first - plugged_ms < 10
    assert inverter.frames() <= 6 + 3  # three mailboxes, nothing older
    world.run_for(12)
    assert pack.controller.state.link.can_state == Can.ACTIVE
    for times in inverter.at_ms.values():
        assert len(times) in (13, 14)


# req: COM-03
@pytest.mark.parametrize(("key", "id", "at"), [("pylontech", 0x356, 2), ("jk500", 0x2F5, 2)])
def test_nothing_old_comes_when_the_plug_goes_in(key, id, at):
    world, pack, inverter = running(key, plugged=False, current_a=20.0)
    world.run_for(10)
    pack.set_current(-50.0)
    world.run_for(1)
    heard = []
    inverter.receive = lambda found, _, data: heard.append(data) if found == id else None
    pack.hal.buses["can"].attach(inverter)
    world.run_for(3)
    amps = [int.from_bytes(data[at : at + 2], "little", signed=True) / 10 for data in heard]
    if key == "jk500":
        amps = [value - 400 for value in amps]  # 4000 = 0 A
    assert len(amps) >= 3 and all(-52 < value < -48 for value in amps)


# req: COM-03
def test_a_pack_without_supply_acknowledges_nothing():
    world, pack, _ = running(plugged=False)
    other = pack.can_host(RATES["pylontech"])
    world.run_for(3)
    before = pack.hal.buses["can"].carried
    pack.power_off()
    world.run_for(1)
    carried = pack.hal.buses["can"].carried
    other.submit(0x305, False, bytes(8))
    world.run_for(1)
    assert before > 5 and pack.hal.buses["can"].carried == carried
    pack.power_on()
    world.run_for(1)
    assert pack.hal.buses["can"].carried > carried and not other.pending


# req: COM-10
def test_an_unplugged_inverter_is_noticed_and_comes_back():
    settings = {ids.INVERTER_SILENCE_S: 5, ids.INVERTER_SILENT_STOP: 1}
    world, pack, inverter = running(settings=settings, keep_alive=0x305)
    world.run_for(120)
    asked = pack.controller.state.charging
    full = asked.ccl_ma, asked.dcl_ma
    assert min(full) > 10_000
    bus = pack.hal.buses["can"]
    bus.detach(inverter)
    world.run_for(40)
    assert "inverter_silent" in standing(pack)
    assert (asked.ccl_ma, asked.dcl_ma) == (0, 0)
    assert pack.hal.gates == (True, True)
    bus.attach(inverter)
    world.run_for(3)
    assert "inverter_silent" not in standing(pack)
    world.run_for(120)
    assert (asked.ccl_ma, asked.dcl_ma) == full


def standing(pack):
    from host_sim.realtime_text import standing as rows

    return [row["key"] for row in rows(pack.controller)]


# req: COM-03
def test_bus_off_and_return():
    world, pack, inverter = running()
    world.run_for(5)
    pack.inject("can_bus_off")
    world.run_for(10)
    assert "can_bus_off" in standing(pack)
    before = inverter.frames()
    world.run_for(10)
    assert inverter.frames() == before
    pack.clear("can_bus_off")
    world.run_for(20)
    assert inverter.frames() > before + 6
    assert "can_bus_off" not in standing(pack)
    assert port(pack).counters.bus_offs == 1


# req: COM-09
def test_a_flood_of_foreign_frames_harms_nothing():
    world, pack, inverter = running()
    world.run_for(3)
    noisy = pack.can_host(RATES["pylontech"])
    inverter.at_ms.clear()

    def flood():
        while noisy.submit(0x123, False, bytes(8)):
            pass
        world.after(50_000, flood)

    flood()
    world.run_for(2)
    can, state = port(pack), pack.controller.state
    assert can.counters.foreign > 2_000 and state.link.can_load_permille > 300
    assert state.system.late_max_ms <= 30
    assert pack.hal.gates == (True, True)
    # 0x123 wins every arbitration: what gets through is fresh, the rest is dropped
    foreign = len(inverter.at_ms.pop((0x123, False)))
    assert foreign > 6_000 and inverter.frames() <= 15


# req: COM-16
def test_two_packs_on_one_bus():
    world, pack, inverter = running()
    other = SimPack(world, dip=2, buses={"can": pack.hal.buses["can"]})
    world.run_for(8)
    for one in (pack, other):
        assert "can_conflict" in standing(one)
    assert inverter.frames() == 2
    world.run_for(190)  # they try again after one and three minutes
    assert 2 <= inverter.frames() <= 6
    assert "can_conflict" in standing(pack) and "can_conflict" in standing(other)
    other.power_off()
    pack.reset()
    world.run_for(5)
    assert inverter.frames() > 6 + 20 and "can_conflict" not in standing(pack)


# req: COM-03
def test_a_changed_protocol_changes_the_rate():
    world, pack, _ = running("pylontech")
    world.run_for(3)
    jk = pack.hal.buses["can"].attach(Inverter(world, 250_000))
    pack.controller.requests.submit(1, 1, {ids.CAN_PROTOCOL: 0})
    world.run_for(3)
    assert (0x2F5, False) in jk.at_ms and pack.hal.can.node.bitrate == 250_000
    pack.controller.parameters.values[ids.CAN_PROTOCOL] = 14  # the settings refuse it
    world.run_for(3)
    assert "protocol_unavailable" in standing(pack)
    assert port(pack).protocol is None


# req: COM-03
def test_a_board_without_can():
    world, pack, _ = running(absent=("can",))
    world.run_for(3)
    assert dict(pack.controller.ports)["can"] is None and pack.hal.gates == (True, True)


# req: COM-04
def test_growatt_is_answered_within_50_ms():
    world, _, inverter = running("growatt")
    world.run_for(3)
    for _ in range(20):
        asked_ms = world.now_us / 1000
        inverter.submit(0x301, False, bytes(8))
        inverter.at_ms.clear()
        world.run_for(0.5)
        ids_seen = {id for id, _ in inverter.at_ms}
        assert {0x311, 0x312, 0x313, 0x319}.issubset(ids_seen)
        last_ms = max(times[0] for times in inverter.at_ms.values())
        assert last_ms - asked_ms < 70
        world.run_for(0.137)
