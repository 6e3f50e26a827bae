"""The image's constants: inlined across modules, line numbers kept, meaning unchanged."""

import pytest

from tools.inline import Program

NUMBERS = '"""Ids."""\n\nOVP = 4\nUVP = OVP | 1\nTEXT = "x"\nCHANGED = 1\nCHANGED = 2\n'
USER = '''"""Uses them."""

from pack import numbers as n
from pack.numbers import CHANGED, UVP

LIMIT = (
    n.OVP
    << 2
)


class Base:
    def missing(self):
        """Left out of the image."""
        raise NotImplementedError


def act(OVP):
    return OVP + n.OVP - UVP + LIMIT + CHANGED + len(n.TEXT) + (-LIMIT)
'''


def written():
    return Program({"pack.numbers": NUMBERS, "pack.user": USER}).written()


# req: HAL-01
def test_constants_are_numbers_in_the_image():
    user = written()["pack.user"]
    assert "return OVP + 4 - 5 + 16 + CHANGED + len(n.TEXT) + (-16)" in user
    assert "UVP" not in user and "LIMIT" not in user


# req: HAL-01
def test_lines_keep_their_numbers():
    user = written()["pack.user"].splitlines()
    before = USER.splitlines()
    assert len(user) == len(before)
    assert user.index("class Base:") == before.index("class Base:")
    assert user.index("def act(OVP):") == before.index("def act(OVP):")


# req: HAL-01
def test_what_is_still_used_stays_imported():
    user = written()["pack.user"]
    assert "from pack import numbers as n" in user
    assert "from pack.numbers import CHANGED" in user


# req: HAL-01
def test_a_name_assigned_twice_is_no_constant():
    numbers = written()["pack.numbers"]
    assert "CHANGED = 1" in numbers and "CHANGED = 2" in numbers
    assert 'TEXT = "x"' in numbers
    assert "OVP" not in numbers


# req: HAL-01
def test_a_module_of_constants_alone_vanishes():
    out = Program(
        {"pack.ids": "A = 1\nB = A + 1\n", "pack.use": "from pack.ids import B\nx = B\n"}
    )
    assert set(out.written()) == {"pack.use"}
    assert "x = 2" in out.written()["pack.use"]


# req: HAL-01
def test_abstract_methods_are_left_out():
    user = written()["pack.user"]
    assert "NotImplementedError" not in user
    assert "def missing" not in user


# req: HAL-01
def test_the_inlined_text_computes_the_same():
    spaces = []
    for text in (NUMBERS + USER, "\n".join(written().values())):
        body = "\n".join(line for line in text.splitlines() if not line.startswith("from "))
        space = {"n": type("n", (), {"OVP": 4, "TEXT": "x"})}
        exec(compile(body, "program", "exec"), space)
        spaces.append(space["act"](1))
    assert spaces[0] == spaces[1] == 1 + 4 - 5 + 16 + 2 + 1 - 16


# req: HAL-01
def test_a_module_hidden_by_an_argument_is_refused():
    user = "from pack import numbers\n\n\ndef act(numbers):\n    return numbers.OVP\n"
    with pytest.raises(ValueError, match=r"numbers\.OVP is also a local name"):
        Program({"pack.numbers": "OVP = 4\n", "pack.user": user}).written()


# req: HAL-01
def test_several_constants_of_one_line_are_numbers_too():
    text = "A, B = 4, 5\nREST, MOVE = range(2)\nX, Y = call()\nN, M = range(3, 5)\n"
    use = "from pack.n import A, B, MOVE, N, X\n\nFOUND = (A, B, MOVE, N, X)\n"
    texts = Program({"pack.n": text, "pack.use": use}).written()
    assert texts["pack.use"].endswith("FOUND = (4, 5, 1, N, X)\n")
    assert texts["pack.n"].split() == ["X,", "Y", "=", "call()", "N,", "M", "=", "range(3,", "5)"]
