"""The live panel, drawn into a recorded console: lamps, colours, words. And its keyboard."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from firmware import fault_ids, limit_ids
from firmware import parameter_ids as ids
from hal import contract as c
from host_sim import limit_reasons
from host_sim.live_keys import Keyboard
from host_sim.live_panel import Scene
from host_sim.live_tables import bar
from host_sim.pack import SimPack
from host_sim.plant.cells import RcCells
from host_sim.realtime_log import Log
from host_sim.world import World

BLUE, RED, GREEN = "\x1b[1;94m", "\x1b[1;31m", "\x1b[1;32m"
SOC = [0.60, 0.60, 0.80, 0.60, 0.60, 0.20, 0.60, 0.60]  # cell 3 highest, cell 6 lowest


class Bench:
    """A pack, its log and its keyboard, without a terminal."""

    def __init__(self, **options):
        self.world = World()
        self.pack = SimPack(self.world, **options)
        self.log = Log(self.pack)
        self.quits = 0
        self.keys = Keyboard(self.pack, self.log, self._quit)
        self.scene = Scene(self.pack, self.log)
        self.scene.keyboard = self.keys

    def _quit(self):
        self.quits += 1

    def run(self, seconds):
        self.world.run_for(seconds)
        return self

    def press(self, keys, seconds=0.0):
        for key in keys:
            self.keys.press(key)
        return self.run(seconds)

    def draw(self, styles=False, width=112, height=44):
        console = Console(
            record=True,
            width=width,
            file=io.StringIO(),
            color_system="standard",
            legacy_windows=False,
        )
        console.print(self.scene.draw(width, height))
        return console.export_text(styles=styles)

    def texts(self):
        return [text for _, text, _ in self.log.entries]


@pytest.fixture
def bench():
    return Bench(dip=5).run(3)


def row(picture, start):
    return next(line for line in picture.splitlines() if start in line)


# req: PNL-01, PNL-03, PNL-05
def test_lamps_of_a_pack_at_rest(bench):
    face = row(bench.draw(), "ON/OFF")
    assert "ON/OFF [ ] ●   RST [ ]   RUN ●  ALM ○" in face
    assert "L1 ● L2 ● L3 ● L4 ● L5 ○ L6 ○" in face  # 60 %
    assert "Link ○" in face and "= 5" in face
    assert "DRY1 -o/o- open   DRY2 -o/o- open   buzzer off" in bench.draw()
    coloured = row(bench.draw(styles=True), "ON/OFF")
    assert f"RUN {GREEN}●" in coloured
    assert "\x1b[1;7m 1 \x1b[0m\x1b[2m 2 \x1b[0m\x1b[1;7m 4 \x1b[0m\x1b[2m 8 " in coloured


@pytest.mark.parametrize(
    ("bit", "lit"),
    [
        (c.LED_ON_OFF, f"[ ] {GREEN}●"),
        (c.LED_RUN, f"RUN {GREEN}●"),
        (c.LED_ALM, f"ALM {RED}●"),
        (c.LED_LINK, "Link \x1b[1;33m●"),
        (c.LED_L1, f"L1 {GREEN}●"),
        (c.LED_L1 << 3, f"L4 {GREEN}●"),
        (c.LED_L1 << 5, f"L6 {GREEN}●"),
    ],
)
# req: PNL-01, PNL-04
def test_every_lamp_is_drawn_where_it_is(bench, bit, lit):
    bench.pack.hal.panel.leds = bit
    face = row(bench.draw(styles=True), "ON/OFF")
    assert lit in face and face.count("●") == 1 and face.count("○") == 9


# req: PNL-06
def test_contacts_are_drawn_as_driven(bench):
    bench.pack.hal.panel.contacts = c.DRY2
    assert "DRY1 -o/o- open   DRY2 -o o- closed" in bench.draw()


# req: MEA-01
def test_the_highest_cell_is_blue_and_the_lowest_red():
    bench = Bench(cells=RcCells(8, "lfp", 280.0, SOC)).run(3)
    lines = bench.draw(styles=True).splitlines()
    blue = [line for line in lines if f"{BLUE}3." in line]
    red = [line for line in lines if f"{RED}3." in line]
    assert len(blue) == 1 and " 3 " in blue[0].split("3.")[0] and "highest" in blue[0]
    assert len(red) == 1 and " 6 " in red[0].split("3.")[0] and "lowest" in red[0]


# req: MEA-02, MEA-03
def test_values(bench):
    bench.pack.hal.afe.fitted = 0b10011  # two sensors and the MOS sensor
    bench.press("dd", 3)
    picture = bench.draw()
    assert row(picture, "SOC  ").split("SOC")[1].split()[1:5] == ["±5.0", "%", "true", "60.0"]
    amps = float(row(picture, "current  ").split("current")[1].split()[0])
    assert -20.3 < amps < -19.7
    watts = float(row(picture, "power  ").split("power")[1].split()[0])
    assert -545 < watts < -515
    assert row(picture, "T1..T4").split("T1..T4")[1].split()[2:4] == ["NA", "NA"]
    assert "discharge MOS ON  commanded on, driven on" in picture


# req: PRT-06
def test_faults_in_words_with_severity_and_events(bench):
    bench.press("s", 0.5)
    picture = bench.draw()
    assert "protection short circuit on discharge" in picture
    assert "3.0 s fault injected: short_circuit" in picture
    assert "3.0 s MOSFETs: charge off, discharge off" in picture
    assert "ALM on: short circuit on discharge (protection)" in bench.texts()
    assert "discharge MOS OFF  commanded off, driven off" in picture


# req: PRT-16
def test_commanded_and_driven_are_told_apart(bench):
    bench.pack.plant.charge_gate = False
    picture = bench.draw()
    assert "charge MOS    OFF  commanded on, driven off" in picture
    assert "discharge MOS ON  commanded on, driven on" in picture


# req: MEA-06
def test_held_values_are_marked(bench):
    bench.press("i", 1.5)
    picture = bench.draw()
    assert picture.count("not valid") == 11  # eight cells; voltage, current, power
    assert "no data from the analog front end" in picture
    bench.press("f", 5)
    assert "not valid" not in bench.draw()
    assert "all injected faults ended" in bench.texts()


# req: PWR-01, PNL-08
def test_the_key_switches_off_and_on(bench):
    bench.press("p")
    assert "ON/OFF [#]" in bench.draw()
    bench.run(1).press("P", 10)
    assert bench.pack.hal.gates == (False, False)
    assert "power: off" in bench.texts()
    face = row(bench.draw(), "ON/OFF")
    assert "●" not in face
    bench.press("p", 3)
    assert "RUN ●" in bench.draw()


# req: PNL-05
def test_digits_turn_the_dip_switch(bench):
    bench.press("2", 1)
    assert bench.pack.controller.state.panel.dip == 7
    bench.press("14", 1)
    assert bench.pack.controller.state.panel.dip == 14
    assert bench.texts()[-2:] == ["address 7", "address 14"]


def test_current_keys(bench):
    for keys, amps in (("c", 10), ("C", 60), ("d", 50), ("DD", -50), ("0", 0)):
        bench.press(keys)
        assert bench.pack.plant.sources.current_a == amps
    bench.press("C" * 60)
    assert bench.pack.plant.sources.current_a == 2000


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("o", "over_temperature"),
        ("w", "open_wire"),
        ("h", "cell_high"),
        ("l", "cell_low"),
        ("i", "i2c_silence"),
        ("s", "short_circuit"),
    ],
)
def test_a_fault_key_pressed_again_ends_the_fault(bench, key, fault):
    bench.press(key, 0.2)
    assert list(bench.pack.injected) == [fault]
    bench.press(key, 0.2)
    assert not bench.pack.injected


# req: PNL-08
def test_reset_help_quit_and_other_keys(bench):
    assert "short circuit" in bench.draw().splitlines()[-2]
    bench.press("?")
    assert bench.draw().splitlines()[-1].split() == ["?", "keys", "q", "quit"]
    before = len(bench.log.entries)
    bench.press("zZ\x1b[A~")
    assert len(bench.log.entries) == before and bench.quits == 0
    bench.press("q")
    assert bench.quits == 1
    bench.press("r", 0.1)
    assert "controller    off or in reset" not in bench.draw()
    assert "off or in reset" in bench.draw()
    bench.run(3)
    assert "controller starts (pin)" in bench.texts()


@pytest.mark.parametrize("profile", ["ess", "lto"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (112, 40), (200, 60)])
def test_it_is_drawn_for_any_pack_and_terminal(profile, width, height):
    bench = Bench(profile=profile).run(2)
    lines = bench.draw(width=width, height=height).splitlines()
    assert max(len(line) for line in lines) <= width
    assert any(line.lstrip("│ ").startswith("16 ") for line in lines)


def test_bars():
    assert bar(2600, 2600, 3600, 10) == ""
    assert bar(3600, 2600, 3600, 10) == "█" * 10
    assert bar(3100, 2600, 3600, 10) == "█" * 5
    assert bar(2650, 2600, 3600, 10) == "▌"
    assert bar(0, 2600, 3600, 10) == "" and bar(5000, 2600, 3600, 10) == "█" * 10


# req: COM-04
@pytest.mark.parametrize(("number", "name"), [(2, "pylontech 500"), (7, "invt (unverified) 500")])
def test_the_can_port_says_what_it_speaks_and_how_it_goes(number, name):
    bench = Bench(settings={ids.CAN_PROTOCOL: number})
    inverter = bench.pack.can_host(500_000)
    bench.run(3)
    inverter.submit(0x305, False, bytes(8))
    bench.run(2)
    can = SimpleNamespace(name="can", where="run/ports/can", used=True)
    bench.scene = Scene(bench.pack, bench.log, bridges=[can])
    bench.scene.keyboard = bench.keys
    picture = bench.draw(width=200)
    assert f"run/ports/can  open  {name} kbit/s, load 0.1 %, active" in picture
    assert "received 1, alive 1, foreign 0, bus-off 0" in picture


# req: CHG-01
def test_what_is_asked_of_the_inverter_in_words(bench):
    bench.run(60)
    picture = bench.draw()
    assert "charging      bulk, CVL 28.0 V" in picture
    assert "CCL           56 A: setting" in picture and "DCL           190 A: setting" in picture
    asked = bench.pack.controller.state.charging
    asked.ccl_ma, asked.ccl_reason = 19_900, limit_ids.COLD
    asked.dcl_ma, asked.dcl_reason = 0, fault_ids.CELL_UVP
    asked.force_charge = asked.full_charge = True
    picture = bench.draw()
    assert "CVL 28.0 V, force charge, full charge" in picture
    assert "CCL           19.9 A: cold cell" in picture
    assert "DCL           0 A: cell under-voltage" in picture


# req: CHG-01
def test_every_reason_of_a_limit_has_words():
    codes = {value for name, value in vars(limit_ids).items() if name.isupper()}
    assert codes | {0} == set(limit_reasons.REASONS)
    keys = [limit_reasons.key(code) for code in limit_reasons.REASONS]
    assert len(set(keys)) == len(keys)
    rows = limit_reasons.tables.fault_rows()
    assert [limit_reasons.words(id) for id in rows] == [row["text"] for row in rows.values()]
    assert not codes & set(rows) and min(codes) == limit_ids.FIRST
