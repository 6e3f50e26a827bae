"""Loads the services behind the first control cycle, and is dropped itself then.

The control cycle begins before any of this is in memory (docs/architecture.md, Start). Then one
step of LOADED a slice: a module is brought into memory, or a service is built from what is there.
A step that raises costs its own service; the others go on.
"""

import gc

from firmware.services import CAN, CHARGING, GAUGE, NAMES, PANEL, RS232, RS485_1, RS485_2, Service

PASSWORDS = 7  # no service: what the ports need

# what a step does that is not the name of a module to load
HARDWARE = 0  # the driver of a port, where the board has not brought it yet
PREPARE = 1  # the gauge without its record; the module of the protocol that a port is set to
BUILD = 2  # the service, which runs from then on

# (whose, step), in this order. Keys and lamps come first, then what an inverter needs
LOADED = (
    (PANEL, "firmware.panel.panel"),
    (PANEL, BUILD),
    (GAUGE, "firmware.gauge.voltage"),
    (GAUGE, "firmware.gauge_keeper"),
    (GAUGE, PREPARE),
    (GAUGE, BUILD),
    (CAN, HARDWARE),
    (CAN, "firmware.ports.can_port"),
    (CAN, "firmware.ports.build"),
    (CHARGING, "firmware.charging"),
    (CHARGING, BUILD),
    (PASSWORDS, BUILD),
    (CAN, PREPARE),
    (CAN, BUILD),
    (RS485_1, HARDWARE),
    (RS485_1, PREPARE),
    (RS485_1, BUILD),
    (RS485_2, HARDWARE),
    (RS485_2, PREPARE),
    (RS485_2, BUILD),
    (RS232, HARDWARE),
    (RS232, PREPARE),
    (RS232, BUILD),
)


class Loading:
    """`all` of them, built step by step."""

    def __init__(self, control, keeper, requests):
        self.all = [Service(name) for name in NAMES]
        self.steps = LOADED
        self._control = control
        self._context = control.context
        self._keeper = keeper
        self._requests = requests
        self._gauge = None  # keeps the gauge's record
        self._supply = None  # of the ports
        self._next = 0
        self._tidy = False

    def missing(self):
        """True until every step was taken."""
        return self._next < len(self.steps)

    def owner(self):
        """The service that the last step belonged to."""
        return self.all[self.steps[self._next - 1][0]]

    def load(self, now_ms):
        """A step, or in front of what loads code a slice that only collects garbage: what loading
        has left lying around would split the heap for ever. Raises what the step raises."""
        what = self.steps[self._next][1]
        if not self._tidy and (what == HARDWARE or isinstance(what, str)):
            self._tidy = True
            gc.collect()
        else:
            self._tidy = False
            self.take(now_ms)

    def take(self, now_ms):
        """The next step; raises what it raises."""
        index, what = self.steps[self._next]
        self._next += 1
        if index == PASSWORDS:
            self._keeper.load_passwords()
        elif self._failed(index):
            return
        elif what == HARDWARE:
            self._context.hal.bring(NAMES[index])
        elif RS485_1 <= index <= CAN and getattr(self._context.hal, NAMES[index]) is None:
            return  # the board has no such port
        elif what == PREPARE:
            self._prepare(index)
        elif what == BUILD:
            service = self.all[index]
            service.part = self._build(index)
            service.last_ms = now_ms
            service.disabled = False
        else:
            __import__(what)

    def _failed(self, index):
        return self._context.state.system.service_faults >> index & 1

    def _prepare(self, index):
        if index == GAUGE:
            self._gauge = self._gauge_keeper()
        else:
            self._ports().fetch(index)

    def _build(self, index):
        if index == PANEL:
            return self._panel()
        if index == GAUGE:
            self._control.gauge = gauge = self._gauge.restore()
            self._keeper.gauge = self._gauge  # not before: it would store that nothing was learned
            return gauge
        return self._charging() if index == CHARGING else self._ports().port(index)

    # each imports what is not there at start

    def _panel(self):
        from firmware.panel.panel import Panel

        context = self._context
        return Panel(
            context.hal, context.state, context.faults, context.parameters, context.events
        )

    def _gauge_keeper(self):
        from firmware.gauge_keeper import GaugeKeeper

        return GaugeKeeper(self._control, self._keeper)

    def _charging(self):
        from firmware.charging import ChargeControl

        return ChargeControl(self._ports().view)

    def _ports(self):
        from firmware.ports.build import Supply

        if self._supply is None:
            self._supply = Supply(self._context, self._requests)
        return self._supply


def begin(control, keeper, requests):
    """The Loading of a controller's services, before its first step."""
    return Loading(control, keeper, requests)
