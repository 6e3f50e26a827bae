"""Net power of a house with PV over time: a synthetic year from a seed, or a measured file.

Both answer `net_w(time_s)`, W, + = surplus that a battery could take, for any time >= 0.
"""

import csv
import gzip
import math
import random
from bisect import bisect_right
from datetime import datetime

DAY_S = 86_400
QUARTER_S = 900
QUARTERS = 96
RING = 1021  # prime: minutes and days do not lock onto each other
BASE_W = 0.45  # parts of the mean load: what always runs, what the hour adds
HOURS = (
    0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.9, 0.6, 0.4, 0.4, 0.5,
    0.8, 0.5, 0.4, 0.4, 0.6, 0.9, 1.3, 1.4, 1.2, 0.9, 0.6, 0.3,
)  # fmt: skip
# W, quarters of an hour, times a day, in which hours: kettle, oven, washing, dishes
APPLIANCES = (
    (1800, 1, 1.5, (6, 21)),
    (2000, 3, 0.6, (11, 20)),
    (900, 5, 0.5, (8, 18)),
    (1100, 4, 0.6, (13, 22)),
)


class Household:
    """A synthetic house: time 0 is midnight of `start_day` (1 = first of January).

    pv_kwp: size of the PV field; load_w: mean load without appliances; latitude: degrees north.
    """

    def __init__(self, seed=1, start_day=150, pv_kwp=5.0, load_w=350.0, latitude=50.0):
        self.seed = seed
        self.start_day = start_day
        self.pv_kwp = pv_kwp
        self.load_w = load_w
        self.latitude = math.radians(latitude)
        rng = random.Random(f"minutes {seed}")
        self._noise = [rng.gauss(0.0, 1.0) for _ in range(RING)]
        self._day = self._minute = None
        self._watts = 0.0

    def net_w(self, time_s):
        """Surplus at a time, W; holds for a minute."""
        minute = int(time_s // 60)
        if minute != self._minute:
            self._minute = minute
            self._watts = self.pv_w(time_s) - self.consumption_w(time_s)
        return self._watts

    def pv_w(self, time_s):
        """PV power, W: the quarter's mean, torn by broken clouds."""
        self._load_day(time_s)
        clear = self._clear[self._quarter]
        torn = 0.5 * clear * (1.0 - clear) * self._noise[self._minute_index(time_s)]
        watts = self._sky[self._quarter] * min(max(clear + torn, 0.03), 1.0)
        return min(watts, 1000.0 * self.pv_kwp)

    def consumption_w(self, time_s):
        """What the house draws, W."""
        self._load_day(time_s)
        flutter = 1.0 + 0.15 * self._noise[-1 - self._minute_index(time_s)]
        return self._draws[self._quarter] * max(flutter, 0.4)

    def _minute_index(self, time_s):
        return int(time_s // 60) % RING

    def _load_day(self, time_s):
        day = int(time_s // DAY_S)
        self._quarter = int(time_s % DAY_S // QUARTER_S)
        if day != self._day:
            self._day = day
            self._sky = self._clear_sky(day)
            self._clear = self._weather(day)
            self._draws = self._load(day)

    def _clear_sky(self, day):
        """PV power of each quarter under a blue sky, W, from the height of the sun."""
        season = math.radians(360.0 * (self.start_day + day - 81) / 365.25)
        tilt = math.radians(23.44) * math.sin(season)
        up = math.sin(self.latitude) * math.sin(tilt)
        over = math.cos(self.latitude) * math.cos(tilt)
        peak = 850.0 * self.pv_kwp
        heights = [
            up - over * math.cos(2.0 * math.pi * (q + 0.5) / QUARTERS) for q in range(QUARTERS)
        ]
        return [peak * max(h, 0.0) ** 1.15 for h in heights]

    def _weather(self, day):
        """Part of the blue sky's power in each quarter: weather lasts from day to day."""
        today = 0.6 * self._fair(day) + 0.4 * self._fair(day - 1)
        rng = random.Random(f"clouds {self.seed} {day}")
        moves, part, out = 0.9 * today * (1.0 - today), 0.0, []
        for _ in range(QUARTERS):
            part = 0.8 * part + 0.6 * rng.gauss(0.0, 1.0)
            out.append(min(max(today + moves * part, 0.05), 1.0))
        return out

    def _fair(self, day):
        return 0.15 + 0.85 * random.Random(f"weather {self.seed} {day}").random() ** 0.7

    def _load(self, day):
        """Draw of each quarter, W."""
        season = math.cos(math.radians(360.0 * (self.start_day + day - 15) / 365.25))
        mean = self.load_w * (1.0 + 0.25 * season)
        rng = random.Random(f"load {self.seed} {day}")
        out = [
            mean * (BASE_W + (1.0 - BASE_W) * 2.0 * HOURS[q // 4] * rng.uniform(0.5, 1.5))
            for q in range(QUARTERS)
        ]
        for watts, length, often, (first, last) in APPLIANCES:
            for _ in range(int(often + rng.random())):
                begin = rng.randrange(first * 4, last * 4)
                for q in range(begin, min(begin + length, QUARTERS)):
                    out[q] += watts * (0.4 if length == 1 else 1.0)
        return out


class MeasuredHousehold:
    """A file with the columns timestamp (ISO) and power (W, + = the house draws), plain or gzip;
    a value holds until the next row, the end goes on with the start. Time 0 is the first row plus
    `start_day` days; `scale` makes the house smaller."""

    def __init__(self, path, scale=1.0, start_day=0):
        opener = gzip.open if str(path).endswith(".gz") else open
        times, watts = [], []
        with opener(path, "rt", newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if not {"timestamp", "power"} <= set(reader.fieldnames or ()):
                raise ValueError(f"{path}: needs the columns timestamp and power")
            for row in reader:
                try:
                    times.append(datetime.fromisoformat(row["timestamp"]).timestamp())
                    watts.append(-scale * float(row["power"]))
                except (TypeError, ValueError) as error:
                    raise ValueError(f"{path} line {reader.line_num}: no value") from error
        if not times:
            raise ValueError(f"{path}: no rows")
        self._times = [t - times[0] for t in times]
        self._watts = watts
        self._length_s = self._times[-1] + QUARTER_S
        self._shift_s = start_day * DAY_S
        self._from_s = self._to_s = 0.0
        self._now_w = 0.0

    def net_w(self, time_s):
        """Surplus at a time, W."""
        if not self._from_s <= time_s < self._to_s:
            self._seek(time_s)
        return self._now_w

    def _seek(self, time_s):
        at_s = (time_s + self._shift_s) % self._length_s
        i = bisect_right(self._times, at_s) - 1
        begin = time_s - at_s
        ends = self._times[i + 1] if i + 1 < len(self._times) else self._length_s
        self._from_s, self._to_s = begin + self._times[i], begin + ends
        self._now_w = self._watts[i]
