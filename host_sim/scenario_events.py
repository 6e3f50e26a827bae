"""What a scenario can do to a pack: one function an action, checked before the run."""

from firmware import parameters, requests
from hal import contract as c
from host_sim import injection

CAUSES = {
    "pin": c.RESET_PIN,
    "power": c.RESET_POWER_ON,
    "watchdog": c.RESET_WATCHDOG,
    "brown_out": c.RESET_BROWN_OUT,
    "soft": c.RESET_SOFT,
}
SOURCES = {
    "console": requests.CONSOLE,
    "key": requests.KEY,
    "rs485-1": requests.RS485_1,
    "rs485-2": requests.RS485_2,
    "rs232": requests.RS232,
}


class Malformed(ValueError):
    """The scenario file is wrong; the text says where and what is allowed."""


def _request(kind):
    def act(pack, source="console", **payload):
        value = next(iter(payload.values()), None)
        return pack.controller.requests.submit(SOURCES[source], kind, value)

    return act


def _set(pack, source="console", **values):
    changes = {parameters.find(key): value for key, value in values.items()}
    return pack.controller.requests.submit(SOURCES[source], requests.SET, changes)


ACTIONS = {
    "current": lambda pack, amps: pack.set_current(amps),
    "power": lambda pack, watts: pack.set_power(watts),
    "profile": lambda pack, csv: pack.set_profile(csv),
    "charger": lambda pack, amps, volts: pack.connect_charger(amps, volts),
    "unplug": lambda pack: pack.disconnect_charger(),
    "press": lambda pack, seconds=0.3: pack.press(seconds),
    "press_reset": lambda pack, with_key=False: pack.press_reset(with_key),
    "reset": lambda pack, cause="pin": pack.reset(CAUSES[cause]),
    "dip": lambda pack, address: pack.set_dip(address),
    "inject": lambda pack, fault, **args: pack.inject(fault, **args),
    "clear": lambda pack, fault: pack.clear(fault),
    "link": lambda pack, frames=1: _link(pack, frames),
    "set": _set,
    "preset": _request(requests.PRESET),
    "emergency": _request(requests.EMERGENCY),
    "emergency_stop": _request(requests.EMERGENCY_STOP),
    "acknowledge": _request(requests.ACKNOWLEDGE),
    "power_off": _request(requests.POWER_OFF),
    "restart": _request(requests.RESTART),
    "calibrate_voltage": _request(requests.CALIBRATE_VOLTAGE),
    "calibrate_current": _request(requests.CALIBRATE_CURRENT),
    "calibrate_zero": _request(requests.CALIBRATE_ZERO),
    "set_time": _request(requests.SET_TIME),
}
RESERVED = ("at", "do", "refused", "note")


def _link(pack, frames):
    """Frames exchanged in parallel mode (the parallel link itself is not there yet)."""
    pack.controller.state.panel.link_frames += frames


def check_event(event, index):
    """Malformed unless the event names an action and a time."""
    where = f"event {index + 1}"
    if not isinstance(event.get("at"), int | float) or event["at"] < 0:
        raise Malformed(f"{where}: `at` must be a time in seconds, not {event.get('at')!r}")
    if event.get("do") not in ACTIONS:
        raise Malformed(
            f"{where}: unknown action {event.get('do')!r}; allowed: {', '.join(sorted(ACTIONS))}"
        )
    if event["do"] in ("inject", "clear") and event.get("fault") not in injection.FAULTS:
        raise Malformed(
            f"{where}: unknown fault {event.get('fault')!r}; "
            f"allowed: {', '.join(sorted(injection.FAULTS))}"
        )


def describe(event):
    """An event in words."""
    args = ", ".join(f"{k}={v}" for k, v in event.items() if k not in RESERVED)
    return f"{event['do']} {args}".strip()


def perform(pack, event):
    """Do it. Returns the text of a refusal or a warning, None otherwise. A refusal that the
    event does not announce (`refused = "part of the text"`) is Malformed."""
    args = {k: v for k, v in event.items() if k not in RESERVED}
    wanted = event.get("refused")
    try:
        warning = ACTIONS[event["do"]](pack, **args)
    except parameters.Refused as refusal:
        if wanted is None or wanted not in str(refusal):
            raise Malformed(
                f"{describe(event)} at {event['at']} s was refused: {refusal}"
            ) from None
        return str(refusal)
    except (TypeError, KeyError) as error:
        raise Malformed(f"{describe(event)}: wrong arguments ({error})") from None
    if wanted is not None:
        raise Malformed(f"{describe(event)} at {event['at']} s should have been refused: {wanted}")
    return warning if isinstance(warning, str) else None
