"""What is run for a day: every CAN protocol of the list with the inverter that speaks it."""

from dataclasses import dataclass

from host_sim import protocols
from host_sim.can_inverter_brands import BRANDS

# module of firmware/protocols/can/ -> brands of inverters that speak it
SPEAKERS = {"jk250": ("jk",), "jk500": ("jk",), "deye_pcs": ("deye-pcs",),
            "seplos": ("seplos", "megarevo")}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`name` as shown; `number` of the protocol; `dbc`: its key in the decoder; `brand`: a key of
    BRANDS."""

    name: str
    number: int
    bitrate: int
    dbc: str
    brand: str


def cases():
    """All of them, in the order of the list."""
    out = []
    for row in protocols.implemented("can"):
        for brand in SPEAKERS.get(row["module"], (row["module"],)):
            name = brand if len(SPEAKERS.get(row["module"], ())) > 1 else row["key"]
            assert brand in BRANDS, brand
            out.append(Case(name, row["id"], row["baud"], row["module"], brand))
    return out
