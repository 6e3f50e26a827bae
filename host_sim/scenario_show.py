"""Scenario results for people: the table of what happened, the expectations, a progress line."""

import sys
import time

from host_sim.scenario_watch import LAMPS, words

SPANS = ("at", "within", "during")
PROGRESS_S = 0.3


def wish(row):
    """An expectation in words."""
    if "is" in row:
        wanted = f"is {words(row['is'])}"
    else:
        wanted = f"in {row.get('min', '-')} .. {row.get('max', '-')}"
    key = next(key for key in SPANS if key in row)
    span = row[key]
    times = f"{span:g}" if key == "at" else f"{span[0]:g} .. {span[1]:g}"
    return f"{row['what']} {wanted} {key} {times} s"


def timeline(result):
    """(time_s, text) of what was done and what changed; what is off or unknown at the start is
    no news."""
    rows = [(at, f"> {text}") for at, text in result.log]
    for name, (times, values) in result.watch.history.items():
        before = None
        for at, value in zip(times, values, strict=True):
            quiet = value in (False, None) and before in (False, None)
            if not quiet and not (before is None and value in (0, "off", "none")):
                rows.append((at, f"{name} = {words(value)}"))
            if value is not None or name in LAMPS:
                before = value
    return sorted(rows, key=lambda row: row[0])


def show(result, quiet):
    """Print title, table of events, expectations and a summary; quiet: only what failed."""
    data = result.scenario.data
    passed = sum(holds for holds, _, _ in result.checks)
    speed = data["duration"] / max(result.wall_s, 1e-6)
    if not quiet:
        print(f"{data['title']}  ({', '.join(data['req'])})")
        for at, text in timeline(result):
            print(f"  {at:10.2f} s  {text}")
    for holds, wanted, seen in result.checks:
        if not holds or not quiet:
            print(f"  {'ok  ' if holds else 'FAIL'}  {wanted}: {seen}")
    name = f"{result.scenario.name}: " if quiet else "  "
    print(f"{name}{passed} of {len(result.checks)} expectations hold, {speed:.0f} x real time")
    if not quiet:
        print()


def summary(results):
    """Print one line about several scenarios."""
    good = sum(result.passed for result in results)
    wall_s = sum(result.wall_s for result in results)
    print(f"{good} of {len(results)} scenarios hold, {wall_s:.1f} s")
    for result in results:
        if not result.passed:
            print(f"  FAIL  {result.scenario.path}")


class Progress:
    """One line that is written over again, on a terminal only."""

    def __init__(self, scenario, stream=None):
        self._name = scenario.name
        self._stream = sys.stderr if stream is None else stream
        self._shown_s = time.perf_counter()
        self._width = 0

    def show(self, share):
        """Show a share of 0..1, not more often than a few times a second."""
        now_s = time.perf_counter()
        if not self._stream.isatty() or now_s - self._shown_s < PROGRESS_S:
            return
        self._shown_s = now_s
        text = f"{self._name}: {100 * share:.0f} %"
        self._width = len(text)
        self._stream.write(f"\r{text}")
        self._stream.flush()

    def clear(self):
        """Take the line away."""
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
            self._width = 0
