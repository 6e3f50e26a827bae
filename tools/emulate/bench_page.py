"""What `make emulate-bench` measures, with the budget beside it, in docs/benchmarks.md."""

from tools import can_table, runtimes

PAGE = runtimes.ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- emulated: begin -->", "<!-- emulated: end -->"
# (key, what, unit, must, goal); budgets in the row's unit, None where there is none
ROWS = (
    ("power_on_kill_us", "power-on to the kill line held by boot.py", "ms", None, None),
    ("power_on_first_us", "power-on to the first closed MOSFET", "ms", 2000, 1500),
    ("power_on_both_us", "power-on to both, behind the pre-charge", "ms", None, None),
    ("power_on_lamps_us", "power-on to the first lamp", "ms", None, None),
    ("power_on_answer_us", "power-on to the first answer on RS485", "ms", None, None),
    ("reset_kill_us", "RST to the kill line held by boot.py", "ms", None, None),
    ("reset_first_us", "RST to the first closed MOSFET, front end configured", "ms", 1000, None),
    ("reset_both_us", "RST to both", "ms", None, None),
    ("reset_answer_us", "RST to the first answer on RS485", "ms", None, None),
    ("cycle_median_us", "control cycle with the front end, median", "ms", 20, 12),
    ("cycle_p95_us", "control cycle, 95 %", "ms", 20, 12),
    ("cycle_max_us", "control cycle, longest", "ms", None, None),
    ("decisions_median_us", "decisions alone, median", "ms", 8, 5),
    ("decisions_p95_us", "decisions alone, 95 %", "ms", 8, 5),
    ("cycle_alloc_median_bytes", "allocated in a control cycle, median", "raw bytes", 0, 0),
    ("cycle_alloc_max_bytes", "allocated in a control cycle, most", "raw bytes", 0, 0),
    ("late_p95_ms", "lateness of a cycle, all ports busy, 95 %", "raw ms", 30, 15),
    ("late_max_ms", "lateness of a cycle, all ports busy, longest", "raw ms", 30, 15),
    ("write_median_us", "gauge record into the flash, median", "ms", None, None),
    ("write_max_us", "gauge record into the flash, longest", "ms", None, None),
    ("late_write_median_ms", "lateness behind a flash write, median", "raw ms", 80, 60),
    ("late_write_max_ms", "lateness behind a flash write, longest", "raw ms", 80, 60),
    ("service_panel_p95_us", "slice of the panel, 95 %", "ms", 4, 2),
    ("service_rs485_1_p95_us", "slice of RS485-1, asked for voltages, 95 %", "ms", 4, 2),
    ("service_rs485_2_p95_us", "slice of RS485-2, asked for JK blocks, 95 %", "ms", 4, 2),
    ("service_rs232_p95_us", "slice of RS232, 9600 baud, 95 %", "ms", 4, 2),
    ("service_can_p95_us", "slice of the CAN port, 95 %", "ms", 4, 2),
    ("service_charging_p95_us", "slice of charge control, 95 %", "ms", 4, 2),
    ("service_gauge_p95_us", "slice of the gauge, 95 %", "ms", 4, 2),
    ("service_gauge_max_us", "slice of the gauge, longest", "ms", 4, 2),
    ("first_byte_median_us", "RS485, voltages of 16 cells: first byte, median", "ms", 10, 6),
    ("first_byte_p95_us", "RS485, voltages: first byte, 95 %", "ms", None, None),
    ("last_byte_max_us", "RS485, voltages: end, longest", "ms", None, None),
    ("block_first_byte_median_us", "RS485, JK block: first byte, median", "ms", None, None),
    ("block_last_byte_median_us", "RS485, JK block: end, median", "ms", 36, 33),
    ("block_last_byte_p95_us", "RS485, JK block: end, 95 %", "ms", 45, 40),
    ("block_last_byte_max_us", "RS485, JK block: end, longest", "ms", 55, 45),
    ("collect_us", "garbage collection", "ms", 20, 12),
    ("boot_free", "free heap after boot", "kB least", 110, 120),
    ("end_free", "free heap at the end of the run", "kB least", 110, 120),
    ("mpy_bytes", ".mpy files of the image", "kB", None, None),
)


def value(raw, unit):
    """The number in its unit."""
    return raw if unit.startswith("raw") else raw / 1000


def judge(number, unit, must, goal):
    """How a number stands to its budget."""
    if must is None:
        return ""
    sign = -1 if unit.endswith("least") else 1
    if sign * number > sign * must:
        return "misses the must"
    return "meets the goal" if goal is not None and sign * number <= sign * goal else "within"


def rows(found):
    """[(what, value, must, goal, verdict)] of what was measured."""
    out = []
    for key, what, unit, must, goal in ROWS:
        if key not in found:
            continue
        number = value(found[key], unit)
        shown = f"{number:.1f} {unit.removeprefix('raw ').removesuffix(' least')}"
        budget = ["" if b is None else f"{b}" for b in (must, goal)]
        out.append((what, shown, *budget, judge(number, unit, must, goal)))
    for key in can_table.protocols():
        if f"can_{key}_set_us" in found:
            what = f"CAN {key}: {found[f'can_{key}_frames']} frames encoded"
            out.append((what, f"{found[f'can_{key}_set_us'] / 1000:.1f} ms", "", "", ""))
    for key in [key for key in found if key.startswith("serial_") and key.endswith("_bytes")]:
        name = key.removesuffix("_bytes")
        what = f"{name.replace('_', ' ')}: {found[key]} bytes answered, longest slice"
        times = (
            f"{found[name + '_us'] / 1000:.1f} ms",
            f"{found[name + '_slice_us'] / 1000:.1f} ms",
        )
        out.append((what, ", ".join(times), "", "", ""))
    return out


def show(table):
    """Print it."""
    for what, shown, must, goal, verdict in table:
        budget = f"(must {must}, goal {goal or '-'}: {verdict})" if must else ""
        print(f"{what:60} {shown:>12}  {budget}", flush=True)


def renew(table, found):
    """Write it into the page."""
    lines = ["| what | emulated | must | goal | |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in table]
    note = (
        f"Measured over {found['seconds']} s, 16 cells, {found['asked']} questions on three ports "
        f"({found['answered']} answered), {found['erases']} flash sectors erased."
    )
    head, rest = PAGE.read_text().split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}\n\n{note}\n\n" + "\n".join(lines) + f"\n\n{END}{tail}")
    print(f"wrote {PAGE.relative_to(runtimes.ROOT)}")
