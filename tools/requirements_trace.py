"""Which tests prove which requirement: `make trace`.

A test names its requirements in a comment above it (`# req: PRT-01, PRT-04`), a scenario in its
file (`req = ["PRT-01"]`). Fails on an id that tests/requirements.txt does not know, and on one
marked `now` that no test names. `--short` prints the summary only.
"""

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMENT = re.compile(r"#\s*req:\s*(.*)")


def requirements(root=ROOT):
    """{id: (title, needed now)} in the order of the list."""
    known = {}
    for line in (root / "tests" / "requirements.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            number, title, when = (part.strip() for part in line.split("|"))
            known[number] = (title, when == "now")
    return known


def _comments_above(lines, function):
    """Comment lines directly above a function, its decorators included (1-based lines)."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    found = lines[first - 1 : function.lineno - 1]
    at = first - 2
    while at >= 0 and lines[at].lstrip().startswith("#"):
        found.append(lines[at])
        at -= 1
    return found


def ids_of(function, lines):
    """Requirement ids named above a test function."""
    found = []
    for line in _comments_above(lines, function):
        match = COMMENT.search(line)
        if match:
            found += [part.strip() for part in match[1].split(",")]
    return found


def test_functions(path):
    """(name, ids) of every test function in a Python file."""
    source = path.read_text()
    lines = source.splitlines()
    for item in ast.walk(ast.parse(source, str(path))):
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
            yield item.name, ids_of(item, lines)


def tests(root=ROOT):
    """(file relative to root, test name, ids) of every test and scenario."""
    for path in sorted((root / "tests").rglob("*.py")):
        for name, ids in test_functions(path):
            yield str(path.relative_to(root)), name, ids
    for path in sorted((root / "tests").rglob("*.toml")):
        ids = tomllib.loads(path.read_text()).get("req", [])
        yield str(path.relative_to(root)), path.stem, ids


def by_requirement(found):
    """{id: ['file::test', ...]}."""
    table = {}
    for file, name, ids in found:
        for number in ids:
            table.setdefault(number, []).append(f"{file}::{name}")
    return table


def faults_of(known, table, found):
    """What is wrong with the trace, as sentences."""
    bad = [
        f"{file}::{name} names {number!r}, which is not in tests/requirements.txt"
        for file, name, ids in found
        for number in ids
        if number not in known
    ]
    bad += [
        f"{number} ({title}) has no test"
        for number, (title, now) in known.items()
        if now and number not in table
    ]
    return bad


def main(arguments):
    """Print the table; 1 when the trace has a fault."""
    known, found = requirements(), list(tests())
    table = by_requirement(found)
    if "--short" not in arguments:
        for number, (title, now) in known.items():
            names = table.get(number, [])
            print(f"{number}  {title}" + ("" if now or names else "  (later)"))
            for name in names:
                print(f"        {name}")
    bad = faults_of(known, table, found)
    for sentence in bad:
        print(f"trace: {sentence}")
    proven = sum(number in table for number in known)
    needed = sum(now for _, now in known.values())
    silent = sum(not ids for _, _, ids in found)
    print(
        f"{len(found)} tests ({silent} name no requirement) prove {proven} of {len(known)} "
        f"requirements; {needed} are due now"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
