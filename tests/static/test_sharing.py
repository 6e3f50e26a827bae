"""Many packs share one process: nothing in firmware/ may be shared between them."""

import ast
import importlib
from array import array

import pytest

from tests.static import sources

# dropping a module that keeps no state touches the interpreter's table, no pack's state
ALLOWED = ("firmware/ondemand.py", "sys.modules[name]")
MUTABLE = (list, dict, set, bytearray, array)


def found(check, *folders):
    """All findings of a check as 'file:line what'."""
    return [
        f"{sources.name(path)}:{line} {what}"
        for path in sources.files(*folders)
        for line, what in check(sources.tree(path))
    ]


# req: HAL-01
def test_no_mutable_object_at_module_or_class_level():
    assert found(sources.shared_mutables, "firmware") == []


# req: HAL-01
def test_no_global_and_no_written_class_or_module_attribute():
    bad = found(sources.shared_writes, "firmware")
    assert [b for b in bad if not (b.startswith(ALLOWED[0]) and b.endswith(ALLOWED[1]))] == []


# req: HAL-01
def test_imported_modules_hold_nothing_that_can_change():
    bad = []
    for path in sources.files("firmware"):
        if path.name in ("__init__.py", "main.py"):
            continue
        module = importlib.import_module(sources.name(path)[:-3].replace("/", "."))
        for name, value in vars(module).items():
            if not name.startswith("__") and mutable(value):
                bad.append(f"{sources.name(path)} {name}: {type(value).__name__}")
    assert bad == []


def mutable(value):
    """True for a mutable value, also one inside a tuple."""
    if isinstance(value, tuple):
        return any(mutable(item) for item in value)
    return isinstance(value, MUTABLE)


# req: HAL-01
@pytest.mark.parametrize(
    "source",
    [
        "NAMES = []",
        "class A:\n    seen = {}",
        "TABLE = (1, [2])",
        "from array import array\nBUFFER = array('h', (1, 2))",
    ],
)
def test_a_mutable_object_is_found(source):
    assert list(sources.shared_mutables(ast.parse(source)))


# req: HAL-01
@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    global x\n    x = 1",
        "class A:\n    n = 0\n    def f(self):\n        A.n += 1",
        "import a\ndef f():\n    a.level = 3",
        "T = b'12'\ndef f():\n    T[0] = 3",
        "class A:\n    def f(self):\n        type(self).n = 1",
        "class A:\n    def f(self):\n        self.__class__.n = 1",
        "class A:\n    @classmethod\n    def f(cls):\n        cls.n = 1",
    ],
)
def test_a_shared_write_is_found(source):
    assert list(sources.shared_writes(ast.parse(source)))


# req: HAL-01
def test_own_attributes_and_locals_may_be_written():
    source = "def f(self, a):\n    b = [0]\n    b[0] = 1\n    a.x = 2\n    self.y, a.z[1] = b"
    assert list(sources.shared_writes(ast.parse(source))) == []
