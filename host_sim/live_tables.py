"""The tables of the live panel: cells with bars, values of the pack, faults, events, ports."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from firmware import parameter_ids as ids
from hal import contract as c
from host_sim import limit_reasons, protocols, realtime_text
from host_sim.realtime_log import MODES, ON_OFF

HIGHEST = "bold bright_blue"
LOWEST = "bold red"
SEVERITY = {"latched": "bold red", "protection": "red", "warning": "yellow", "info": "dim"}
VALUES = 14  # rows of the table of values
BAR_WIDTH = 22
EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(value, low, high, width=BAR_WIDTH):
    """A bar of block characters; empty at `low`, full at `high`."""
    eighths = round(8 * width * (value - low) / max(high - low, 1))
    eighths = min(max(eighths, 0), 8 * width)
    rest = EIGHTHS[eighths % 8] if eighths % 8 else ""
    return "█" * (eighths // 8) + rest


def cells(pack):
    """Every cell with its voltage; the highest blue, the lowest red (PCS-01). Values that are
    held because there are no new ones are dim and say so."""
    table = Table.grid(padding=(0, 1))
    controller = pack.controller
    if controller is None:
        table.add_row(Text("no measurement", "dim"))
        return table
    m, values = controller.state.measured, controller.parameters.values
    low, high = values[ids.CELL_UVP_MV], values[ids.CELL_OVP_MV]
    differ = m.max_mv > m.min_mv
    for i in range(m.cell_count):
        style, mark = "", ""
        if not m.valid:
            style, mark = "dim", "not valid"
        elif differ and i == m.max_cell:
            style, mark = HIGHEST, "highest"
        elif differ and i == m.min_cell:
            style, mark = LOWEST, "lowest"
        volts = f"{m.cell_mv[i] / 1000:.3f} V"
        level = Text(bar(m.cell_mv[i], low, high), style or "green")
        table.add_row(f"{i + 1:2}", Text(volts, style), level, Text(mark, style))
    return table


def pack(pack):
    """Voltage, current, power, charge, temperatures, MOSFETs, what is asked of the inverter."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    controller = pack.controller
    if controller is None:
        table.add_row("controller", Text("off or in reset", "yellow"))
        table.add_row("true SOC", f"{pack.true_soc:.1f} %")
        return table
    state = controller.state
    m, gauge, system = state.measured, state.gauge, state.system
    left = "unknown" if gauge.remaining_mah is None else f"{gauge.remaining_mah / 1000:.1f} Ah"
    table.add_row("controller", MODES[state.power.mode])
    held = "" if m.valid else "  not valid"
    table.add_row("voltage", _bold(f"{m.pack_mv / 1000:.3f} V", held))
    table.add_row("current", _bold(f"{m.shown_ma / 1000:+.2f} A", held))
    table.add_row("power", f"{m.power_mw / 1000:+.0f} W{held}")
    truth = f"  true {pack.true_soc:.1f} %, left {left}"
    table.add_row("SOC", _bold(realtime_text.per_cent(gauge), truth))
    battery = " ".join(realtime_text.celsius(t) for t in m.temp_dc[: c.MOS_SENSOR])
    table.add_row("T1..T4", f"{battery} °C")
    table.add_row("T MOS", f"{realtime_text.celsius(m.temp_dc[c.MOS_SENSOR])} °C")
    mos = state.mosfets
    table.add_row("charge MOS", _mos(mos.charge, pack.plant.charge_gate))
    table.add_row("discharge MOS", _mos(mos.discharge, pack.plant.discharge_gate))
    asked = state.charging
    stage = limit_reasons.STAGES[asked.stage]
    table.add_row("charging", f"{stage}, CVL {asked.cvl_mv / 1000:.1f} V{_wishes(asked)}")
    for name, ma, reason in (
        ("CCL", asked.ccl_ma, asked.ccl_reason),
        ("DCL", asked.dcl_ma, asked.dcl_reason),
    ):
        text = limit_reasons.limit(ma, reason)
        table.add_row(name, Text(text, overflow="ellipsis", no_wrap=True))
    table.add_row("difference", f"{m.difference_mv} mV, average {m.average_mv} mV")
    table.add_row("lateness", f"{system.late_ms} ms, longest {system.late_max_ms} ms")
    return table


CAN = "can"
CAN_STATES = (
    ("active", "green"),
    ("errors", "yellow"),
    ("passive (no acknowledge)", "yellow"),
    ("bus-off", "red"),
)


def _latency(counters):
    """The last answer's and the longest time from a request's end, ms."""
    return "" if counters.answer_ms < 0 else f"{counters.answer_ms}/{counters.answer_max_ms}"


def _wishes(asked):
    """The requests of charge control."""
    force = ", force charge" if asked.force_charge else ""
    return f"{force}, full charge wanted" if asked.full_charge else force


def _mos(commanded, driven):
    detail = f"  commanded {ON_OFF[commanded]}, driven {ON_OFF[driven]}"
    return _bold(ON_OFF[driven].upper(), detail, "green" if driven else "yellow")


def _bold(text, detail="", colour=""):
    return Text.assemble((text, f"bold {colour}"), (detail, "dim"))


def faults(pack, rows):
    """Standing faults in words with their severity, the severest first."""
    table = Table.grid(padding=(0, 1))
    if pack.controller is None:
        return table
    found = realtime_text.standing(pack.controller)
    shown = found if len(found) <= rows else found[: rows - 1]
    for row in shown:
        severity = row["severity"]
        table.add_row(Text(severity, SEVERITY[severity]), Text(row["text"], overflow="ellipsis"))
    if len(found) > len(shown):
        table.add_row("", f"and {len(found) - len(shown)} more")
    if not found:
        table.add_row(Text("none", "green"))
    return table


def events(log, rows):
    """The newest lines of the log, the newest last."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True, min_width=7)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for us, text, key in list(log.entries)[-rows:]:
        line = Text(text, SEVERITY.get(key, ""), overflow="ellipsis", no_wrap=True)
        table.add_row(realtime_text.clock(us, 1), line)
    return table


def ports(pack, bridges):
    """What passed the ports since the controller's start."""
    serial = [bridge for bridge in bridges if bridge.name != CAN]
    other = [_can(pack, bridge) for bridge in bridges if bridge.name == CAN]
    return Group(_serial(pack, serial), *other)


def _can(pack, bridge):
    """The CAN port in a line."""
    line = Text(f"CAN      {bridge.where}  ", no_wrap=True, overflow="ellipsis")
    line.append("open" if bridge.used else "free", "green" if bridge.used else "dim")
    controller = pack.controller
    service = None if controller is None else dict(controller.ports).get(CAN)
    if service is None or service.port.protocol is None:
        return line
    n, link = service.port.counters, controller.state.link
    number = controller.parameters.values[ids.CAN_PROTOCOL]
    row = protocols.row(CAN, number)
    key = row["key"] + (" (unverified)" if row["state"] == "unverified" else "")
    rate = service.port.protocol.bitrate // 1000
    load = link.can_load_permille / 10
    line.append(f"  {key} {rate} kbit/s, load {load:.1f} %, ")
    line.append(*CAN_STATES[link.can_state])
    line.append(f"  sent {n.sent}, dropped {n.dropped}, received {n.received}, ")
    line.append(f"alive {n.alive}, foreign {n.foreign}, bus-off {n.bus_offs}")
    return line


def _serial(pack, bridges):
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    heads = (
        "port",
        "link",
        "",
        "baud",
        "frames",
        "answered",
        "foreign",
        "CRC",
        "bad bytes",
        "lost",
        "answer ms",
    )
    for head in heads:
        table.add_column(head, justify="left" if head in ("port", "link", "") else "right")
    services = {} if pack.controller is None else dict(pack.controller.ports)
    for bridge in bridges:
        service = services.get(bridge.name)
        used = Text("open", "green") if bridge.pty.is_open else Text("free", "dim")
        link = str(bridge.pty.link)
        if service is None:
            table.add_row(bridge.label, link, used)
            continue
        n = service.port.counters
        counts = (n.frames_ok, n.answered, n.foreign, n.crc_errors, n.bad_bytes)
        lost = n.overruns + bridge.pty.dropped
        row = (service.port.baud, *counts, lost, _latency(n))
        table.add_row(bridge.label, link, used, *(str(value) for value in row))
    return table
