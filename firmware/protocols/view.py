"""What protocols see of a pack: the state records, read-only, and the few figures that every
protocol needs in the same words."""

from firmware.parameters import FIRST_TEXT

UNKNOWN_DC = -2000  # 0.1 degC; what a JK sends for a sensor that is not fitted (0xF830)
MOS = 4  # index of the MOS sensor in Measured.temp_dc
# text parameters, in the order of tables/parameters.toml
MODEL = FIRST_TEXT
SERIAL_NUMBER = FIRST_TEXT + 1
MANUFACTURE_DATE = FIRST_TEXT + 2
USER_DATA = FIRST_TEXT + 3
DEVICE_NAME = FIRST_TEXT + 4


class PackView:
    """One pack. The attributes are the sub-records of `State`; None there means "not fitted" or
    "not known"; the methods turn that into what the wire can carry.

    `values` are the raw parameters by id, `text(id)` is a text parameter as bytes,
    `alarm_word()` the JK alarm word (protocols page, 1.5), 29 bits, `stands(fault)` tells whether
    a fault stands, `standing` and `fault_bits(places)` are for many (firmware/faults.py). A bank's
    view has `pack_count` members, `pack(index)` gives one of them.
    """

    pack_count = 1  # a bank of one

    def __init__(self, state, parameters, faults):
        self.measured = state.measured
        self.mosfets = state.mosfets
        self.gauge = state.gauge
        self.limits = state.limits
        self.charging = state.charging
        self.power = state.power
        self.balance = state.balance
        self.system = state.system
        self.panel = state.panel
        self.values = parameters.values
        self.text = parameters.text
        self.alarm_word = faults.jk_word
        self.stands = faults.stands
        self.standing = faults.standing
        self.fault_bits = faults.bits

    def pack(self, index):
        """The view of one member, 0 = the one that answers."""
        return self

    def soc_pct(self):
        """Whole per cent 0..100, rounded as a JK does; 0 while unknown."""
        soc = self.gauge.soc_dpct or 0
        return max(0, min(100, (soc + 5) // 10))

    def temperature_dc(self, sensor):
        """0.1 degC of T1..T4 (0..3) or the MOSFETs (4); UNKNOWN_DC when there is no value."""
        value = self.measured.temp_dc[sensor]
        return UNKNOWN_DC if value is None else value
