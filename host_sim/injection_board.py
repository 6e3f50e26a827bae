"""Faults of the controller, its supply, its bus, its memory and its program (see injection.py)."""

from firmware import parameter_ids as ids
from hal import contract as c
from hal.parts import Can

CAUSES = {
    "power_on": c.RESET_POWER_ON,
    "pin": c.RESET_PIN,
    "watchdog": c.RESET_WATCHDOG,
    "brown_out": c.RESET_BROWN_OUT,
    "soft": c.RESET_SOFT,
}
BROWN_OUT_WARNING_US = 5_000


def _flag(owner_of, name, value=True, rest=False):
    def on(pack):
        setattr(owner_of(pack), name, value)
        return lambda: setattr(owner_of(pack), name, rest)

    return on


def _nack(pack, n=1):
    pack.hal.afe.nack = n


def _reset(pack, cause="pin"):
    if cause not in CAUSES:
        raise ValueError(f"cause {cause}: {', '.join(CAUSES)}")
    pack.reset(CAUSES[cause])


def _brown_out(pack, warning_us=BROWN_OUT_WARNING_US, afe=False):
    """The supply falls, is gone (also for the front end when afe=True), and returns."""
    hal = pack.hal
    hal.supply_falling = True

    def gone():
        hal.supply_falling = False
        if afe:
            hal.afe.power_on()
        pack.reset(c.RESET_BROWN_OUT)

    pack.world.after(warning_us, gone)


def _stall(pack):
    pack.processor.stalled = True

    def undo():
        pack.processor.resume()

    return undo


def _late(pack, ms=150):
    pack.processor.late_us = ms * 1000


def _config_flip(pack, field="cell_ov_mv", value=4500):
    pack.hal.afe.flip(field, value)


def _memory_flip(pack, parameter="CELL_OVP_MV", bit=5):
    number = getattr(ids, parameter.upper()) if isinstance(parameter, str) else parameter
    pack.controller.parameters.values[number] ^= 1 << bit


def _boom(*args):
    raise RuntimeError("injected fault")


def _service_raise(pack, service="rs485_1"):
    parts = {s.name: s.part for s in pack.controller.services if s.part is not None}
    if service not in parts:
        raise ValueError(f"service {service}: {', '.join(parts)}")
    victim = parts[service]
    victim.step = _boom

    def undo():
        if "step" in vars(victim):
            del victim.step

    return undo


def _control_raise(pack):
    pack.hal.afe.raises = RuntimeError("injected fault")

    def undo():
        pack.hal.afe.raises = None

    return undo


def _bus_off(pack):
    pack.hal.can.hold_state(Can.BUS_OFF)
    return lambda: pack.hal.can.hold_state(None)


def _afe(pack):
    return pack.hal.afe


def _nvm(pack):
    return pack.hal.nvm


def _nvm_tear(pack, n=10):
    pack.hal.nvm.tear_next = n


def _line_noise(pack, port="rs485_1", probability=0.05):
    bus = pack.hal.buses[port]
    bus.noise = probability
    return lambda: setattr(bus, "noise", 0.0)


FAULTS = {
    "i2c_silence": ("the front end does not answer", _flag(_afe, "silent")),
    "i2c_nack": ("the next n=1 accesses to the front end fail; an event", _nack),
    "afe_reset": ("the front end loses its supply; an event", lambda pack: _afe(pack).power_on()),
    "afe_config_flip": (
        "a limit in the front end changes (field=cell_ov_mv, value=4500); an event",
        _config_flip,
    ),
    "cpu_stall": ("the program hangs until the watchdog bites", _stall),
    "cpu_late": ("the program is ms=150 late once; an event", _late),
    "reset": (f"a reset (cause={'|'.join(CAUSES)}); an event", _reset),
    "brown_out": ("a supply dip (warning_us=5000, afe=False); an event", _brown_out),
    "nvm_fail": ("writes to the memory fail", _flag(_nvm, "fails")),
    "nvm_unreadable": ("the memory cannot be read", _flag(_nvm, "unreadable")),
    "nvm_tear": ("the next write is cut after n=10 bytes; an event", _nvm_tear),
    "memory_flip": (
        "a parameter in RAM changes (parameter=CELL_OVP_MV, bit=5); an event",
        _memory_flip,
    ),
    "service_raise": ("a service raises (service=panel|rs485_1|rs485_2|rs232)", _service_raise),
    "control_raise": ("the measurement raises", _control_raise),
    "can_bus_off": ("the CAN controller is bus-off", _bus_off),
    "line_noise": ("noise on a line (port=rs485_1, probability=0.05)", _line_noise),
    "dip_float": (
        "a line of the DIP switch floats",
        _flag(lambda pack: pack.hal.panel, "floating"),
    ),
}
