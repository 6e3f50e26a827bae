"""Words for the reasons of a limit: faults, or codes of firmware/limit_ids.py."""

from firmware import limit_ids
from host_sim import tables

TEXTS = {
    limit_ids.CELL_HIGH: "highest cell near its protection",
    limit_ids.CELL_LOW: "lowest cell near its protection",
    limit_ids.EMPTY: "empty, waits for charge",
    limit_ids.COLD: "cold",
    limit_ids.HOT: "hot",
    limit_ids.MOS_HOT: "MOSFETs hot",
    limit_ids.NEARLY_FULL: "nearly full",
    limit_ids.NEARLY_EMPTY: "nearly empty",
    limit_ids.RISING: "coming up slowly",
}


def text(reason):
    """What a reason means, for people."""
    if not reason:
        return "as set"
    return TEXTS.get(reason) or tables.fault_rows()[reason]["text"]
