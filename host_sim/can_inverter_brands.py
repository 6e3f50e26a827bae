"""How brands of inverters behave on the CAN bus, as far as documents and recordings tell."""

from dataclasses import dataclass

ZEROS = bytes(8)
PYLONTECH = ((0x305, False, ZEROS),)
# Sunny Island: own voltage, current, temperature, charge; state; relay
SUNNY_ISLAND = (
    (0x305, False, bytes.fromhex("1402000000fa01f4")),
    (0x306, False, bytes.fromhex("64000a030000bc02")),
    (0x307, False, ZEROS),
)
GX = (
    (0x305, False, ZEROS),
    (0x306, False, ZEROS),
    (0x307, False, bytes.fromhex("1234567856494300")),
)
ASSUMED_S = 10.0  # where no document names a time


@dataclass(frozen=True)
class Brand:
    """One kind of inverter.

    says: frames (identifier, extended, data) that it sends every `every_s`; silence_s: without
    the battery's limits for so long it stops; pulls_down: it discharges a battery whose voltage
    is above what was asked for; extended: it hears 29-bit frames only."""

    says: tuple = PYLONTECH
    every_s: float = 1.0
    silence_s: float = ASSUMED_S
    pulls_down: bool = False
    extended: bool = False


BRANDS = {
    "pylontech": Brand(),
    "deye": Brand(pulls_down=True),
    "deye-pcs": Brand(((0x305, False, bytes.fromhex("001e0c1a0b1a0000")),), pulls_down=True),
    "goodwe": Brand(),
    "seplos": Brand(),
    "megarevo": Brand(((0x1F000100, True, ZEROS),), extended=True),
    "luxpower": Brand(),
    "solark": Brand(pulls_down=True),
    "growatt": Brand(((0x301, False, bytes.fromhex("0b16212c37424d58")),), every_s=0.52),
    "victron": Brand(GX, silence_s=3.0),
    "sma": Brand(SUNNY_ISLAND, silence_s=60.0),
    "sofar": Brand(),
    # a charger with the JK charge request; its load has no limit from the bus
    "jk": Brand(((0x18FF50E5, True, ZEROS),), every_s=0.5),
}
