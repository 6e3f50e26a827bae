"""Why a current limit is below its setting, besides fault ids: codes of state.limits and
state.charging. A code of FIRST or more is no fault: such a limit comes and goes gently."""

FIRST = 220
CELL_HIGH = 220  # highest cell near OVP
CELL_LOW = 221  # lowest cell near UVP
EMPTY = 222  # stopped by the lowest cell; waits for charge
COLD = 223
HOT = 224
MOS_HOT = 225
NEARLY_FULL = 226  # by state of charge
NEARLY_EMPTY = 227
RISING = 228  # nothing limits any more, the limit sent comes up slowly
INVERTER_SILENT = 229  # COM-10
