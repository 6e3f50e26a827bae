"""The panel of the live run, drawn from the state of the pack: lamps, values, faults, events."""

from rich.box import ROUNDED
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hal import contract as c
from host_sim import live_tables, realtime_text
from host_sim.live_keys import HELP_ROWS, HELP_SHORT

LIT = "●"
DARK = "○"
LAMPS = (  # name, bit, colour
    ("RUN", c.LED_RUN, "green"),
    ("ALM", c.LED_ALM, "red"),
)
BAR = tuple((f"L{i + 1}", c.LED_L1 << i, "green") for i in range(6))
WEIGHTS = (1, 2, 4, 8)
FIXED_ROWS = 8  # the face, and the frames of the two pairs of boxes
LIST_MIN = 3
LIST_MAX = 12


class Scene:
    """Everything that is drawn. `draw(width, height)` gives a rich renderable."""

    def __init__(self, pack, log, pace=None, bridges=()):
        self._pack = pack
        self._log = log
        self._pace = pace
        self._bridges = bridges
        self.keyboard = None

    def draw(self, width=110, height=40):
        """The whole picture for a terminal of that size; the lists of faults and events take the
        rows that are left."""
        pack = self._pack
        shows_help = self.keyboard is not None and self.keyboard.help
        values = max(pack.plant.cells.count, live_tables.VALUES)
        used = FIXED_ROWS + values + (len(HELP_ROWS) if shows_help else 1)
        if self._bridges:
            used += len(self._bridges) + 3
        rows = min(max(height - used, LIST_MIN), LIST_MAX)
        parts = [
            front(pack, self._clock()),
            _pair(
                _box("cells", live_tables.cells(pack), values),
                _box("pack", live_tables.pack(pack), values),
            ),
            _pair(
                _box("standing faults", live_tables.faults(pack, rows), rows),
                _box("events", live_tables.events(self._log, rows), rows),
            ),
        ]
        if self._bridges:
            parts.append(_box("ports", live_tables.ports(pack, self._bridges)))
        if self.keyboard is not None:
            parts.append(help_text(shows_help))
        return Group(*parts)

    def _clock(self):
        text = realtime_text.clock(self._pack.world.now_us, 1)
        pace = self._pace
        if pace is None:
            return text
        speed = "" if pace.speed == 1 else f", {pace.speed:g} x real time"
        lost = f", lost {pace.lost_s:.1f} s" if pace.lost_s else ""
        return f"{text}{speed}, behind {pace.behind_s * 1000:.0f} ms{lost}"


def _box(title, body, rows=None):
    height = None if rows is None else rows + 2
    return Panel(body, title=title, title_align="left", box=ROUNDED, padding=(0, 1), height=height)


def _pair(left, right):
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=5)
    grid.add_column(ratio=6)
    grid.add_row(left, right)
    return grid


def lamp(bits, bit, colour):
    """A lamp as it is now: lit in its colour, or dark."""
    return Text(LIT, f"bold {colour}") if bits & bit else Text(DARK, "dim")


def front(pack, clock):
    """The face of the device, as on the page about the panel."""
    io = pack.hal.panel
    line = Text.assemble("ON/OFF ", "[#]" if io.key_bits else "[ ]", " ")
    line.append_text(lamp(io.leds, c.LED_ON_OFF, "green"))
    line.append("   RST [ ]   ")
    for name, bit, colour in LAMPS:
        line.append(f"{name} ").append_text(lamp(io.leds, bit, colour)).append("  ")
    line.append(" ADD ")
    for weight in WEIGHTS:
        on = io.dip_bits & weight
        line.append(f" {weight} ", "bold reverse" if on else "dim")
    line.append(f" = {io.dip_bits}    ")
    for name, bit, colour in BAR:
        line.append(f"{name} ").append_text(lamp(io.leds, bit, colour)).append(" ")
    line.append("   Link ").append_text(lamp(io.leds, c.LED_LINK, "yellow"))
    contacts = Text("DRY1 ").append_text(_contact(io.contacts & c.DRY1))
    contacts.append("   DRY2 ").append_text(_contact(io.contacts & c.DRY2))
    contacts.append("   buzzer ").append("on" if _buzzes(pack) else "off")
    contacts.append("   RS485-1   CAN   RS232   RS485-2")
    title = f"Packwarden {pack.profile}, simulated"
    body = Group(line, contacts)
    return Panel(body, title=title, subtitle=clock, title_align="left", subtitle_align="right")


def _contact(closed):
    return Text("-o o- closed", "bold") if closed else Text("-o/o- open", "dim")


def _buzzes(pack):
    return pack.hal.buzzer is not None and pack.hal.buzzer.is_on()


def help_text(shown):
    """What the keys do, or how to get to know it."""
    lines = []
    for row in HELP_ROWS if shown else (HELP_SHORT,):
        line = Text(no_wrap=True, overflow="crop")
        for key, what in row:
            line.append(f" {key}", "bold").append(f" {what}  ", "dim")
        lines.append(line)
    return Group(*lines)
