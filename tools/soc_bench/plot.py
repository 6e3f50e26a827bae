"""Pictures of a run: true and shown charge with the band of two deviations, as SVG."""

from array import array
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 34
POINTS = 700
DAY_S = 86_400
BAND, TRUE, SHOWN, COUNTED = "#9ecae1", "#333333", "#d62728", "#999999"


def thin(run, truth):
    """(day, true, shown, sigma, counting) at evenly spaced steps."""
    every = max(len(truth) // POINTS, 1)
    rows = array("f")
    for i in range(0, len(truth), every):
        day = i * truth.step_s / DAY_S
        rows.extend((day, truth.soc_pct[i], run.shown[i], run.sigma[i], run.counting[i]))
    return [tuple(rows[i : i + 5]) for i in range(0, len(rows), 5)]


class Frame:
    """Where days and per cent lie in the picture."""

    def __init__(self, days):
        self.days = days

    def x(self, day):
        return LEFT + (WIDTH - LEFT - RIGHT) * day / self.days

    def y(self, pct):
        return TOP + (HEIGHT - TOP - BOTTOM) * (100 - min(max(pct, 0), 100)) / 100

    def path(self, values):
        """Points of a line."""
        return " ".join(f"{self.x(day):.1f},{self.y(pct):.1f}" for day, pct in values)

    def axes(self):
        """Grid and numbers."""
        for pct in (0, 20, 40, 60, 80, 100):
            y = self.y(pct)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{pct}</text>'
        step = next(s for s in (1, 2, 5, 10, 20, 50) if self.days / s <= 15)
        for day in range(0, int(self.days) + 1, step):
            x = self.x(day)
            yield f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{day} d</text>'


def svg(title, rows):
    """The picture of what `thin` left."""
    frame = Frame(rows[-1][0])
    upper = [(r[0], r[2] + 2 * r[3]) for r in rows]
    lower = [(r[0], r[2] - 2 * r[3]) for r in reversed(rows)]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="18">{escape(title)}</text>',
        *frame.axes(),
        f'<polygon points="{frame.path(upper + lower)}" fill="{BAND}" fill-opacity="0.6"/>',
    ]
    for at, colour, width in ((4, COUNTED, 0.8), (1, TRUE, 1.4), (2, SHOWN, 1.0)):
        line = frame.path([(r[0], r[at]) for r in rows])
        look = f'fill="none" stroke="{colour}" stroke-width="{width}"'
        out.append(f'<polyline points="{line}" {look}/>')
    return "\n".join([*out, *_legend(), "</svg>", ""])


def _legend():
    names = (("true", TRUE), ("shown", SHOWN), ("+-2 sigma", BAND), ("pure counting", COUNTED))
    for i, (text, colour) in enumerate(names):
        at = WIDTH - RIGHT - 380 + 95 * i
        yield f'<rect x="{at}" y="9" width="12" height="10" fill="{colour}"/>'
        yield f'<text x="{at + 16}" y="18">{text}</text>'
