"""The picture of a day as SVG: charge, voltage, limits with their reasons, current."""

from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 900, 50, 120
PANELS = (  # title, height, lines: attribute, colour, what
    ("state of charge, %", 120, (("soc", "#333333", "true"), ("shown", "#d62728", "shown"))),
    ("voltage, V", 150, (("port_v", "#333333", "pack"), ("cvl_v", "#1f77b4", "CVL"))),
    (
        "current, A (+ charges)",
        220,
        (
            ("ccl_a", "#2ca02c", "CCL"),
            ("amps", "#333333", "pack"),
            ("minus_dcl", "#ff7f0e", "-DCL, to -80 A"),
        ),
    ),
)  # fmt: skip
GAP, TOP, LANE = 34, 40, 16
POINTS = 700
LOWEST_A = -80.0  # a higher discharge limit is drawn here
NONE = "#e8e8e8"
COLOURS = ("#9ecae1", "#fdae6b", "#a1d99b", "#fc9272", "#bcbddc", "#ffd92f", "#c7c7c7", "#e377c2")


class Scale:
    """Where hours and values lie in one panel."""

    def __init__(self, hours, top, height, values):
        low, high = min(values), max(values)
        margin = (high - low or 1.0) * 0.06
        self.hours, self.top, self.height = hours, top, height
        self.low, self.high = low - margin, high + margin

    def x(self, hour):
        return LEFT + (WIDTH - LEFT - RIGHT) * hour / self.hours

    def y(self, value):
        return self.top + self.height * (self.high - value) / (self.high - self.low)

    def ticks(self):
        """Round values of the axis, five or so."""
        span = self.high - self.low
        step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if span / s <= 7)
        first = -int(-self.low // step)
        return [step * i for i in range(first, int(self.high // step) + 1)]


def steps(scale, points, name):
    """A line; values hold until the next point."""
    out, last = [], None
    for p in points:
        x, y = scale.x(p.hour), scale.y(getattr(p, name))
        if last is not None and last != y:
            out.append(f"{x:.1f},{last:.1f}")
        out.append(f"{x:.1f},{y:.1f}")
        last = y
    return " ".join(out)


def panel(scale, title, lines, points):
    """Grid, lines and legend of one panel."""
    yield f'<text x="{LEFT}" y="{scale.top - 6}">{escape(title)}</text>'
    for value in scale.ticks():
        y = scale.y(value)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    for i, (name, colour, text) in enumerate(lines):
        at = scale.top + 14 + 18 * i
        yield (
            f'<polyline points="{steps(scale, points, name)}" fill="none" stroke="{colour}"'
            ' stroke-width="1.2"/>'
        )
        yield from key(WIDTH - RIGHT + 10, at - 9, colour, text)


def key(x, y, colour, text):
    """One colour and what it means."""
    yield f'<rect x="{x}" y="{y}" width="12" height="10" fill="{colour}"/>'
    yield f'<text x="{x + 16}" y="{y + 9}">{escape(text)}</text>'


def spans(points, name):
    """[(from hour, to hour, value)] of a value that changes now and then."""
    out = []
    for p in points:
        value = getattr(p, name)
        if out and out[-1][2] == value:
            out[-1][1] = p.hour
        else:
            if out:
                out[-1][1] = p.hour
            out.append([p.hour, p.hour, value])
    return out


def lane(hours, top, title, found, texts, colours):
    """Why a limit is what it is: one coloured strip."""
    scale = Scale(hours, top, LANE, [0, 1])
    yield f'<text x="{LEFT - 6}" y="{top + 12}" text-anchor="end">{title}</text>'
    for begin, end, value in found:
        x, right = scale.x(begin), scale.x(end)
        yield (
            f'<rect x="{x:.1f}" y="{top}" width="{max(right - x, 0.6):.1f}" height="{LANE}"'
            f' fill="{colours.get(value, NONE)}"><title>{escape(texts(value))}</title></rect>'
        )


def legend(top, colours, texts):
    """The reasons' colours, three in a row."""
    for i, (value, colour) in enumerate(colours.items()):
        x, y = LEFT + 230 * (i % 3), top + 16 * (i // 3)
        yield from key(x, y, colour, texts(value))


def svg(title, points, texts):
    """The picture; `texts(reason)` names a reason of a limit."""
    points = points[:: max(len(points) // POINTS, 1)]
    for p in points:
        p.minus_dcl = max(-p.dcl_a, LOWEST_A)
    hours = max(points[-1].hour, 0.1)
    out, top = [], TOP + 14
    for name, height, lines in PANELS:
        values = [getattr(p, attribute) for p in points for attribute, _, _ in lines]
        out += panel(Scale(hours, top, height, values), name, lines, points)
        top += height + GAP
    ccl, dcl = (spans(points, name) for name in ("ccl_reason", "dcl_reason"))
    reasons = list(dict.fromkeys(value for _, _, value in ccl + dcl if value))
    colours = dict(zip(reasons, COLOURS * 9, strict=False))
    for text, found in (("CCL", ccl), ("DCL", dcl)):
        out += lane(hours, top - 14, text, found, texts, colours)
        top += LANE + 4
    scale = Scale(hours, top, 1, [0, 1])
    for hour in range(0, int(hours) + 1, 3 if hours > 8 else 1):
        out.append(f'<text x="{scale.x(hour):.1f}" y="{top}" text-anchor="middle">{hour} h</text>')
    colours = {0: NONE, **colours}
    out += legend(top + 10, colours, texts)
    height = top + 20 + 16 * ((len(colours) + 2) // 3)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">'
    )
    back = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join(
        [head, back, f'<text x="{LEFT}" y="20">{escape(title)}</text>', *out, "</svg>", ""]
    )
