"""Sizes, and words that have no place in this tree."""

import ast
import re

import pytest

from tests.static import sources

FOLDERS = ("firmware", "hal", "host_sim", "tools", "boards")
MAX_LINES = 300
MAX_FUNCTION = 40
TEXTS = ("*.py", "*.md", "*.toml", "*.mjs", "*.yml", "Makefile", ".ci/run")
SKIPPED = {".venv", "build", "run", ".git", "node_modules"}
# unfinished work, and paths of one machine (written so that this file does not find itself)
WORDS = re.compile("TO" + "DO|FIX" + "ME|/wo" + r"rk\b|/ro" + r"ot/|/ho" + r"me/\w")


# req: HAL-01
def test_files_are_short():
    long = [
        f"{sources.name(path)}: {lines} lines"
        for path in sources.files(*FOLDERS)
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    ]
    assert long == []


# req: HAL-01
def test_functions_fit_a_screen():
    long = [
        f"{sources.name(path)}:{item.lineno} {item.name}: {lines} lines"
        for path in sources.files(*FOLDERS)
        for item in ast.walk(sources.tree(path))
        if isinstance(item, sources.FUNCTIONS)
        and (lines := item.end_lineno - item.lineno + 1) > MAX_FUNCTION
    ]
    assert long == []


# req: HAL-01
def test_nothing_is_left_to_do_and_no_machine_is_named():
    bad = []
    for pattern in TEXTS:
        for path in sources.ROOT.rglob(pattern):
            if SKIPPED & set(path.relative_to(sources.ROOT).parts):
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if WORDS.search(line):
                    bad.append(f"{sources.name(path)}:{number} {line.strip()[:60]}")
    assert bad == []


# req: HAL-01
@pytest.mark.parametrize("line", ["# TO" + "DO later", "open('/wo" + "rk/x')"])
def test_such_words_are_found(line):
    assert WORDS.search(line)
