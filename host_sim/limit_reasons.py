"""Why a current limit is what it is, in keys and words (firmware/limit_ids.py holds the codes)."""

from firmware import limit_ids as why
from firmware import state
from host_sim import tables

SETTING = "setting"
# code: (key, in words)
REASONS = {
    0: (SETTING, "setting"),
    why.CELL_HIGH: ("cell_high", "highest cell near its protection"),
    why.CELL_LOW: ("cell_low", "lowest cell near its protection"),
    why.EMPTY: ("empty", "empty, waits for charge"),
    why.COLD: ("cold", "cold cell"),
    why.HOT: ("hot", "hot cell"),
    why.MOS_HOT: ("mos_hot", "hot MOSFETs"),
    why.NEARLY_FULL: ("nearly_full", "nearly full"),
    why.NEARLY_EMPTY: ("nearly_empty", "nearly empty"),
    why.INVERTER_SILENT: ("inverter_silent", "inverter silent"),
    why.RISING: ("rising", "coming up slowly"),
}
STAGES = {
    state.NOT_CHARGING: "not charging",
    state.BULK: "bulk",
    state.ABSORPTION: "absorption",
    state.FLOAT: "float",
}


def key(reason):
    """Key of a reason; a fault's own."""
    return REASONS[reason][0] if reason in REASONS else tables.fault_rows()[reason]["key"]


def words(reason):
    """A reason as people read it; a fault's own text."""
    return REASONS[reason][1] if reason in REASONS else tables.fault_rows()[reason]["text"]


def limit(ma, reason):
    """'20 A: cold cell'."""
    amps = f"{ma / 1000:.1f}".removesuffix(".0")
    return f"{amps} A: {words(reason)}"
