"""What a scenario can do to a pack: one row an action, its arguments checked before the run."""

import inspect

from firmware import parameters, requests
from firmware.settings import profile_table
from firmware.settings import rows as setting_rows
from hal import contract as c
from host_sim import injection
from host_sim import scenario_kinds as k
from host_sim.plant.sources import Profile
from host_sim.scenario_kinds import Malformed
from host_sim.sim_hal import SERIAL_PORTS

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
COMMON = {"at": k.TIME, "do": k.TEXT, "note": k.TEXT}
ASKS = {"source": k.one_of(SOURCES), "refused": k.TEXT}
HEX = ("bytes in hex", lambda value: isinstance(value, str) and _bytes(value))
# what goes past the hardware into the firmware: a trace cannot carry it
INSIDE = ("link", "memory_flip", "service_raise")


def _bytes(text):
    try:
        return len(bytes.fromhex(text)) > 0
    except ValueError:
        return False


def _ask(kind, name=None):
    """A request; `name` is the argument that carries its payload."""

    def act(pack, source="console", **payload):
        return pack.controller.requests.submit(SOURCES[source], kind, payload.get(name))

    return act


def _set(pack, source="console", **values):
    changes = {setting_rows.find(key): value for key, value in values.items()}
    return pack.controller.requests.submit(SOURCES[source], requests.SET, changes)


def _link(pack, frames=1):
    """Frames exchanged in parallel mode (nobody exchanges them here yet)."""
    pack.controller.state.panel.link_frames += frames


def _send(pack, port, hex):
    """Somebody on a serial line sends bytes at the baud rate of the port."""
    node = pack.host(port, getattr(pack.hal, port).baud)
    node.send(bytes.fromhex(hex))
    pack.world.after(1_000_000, pack.hal.buses[port].detach, node)


# action: (function, {argument: kind}, arguments that must be there)
ACTIONS = {
    "current": (lambda pack, amps: pack.set_current(amps), {"amps": k.NUMBER}, ("amps",)),
    "power": (lambda pack, watts: pack.set_power(watts), {"watts": k.NUMBER}, ("watts",)),
    "profile": (lambda pack, csv: pack.set_profile(csv), {"csv": k.TEXT}, ("csv",)),
    "charger": (
        lambda pack, amps, volts: pack.connect_charger(amps, volts),
        {"amps": k.POSITIVE, "volts": k.POSITIVE},
        ("amps", "volts"),
    ),
    "unplug": (lambda pack: pack.disconnect_charger(), {}, ()),
    "inverter": (lambda pack, amps: pack.inverter.want(amps), {"amps": k.NUMBER}, ("amps",)),
    "press": (lambda pack, seconds=0.3: pack.press(seconds), {"seconds": k.POSITIVE}, ()),
    "press_reset": (
        lambda pack, with_key=False, seconds=1.5: pack.press_reset(with_key, seconds),
        {"with_key": k.FLAG, "seconds": k.POSITIVE},
        (),
    ),
    "reset": (
        lambda pack, cause="pin": pack.reset(CAUSES[cause]),
        {"cause": k.one_of(CAUSES)},
        (),
    ),
    "dip": (lambda pack, address: pack.set_dip(address), {"address": k.ADDRESS}, ("address",)),
    "inject": (lambda pack, fault, **args: pack.inject(fault, **args), None, ("fault",)),
    "clear": (lambda pack, fault: pack.clear(fault), {"fault": k.TEXT}, ("fault",)),
    "send": (_send, {"port": k.one_of(SERIAL_PORTS), "hex": HEX}, ("port", "hex")),
    "link": (_link, {"frames": k.COUNT}, ()),
    "set": (_set, None, ()),
    "preset": (
        _ask(requests.PRESET, "name"),
        {"name": k.one_of(profile_table.NAMES), **ASKS},
        ("name",),
    ),
    "emergency": (_ask(requests.EMERGENCY), ASKS, ()),
    "emergency_stop": (_ask(requests.EMERGENCY_STOP), ASKS, ()),
    "acknowledge": (_ask(requests.ACKNOWLEDGE), ASKS, ()),
    "power_off": (_ask(requests.POWER_OFF), ASKS, ()),
    "restart": (_ask(requests.RESTART), ASKS, ()),
    "calibrate_voltage": (
        _ask(requests.CALIBRATE_VOLTAGE, "mv"),
        {"mv": k.WHOLE, **ASKS},
        ("mv",),
    ),
    "calibrate_current": (
        _ask(requests.CALIBRATE_CURRENT, "ma"),
        {"ma": k.WHOLE, **ASKS},
        ("ma",),
    ),
    "calibrate_zero": (_ask(requests.CALIBRATE_ZERO), ASKS, ()),
    "set_time": (
        _ask(requests.SET_TIME, "seconds"),
        {"seconds": k.COUNT, **ASKS},
        ("seconds",),
    ),
}


def check_event(event, index, folder):
    """Malformed unless the event names a time, an action and its arguments. Paths are relative
    to `folder`, that of the scenario file; they are made absolute."""
    where = f"event {index + 1}"
    if "at" not in event or not k.TIME[1](event["at"]):
        raise Malformed(f"{where}: at = {event.get('at')!r} must be {k.TIME[0]}")
    action = event.get("do")
    if not isinstance(action, str) or action not in ACTIONS:
        raise Malformed(
            f"{where}: unknown action {action!r}; allowed: {', '.join(sorted(ACTIONS))}"
        )
    where = f"{where}, {action}"
    _, kinds, required = ACTIONS[action]
    if action in ("inject", "clear"):
        _known_fault(event.get("fault"), where)
    if action == "inject":
        kinds = {"fault": k.TEXT, **fault_arguments(event["fault"])}
    elif action == "set":
        kinds = _settings(event, where)
    k.check(event, {**COMMON, **kinds}, required, where)
    if action == "profile":
        event["csv"] = _profile(folder / event["csv"], where)


def _known_fault(fault, where):
    if not isinstance(fault, str) or fault not in injection.FAULTS:
        allowed = ", ".join(sorted(injection.FAULTS))
        raise Malformed(f"{where}: unknown fault {fault!r}; allowed: {allowed}")


def fault_arguments(fault):
    """{argument: kind} of an injected fault, from its function and the defaults there."""
    kinds = {}
    rows = list(inspect.signature(injection.FAULTS[fault][1]).parameters.values())[1:]
    for row in rows:
        if isinstance(row.default, bool):
            kinds[row.name] = k.FLAG
        elif isinstance(row.default, str):
            kinds[row.name] = k.TEXT
        else:
            kinds[row.name] = k.NUMBER
    return kinds


def _settings(event, where):
    """Kinds of a `set` event: any parameter may be named."""
    kinds = dict(ASKS)
    for key in event:
        if key not in COMMON and key not in ASKS:
            try:
                id = setting_rows.find(key)
            except parameters.Refused as error:
                raise Malformed(f"{where}: {error}") from None
            kinds[key] = k.WHOLE if setting_rows.exists(id) else k.TEXT
    if len(kinds) == len(ASKS):
        raise Malformed(f"{where}: names no parameter")
    return kinds


def _profile(path, where):
    try:
        rows = Profile.read(path).rows
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text"
        raise Malformed(f"{where}: {path}: cannot be read ({reason})") from None
    except ValueError as error:
        raise Malformed(f"{where}: {error}") from None
    if not rows:
        raise Malformed(f"{where}: {path}: has no rows")
    return str(path)


def arguments(event):
    """What the action of an event gets."""
    return {key: v for key, v in event.items() if key not in COMMON and key != "refused"}


def describe(event):
    """An event in words."""
    args = ", ".join(f"{key}={value}" for key, value in arguments(event).items())
    return f"{event['do']} {args}".strip()


def perform(pack, event):
    """Do it: (as announced, text). `refused = "part of the text"` announces a refusal. Malformed
    when the fault does not know an argument's value."""
    wanted = event.get("refused")
    asks = event["do"] == "set" or "source" in (ACTIONS[event["do"]][1] or ())
    if pack.controller is None and (asks or event["do"] == "link"):
        return False, "the controller is off"
    try:
        warning = ACTIONS[event["do"]][0](pack, **arguments(event))
    except parameters.Refused as refusal:
        return wanted is not None and wanted in str(refusal), f"refused: {refusal}"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if event["do"] not in ("inject", "clear"):
            raise
        text = f"{describe(event)} at {event['at']} s is not possible: {error}"
        raise Malformed(text) from None
    if wanted is not None:
        return False, "was not refused"
    return True, warning if isinstance(warning, str) else ""
