"""What a board allows: its own range of cells per chemistry (PRF-04) and of currents (PRF-06)."""

from firmware import parameter_ids as p
from firmware.parameters import Refused
from firmware.settings.rows import key

CHEMISTRIES = ("cells_lfp", "cells_li_ion", "cells_lto")
NAMES = ("LiFePO4", "Li-ion", "LTO")
CURRENTS = (p.CHARGE_OCP_MA, p.DISCHARGE_OCP_MA)


def check_cells(capabilities, chemistry, count):
    """Raise Refused for a chemistry or cell count that the board does not support."""
    low, high = getattr(capabilities, CHEMISTRIES[chemistry])
    if not high:
        raise Refused("chemistry %s: this board does not support it" % NAMES[chemistry])
    if not low <= count <= high:
        raise Refused(
            "cell_count = %d: allowed for %s on this board are %d..%d"
            % (count, NAMES[chemistry], low, high)
        )


def check_currents(capabilities, changes):
    """Raise Refused for an over-current limit in {id: value} outside the board's range."""
    low, high = capabilities.ocp_min_ma, capabilities.ocp_max_ma
    for id in CURRENTS:
        if id in changes and not low <= changes[id] <= high:
            raise Refused(
                "%s = %d: allowed on this board are %d..%d" % (key(id), changes[id], low, high)
            )
