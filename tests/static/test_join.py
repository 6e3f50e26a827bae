"""Modules of the image put together, and public names exchanged: the program does the same."""

import builtins
import keyword
import subprocess
import sys

import pytest

from tools import rename
from tools.join import joined
from tools.rename import renamed

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
    assert {"area_mm2", "Square", "sides_of", "children"} <= set(table)
    assert not {"width_mm", "append", "altsep", "main", "build", "sqrt", "array", "app"} & set(
        table
    )
    assert len(set(table.values())) > len(table) // 2
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


def test_no_new_name_means_something_to_the_compiler():
    words = (rename.HERE / "words.txt").read_text().split()
    assert len(words) == len(set(words)) > 500
    assert not {"const", "native", "viper", *keyword.kwlist, *dir(builtins)} & set(words)
