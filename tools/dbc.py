"""A DBC file of a protocol, from its table: for CAN tools on the PC."""

from fractions import Fraction

from tools import can_table

HEAD = """VERSION ""

NS_ :

BS_:

BU_: BMS Inverter

"""
DBC_EXTENDED = 0x80000000
PAIR = '0 "not supported" 1 "active" 2 "inactive" 3 "not supported"'


class Message:
    """One frame with its signals as lines."""

    def __init__(self, name, frame, sender, order):
        self.name = name
        self.id = frame["id"] | (DBC_EXTENDED if frame.get("extended") else 0)
        self.period = frame.get("period", 0)
        self.length = frame.get("length", 8)
        self.sender = sender
        self.order = order
        self.lines = []
        self.choices = []
        self.types = []

    def add(self, name, start, bits, big=False, signed=False, step=1, offset=0, low=0, high=0,
            unit=""):  # fmt: skip
        """A signal; `start` is its lowest bit, or its highest with big-endian order."""
        receiver = "Inverter" if self.sender == "BMS" else "BMS"
        self.lines.append(
            f" SG_ {name} : {start}|{bits}@{0 if big else 1}{'-' if signed else '+'}"
            f' ({decimal(step)},{decimal(offset)}) [{decimal(low)}|{decimal(high)}] "{unit}"'
            f" {receiver}"
        )

    def values(self, rows):
        for row in rows:
            scale = can_table.Scale(row, self.order)
            big = scale.big and scale.bytes > 1
            start = 8 * row["at"] + (7 if big else 0)
            ends = sorted(raw * scale.step + scale.offset for raw in (scale.low, scale.high))
            self.add(row["name"], start, scale.bits, big, scale.signed, scale.step,
                     scale.offset, *ends, scale.unit)  # fmt: skip

    def alarms(self, rows):
        seen = set()
        for row in rows:
            start = 8 * row["at"] + row["bit"]
            if start in seen:
                continue
            seen.add(start)
            if "level" in row or row.get("pair"):
                self.add(row["name"], start, 2, high=3)
            else:
                self.add(row["name"], start, 1, high=1)
            if row.get("pair"):
                self.choices.append(f"VAL_ {self.id} {row['name']} {PAIR} ;")

    def raw(self, rows, size):
        """Texts and constants: whole bytes in the order of the frame."""
        for row in rows:
            bits = row.get("bits", 8 * size(row))
            self.add(row["name"], 8 * row["at"], bits, high=(1 << bits) - 1)


def decimal(value):
    """A fraction as a DBC number."""
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def message(name, frame, sender, order):
    made = Message(name, frame, sender, order)
    made.values(frame.get("values", ()))
    for row in frame.get("bits", ()):
        bits = row.get("bits", 1)
        made.add(row["name"], 8 * row["at"] + row["bit"], bits, high=(1 << bits) - 1)
    made.alarms(frame.get("alarms", ()))
    for row in frame.get("fields", ()):
        made.add(row["name"], row["start"], row["bits"], row.get("big", False),
                 row.get("signed", False), Fraction(str(row.get("step", 1))),
                 unit=row.get("unit", ""))  # fmt: skip
    made.raw(frame.get("texts", ()), lambda row: row["size"])
    made.raw(frame.get("digits", ()), lambda row: 2)
    made.raw(frame.get("constants", ()), lambda row: len(row["hex"]) // 2)
    return made


def text(key):
    """The DBC file of a protocol."""
    table = can_table.protocol(key)
    made = [message(name, frame, "BMS", table["order"]) for name, frame in table["frames"].items()]
    made += [
        message(name, frame, "Inverter", table["order"])
        for name, frame in table.get("receive", {}).items()
    ]
    made = list({one.id: one for one in reversed(made)}.values())[::-1]  # one for each identifier
    out = [HEAD]
    for one in made:
        out.append(f"BO_ {one.id} {one.name}: {one.length} {one.sender}\n")
        out += [line + "\n" for line in one.lines]
        out.append("\n")
    out.append(f'CM_ "{table["name"]}; generated from tables/can/{key}.toml";\n')
    out.append('BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;\n')
    out.append('BA_DEF_DEF_ "GenMsgCycleTime" 0;\n')
    out += [f'BA_ "GenMsgCycleTime" BO_ {one.id} {one.period};\n' for one in made if one.period]
    out += [line + "\n" for one in made for line in one.choices]
    return "".join(out)
