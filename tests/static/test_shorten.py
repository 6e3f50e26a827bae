"""Short private names of the image: shared only where two names can never meet."""

import ast

from tools.shorten import shorten

BASE = """class Base:
    def __init__(self):
        self._first = 1
        self.shown = 2

    def _step(self):
        return self._first
"""
OTHER = """from pack.base import Base


class Child(Base):
    def __init__(self):
        Base.__init__(self)
        self._second = 10

    def total(self):
        return self._second + self._step()


class Stranger:
    def __init__(self):
        self._third = 100
        self._kept = 5


def _helper(item):
    return getattr(item, "_kept") + item._third


def run():
    return Child().total() + _helper(Stranger())
"""


def built():
    return shorten({"pack.base": BASE, "pack.other": OTHER})


# req: HAL-01
def test_the_program_computes_the_same():
    results = []
    for texts in ({"pack.base": BASE, "pack.other": OTHER}, built()):
        text = texts["pack.base"] + texts["pack.other"].replace("from pack.base import Base\n", "")
        space = {}
        exec(compile(text, "program", "exec"), space)
        results.append(space["run"]())
    assert results == [116, 116]


# req: HAL-01
def test_a_class_and_its_base_share_no_short_name():
    texts = built()
    names = {
        node.attr
        for text in (texts["pack.base"], texts["pack.other"].split("class Stranger")[0])
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and len(node.attr) == 2
    }
    assert len(names) == 3  # _first, _step, _second


# req: HAL-01
def test_strangers_share_names():
    text = "\n".join(built().values())
    used = {n.attr for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute)}
    assert len({name for name in used if name.startswith("_") and len(name) == 2}) < 4


# req: HAL-01
def test_public_and_spoken_names_stay():
    text = "\n".join(built().values())
    assert "self.shown" in text and "def total" in text and "__init__" in text
    assert 'getattr(item, "_kept")' in text and "self._kept = 5" in text
    assert "_first" not in text and "_helper" not in text


# req: HAL-01
def test_a_function_keeps_apart_from_others_though_a_method_has_its_name():
    text = """class Reader:
    def _read(self):
        return 1


def _read():
    return 2


def _table():
    return 3


def run():
    return Reader()._read(), _read(), _table()
"""
    space = {}
    exec(shorten({"pack.reader": text})["pack.reader"], space)
    assert space["run"]() == (1, 2, 3)
