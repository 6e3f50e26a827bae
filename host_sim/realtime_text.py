"""A running pack in words and in one line, for the headless run and the panel."""

from host_sim import tables
from host_sim.realtime_log import MODES, ON_OFF


def standing(controller):
    """Rows of the standing faults, the severest first."""
    order = ("latched", "protection", "warning", "info")
    rows = tables.fault_rows()
    found = [rows[id] for id in rows if controller.faults.stands(id)]
    return sorted(found, key=lambda row: (order.index(row["severity"]), row["id"]))


def celsius(value_dc):
    """A temperature of the state; NA when there is none (MEA-03)."""
    return "NA" if value_dc is None else f"{value_dc / 10:.1f}"


def per_cent(gauge):
    """State of charge with its uncertainty, or "unknown"."""
    if gauge.soc_dpct is None:
        return "unknown"
    doubt = "" if gauge.sigma_dpct is None else f" ±{gauge.sigma_dpct / 10:.1f}"
    return f"{gauge.soc_dpct / 10:.1f}{doubt} %"


def duration(minutes):
    """Minutes as hours and minutes."""
    return f"{minutes // 60} h {minutes % 60:02} min"


def clock(us, digits=3):
    """Simulated time: 12.345 s, or 1:02:03.456 from an hour on; cut, not rounded."""
    unit = 10 ** (6 - digits)
    seconds = us // unit * unit / 1_000_000
    if seconds < 3600:
        return f"{seconds:.{digits}f} s"
    minutes, seconds = divmod(seconds, 60)
    return f"{int(minutes) // 60}:{int(minutes) % 60:02}:{seconds:0{digits + 3}.{digits}f}"


def event_line(us, text):
    """An event with its simulated time."""
    return f"{clock(us):>14}  {text}"


def status_line(pack):
    """The pack in one line."""
    controller = pack.controller
    head = f"{clock(pack.world.now_us):>14}  "
    if controller is None:
        return f"{head}controller off or in reset, true SOC {pack.true_soc:.1f} %"
    state, m = controller.state, controller.state.measured
    cells = " ".join(str(m.cell_mv[i]) for i in range(m.cell_count))
    mos = state.mosfets
    alarms = [row["text"] for row in standing(controller) if row["severity"] != "info"]
    measured = (
        f"SOC {per_cent(state.gauge)} (true {pack.true_soc:.1f})",
        f"{m.pack_mv / 1000:.3f} V {m.shown_ma / 1000:+.2f} A {m.power_mw / 1000:+.0f} W",
        f"cells_mv {cells}",
        f"{celsius(m.temp_max)} degC",
    )
    if not m.valid:
        measured = (f"{MODES[state.power.mode]}, no valid measurement",)
    parts = (
        *measured,
        f"charge {ON_OFF[mos.charge_on]} discharge {ON_OFF[mos.discharge_on]}",
        "; ".join(alarms) or "no alarm",
    )
    return head + " | ".join(parts)
