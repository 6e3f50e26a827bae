"""A private function with one caller is written into it, and only when that changes nothing."""

import ast

import pytest

from tools.frame import frame
from tools.one_caller import merged

HEAD = "LOG = []\n\n\ndef said(x):\n    LOG.append(x)\n    return x\n\n\n"


def written(text, **more):
    """A program of one module, its functions written into their callers, after both it and the
    original have run `result = run()` and found the same."""
    text, more = HEAD + text, dict(more)
    texts = merged({"app": text, **more.pop("texts", {})}, **more)
    found = []
    for source in (text, texts["app"]):
        space = {}
        exec(source, space)
        try:
            outcome = space["run"]()
        except ValueError as error:
            outcome = repr(error)
        found.append((outcome, space["LOG"]))
    assert found[0] == found[1]
    return texts["app"]


def functions(text):
    """Names of the functions that are left, without those that every program here has."""
    names = {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)}
    return names - {"said", "run", "__init__"}


def method(body, call="self._f(3)", more="", rest=""):
    """A program with a method `_f(self, n)` that `step` calls."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    return (
        f"class Part:\n    size = 5\n\n    def step(self, x):\n        {call}\n"
        f"        return x\n\n    def _f(self, n):\n{indented}\n{more}\n\n{rest}\n\n"
        "def run():\n    part = Part()\n    return part.step(7), vars(part)\n"
    )


def test_a_statement():
    text = written(method("self.kept = n * self.size\nn += 1\nsaid(n)"))
    assert functions(text) == {"step"}


def test_what_is_written_in_takes_no_variable_of_the_caller():
    text = written(method("x = n + 1\nself.kept = x", "self._f(x)"))
    assert functions(text) == {"step"}


def test_arguments_are_evaluated_once_and_in_order():
    text = method("self.kept = m, n, m, n").replace("_f(self, n)", "_f(self, n, m)")
    assert functions(written(text.replace("_f(3)", "_f(said(1), said(2))"))) == {"step"}


def test_an_argument_that_is_changed_is_a_copy():
    assert functions(written(method("n += 1\nself.kept = n", "self._f(x)"))) == {"step"}
    text = method("LOG.clear()\nself.kept = n", "LOG.append(x)\n        self._f(not LOG)")
    assert functions(written(text)) == {"step"}


CALLS = (
    "x = self._f(3)",
    "x = 1 + self._f(x)",
    "return self._f(x)",
    "x += self._f(said(2))",
    "return x < said(self._f(2))",
    "self.y = -self._f(x) if x else 0",
)
RESULTS = (
    "m = n * 2\nreturn m",
    "return n * 2",
    "if n > 2:\n    return said(4)\nreturn n",
    "if n < 2:\n    said(8)\n    return 5\nelse:\n    said(9)\nreturn 6",
    "if n == 3:\n    n = 4\nelif n > 3:\n    return 2\nelse:\n    raise ValueError(n)\nreturn n",
)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("body", RESULTS)
def test_a_result(call, body):
    text = written(method(body, call))
    behind = call.endswith("if x else 0") and body != "return n * 2"  # evaluated after x
    assert functions(text) == ({"step", "_f"} if behind else {"step"})


def test_a_result_that_may_be_none():
    text = written(method("if n:\n    return 4\nsaid(n)", "return self._f(said(0))"))
    assert functions(text) == {"step"}
    text = written(method("if n > 5:\n    return 4\nsaid(n)", "x = self._f(said(0))"))
    assert functions(text) == {"step"}


def test_a_condition_and_a_loop_over():
    text = written(method("m = n + self.size\nreturn m > 7", "if not self._f(x): said(1)"))
    assert functions(text) == {"step"}
    text = written(method("m = n + self.size\nreturn range(m)", "for x in self._f(x): said(x)"))
    assert functions(text) == {"step"}


def test_a_short_form_in_a_while_and_behind_an_and():
    text = written(method("return self.size > n", "while x and self._f(x): x += 1"))
    assert functions(text) == {"step"}


def test_a_return_that_only_ends_early():
    body = "if n == 3:\n    said(1)\n    return\nsaid(2)\nif not self.size:\n    return\nsaid(3)"
    assert functions(written(method(body))) == {"step"}
    assert functions(written(method(body, "self._f(x)"))) == {"step"}


def test_a_return_out_of_a_loop_only_at_a_return():
    body = "for i in range(n):\n    if i == 2:\n        return said(i)\nsaid(9)"
    assert functions(written(method(body, "return self._f(x)"))) == {"step"}
    assert functions(written(method(body, "return self._f(1)"))) == {"step"}
    assert functions(written(method(body))) == {"step", "_f"}
    body = "try:\n    return said(n)\nfinally:\n    said(8)"
    assert functions(written(method(body, "x = self._f(4)"))) == {"step", "_f"}
    assert functions(written(method(body, "return self._f(4)"))) == {"step"}


def test_functions_within_functions():
    more = "    def _g(self, n):\n        m = n\n        self._h(m + 1, said)\n        said(m)\n\n"
    more += "    def _h(self, m, n):\n        x = n(m)\n        self.kept = x\n"
    text = written(method("m = 1\nself._g(n)\nsaid(m)", more=more))
    assert functions(text) == {"step"}


def test_a_function_of_a_module():
    text = written("def run():\n    for i in range(3):\n        _f(i)\n        if i:\n            "
                   "continue\n\n\ndef _f(i):\n    for k in range(i):\n        if k:\n"
                   "            break\n        said(k)\n")  # fmt: skip
    assert functions(text) == set()


@pytest.mark.parametrize(
    "more, rest",
    [
        ("    def again(self):\n        self._f(1)\n", ""),  # two calls
        ("    def again(self):\n        return self._f\n", ""),  # a value
        ("    def again(self):\n        self._f = None\n", ""),  # an attribute hides it
        ("    again = _f\n", ""),
        ("", "class Child(Part):\n    def _f(self, n):\n        said(n)\n"),
        ("", "class Child(Part):\n    def again(self):\n        self._f(1)\n"),
        ("", "class Other:\n    pass\n\n\nOther._f = said\n"),
        ("", "NAMES = 'size _f'\n"),
        ("", "def again(part):\n    part._f(2)\n"),
    ],
)
def test_a_method_that_is_not_certainly_meant_stays(more, rest):
    assert "_f" in functions(written(method("said(n)", more=more, rest=rest)))


def test_a_class_of_another_module_may_be_related():
    child = (
        "from app import Part as Base\n\n\nclass Child(Base):\n    def _f(self, n):\n        0\n"
    )
    assert "_f" in functions(written(method("said(n)"), texts={"child": child}))
    stranger = child.replace("(Base)", "")
    assert "_f" not in functions(written(method("said(n)"), texts={"child": stranger}))


def test_a_function_that_is_imported_stays():
    text = "def _f():\n    said(1)\n\n\ndef run():\n    _f()\n"
    assert functions(written(text, texts={"user": "from app import _f\n"})) == {"_f"}
    assert functions(written(text, texts={"user": "def _f():\n    pass\n"})) == set()


def test_what_is_asked_for_by_others_stays():
    for stay in ("_f", "Part._f", "Part.*"):
        assert "_f" in functions(written(method("said(n)"), stay=(stay,)))
    assert "f" in functions(written(method("said(n)").replace("_f", "f")))


@pytest.mark.parametrize(
    "body",
    [
        "self.kept = [n + i for i in range(2)]",
        "self.kept = (lambda: n)()",
        "def inner():\n    return n\nself.kept = inner()",
        "yield n",
        "global LATE\nLATE = n",
        "import math\nself.kept = math.floor(n)",
        "self = None",
        "return said(m := n)",
    ],
)
def test_a_body_that_is_not_plain_stays(body):
    assert "_f" in functions(written(method(body)))


def test_a_decorated_function_stays():
    text = method("said(n)").replace("def _f(self, n", "@staticmethod\n    def _f(n")
    assert "_f" in functions(written(text))


def test_a_caller_that_is_not_plain_python_stays():
    text = "def native(f):\n    return f\n\n\ndef _f():\n    said(1)\n\n\n@native\ndef run():\n"
    assert "_f" in functions(written(text + "    _f()\n"))


def test_a_call_in_a_function_that_is_made_there_stays():
    assert "_f" in functions(written(method("return said(n)", "(lambda: self._f(3))()")))
    assert "_f" in functions(written(method("return said(n)", "[self._f(3) for _ in (1, 2)]")))


def test_other_parameters_stay():
    for old, new in (("n):", "n=3):"), ("n):", "*n):"), ("(3)", "(n=3)"), ("(3)", "(*[3])")):
        text = method("said(n)").replace(f"_f(self, {old}", f"_f(self, {new}")
        text = text.replace(f"self._f{old}", f"self._f{new}")
        text = text.replace("self._f(3)", "self._f()") if new == "n=3):" else text
        assert "_f" in functions(written(text)), new


def test_what_is_evaluated_before_stays_before():
    for call in ("said(self.size + self._f(3))", "self.x = said(1) + self._f(3)",
                 "x = x and self._f(3)", "self.x = {said(1): self._f(3)}",
                 "while self._f(x) < 9: x += 1"):  # fmt: skip
        body = "self.size = said(n)\nreturn self.size + 6"
        assert "_f" in functions(written(method(body, call))), call


def test_a_name_that_the_caller_has_for_something_else_stays():
    rest = "def size():\n    return 1"
    text = method("self.kept = size()", "size = self.size\n        self._f(size)", rest=rest)
    assert "_f" in functions(written(text))


def test_a_function_that_the_caller_makes_hides_one_of_the_module():
    call = "def size():\n            return 2\n        self._f(size)"
    text = method("self.kept = size()", call, rest="def size():\n    return 1")
    assert "_f" in functions(written(text))


def test_functions_that_call_each_other_stay():
    text = "def _f(n):\n    if n:\n        _g(n)\n\n\ndef _g(n):\n    _f(n - 1)\n    said(n)\n\n\n"
    assert functions(written(text + "def run():\n    said(1)\n")) == {"_f", "_g"}


def test_no_frame_grows_beyond_what_lies_on_the_stack():
    body = "a = n\nb = a + n\nc = said(b)\nsaid(a + b + c + n)"
    for variables, left in ((1, set()), (5, {"_f"}), (15, set())):
        before = "".join(f"    v{i} = {i}\n" for i in range(variables))
        after = "".join(f"    said(v{i})\n" for i in range(variables))
        caller = f"def run():\n{before}    _f(said(1))\n{after}"
        indented = "".join(f"    {line}\n" for line in body.splitlines())
        assert functions(written(f"def _f(n):\n{indented}\n\n{caller}")) == left


def test_the_size_of_a_frame():
    assert frame("def f(a, b):\n    c = a\n    return g(a, b, c)\n") == 3 + 4
    assert frame("def f():\n    g('a longer text', b'bytes', (1, 'two'), 1.5)\n") == 5
    handled = "def f():\n    try:\n        g()\n    except E:\n        h()\n"
    assert frame(handled) - frame("def f():\n    g()\n") >= 3
    many = "".join(f"    v{i} = a\n" for i in range(100))
    assert 102 <= frame(f"def f(a):\n{many}    g(a)\n") <= 104
    with pytest.raises(ValueError, match="more than one"):
        frame("def f():\n    0\n\n\ndef g():\n    0\n")
