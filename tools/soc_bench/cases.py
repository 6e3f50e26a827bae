"""What is graded: rows with their bars, and the runs that give their numbers.

Bars are RMS / max of the error in % of charge. They were fixed before the gauge was built.
"""

from dataclasses import dataclass

from tools.soc_bench.sensor import Sensor

GRADED = ("lfp-b", "lfp-c", "lfp-d")
FAMILIAR = ("lfp-a",)  # closest to the gauge's own table: shown, not graded
SEEDS = {"lfp-a": 11, "lfp-b": 12, "lfp-c": 13, "lfp-d": 14}  # house, cells and sensors
REAL = "recorded cell"
IDEAL = Sensor()
OWN, LOW = "own table", "table 50 mV below"
# the default table is a band around published cells, and the sets follow the same cells: each lies
# inside of it. A pack of strangers need not: here the band is made of the other sets only
OTHERS = "band of the other sets"
LAST_DAYS = 5


@dataclass(frozen=True)
class Row:
    """`must`, `goal`: RMS, max; None = not asked. `over_counting`: bars count from the error of
    pure counting. `sets`: where another number of sets is graded."""

    id: str
    text: str
    must: tuple
    goal: tuple
    sets: tuple = GRADED
    over_counting: bool = False


ROWS = (
    Row("S1", "ideal current sensor, 10 d", (1, 2), (0.5, 1)),
    Row("S2a", "factory fresh, 30 d at 30..80 %, +-50, 100, 200 mA", (17, 24), (5, 10)),
    Row("S2a'", "the same with the cells' own table, +-200 mA", (6.5, 10), (3, 7.5)),
    Row("S2b", "after a month with full charges, +-200 mA", (3, 5), (0.5, 1)),
    Row("S3a", "told +-40 % wrong, full cycles: from 24 h", (None, 17), (None, 6)),
    Row("S3a full", "... from 2 h after the first full charge", (None, 3), (None, 1)),
    Row("S3b", "told +-40 % wrong, 30..80 %: from 24 h", (15, 19), (3, 6)),
    Row("S4", "15 % faded, told 280 Ah: days 11 to 15", (2.5, 5.1), (None, 1.5)),
    Row("S4 capacity", "... capacity after two learned cycles, % off", (None, 8), (None, 1)),
    Row("S5 0 degC", "0.5 % gain and +-50 mA", (2, 5), (1, 2.5)),
    Row("S5 10 degC", "the same, +50 mA", (2, 5), (1, 2.5)),
    Row("S5 25 degC", "the same, +-50 mA", (2, 5), (1, 2.5)),
    Row("S5 40 degC", "the same, -50 mA", (2, 5), (1, 2.5)),
    Row("S6a", "10 d stored, 1 A in a dead band of 1.2 A", (16, 27), (7, 13), ("lfp-b", "lfp-d")),
    Row("S6a flat", "... cell that is flat above its knee", (26, 39), (7, 13), ("lfp-c",)),
    Row("S6a told", "... 0.8 A of standby configured", (10, 16), (7, 13)),
    Row("S6b", "30 d in use, 1 A standby in a dead band of 1.2 A", (1.5, 4), (0.7, 2)),
    Row("S7", "recorded cell, 25 h, 25 degC", (3, 4), (1.5, 2.5), (REAL,)),
    Row("S8", "recorded cell, told +-40 % wrong: from 2 h", (11, 14), (5, 9), (REAL,)),
    Row("S10 full", "no harm: S1 against pure counting", (2.5, 3), (0.5, 1.5), GRADED, True),
    Row("S10 partial", "no harm: 30 d at 30..80 %", (2.5, 3), (0.5, 1.5), GRADED, True),
    Row("S10 real", "no harm: S7", (2.5, 3), (0.5, 1.5), (REAL,), True),
    Row("S1 stranger", "S1, the table made of other cells only", (1, 2), (0.5, 1)),
    Row("S2a stranger", "S2a at +-200 mA, the same table", (17, 24), (5, 10)),
    Row("S3b stranger", "S3b, the same table", (15, 19), (3, 6)),
    Row("S6a stranger", "S6a, the same table", (16, 27), (7, 13), ("lfp-b", "lfp-d")),
    Row("S11", "wrong table: 50 mV below the default, full cycles", (10, 28), (2, 5)),
)
BY_ID = {row.id: row for row in ROWS}


@dataclass(frozen=True)
class Job:
    """One run; `rows`: (row id, scored from: hours, or `full`). `plot`: name of its picture."""

    truth: str
    cells: str
    rows: tuple
    sensor: Sensor = IDEAL
    wrong_pct: float = 0.0  # how wrong the told charge is
    table: str = ""  # "" = the default, OWN, LOW
    standby_ma: int = 0
    plot: str = ""

    @property
    def seed(self):
        """Of the sensor's noise and offsets."""
        return f"{self.cells} {self.truth} {self.sensor} {self.wrong_pct}"


def jobs(real=True):
    """All runs, the longest first."""
    made = [job for cells in GRADED for job in _of(cells)]
    made += [job for cells in FAMILIAR for job in _familiar(cells)]
    if real:
        made += _recorded()
    return sorted(made, key=lambda job: ("then" not in job.truth, job.truth))


def _plot(cells, name):
    return name if cells == "lfp-d" else ""


def _of(cells):
    yield Job("full", cells, (("S1", 1), ("S10 full", 1)))
    yield Job("partial", cells, (("S10 partial", 1),))
    small = 100 if cells == "lfp-c" else 50
    for ma in (-200, -small, small, 200):
        plot = _plot(cells, "s2a") if ma == 200 else ""
        yield Job("partial", cells, (("S2a", 1),), Sensor(ma), plot=plot)
    for ma in (-200, 200):
        yield Job("partial", cells, (("S2a'", 1),), Sensor(ma), table=OWN)
        yield _learning(cells, ma, _plot(cells, "s2b") if ma == 200 else "")
    yield from _wrong(cells, _plot(cells, "s3b"))
    yield _faded(cells, _plot(cells, "s4"))
    for degc, offsets in ((0, (-50, 50)), (10, (50,)), (25, (-50, 50)), (40, (-50,))):
        truth = "full" if degc == 25 else f"full, {degc} degC"
        for ma in offsets:
            yield Job(truth, cells, ((f"S5 {degc} degC", 1),), Sensor(ma, 1.005))
    dead = Sensor(dead_ma=1200)
    yield Job("stored", cells, (("S6a flat" if cells == "lfp-c" else "S6a", 1),), dead)
    yield Job("stored", cells, (("S6a told", 1),), dead, standby_ma=800)
    yield Job("standby", cells, (("S6b", 1),), dead)
    yield Job("full", cells, (("S11", 1),), table=LOW)
    yield from _stranger(cells)


def _stranger(cells):
    yield Job("full", cells, (("S1 stranger", 1),), table=OTHERS)
    for ma in (-200, 200):
        yield Job("partial", cells, (("S2a stranger", 1),), Sensor(ma), table=OTHERS)
    pct = 40 if cells == "lfp-c" else -40
    yield Job("partial", cells, (("S3b stranger", 24),), wrong_pct=pct, table=OTHERS)
    if cells != "lfp-c":
        yield Job("stored", cells, (("S6a stranger", 1),), Sensor(dead_ma=1200), table=OTHERS)


def _familiar(cells):
    yield Job("full", cells, (("S1", 1),))
    yield Job("partial", cells, (("S2a", 1),), Sensor(200))
    yield _faded(cells, "")


def _learning(cells, ma, plot):
    return Job("full, then partial", cells, (("S2b", 30 * 24 + 1),), Sensor(ma), plot=plot)


def _wrong(cells, plot):
    for pct in (-40, 40):
        yield Job("full", cells, (("S3a", 24), ("S3a full", "full")), wrong_pct=pct)
        name = plot if pct < 0 else ""
        yield Job("partial", cells, (("S3b", 24),), wrong_pct=pct, plot=name)


def _faded(cells, plot):
    return Job("faded", cells, (("S4", 10 * 24), ("S4 capacity", "capacity")), plot=plot)


def _recorded():
    yield Job(REAL, REAL, (("S7", 1), ("S10 real", 1)))
    for pct in (-40, 40):
        yield Job(REAL, REAL, (("S8", 2),), wrong_pct=pct)
