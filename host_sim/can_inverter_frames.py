"""The ear of the inverter on the bus: CAN frames of a battery, read with a DBC that is handed in,
never with the battery's own tables."""

from dataclasses import dataclass, field

from host_sim.can_bus import CanNode

# Victron's Force255 is left out: nobody has seen a GX device obey it
FLAGS = {"Force": "force", "FullReq": "full"}
NUMBERS = {"CVL": "cvl_v", "CCL": "ccl_a", "DCL": "dcl_a", "DVL": "dvl_v", "SOC": "soc_pct"}
CURRENTS = ("CCL", "DCL")
# a flag's name -> the direction it closes, and the raw value that closes it
CLOSING = {
    "ChargeEn": ("charge", 0),
    "NoCharge": ("charge", 1),
    "Forbid2Charge": ("charge", 2),
    "DischargeEn": ("discharge", 0),
    "NoDischarge": ("discharge", 1),
    "Forbid2Discharge": ("discharge", 2),
}
ALARMS = ("A_", "W_", "L_", "X_")  # how the DBC files begin the names of alarms
LEVEL = {"L_Any2": 2}  # below it a level is a mere warning
PAIR_RAISED = 1  # in a pair of bits; single bits likewise


@dataclass
class Asked:
    """What the battery asks for now. None: it never said so."""

    cvl_v: float | None = None
    ccl_a: float | None = None
    dcl_a: float | None = None
    dvl_v: float | None = None
    soc_pct: float | None = None
    force: bool = False
    full: bool = False
    closed: dict = field(default_factory=dict)  # flag -> direction that it closes now

    def may(self, direction):
        """True when no flag closes "charge" or "discharge"."""
        return direction not in self.closed.values()


class BatteryFrames(CanNode):
    """Hears a battery. `messages`: {(identifier, extended): cantools message}."""

    MAILBOXES = 16

    def __init__(self, world, messages, bitrate, extended_only=False):
        CanNode.__init__(self, bitrate)
        self.world = world
        self.extended_only = extended_only
        self.asked = Asked()
        self.heard = 0
        self.limits_us = None  # when the charge voltage was told last
        self.alarms = set()  # standing now
        self.ever = set()  # alarms that stood once
        self.rejected = set()  # numbers that a document's range does not allow
        self.unknown = set()  # identifiers that no document has
        self._messages = messages
        self._wanted = {key: self._signals(m) for key, m in messages.items()}
        self._last = {}

    @staticmethod
    def _signals(message):
        """What counts of a message; currents count where the charge voltage stands."""
        limits = "CVL" in message.signal_tree
        return [
            s for s in message.signals
            if (s.name in NUMBERS and (limits or s.name not in CURRENTS))
            or s.name in FLAGS or s.name in CLOSING or s.name.startswith(ALARMS)
        ]  # fmt: skip

    def silent_s(self):
        """Seconds since the limits were told; None: never."""
        return None if self.limits_us is None else (self.world.now_us - self.limits_us) / 1e6

    def receive(self, id, extended, data):
        if self.extended_only and not extended:
            return
        key = id, extended
        self.heard += 1
        signals = self._wanted.get(key)
        if signals is None:
            self.unknown.add(id)
            return
        if any(s.name == "CVL" for s in signals):
            self.limits_us = self.world.now_us
        if self._last.get(key) != data and signals:
            self._last[key] = data
            self._take(signals, self._messages[key].decode(data, decode_choices=False))

    def _take(self, signals, values):
        for signal in signals:
            name, value = signal.name, values[signal.name]
            if name in NUMBERS:
                self._number(signal, value)
            elif name in FLAGS:
                setattr(self.asked, FLAGS[name], bool(value))
            elif name in CLOSING:
                direction, closing = CLOSING[name]
                self.asked.closed[name] = direction if value == closing else None
            else:
                self._alarm(name, value)

    def _number(self, signal, value):
        low, high = signal.minimum, signal.maximum
        if low is not None and not low <= value <= high:
            self.rejected.add(f"{signal.name} {value:g}")
        else:
            setattr(self.asked, NUMBERS[signal.name], value)

    def _alarm(self, name, value):
        levels = name.startswith("L_")
        raised = value >= LEVEL.get(name, 1) if levels else value == PAIR_RAISED
        if raised:
            self.alarms.add(name)
            self.ever.add(name)
        else:
            self.alarms.discard(name)
