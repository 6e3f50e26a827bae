"""What a board forgets once it is built: nothing that runs behind the start."""

import ast
import builtins

from tests.static import sources
from tools import image
from tools.emulate import flash
from tools.forget import forgetting
from tools.inline import Program
from tools.join import joined

BOARD = "pico_bq76952"
SERVICE_MODE = ("circuit.py", "selftest.py")  # not the running firmware
PROTOCOLS = "firmware/protocols/"
# files and functions that make objects at the start only, beside constructors
START = (
    f"boards/{BOARD}/board.py",
    f"boards/{BOARD}/can_port.py",
    f"boards/{BOARD}/serial_ports.py",
    f"boards/{BOARD}/start.py",
    "firmware/settings/loading.py",
    "firmware/control/control.py _balancing",
    "firmware/gauge_keeper.py _table",
    "firmware/main.py run",
    "firmware/ports/build.py port",
    "firmware/services.py",
)
APP = """
from lib import Shape, area
LIMITS = (1, 2)
KINDS = {"round": None}


class Refused(ValueError):
    def __init__(self, text):
        super().__init__(text)


class Part:
    def __init__(self, then):
        self.size = self._measure()
        self.then = then
        self.later = self._again

    def _measure(self):
        return area(Shape())

    def _again(self):
        return self._helper()

    def _helper(self):
        return LIMITS[0]

    def step(self):
        if self.size > 3:
            raise Refused("big")
        return self.later() + (self.check("x") if hasattr(self, "check") else 0)

    def by_name(self):
        return getattr(self, "spoken")()

    def spoken(self):
        return 5

    def never(self):
        return Part(None)


def build():
    return Part(lambda: shown())


def shown():
    return 7


def run(part):
    return part.step() + part.then()
"""
LIB = """
class Shape:
    side = 2


def area(shape):
    return shape.side * shape.side // 2


def unused():
    return area(None)
"""
START_FILE = "def main():\n    from app import build, run\n    return run(build())\n"
LATER = "from lib import area\n\n\ndef more(part):\n    return part.by_name()\n"


def load():
    """The example's namespaces, run as modules."""
    texts = forgetting(
        {"lib": LIB, "app": APP, "board.start": START_FILE, "later": LATER}, ("lib", "app")
    )
    lib, app = {}, {}
    exec(texts["lib"], lib)
    app |= {name: lib[name] for name in ("Shape", "area")}
    exec(texts["app"].replace("from lib import Shape, area", ""), app)
    return lib, app


# req: HAL-01
def test_what_only_the_start_needs_is_gone():
    lib, app = load()
    app["build"]()
    part = app["Part"]
    assert app["forget"]() is True
    assert lib["forget"]() is False  # `later` imports it
    assert part.__init__ is part._measure is part.never is None
    assert app["KINDS"] is app["Shape"] is app["area"] is None
    assert lib["unused"] is lib["Shape"] is None


# req: HAL-01
def test_what_runs_behind_the_start_stays():
    lib, app = load()
    part = app["build"]()
    app["forget"]()
    lib["forget"]()
    assert app["run"](part) == 1 + 7  # a stored method, a closure, what they call
    assert part.by_name() == 5  # a name in a string
    part.size = 9
    try:
        part.step()
        raised = False
    except ValueError as error:  # an exception is made
        raised = str(error) == "big"
    assert raised
    assert lib["area"] is not None  # a module that is loaded later imports it


# req: HAL-01
def test_what_is_over_is_named():
    texts = forgetting({"app": APP, "later": LATER}, ("app",), ("Part.spoken",))
    space = {"Shape": None, "area": None}
    exec(texts["app"].replace("from lib import Shape, area", ""), space)
    part = space["Part"]
    space["forget"]()
    assert part.spoken is None and part.by_name is not None


def image_drops():
    """{host: names that its `forget` sets to None} of the board's image."""
    paths = {image._module(path): path for path in image.sources(flash.parts(BOARD))}
    texts = Program({module: path.read_text() for module, path in paths.items()}).written()
    joint, hosts = joined(texts, flash.roots(BOARD), image.JOINT)
    out = forgetting(joint, hosts, image.ENDED)
    found = {}
    for host in hosts:
        tree = ast.parse(out[host])
        targets = [t for n in tree.body[-1].body if isinstance(n, ast.Assign) for t in n.targets]
        found[host] = {ast.unparse(target) for target in targets}
    return found


# req: HAL-01
def test_the_board_keeps_what_protects():
    dropped = set().union(*image_drops().values())
    assert {"Control.__init__", "Board.__init__"} <= dropped
    for name in ("Control.cycle", "Control._protect", "Bq76952.start", "Bq76952.configure",
                 "Record.encode", "MCP2515.drain", "Board._can_frame", "I2cBus._clear",
                 "Clock.ticks_diff", "Parameters.check_changes", "SupplyWatch.__call__",
                 "Refused.__init__", "PioSerial._init", "Controller.shutdown"):  # fmt: skip
        assert name not in dropped


def forgetful():
    """Names of the classes that lose their constructors; an exception keeps its own."""
    bases = {}
    for path in sources.files(*image.FOLDERS):
        if not sources.name(path).startswith(PROTOCOLS):
            for node in ast.walk(sources.tree(path)):
                if isinstance(node, ast.ClassDef):
                    bases[node.name] = [base.id for base in node.bases if hasattr(base, "id")]

    def is_error(name):
        known = getattr(builtins, name, object)
        return issubclass(known, Exception) or any(map(is_error, bases.get(name, ())))

    return {name for name in bases if not is_error(name)}


def made(node, classes, function=""):
    """(function, class) of every construction below a node that is not in a constructor."""
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef) else function
        called = child.func if isinstance(child, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr == "__init__":
            called = called.value
            if isinstance(called, ast.Attribute) and inside != "__init__":
                yield inside, "an object anew"
        name = getattr(called, "id", getattr(called, "attr", None))
        if name in classes and inside != "__init__":
            yield inside, name
        yield from made(child, classes, inside)


# req: HAL-01
def test_no_object_is_made_behind_the_start():
    classes = forgetful()
    assert {"Control", "Rule", "Panel", "CanPort", "HardwareLimits"} <= classes
    assert not {"Refused", "Throttled", "Encoder", "Modbus"} & classes
    late = [
        (sources.name(path), function, name)
        for path in sources.files(*image.FOLDERS)
        if path.name not in SERVICE_MODE and sources.name(path) not in START
        for function, name in made(sources.tree(path), classes)
        if f"{sources.name(path)} {function}" not in START
    ]
    assert late == []


# req: HAL-01
def test_a_late_construction_is_found():
    tree = ast.parse("def again(self):\n    c.Rule(1)\n    Rule.__init__(self)\n")
    assert list(made(tree, {"Rule"})) == [("again", "Rule")] * 2
    tree = ast.parse("def again(self):\n    self.rule.__init__()\n")
    assert list(made(tree, {"Rule"})) == [("again", "an object anew")]
