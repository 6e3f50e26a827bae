"""The CAN port of a run: the dongle's text protocol, python-can against the pty, an adapter."""

import can
import cantools
import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from host_sim import run_options
from host_sim.pack import SimPack
from host_sim.realtime import Pace, RealTime
from host_sim.realtime_can import AdapterBridge, CanLost, SlcanBridge, open_can
from host_sim.slcan import LONGEST, Slcan
from host_sim.world import World
from tests.host.test_run_process import ROOT, Run

DBC = ROOT / "tests" / "data" / "dbc"
SPEED = 200.0


class Dongle:
    """Slcan with what it sent and joined."""

    def __init__(self):
        self.sent = []
        self.rates = []
        self.slcan = Slcan(self._send, lambda rate, listen: self.rates.append(rate))
        self.full = False

    def _send(self, *frame):
        if not self.full:
            self.sent.append(frame)
        return not self.full

    def say(self, text):
        return self.slcan.feed(text.encode()).decode()


# req: COM-03
def test_a_dongle_opens_sends_and_closes():
    d = Dongle()
    assert d.say("C\rS6\rO\r") == "\r\r\r"
    assert d.rates == [500_000]
    assert d.say("t30580011223344556677\r") == "z\r"
    assert d.say("T18F0F4288" + "01" * 8 + "\r") == "Z\r"
    assert d.sent[0] == (0x305, False, bytes.fromhex("0011223344556677"))
    assert d.sent[1] == (0x18F0F428, True, b"\x01" * 8)
    assert d.slcan.frame(0x351, False, b"\x01\xab") == b"t351201AB\r"
    assert d.slcan.frame(0x2F4, True, b"") == b"T000002F40\r"
    assert d.say("C\r") == "\r" and d.rates[-1] is None
    assert d.slcan.frame(0x351, False, b"\x01") == b""
    assert d.say("V\rN\rF\r") == "V1013\rNPACK\rF00\r"


# req: COM-09
@pytest.mark.parametrize(
    "text",
    ["S9", "S", "t3051", "t3059" + "00" * 9, "tXYZ0", "t8000", "T200000000", "O1", "Q", "Z2", "t"],
)
def test_wrong_commands_ring_the_bell_and_do_nothing(text):
    d = Dongle()
    d.say("O\r")
    assert d.say(text + "\r") == "\a"
    assert not d.sent and d.slcan.wrong == 1


# req: COM-09
def test_a_closed_a_listening_and_a_full_dongle_refuse_frames():
    d = Dongle()
    assert d.say("t3050\r") == "\a"
    d.say("L\r")
    assert d.say("t3050\r") == "\a"
    d.say("C\rO\r")
    d.full = True
    assert d.say("t3050\r") == "\a"


# req: COM-09
@given(st.lists(st.binary(max_size=80), max_size=20))
def test_garbage_keeps_nothing_and_the_next_command_is_understood(chunks):
    d = Dongle()
    for chunk in chunks:
        d.slcan.feed(chunk)
        assert len(d.slcan._line) <= LONGEST
    d.say("\r")
    assert d.say("V\r") == "V1013\r"
    for id, extended, data in d.sent:
        assert 0 <= id <= (0x1FFFFFFF if extended else 0x7FF) and len(data) <= 8


# req: COM-03, COM-04
def test_python_can_reads_a_run_through_the_pty(tmp_path):
    run = Run(tmp_path, "--can-protocol", "pylontech", "--speed", "5")
    try:
        run.wait_for("power: on")
        seen = {}
        with can.Bus(
            interface="slcan", channel=str(tmp_path / "can"), bitrate=500_000, sleep_after_open=0
        ) as bus:
            bus.send(can.Message(arbitration_id=0x305, is_extended_id=False, data=bytes(8)))
            for _ in range(40):
                message = bus.recv(2)
                assert message is not None
                seen[message.arbitration_id] = bytes(message.data)
        assert set(seen) == {0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E}
        dbc = cantools.database.load_file(DBC / "pylontech.dbc")
        told = {id: dbc.decode_message(id, data) for id, data in seen.items()}
        volts, amps, degrees = list(told[0x356].values())[:3]
        assert 26.3 <= volts <= 26.8 and -0.2 <= amps <= 0.2 and 24 <= degrees <= 26
        cvl, _, _, dvl = told[0x351].values()
        assert cvl == 28.0 and 20.8 <= dvl <= 21.6  # 8 x 3.5 V; above 8 x 2.6 V
        assert list(told[0x355].values())[:2] == [60, 100]
        assert seen[0x359] == bytes.fromhex("0000000001504e00")  # no alarm, one module, "PN"
        assert seen[0x35C] == bytes.fromhex("c000000000000000")  # charge and discharge allowed
        assert seen[0x35E] == b"PYLON   "
    finally:
        run.process.terminate()
        assert run.end() == 0
    assert not (tmp_path / "can").is_symlink()


# req: COM-03
def test_another_bit_rate_hears_nothing_and_the_pack_notices(tmp_path):
    pack = SimPack(World())
    bridge = SlcanBridge(pack, tmp_path)
    try:
        bridge.slcan.feed(b"S5\rO\r")
        bridge.give_out()
        pack.world.run_for(3)
        assert not bridge._out
        port = dict(pack.controller.ports)["can"].port
        assert port.counters.passives == 1
        bridge.slcan.feed(b"C\rS6\rO\r")
        pack.world.run_for(3)
        assert bridge._out.count(b"\r") >= 12
        assert pack.controller.state.link.can_state == 0
    finally:
        bridge.close()


# req: COM-03
def test_who_only_listens_does_not_acknowledge(tmp_path):
    pack = SimPack(World())
    bridge = SlcanBridge(pack, tmp_path)
    try:
        bridge.slcan.feed(b"L\r")
        pack.world.run_for(3)
        link = pack.controller.state.link
        assert not bridge._out and link.can_state == 2
        other = pack.can_host(500_000)
        pack.world.run_for(3)
        assert bridge._out.count(b"\r") >= 12 and link.can_state == 0 and other.received
    finally:
        bridge.close()


# req: COM-03
def test_an_adapter_of_python_can_is_joined_both_ways():
    pack = SimPack(World())
    bridge = open_can(pack, None, "virtual:packwarden-test")
    other = can.Bus(interface="virtual", channel="packwarden-test")
    try:
        loop = RealTime(Pace(pack.world, SPEED), pack.world, [bridge], end_us=8_000_000)
        other.send(can.Message(arbitration_id=0x305, is_extended_id=False, data=bytes(8)))
        loop.run()
        ids = set()
        while (message := other.recv(0)) is not None:
            ids.add(message.arbitration_id)
        assert {0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E} <= ids
        assert dict(pack.controller.ports)["can"].port.counters.alive == 1
    finally:
        bridge.close()
        other.shutdown()


# req: COM-03
def test_an_adapter_that_is_unplugged_comes_back():
    pack = SimPack(World())
    bridge = AdapterBridge(pack, "virtual:packwarden-unplugged")

    bus, shutdown = bridge._bus, bridge._bus.shutdown

    def broken(*_, **__):
        raise can.CanOperationError("gone")

    def half_shut():
        shutdown()
        broken()

    try:
        bus.send = bus.recv = broken
        bus.shutdown = half_shut
        bridge.take_in()
        assert not bridge.used
        pack.world.run_for(1.0)
        bridge.take_in()
        assert not bridge.used
        pack.world.run_for(1.5)
        bridge.take_in()
        assert bridge.used
    finally:
        bridge.close()


@pytest.mark.parametrize("order", ["vcan0", ":", "nonsense:0", "socketcan:none-such"])
def test_a_wrong_adapter_is_refused_in_one_sentence(order):
    with pytest.raises(CanLost) as reason:
        AdapterBridge(SimPack(World()), order)
    assert order in str(reason.value) and "\n" not in str(reason.value)


# req: COM-04, COM-05
@pytest.mark.parametrize(
    ("option", "word", "why"),
    [
        ("--can-protocol", "14", "is not implemented"),
        ("--can-protocol", "nonsense", "does not exist"),
        ("--rs485-1-protocol", "2", "is not implemented"),
        ("--rs232-protocol", "999", "does not exist"),
    ],
)
def test_a_protocol_that_cannot_be_spoken_is_refused(option, word, why, capsys):
    with pytest.raises(SystemExit) as end:
        run_options.parse([option, word])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert why in error and error.count("\n") == 1


# req: COM-04
@pytest.mark.parametrize(
    ("word", "number"),
    [("jk250", 0), ("deye", 1), ("pylontech", 2), ("growatt", 3), ("victron", 4), ("seplos", 5),
     ("jk500", 6), ("invt", 7), ("goodwe", 8), ("sma", 9), ("must", 10), ("luxpower", 11),
     ("solark", 100), ("deye_pcs", 101), ("sofar", 102), ("11", 11)],
)  # fmt: skip
def test_every_name_selects_its_protocol(word, number, tmp_path):
    options = run_options.parse(["--can-protocol", word])
    pack = SimPack(World(), settings=run_options.settings(options))
    node = pack.can_host(250_000 if number == 0 else 500_000)
    pack.world.run_for(4)
    assert dict(pack.controller.ports)["can"].port.counters.sent > 5
    assert node.received


def test_the_dongle_is_there_when_nobody_listens(tmp_path):
    pack = SimPack(World())
    bridge = SlcanBridge(pack, tmp_path)
    try:
        for _ in range(20):
            bridge.take_in()
            bridge.give_out()
        assert not bridge.used
    finally:
        bridge.close()


# req: COM-09
def test_a_program_that_does_not_read_gets_whole_lines_later(tmp_path):
    pack = SimPack(World())
    bridge = SlcanBridge(pack, tmp_path)
    try:
        with serial.Serial(str(tmp_path / "can"), timeout=0.5) as port:
            bridge.slcan.feed(b"S6\rO\r")
            heard = bytearray()
            for step in range(12_000):
                bridge._heard(step % 0x800, step % 2 == 0, bytes(step % 9))
                bridge.give_out()
                assert len(bridge._out) < 32
                if step > 10_000:
                    heard += port.read(7)
            while more := port.read(4096):
                heard += more
                bridge.give_out()
        lines = bytes(heard).split(b"\r")
        assert bridge.pty.dropped > 1000 and len(lines) > 100 and lines[-1] == b""
        for line in lines[:-1]:
            digits = {b"t": 3, b"T": 8}[line[:1]]
            assert len(line) == 2 + digits + 2 * int(line[1 + digits : 2 + digits])
    finally:
        bridge.close()
