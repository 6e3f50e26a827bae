"""From runs to numbers: errors, jumps, coverage; and from the numbers of all runs to rows."""

import math
from dataclasses import dataclass
from statistics import median

from tools.soc_bench.cases import FAMILIAR, ROWS

FULL_PCT = 98.5  # a truth beyond was fully charged
AFTER_FULL_H = 2
CYCLES = 2  # learned ones, until the capacity is judged
HELD_STEPS_S = 120  # behind an end sync that is still being shown
JUMP_MUST, COVERED_MUST, COVERED_GOAL = 1.0, 90.0, 95.0


def rms_max(values, truth, begin):
    """(RMS, largest) deviation from `begin` on; (nan, nan) when nothing is left."""
    square = most = 0.0
    for i in range(begin, len(truth)):
        error = abs(values[i] - truth[i])
        square += error * error
        most = max(most, error)
    count = len(truth) - begin
    return (math.sqrt(square / count), most) if count > 0 else (math.nan, math.nan)


def begin_at(truth, since):
    """First step that is scored: hours, or `full` = two hours after the first full charge."""
    hour = 3600 // truth.step_s
    if since != "full":
        return round(since * hour)
    for i, pct in enumerate(truth.soc_pct):
        if pct >= FULL_PCT:
            return i + AFTER_FULL_H * hour
    return len(truth)


def covered(run, truth, begin):
    """(steps with the truth within two deviations of what is shown, steps)."""
    inside = sum(
        abs(run.shown[i] - truth.soc_pct[i]) <= 2 * run.sigma[i] for i in range(begin, len(truth))
    )
    return inside, len(truth) - begin


def jump(run, truth):
    """Largest change of the error within a minute, % of charge: what somebody sees move that was
    not charged or discharged. While an end sync is shown, and a little after, it may."""
    n = max(60 // truth.step_s, 1)
    held = HELD_STEPS_S // truth.step_s
    ends = {k for k, name, _ in run.events if name in ("full-sync", "empty-sync")}
    most, free = 0.0, 0
    shown, soc = run.shown, truth.soc_pct
    for i in range(len(truth)):
        if i in ends or not run.settled[i]:
            free = i + held + n
        elif i > max(free, n):
            most = max(most, abs(shown[i] - soc[i] - shown[i - n] + soc[i - n]))
    return most


def capacity_error(run, truth):
    """% off after the second learned cycle; nan when there were not two."""
    learned = [ah for _, name, ah in run.events if name == "capacity"]
    if len(learned) < CYCLES:
        return math.nan
    return 100 * abs(learned[CYCLES - 1] / truth.capacity_ah - 1)


@dataclass
class Score:
    """One run in one row; pairs are RMS, max."""

    row: str
    cells: str
    label: str
    ours: tuple
    counting: tuple
    jk: tuple
    inside: int
    steps: int
    jump: float
    syncs: int
    faults: int


def score(job, run, truth):
    """Scores of one run, one for each of its rows."""
    moved = jump(run, truth)
    names = [name for _, name, _ in run.events]
    syncs, faults = names.count("full-sync") + names.count("empty-sync"), names.count("fault")
    for at, (row, since) in enumerate(job.rows):
        if at:
            faults = 0  # counted with the first row
        label = f"{row}, {job.cells}, {job.sensor.offset_ma:+g} mA, told {job.wrong_pct:+g} %"
        none = (math.nan, math.nan)
        if since == "capacity":
            error = (math.nan, capacity_error(run, truth))
            yield Score(row, job.cells, label, error, none, none, 0, 0, 0.0, 0, faults)
            continue
        begin = begin_at(truth, since)
        ours, counting, jk = (
            rms_max(values, truth.soc_pct, begin) for values in (run.shown, run.counting, run.jk)
        )
        inside, steps = covered(run, truth, begin)
        yield Score(row, job.cells, label, ours, counting, jk, inside, steps, moved, syncs, faults)


@dataclass
class Line:
    """One line of the table; texts, and whether the bars are kept (None: not measured)."""

    id: str
    text: str
    sets: str
    median: str
    worst: str
    counting: str
    jk: str
    familiar: str
    must: str
    goal: str
    met: bool | None
    at_goal: bool | None = None


def lines(scores):
    """All lines that the scores give."""
    made = [_line(row, [s for s in scores if s.row == row.id]) for row in ROWS]
    return [line for line in made if line] + [_jumps(scores), _coverage(scores)]


def _line(row, scores):
    graded = [s for s in scores if s.cells in row.sets]
    if not graded:
        return None
    known = [s for s in scores if s.cells in FAMILIAR]
    kept = [_keeps(s, row, row.must) for s in graded]
    at_goal = all(_keeps(s, row, row.goal) for s in graded)
    return Line(
        row.id, row.text, sets(row.sets), pair(_of(graded, "ours", median)),
        pair(_of(graded, "ours", _most)), pair(_of(graded, "counting", _most)),
        pair(_of(graded, "jk", _most)), pair(_of(known, "ours", _most)) if known else "",
        _bar(row, row.must), _bar(row, row.goal), all(kept), at_goal,
    )  # fmt: skip


def _keeps(score, row, bar):
    """Does one run keep a bar? What is not a number does not."""
    for value, counting, limit in zip(score.ours, score.counting, bar, strict=True):
        more = counting if row.over_counting else 0.0
        if limit is not None and not value <= limit + more:
            return False
    return True


def _most(values):
    values = list(values)
    return math.nan if any(map(math.isnan, values)) else max(values)


def _of(scores, name, how):
    pairs = [getattr(s, name) for s in scores]
    return how([p[0] for p in pairs]), how([p[1] for p in pairs])


def _graded(scores):
    """Scores that S12 and S13 look at: one a run, of the sets that are graded."""
    return [s for s in scores if s.steps and s.cells not in FAMILIAR]


def _jumps(scores):
    scores = _graded(scores)
    worst = max(scores, key=lambda s: s.jump)
    middle = median(s.jump for s in scores)
    return Line(
        "S12", "visible jump outside of end syncs, %/min", f"{len(scores)} scored runs",
        f"{middle:.2f}", f"{worst.jump:.2f} ({worst.label})", "", "", "",
        f"{JUMP_MUST:g}", f"{JUMP_MUST:g}", worst.jump <= JUMP_MUST, worst.jump <= JUMP_MUST,
    )  # fmt: skip


def _coverage(scores):
    """The share of the time over all runs but those with a wrong table; the worst run beside."""
    scores = [s for s in _graded(scores) if s.row != "S11"]
    share = 100 * sum(s.inside for s in scores) / sum(s.steps for s in scores)
    parts = [100 * s.inside / s.steps for s in scores]
    worst = min(scores, key=lambda s: s.inside / s.steps)
    low = sum(part < COVERED_MUST for part in parts)
    return Line(
        "S13", "truth within 2 deviations, % of the time (without S11)",
        f"{len(scores)} scored runs, {low} of them below 90 %", f"{share:.1f} of all",
        f"{min(parts):.0f} ({worst.label})", "", "", "",
        f">= {COVERED_MUST:g}", f">= {COVERED_GOAL:g}", share >= COVERED_MUST,
        share >= COVERED_GOAL,
    )  # fmt: skip


def sets(names):
    """`lfp-b, c, d`."""
    return names[0] + "".join(f", {name.removeprefix('lfp-')}" for name in names[1:])


def pair(values):
    """`RMS / max`; a number that is not asked or not known is a dash."""
    return " / ".join("-" if math.isnan(v) else f"{v:.1f}" for v in values)


def _bar(row, bar):
    sign = "+" if row.over_counting else ""
    text = " / ".join("-" if limit is None else f"{sign}{limit:g}" for limit in bar)
    return text
