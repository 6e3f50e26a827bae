"""The numbers behind the levels at which something happens: settings, or derived from settings."""

from firmware import parameter_ids as p

# derived levels (no parameter id; a byte each, see control/rules.py)
OVP_TRIP_MV = 240  # OVP + 150 mV (PRT-24)
DEEP_MV = 241  # deep discharge of this chemistry (PRT-26)
DEEP_RELEASE_MV = 242
DAMAGED_MV = 243
DEEP_MA = 244  # 0.05 C
HOT_DC = 245  # 80 degC (PRT-24)
HOT_RELEASE_DC = 246
EMERGENCY_END_MV = 247  # deep discharge + 200 mV: 2.2 V per LFP cell (PRT-17)

DEEP_LEVELS_MV = (2000, 1500, 2500, 2000, 1500, 1200)  # deep, damaged: LFP, Li-ion, LTO


def level(values, id):
    """The number behind a level of the table; 0 in a settable one means "derived"."""
    if id < OVP_TRIP_MV and values[id]:
        return values[id]
    count = values[p.CELL_COUNT]
    deep = DEEP_LEVELS_MV[2 * values[p.CHEMISTRY]]
    if id == p.PACK_OVP_MV:
        return values[p.CELL_OVP_MV] * count
    if id == p.PACK_OVPR_MV:
        return values[p.CELL_OVPR_MV] * count
    if id == p.PACK_UVP_MV:
        return values[p.CELL_UVP_MV] * count
    if id == p.PACK_UVPR_MV:
        return values[p.CELL_UVPR_MV] * count
    if id == p.PACK_OV_ALARM_MV:  # between what is asked for and the protection
        full_mv = max(values[p.RCV_MV] * count, level(values, p.PACK_OVPR_MV))
        return max(full_mv, (full_mv + level(values, p.PACK_OVP_MV)) // 2)
    if id == p.PACK_UV_ALARM_MV:
        return (level(values, p.PACK_UVP_MV) + level(values, p.PACK_UVPR_MV)) // 2
    if id == p.CHARGE_OCP2_MA:
        return values[p.CHARGE_OCP_MA] // 2 * 3
    if id == p.DISCHARGE_OCP2_MA:
        return values[p.DISCHARGE_OCP_MA] // 2 * 3
    if id == OVP_TRIP_MV:
        return values[p.CELL_OVP_MV] + 150
    if id == DEEP_MV:
        return deep
    if id == DEEP_RELEASE_MV:
        return deep + 100
    if id == EMERGENCY_END_MV:
        return deep + 200
    if id == DAMAGED_MV:
        return DEEP_LEVELS_MV[2 * values[p.CHEMISTRY] + 1]
    if id == DEEP_MA:
        return values[p.DESIGN_CAPACITY_MAH] // 20
    if id == HOT_DC:
        return 800
    if id == HOT_RELEASE_DC:
        return 600
    return 0  # a settable level of zero that means zero (0 degC)
