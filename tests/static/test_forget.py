"""Behind the start nothing makes an object of a class whose constructor hal/forget.py drops."""

import ast
import builtins
from types import ModuleType

from hal.forget import PROGRAM, PROTOCOLS, forget_constructors
from tests.static import sources

SERVICE_MODE = ("circuit.py", "selftest.py")  # not the running firmware
# functions that run at the start only, beside constructors
START = (
    "boards/pico_bq76952/board.py",
    "boards/pico_bq76952/start.py",
    "firmware/gauge_keeper.py build",
    "firmware/gauge_keeper.py _table",
    "firmware/main.py run",
    "firmware/ports/build.py port",
    "firmware/services.py",
)


def program():
    """Files whose classes lose their constructors."""
    found = [path for path in sources.files(*PROGRAM) if path.name not in SERVICE_MODE]
    return [(sources.name(path), sources.tree(path)) for path in found]


def forgetful():
    """Names of the classes; an exception keeps its constructor."""
    bases = {}
    for file, tree in program():
        if not file.startswith(PROTOCOLS.replace(".", "/")):
            for node in ast.walk(tree):
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
        (file, function, name)
        for file, tree in program()
        for function, name in made(tree, classes)
        if file not in START and f"{file} {function}" not in START
    ]
    assert late == []


# req: HAL-01
def test_a_late_construction_is_found():
    tree = ast.parse("def again(self):\n    c.Rule(1)\n    Rule.__init__(self)\n")
    assert list(made(tree, {"Rule"})) == [("again", "Rule")] * 2


def package(name, **content):
    module = ModuleType(name)
    vars(module).update(content)
    return module


# req: HAL-01
def test_only_constructors_of_the_program_go():
    def init(self):
        self.n = 1

    def kind(*bases):
        return type("Kind", bases, {"__init__": init, "n": 0, "get": lambda self: self.n})

    plain, error, protocol, foreign = kind(), kind(ValueError), kind(), kind()
    heir = type("Heir", (plain,), {})
    old = plain()
    modules = {
        "firmware": package("firmware"),
        "firmware.control": package("firmware.control", Plain=plain, E=error, Heir=heir, N=3),
        "firmware.protocols.x": package("firmware.protocols.x", Protocol=protocol),
        "somewhere": package("somewhere", Foreign=foreign),
    }
    forget_constructors(modules)
    assert plain.__init__ is None and old.get() == 1
    assert "__init__" not in vars(heir)
    assert error().n == protocol().n == foreign().n == 1


# req: HAL-01
def test_the_module_itself_goes_too():
    forget = package("hal.forget")
    modules = {"hal": package("hal", forget=forget), "hal.forget": forget}
    forget_constructors(modules)
    assert list(modules) == ["hal"] and not hasattr(modules["hal"], "forget")
