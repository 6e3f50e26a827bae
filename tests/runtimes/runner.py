"""A test runner for plain test modules, small enough for MicroPython.

`python -m tests.runtimes.runner [MODULE ...]` imports each module, calls every `test_*` function
and prints `ok` or `FAIL` with a traceback; without arguments it takes every `test_*.py` under
tests/firmware and tests/hal that does not import pytest. The exit code is 1 when a test failed.
The same file runs on CPython and on MicroPython.
"""

import gc
import os
import sys

FOLDERS = ("tests/firmware", "tests/hal")
DIRECTORY = 0x4000


def _is_directory(path):
    return os.stat(path)[0] & 0xF000 == DIRECTORY


def _is_plain(path):
    """True when the module does not import pytest, which only CPython has."""
    with open(path) as file:
        for line in file:
            if line.startswith(("import pytest", "from pytest")):
                return False
    return True


def discover(folder, root="."):
    """Names of the plain test modules below a folder, in order."""
    found = []
    path = root + "/" + folder
    try:
        names = sorted(os.listdir(path))
    except OSError:
        return found
    for name in names:
        if _is_directory(path + "/" + name):
            found.extend(discover(folder + "/" + name, root))
        elif name.startswith("test_") and name.endswith(".py") and _is_plain(path + "/" + name):
            found.append((folder + "/" + name[:-3]).replace("/", "."))
    return found


def _print_exception(error):
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, sys.stdout)
    else:
        import traceback

        traceback.print_exception(error, file=sys.stdout)


def _attempt(name, call, verbose):
    """Run one step; 1 when it failed."""
    try:
        call()
    except BaseException as error:  # a test may end in SystemExit, too
        if isinstance(error, KeyboardInterrupt):
            raise
        print("FAIL " + name)
        _print_exception(error)
        return 1
    if verbose:
        print("ok " + name)
    return 0


def _forget(name):
    """Drop a module, so that the next one finds the heap free."""
    module = sys.modules.pop(name, None)
    parent, _, last = name.rpartition(".")
    if module is not None and parent in sys.modules and hasattr(sys.modules[parent], last):
        delattr(sys.modules[parent], last)
    gc.collect()


def run_module(name, wanted=None, verbose=True):
    """(passed, failed) of one module; `wanted` names the functions, None takes them all."""
    if _attempt(name + " (import)", lambda: __import__(name), False):
        return 0, 1
    module = sys.modules[name]
    passed = failed = 0
    for test in sorted(dir(module)):
        function = getattr(module, test)
        if test.startswith("test_") and callable(function) and (not wanted or test in wanted):
            if _attempt(name + "." + test, function, verbose):
                failed += 1
            else:
                passed += 1
    _forget(name)
    return passed, failed


def phases(arguments):
    """Run the modules named, or all, one a step; yields the exit code at the end: 0 when every
    test passed and there was at least one. (WebAssembly collects garbage between two steps.)"""
    names = [a for a in arguments if not a.startswith("-")]
    if not names:
        for folder in FOLDERS:
            names.extend(discover(folder))
    passed = failed = 0
    for name in names:
        good, bad = run_module(name, verbose="-q" not in arguments)
        passed += good
        failed += bad
        yield None
    print("%d passed, %d failed in %d modules" % (passed, failed, len(names)))
    yield 1 if failed or not passed else 0


def main(arguments):
    """Run all phases; the exit code."""
    codes = list(phases(arguments))  # the last one counts
    return codes[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
