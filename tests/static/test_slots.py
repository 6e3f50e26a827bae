"""Variables that share a name: random functions compute the same, and need fewer words."""

import ast
import random

import pytest

from tools.slots import FRAME, on_stack, shared, words

NAMES = "abcdef"
FUNCTIONS = 200
RUNS = 6


class Maker:
    """Random functions that log what they do; `given` are names that have a value for sure."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._loops = 0

    def function(self):
        return "\n".join(["def f(x, y, said, ask, each):", *self._block(["x", "y"], 3, 1)])

    def _value(self, given):
        first, second = self._random.choice(given), self._random.choice(given)
        return self._random.choice((first, f"{first} + {second}", f"{first} - {second}", "3"))

    def _block(self, given, depth, indent):
        given, out = list(given), []
        for _ in range(self._random.randint(2, 4)):
            out += self._statement(given, depth, "    " * indent)
        return out

    def _statement(self, given, depth, pad):
        kinds = ["set"] * 4 + ["log"] * 2 + ["pair", "add", "out"]
        kinds += ["if", "loop", "loop", "try", "with"] * (depth > 0)
        kind = self._random.choice(kinds)
        return getattr(self, f"_{kind}")(given, depth - 1, pad, self._value(given))

    def _set(self, given, depth, pad, value):
        given.append(self._random.choice(NAMES))
        return [f"{pad}{given[-1]} = {value}"]

    def _pair(self, given, depth, pad, value):
        line = f" = {value}, {self._value(given)}"
        given += self._random.sample(NAMES, 2)
        return [f"{pad}{given[-1]}, {given[-2]}{line}"]

    def _add(self, given, depth, pad, value):
        return [f"{pad}{self._random.choice(given)} += {value}"]

    def _log(self, given, depth, pad, value):
        return [f"{pad}said({value})"]

    def _out(self, given, depth, pad, value):
        ways = ["return 5", f"return {value}"]
        ways += ["break", "continue"] * 2 * (self._loops > 0)
        return [f"{pad}if ask(): {self._random.choice(ways)}"]

    def _loop(self, given, depth, pad, value):
        name = self._random.choice(NAMES)
        head, more = self._random.choice((
            ("while ask():", given),
            (f"for {name} in each(1, {value}):", [*given, name]),
        ))  # fmt: skip
        self._loops += 1
        body = self._block(more, depth, len(pad) // 4 + 1)
        self._loops -= 1
        otherwise = [f"{pad}else:", *self._block(given, depth, len(pad) // 4 + 1)]
        return [f"{pad}{head}", *body, *otherwise * self._random.randint(0, 1)]

    def _if(self, given, depth, pad, value):
        then, other = (self._block(given, depth, len(pad) // 4 + 1) for _ in range(2))
        return [f"{pad}if ask():", *then, f"{pad}else:", *other]

    def _with(self, given, depth, pad, value):
        name = self._random.choice(NAMES)
        body = self._block([*given, name], depth, len(pad) // 4 + 1)
        return [f"{pad}with Swallow() as {name}:", *body]

    def _try(self, given, depth, pad, value):
        body, caught, last = (self._block(given, depth, len(pad) // 4 + 1) for _ in range(3))
        name = self._random.choice(("", " as e", " as a"))
        handler = [f"{pad}except ValueError{name}:", *caught]
        last = [f"{pad}finally:", *last]
        return [f"{pad}try:", *body, *self._random.choice((handler, last, handler + last))]


class Swallow:
    """A `with` that takes an exception."""

    def __enter__(self):
        return 4

    def __exit__(self, kind, *_):
        return kind is ValueError


def result(text, seed):
    """What a function does when all that it cannot know goes as a seed says; None when it says
    a name that has no value, or an exception."""
    space, log, chance = {"Swallow": Swallow}, [], random.Random(seed)

    def said(value):
        log.append(repr(value))
        if chance.random() < 0.15:
            raise ValueError(len(log))

    def ask():
        if chance.random() < 0.05:
            raise ValueError("no answer")
        return chance.random() < 0.4

    def each(*values):
        for value in values:
            yield value
            ask()

    exec(text, space)
    try:
        return space["f"](1, 20, said, ask, each), log
    except ValueError as error:
        return repr(error), log
    except (NameError, TypeError):
        return None


def names(function):
    return {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}


def test_random_functions_do_the_same():
    compared = fewer = 0
    for seed in range(FUNCTIONS):
        text = Maker(seed).function()
        (before,) = ast.parse(text).body
        after = shared(before)
        fewer += len(names(after)) < len(names(before))
        new = ast.unparse(ast.fix_missing_locations(after))
        for run in range(RUNS):
            expected = result(text, run)
            if expected is not None:
                compared += 1
                assert result(new, run) == expected, text
    assert compared > FUNCTIONS * RUNS / 2 and fewer > FUNCTIONS / 2


CASES = {
    # both may take the place of what was given
    "a = x\nsaid(a)\nb = y\nsaid(b)": 0,
    "a = x\nb = y\nsaid(a, b, y)": 1,
    "a = x\nfor b in y:\n    said(a)\n    a = b\nsaid(x, y)": 2,
    "for a in y:\n    said(a)\nfor b in y:\n    said(b)\nsaid(x, y)": 1,
    "a = 1\nwhile x:\n    b = y\n    if b:\n        break\n    a = b\nsaid(a, x, y)": 2,
    "a = 1\nwhile y:\n    said(a)\n    if x():\n        a = x\n        b = y\n        said(b)\n"
    "        continue\n    a = 1\nsaid(x, y)": 2,
    # an exception after a value, and before the next one
    "a = 1\ntry:\n    b = x()\n    said(b)\nexcept E:\n    said(a)\nsaid(x, y)": 2,
    "a = 1\ntry:\n    b = x()\n    said(b)\n    a = b\nexcept E:\n    said(a)\nsaid(x, y)": 2,
    "a = 1\ntry:\n    b = x()\n    said(b)\n    a = b\nfinally:\n    said(a)\nsaid(x, y)": 2,
    "a = 1\nwith x:\n    b = y()\n    said(b)\n    a = b\nsaid(a, x, y)": 2,
    "try:\n    for a in x:\n        said(a)\n        b = y\nexcept E:\n    said(a)\nsaid(x, y)": 2,
    "a = 1\ntry:\n    x()\nexcept E as b:\n    said(b)\nsaid(a, x, y)": 2,
    # ways out of a loop through a `finally`, and with the name of an exception
    "while y:\n    a = x()\n    try:\n        if a:\n            break\n    finally:\n"
    "        b = x\n        said(b)\nelse:\n    a = 2\nsaid(a, x, y)": 2,
    "while y:\n    try:\n        x()\n    except E as b:\n        a = b\n        break\n"
    "else:\n    a = 2\nsaid(a, x, y)": 2,
}


@pytest.mark.parametrize("body, left", CASES.items())
def test_how_many_are_left(body, left):
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    function = shared(ast.parse(f"def f(self, x, y):\n{indented}").body[0])
    stored = {n.id for n in ast.walk(function)
              if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
    stored |= {n.name for n in ast.walk(function) if isinstance(n, ast.ExceptHandler)} - {None}
    assert len(stored - {"self", "x", "y"}) == left


def test_a_function_that_keeps_its_variables_alive_stays():
    for body in ("a = 1\n    b = lambda: a\n    c = 2\n    return b() + c", "a = [i for i in x]"):
        (function,) = ast.parse(f"def f(x):\n    {body}\n").body
        assert shared(function) is function


def test_the_name_of_an_exception_may_be_an_argument():
    (function,) = ast.parse("def f(x):\n    try: g()\n    except E as x: h(x)\n").body
    assert ast.unparse(shared(function)) == ast.unparse(function)


def test_only_large_functions_change():
    lines = "".join(f"    v{i} = g(x)\n    g(v{i})\n" for i in range(12))
    large, small = f"def f(x):\n{lines}", "def g(x):\n    a = x\n    b = a\n    return b\n"
    texts = on_stack({"m": f"class A:\n    pass\n\n\n{large}\n\n{small}"})
    _, new, same = ast.parse(texts["m"]).body
    assert words(ast.parse(large).body[0]) > FRAME >= words(new)
    assert ast.unparse(same) == small.strip()
