"""What protocols see of a pack: the state records, read-only, and the few figures that every
protocol needs in the same words."""

from firmware import parameter_ids as ids

UNKNOWN_DC = -2000  # 0.1 degC; what a JK sends for a sensor that is not fitted (0xF830)
MOS = 4  # index of the MOS sensor in Measured.temp_dc


class PackView:
    """One pack. The attributes are the sub-records of `State`; None there means "not fitted" or
    "not known"; the methods turn that into what the wire can carry."""

    def __init__(self, state, parameters, faults):
        self.measured = state.measured
        self.mosfets = state.mosfets
        self.gauge = state.gauge
        self.limits = state.limits
        self.power = state.power
        self.balance = state.balance
        self.system = state.system
        self.panel = state.panel
        self._parameters = parameters
        self._faults = faults

    def value(self, id):
        """A parameter, raw."""
        return self._parameters.values[id]

    def text(self, id):
        """A text parameter as bytes."""
        return self._parameters.text(id)

    def alarm_word(self):
        """The JK alarm word (protocols page, 1.5), 29 bits."""
        return self._faults.jk_word()

    def soc_pct(self):
        """Whole per cent 0..100, rounded as a JK does; 0 while unknown."""
        soc = self.gauge.soc_dpct
        return 0 if soc is None else max(0, min(100, (soc + 5) // 10))

    def remaining_mah(self):
        """mAh, 0 while unknown."""
        left = self.gauge.remaining_mah
        return 0 if left is None else left

    def temperature_dc(self, sensor):
        """0.1 degC of T1..T4 (0..3) or the MOSFETs (4); UNKNOWN_DC when there is no value."""
        value = self.measured.temp_dc[sensor]
        return UNKNOWN_DC if value is None else value

    def sensor_fitted(self, sensor):
        """True when the parameter says so and the sensor reads."""
        fitted = self.value(ids.SENSOR_MASK) >> sensor & 1 == 1
        return fitted and self.measured.temp_dc[sensor] is not None
