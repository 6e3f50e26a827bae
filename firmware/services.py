"""The services: what runs between two control cycles, and what is loaded when.

The control cycle begins before any of this is in memory (docs/architecture.md, Start). Then one
step of LOADED a slice: a module is brought into memory, or a service is built from what is there.
A step that raises costs its own service; the others go on.
"""

# services in their fixed order, which is that of the bits of Controller.wake
PANEL = 0
RS485_1 = 1
RS485_2 = 2
RS232 = 3
CAN = 4
GAUGE = 5
CHARGING = 6
NAMES = ("panel", "rs485_1", "rs485_2", "rs232", "can", "gauge", "charging")
PASSWORDS = 7  # no service: what the ports need

# (what it belongs to, module; None = built now). Keys and lamps first, what an inverter needs next
LOADED = (
    (PANEL, "firmware.panel.panel"),
    (PANEL, None),
    (GAUGE, "firmware.gauge.fusion"),
    (GAUGE, "firmware.gauge.voltage"),
    (GAUGE, "firmware.gauge.gauge"),
    (GAUGE, "firmware.gauge_keeper"),
    (GAUGE, None),
    (CHARGING, "firmware.charging"),
    (CHARGING, None),
    (PASSWORDS, None),
    (CAN, "firmware.protocols.registry"),
    (CAN, "firmware.ports.can_port"),
    (CAN, "firmware.ports.build"),
    (CAN, None),
    (RS485_1, None),
    (RS485_2, None),
    (RS232, None),
)


class Service:
    """A component that runs between two cycles."""

    def __init__(self, name):
        self.name = name
        self.part = None  # has step(dt_ms) -> ms until due
        self.last_ms = 0
        self.wait_ms = 0  # after last_ms it is due
        self.disabled = True  # also while it is not there yet


class Services:
    """`all` of them, built step by step."""

    def __init__(self, control, keeper, requests):
        self.all = [Service(name) for name in NAMES]
        self._control = control
        self._context = control.context
        self._keeper = keeper
        self._requests = requests
        self._view = None  # of charge control and the protocols
        self._supply = None  # of the ports
        self._next = 0

    def missing(self):
        """True until every step was taken."""
        return self._next < len(LOADED)

    def owner(self):
        """The service that the last step belonged to."""
        return self.all[LOADED[self._next - 1][0]]

    def load(self, now_ms):
        """Take one step; raises what it raises."""
        index, module = LOADED[self._next]
        self._next += 1
        if index == PASSWORDS:
            self._keeper.load_passwords()
        elif self._wanted(index):
            if module is not None:
                __import__(module)
            else:
                self._start(self.all[index], self._build(index), now_ms)

    def _wanted(self, index):
        """Its hardware is there, and no step of it has failed."""
        hal, faults = self._context.hal, self._context.state.system.service_faults
        if RS485_1 <= index <= CAN and getattr(hal, NAMES[index]) is None:
            return False
        return not faults >> index & 1

    def _start(self, service, part, now_ms):
        service.part = part
        service.last_ms = now_ms
        service.disabled = False

    def _build(self, index):
        if index == PANEL:
            return self._panel()
        if index == GAUGE:
            return self._gauge()
        if self._view is None:
            self._view = self._pack_view()
        return self._charging() if index == CHARGING else self._port(index)

    def _pack_view(self):
        from firmware.protocols.view import PackView  # as all below: not at start

        return PackView(self._context.state, self._context.parameters, self._context.faults)

    def _panel(self):
        from firmware.panel.panel import Panel

        context = self._context
        return Panel(
            context.hal, context.state, context.faults, context.parameters, context.events
        )

    def _gauge(self):
        from firmware.gauge_keeper import GaugeKeeper

        keeper = GaugeKeeper(self._control, self._keeper)
        self._control.gauge = gauge = keeper.build()
        self._keeper.gauge = keeper
        return gauge

    def _charging(self):
        from firmware.charging import ChargeControl

        return ChargeControl(self._view)

    def _port(self, index):
        from firmware.ports.build import Supply

        if self._supply is None:
            self._supply = Supply(self._context, self._view, self._requests)
        return self._supply.port(index)
