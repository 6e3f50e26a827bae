"""Why the state of charge moved other than by counting: codes of events.SOC, with their words."""

ASSUMED = 1  # no stored charge: half full
SET = 2  # by hand (SOC-05)
COLD_START = 3  # one jump into what the voltage allows
FULL = 4  # full sync
EMPTY = 5  # empty sync
VOLTAGE = 6  # the voltage disagrees: correction begins
CAPACITY = 7  # actual capacity learned (SOC-02); value 0.1 %
ZERO = 8  # current zero taken with both MOSFETs off; value mA
GUARD = 9  # voltage corrections made it worse: trusted less; value per cent
RESTORED = 10  # learned state of before the restart

NAMES = (
    "",
    "assumed",
    "set-by-hand",
    "cold-start",
    "full-sync",
    "empty-sync",
    "voltage",
    "capacity",
    "zero",
    "guard",
    "restored",
)
