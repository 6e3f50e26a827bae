"""The simulated inverter does what a battery's frames ask for. The frames are literal bytes; the
battery is a pack with a controller of a few lines that says nothing itself."""

import pytest

from host_sim.can_bus import ExternalCanNode
from host_sim.can_inverter import CanInverter
from host_sim.can_inverter_brands import BRANDS
from host_sim.pack import SimPack
from host_sim.world import World
from tests.fakes.controller import TinyController
from tests.host import can_decoder

RATE = 500_000
# 56.0 V, 50.0 A, 100.0 A, 44.0 V; charging and discharging allowed
PYLON = {0x351: "3002f401e803b801", 0x35C: "c000000000000000"}


class Bench:
    """A pack at 60 % with a house's surplus `net_w`; `say` repeats frames every second."""

    def __init__(self, brand="pylontech", dbc="pylontech", net_w=0.0, soc=60.0):
        self.world = World()
        self.pack = SimPack(self.world, cell_count=16, soc=soc, build=TinyController)
        self.net_w = net_w
        self.inverter = CanInverter(
            self.pack, can_decoder.messages(dbc), BRANDS[brand], RATE, lambda _: self.net_w
        )
        self.battery = self.pack.hal.buses["can"].attach(ExternalCanNode(RATE))
        self.frames = {}

    def say(self, frames, extended=False):
        for id, data in frames.items():
            self.frames[id, extended] = data

    def run(self, seconds):
        for _ in range(seconds):
            for (id, extended), data in self.frames.items():
                self.battery.submit(id, extended, bytes.fromhex(data))
            self.world.run_for(1)
        self.pack.hal.sync()
        return self.pack.plant.current_a


def bench(frames=PYLON, extended=False, **options):
    made = Bench(**options)
    made.say(frames, extended)
    return made


# req: CHG-01
def test_it_charges_with_the_surplus_up_to_the_current_limit():
    house = bench(net_w=1000.0)
    assert house.run(30) == pytest.approx(1000 * 0.96 / house.pack.plant.port_v, abs=0.3)
    house.net_w = 10_000.0
    assert house.run(30) == pytest.approx(50.0, abs=0.01)
    house.say({0x351: "3002c800e803b801"})
    assert house.run(4) == pytest.approx(20.0, abs=0.01)


# req: CHG-01
def test_it_holds_the_voltage_asked_for():
    house = bench({**PYLON, 0x351: "1402f401e803b801"}, net_w=10_000.0)  # 53.2 V
    amps = house.run(120)
    assert 2.0 < amps < 45.0
    assert house.pack.plant.port_v == pytest.approx(53.2, abs=0.15)


# req: CHG-01
def test_it_discharges_for_the_house_within_limit_flag_and_lowest_voltage():
    house = bench(net_w=-12_000.0)
    assert house.run(40) == pytest.approx(-100.0, abs=0.01)
    house.say({0x351: "3002f4019600b801"})
    assert house.run(5) == pytest.approx(-15.0, abs=0.01)
    house.say({0x35C: "8000000000000000"})
    assert house.run(5) == 0.0
    house.say({0x35C: "c000000000000000"})
    assert house.run(5) == pytest.approx(-15.0, abs=0.01)
    house.say({0x351: "3002f4019600" + "2602"})  # 55.0 V
    assert house.run(5) == 0.0


# req: CHG-01
def test_a_cleared_charge_flag_stops_charging_though_current_is_allowed():
    house = bench(net_w=3000.0)
    assert house.run(20) > 40
    house.say({0x35C: "4000000000000000"})
    assert house.run(4) == 0.0


# req: CHG-01
def test_forced_charging_takes_the_grid_when_the_house_needs_power():
    house = bench(net_w=-2000.0)
    assert house.run(20) < -30
    house.say({0x35C: "e000000000000000"})
    assert house.run(20) == pytest.approx(20.0, abs=0.01)


# req: COM-10
def test_it_stops_when_the_battery_falls_silent_and_goes_on_when_it_speaks_again():
    house = bench(net_w=2000.0)
    assert house.run(20) > 30
    said, house.frames = house.frames, {}
    assert house.run(8) > 30
    assert house.run(6) == 0.0 and house.inverter.stops == 1
    house.frames = said
    assert house.run(15) > 30 and house.inverter.stops == 1


def test_without_a_word_of_the_battery_nothing_flows():
    assert Bench(net_w=3000.0).run(20) == 0.0


# req: COM-10
@pytest.mark.parametrize(
    "brand, dbc, frame, in_10_s",
    [
        ("pylontech", "pylontech", (0x305, False, bytes(8)), (9, 10)),
        ("growatt", "growatt", (0x301, False, bytes.fromhex("0b16212c37424d58")), (19, 19)),
        ("sma", "sma", (0x307, False, bytes(8)), (9, 10)),
        ("victron", "victron", (0x307, False, bytes.fromhex("1234567856494300")), (9, 10)),
        ("megarevo", "seplos", (0x1F000100, True, bytes(8)), (9, 10)),
    ],
)
def test_it_sends_what_its_brand_sends(brand, dbc, frame, in_10_s):
    house = Bench(brand, dbc)
    house.run(10)
    assert house.battery.received.count(frame) in in_10_s


# req: CHG-01
def test_only_a_brand_that_pulls_down_discharges_towards_a_lowered_voltage():
    lower = {**PYLON, 0x351: "0602f401e803b801"}  # 51.8 V, below the pack
    for brand, sells in (("pylontech", False), ("deye", True)):
        house = bench(lower, brand=brand, net_w=1000.0)
        house.run(60)
        assert (house.inverter.sold_ah > 0.1) is sells
        assert (house.pack.plant.current_a < -5) is sells


# req: CHG-01
def test_growatt_frames_are_big_endian_with_the_flags_elsewhere():
    frames = {0x311: "023001f403e80069", 0x319: "c0" + "00" * 7}
    house = bench(frames, brand="growatt", dbc="growatt", net_w=9000.0)
    assert house.run(30) == pytest.approx(50.0, abs=0.01)
    house.say({0x319: "40" + "00" * 7})
    assert house.run(4) == 0.0


# req: CHG-01
def test_a_megarevo_hears_extended_frames_only():
    limits = {0x1F000300: "3002b801f401e803", 0x1F000303: "00" * 8}
    house = Bench("megarevo", "seplos", net_w=9000.0)
    house.say(PYLON)
    assert house.run(20) == 0.0
    house.say(limits, extended=True)
    assert house.run(30) == pytest.approx(50.0, abs=0.01)
    house.say({0x1F000303: "0000020000000000"}, extended=True)
    assert house.run(4) == 0.0


# req: CHG-01
def test_a_jk_charger_takes_the_charge_request():
    house = bench({0x1806E5F4: "023001f400000000"}, True, brand="jk", dbc="jk500", net_w=9000.0)
    assert house.run(30) == pytest.approx(50.0, abs=0.01)
    house.say({0x1806E5F4: "023001f401000000"}, extended=True)
    assert house.run(4) == 0.0


def test_values_out_of_a_documents_range_are_rejected_and_unknown_frames_counted():
    frames = {0x351: "8a02f401e803b801", 0x358: "00" * 8}  # 65.0 V: Sunny Island takes 63.0
    house = bench(frames, brand="sma", dbc="sma")
    house.run(3)
    heard = house.inverter.frames
    assert heard.asked.cvl_v is None and heard.rejected == {"CVL 65"}
    assert heard.unknown == {0x358}


def test_alarms_are_noted_while_they_stand_and_after():
    house = bench({0x359: "0200000001504e00", **PYLON})
    house.run(2)
    assert house.inverter.frames.alarms == {"A_OV"}
    house.say({0x359: "0000000001504e00"})
    house.run(2)
    assert house.inverter.frames.alarms == set() and house.inverter.frames.ever == {"A_OV"}
