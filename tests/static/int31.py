"""Runs control code with every intermediate value checked to be a 31-bit integer.

On a 32-bit MicroPython an integer outside -2**30 .. 2**30 - 1 allocates, and a float has 24 bits.
The import hook rewrites the source of the modules below: results of operators, calls and
subscripts pass through `check`. Text and containers pass by their type.

    python -m tests.static.int31 tests [MODULE ...]      plain tests, as tests.runtimes.runner
    python -m tests.static.int31 module NAME [ARGUMENT]  any module, as python -m NAME
"""

import ast
import importlib.abc
import importlib.machinery
import runpy
import sys

CHECKED = (
    "firmware.control.",
    "firmware.charging",
    "firmware.ramp",
    "firmware.levels",
    "firmware.crc16",
    "firmware.faults",
    "firmware.events",
    "firmware.parameters",
    "hal.chips.",
    "hal.ntc",
    "hal.panel_expander",
    "hal.rp2040_pins",
)
# once at start: the chip's gain, which it wants as a float of single precision
NOT_CHECKED = "hal.chips.bq76952_config"
LOWEST, HIGHEST = -(2**30), 2**30 - 1
NAME = "__int31__"


class Counter:
    """How many values were checked, to prove that the hook was active, and which were wrong: the
    firmware catches exceptions of its components."""

    def __init__(self):
        self.values = 0
        self.wrong = []

    def refuse(self, text):
        """Note a wrong value with the line that made it, and raise."""
        frame = sys._getframe(2)
        self.wrong.append(f"{frame.f_code.co_filename}:{frame.f_lineno}: {text}")
        raise OutOfRange(text)


class OutOfRange(ArithmeticError):
    """A value that a 31-bit integer cannot hold, or a float."""


def checker(counter):
    """The function that the rewritten modules call with every value."""

    def check(value):
        counter.values += 1
        kind = type(value)
        if kind is int:
            if not LOWEST <= value <= HIGHEST:
                counter.refuse(f"{value} does not fit 31 bits")
        elif kind is float or kind is complex:
            counter.refuse(f"{value} is not an integer")
        return value

    return check


class Rewriter(ast.NodeTransformer):
    """Wraps values in calls of the checker."""

    def _wrap(self, node):
        self.generic_visit(node)
        call = ast.Call(ast.Name(NAME, ast.Load()), [node], [])
        return ast.copy_location(call, node)

    def visit_BinOp(self, node):
        return self._wrap(node)

    def visit_UnaryOp(self, node):
        return self.generic_visit(node) if isinstance(node.op, ast.Not) else self._wrap(node)

    def visit_Call(self, node):
        return self._wrap(node)

    def visit_Subscript(self, node):
        loads = isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice)
        return self._wrap(node) if loads else self.generic_visit(node)

    def visit_AugAssign(self, node):
        """The new value is read back and checked in a statement of its own."""
        again = ast.parse(ast.unparse(node.target), mode="eval").body
        self.generic_visit(node)
        call = ast.Call(ast.Name(NAME, ast.Load()), [again], [])
        after = ast.copy_location(ast.Expr(call), node)
        return [node, after]


def rewrite(source, name="<source>"):
    """The compiled, checking form of a module's source."""
    tree = Rewriter().visit(ast.parse(source, name))
    return compile(ast.fix_missing_locations(tree), name, "exec")


class Loader(importlib.machinery.SourceFileLoader):
    """Loads one module in its checking form."""

    def __init__(self, name, path, check):
        super().__init__(name, path)
        self._check = check

    def get_code(self, fullname):
        return rewrite(self.get_data(self.path).decode(), self.path)

    def exec_module(self, module):
        setattr(module, NAME, self._check)
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to check before the ordinary finders do."""

    def __init__(self, check):
        self._check = check

    def find_spec(self, fullname, path, target=None):
        if not fullname.startswith(CHECKED) or fullname == NOT_CHECKED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return spec
        spec.loader = Loader(fullname, spec.origin, self._check)
        return spec


def main(arguments):
    """Install the hook, then run plain tests or a module; its exit code."""
    counter = Counter()
    sys.meta_path.insert(0, Finder(checker(counter)))
    if arguments[0] == "tests":
        from tests.runtimes import runner

        result = runner.main(["-q", *arguments[1:]])
    else:
        sys.argv = arguments[1:]
        try:
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
            result = 0
        except SystemExit as end:
            result = end.code
    for line in sorted(set(counter.wrong)):
        print(line)
    print(f"{counter.values} values checked, {len(counter.wrong)} wrong")
    return 1 if counter.wrong else result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
