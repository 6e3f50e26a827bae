"""Single pins of the RP2040: outputs, and voltages at its converter."""

from hal import parts as hp

FULL = 12  # bits of the converter that count


class Output(hp.Switch):
    """A pin that drives something: kill line, pre-charge, heater, limiter, buzzer. `on` is what
    the pin carries when it is on; a resistor on the board keeps its state in reset."""

    def __init__(self, machine, number, rest=0, on=1):
        self._on = on
        self._pin = machine.Pin(number, machine.Pin.OUT, value=on if rest else 1 - on)

    def set(self, on):
        self._pin.value(self._on if on else 1 - self._on)

    def is_on(self):
        return self._pin.value() == self._on


class Analog:
    """A voltage behind a divider or an amplifier; `full` is what the largest reading stands for
    (mV or mA, up to 262 000). Readings below `floor` are noise and count as 0."""

    def __init__(self, machine, number, full, floor=0):
        self._adc = machine.ADC(machine.Pin(number))
        self._full = full
        self._floor = floor

    def read(self):
        """The value in the unit of `full`."""
        value = (self._adc.read_u16() >> 16 - FULL) * self._full >> FULL
        return value if value >= self._floor else 0


class Heater(Output, hp.Heater):
    """A heating output with a shunt and amplifier at `sense` (Analog, mA)."""

    def __init__(self, machine, number, sense):
        Output.__init__(self, machine, number)
        self._sense = sense

    def current_ma(self):
        return self._sense.read()


class ChargerSense(hp.ChargerSense):
    """A divider at the charger's side (Analog, mV)."""

    def __init__(self, sense):
        self._sense = sense

    def voltage_mv(self):
        return self._sense.read()


class SupplyWatch:
    """Called as `brown_out`: True while the supply at `sense` (Analog, mV) is below `least_mv`."""

    def __init__(self, sense, least_mv):
        self._sense = sense
        self._least_mv = least_mv

    def __call__(self):
        return self._sense.read() < self._least_mv


class PowerLatch(hp.PowerLatch):
    """A pin that holds the controller's own supply."""

    def __init__(self, machine, number):
        self._pin = machine.Pin(number, machine.Pin.OUT, value=1)

    def off(self):
        self._pin.value(0)

    def sleep(self, deep):
        """The board has no state between on and off: protection needs the controller awake."""
