"""Measurement and balancing on a fake board, with leads that have a resistance."""

from firmware import fault_ids
from firmware import parameter_ids as p
from firmware.control.balancing import Balancing
from firmware.control.context import Context
from firmware.control.measurement import Measurement
from firmware.parameters import Parameters
from firmware.state import ON
from hal import parts as hp
from tests.fakes.hal import FakeHal

RECEIVED = 85  # per cent


class LeadBalancer(hp.Balancer):
    """Delivers `share` per cent of what is asked, at least `leak_ma`; `log` has every command."""

    def __init__(self):
        self.donor = self.receiver = self.ma = 0
        self.share = 100
        self.leak_ma = 0
        self.raises = False
        self.log = []

    def transfer(self, donor, receiver, ma):
        if self.raises:
            raise OSError
        self.donor, self.receiver, self.ma = donor, receiver, ma
        self.log.append((donor, receiver, ma))

    def current_ma(self):
        if self.raises:
            raise OSError
        return max(self.ma * self.share // 100, self.leak_ma)


class Rig:
    """`mv` are the true cell voltages, `mohm` the resistances of the leads of each cell."""

    def __init__(self, cells=8, strategy=0, period_ms=1000, mohm=30, tested=True):
        self.hal = FakeHal(cells)
        self.part = self.hal.balancer = LeadBalancer()
        self.hal.capabilities.period_ms = period_ms
        self.period_ms = period_ms
        self.mv = [3300] * cells
        self.mohm = [mohm] * cells
        self.ma = 0
        self.before = None  # called ahead of every cycle
        self.boot(Parameters())
        self.set(p.CELL_COUNT, cells)
        self.set(p.BALANCE_STRATEGY, strategy)
        if tested:
            self.tested()

    def boot(self, parameters=None):
        """A new process on the same hardware."""
        self.context = context = Context(self.hal, parameters or self.context.parameters)
        self.measurement = Measurement(context)
        self.balancing = Balancing(context)
        self.state, self.faults = context.state, context.faults
        self.balance, self.measured = self.state.balance, self.state.measured
        self.state.power.mode = ON

    def set(self, id, value):
        """One setting, as a request does."""
        self.context.parameters.values[id] = value
        self.context.parameters.seal()

    def tested(self):
        """The leads are known and good."""
        for i in range(len(self.mv)):
            self.balance.lead_mohm[i] = self.mohm[i]
        self.balancing.leads._wait_ms = 604_800_000

    def drops(self, cell):
        """What the leads take from the reading of a cell now, mV."""
        part, ma = self.part, self.part.current_ma()
        if not ma:
            return 0
        if cell == part.donor:
            return ma * self.mohm[cell] // 1000
        if cell == part.receiver:
            return -(ma * RECEIVED * self.mohm[cell] // 100_000)
        return 0

    def cycle(self):
        """One control cycle."""
        if self.before is not None:
            self.before()
        afe = self.hal.afe
        for i in range(len(self.mv)):
            afe.cell_mv[i] = min(max(self.mv[i] - self.drops(i), 0), 65535)
        afe.current_ma = self.ma
        self.measurement.step(self.period_ms)
        self.balancing.step(self.period_ms)

    def run(self, seconds, until=None):
        """Run so long, or until `until()` is true; seconds that passed."""
        ms = 0
        while ms < seconds * 1000:
            self.cycle()
            ms += self.period_ms
            if until is not None and until():
                break
        return ms // 1000

    def moves(self):
        """True while current is asked for."""
        return self.part.ma > 0

    def start(self):
        """Run until charge moves; seconds that took."""
        took = self.run(120, until=self.moves)
        assert self.moves(), self.balance.reason
        return took

    def rests(self, seconds=150, reason=None):
        """True when nothing moves for so long, and the reason is this one."""
        self.run(seconds, until=self.moves)
        return not self.moves() and reason in (None, self.balance.reason)

    def stands(self, key):
        return self.faults.stands(getattr(fault_ids, key.upper()))
