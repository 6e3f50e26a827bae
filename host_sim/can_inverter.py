"""A hybrid inverter behind a simulated pack: it does what the battery's CAN frames ask for, as a
real one does: late, in ramps, with a voltage loop, noise and a voltmeter of its own."""

import random

from host_sim.can_inverter_frames import BatteryFrames

STEP_S = 0.5
EFFICIENCY = 0.96
METER_ERROR = 0.002  # of the inverter's own voltmeter
RIPPLE_V = 0.03
LOOP = 20.0  # A a volt a step: the voltage loop
RISE_A, FALL_A = 8.0, 40.0  # change in a step: away from zero, towards it
OWN_LOW_V = 48.0  # ends discharging when the battery names no voltage ...
RECOVER_V = 1.5  # ... and starts again so far above it
FORCED_A = 20.0  # from the grid when the battery wants to be charged at once
PULL_A = 30.0  # what an inverter that pulls down takes out at most


class CanInverter:
    """`pack`: the SimPack; `messages`: DBC messages of the protocol; `brand`: a Brand; `net_w`:
    function(seconds) -> surplus of the house, W. Currents in A, + charges."""

    def __init__(self, pack, messages, brand, bitrate, net_w, rating_a=100.0, seed=1):
        self.pack, self.world, self.brand = pack, pack.world, brand
        self.net_w, self.rating_a = net_w, rating_a
        self.frames = BatteryFrames(self.world, messages, bitrate, brand.extended)
        self.pack.hal.buses["can"].attach(self.frames)
        self._chance = random.Random(f"inverter {seed}")
        self._gain = 1 + METER_ERROR * self._chance.uniform(-1, 1)
        self.amps = 0.0
        self.running = False
        self.stops = 0  # times it stopped for want of frames
        self.wish_a = 0.0  # what the house would like
        self.sold_ah = 0.0  # pulled out of the battery without a need
        self._top_a = 0.0  # the voltage loop
        self._low = False  # discharging ended at the low voltage
        self.world.after(round(brand.every_s * 1e6), self._speak)
        self.world.after(round(STEP_S * 1e6), self._step)

    def _speak(self):
        self.world.after(round(self.brand.every_s * 1e6), self._speak)
        for frame in self.brand.says:
            self.frames.submit(*frame)

    def _step(self):
        self.world.after(round(STEP_S * 1e6), self._step)
        self.pack.hal.sync()
        volts = self.pack.plant.port_v * self._gain + self._chance.gauss(0.0, RIPPLE_V)
        target = self._target(volts)
        down, up = (FALL_A, RISE_A) if self.amps > 0 else (RISE_A, FALL_A)
        self.amps += max(-down, min(up, target - self.amps))
        if self.amps < 0 and self.amps < self.wish_a:
            self.sold_ah += (min(self.wish_a, 0.0) - self.amps) * STEP_S / 3600
        self.pack.set_current(self.amps)

    def _target(self, volts):
        """The current that it wants now."""
        self.wish_a = self._wish(volts)
        if not self._hears():
            return 0.0
        asked = self.frames.asked
        top = self._charge_limit(volts, asked)
        low = self._discharge_limit(volts, asked)
        wish = max(self.wish_a, FORCED_A) if asked.force else self.wish_a
        return max(min(wish, top), -low)

    def _wish(self, volts):
        watts = self.net_w(self.world.seconds)
        watts = watts * EFFICIENCY if watts > 0 else watts / EFFICIENCY
        return watts / max(volts, 40.0)

    def _hears(self):
        """False while the battery's limits are missing."""
        silent = self.frames.silent_s()
        hears = silent is not None and silent < self.brand.silence_s
        if self.running and not hears:
            self.stops += 1
        self.running = hears
        return hears

    def _charge_limit(self, volts, asked):
        """A; below zero only where a brand pulls a battery down to the voltage asked for."""
        most = min(self.rating_a, asked.ccl_a or 0.0) if asked.may("charge") else 0.0
        least = -PULL_A if self.brand.pulls_down else 0.0
        self._top_a += LOOP * ((asked.cvl_v or 0.0) - volts)
        self._top_a = max(least, min(self._top_a, most))
        return self._top_a

    def _discharge_limit(self, volts, asked):
        low_v = asked.dvl_v or OWN_LOW_V
        if volts <= low_v:
            self._low = True
        elif volts >= low_v + RECOVER_V:
            self._low = False
        if self._low or not asked.may("discharge"):
            return 0.0
        return self.rating_a if asked.dcl_a is None else min(self.rating_a, abs(asked.dcl_a))
