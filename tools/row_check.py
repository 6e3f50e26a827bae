"""Deletes every row of the tables in turn and demands that a test of its requirement fails.

`make row-check`. Rows: tables/faults.toml, tables/panel.toml and RULES of control/rules.py (there
the requirement stands in a comment on the row). Only plain tests that name the requirement run.
A deleted fault or panel row keeps its id constant at first, so that a test has to miss what the
row does; where that changes nothing or nobody notices, the constant goes too (shown as `weak`).
`--strict` fails on weak rows as well, `--short` prints only what is wrong.
"""

import ast
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.runtimes import runner
from tools import generate, requirements_trace, row_child

ROOT = Path(__file__).resolve().parent.parent
TABLES = ("tables/faults.toml", "tables/panel.toml")
RULES = "firmware/control/rules.py"
TREE = ("firmware", "hal", "host_sim", "tables", "tests", "tools")
WORKERS = 2
TIMEOUT_S = 120
GOOD, WEAK, BAD = "ok", "weak", "NOT MISSED"


class Row:
    """A row of a table: where it stands, what people call it, what it is for."""

    def __init__(self, file, lines, name, ids):
        self.file = file
        self.lines = lines
        self.name = name
        self.ids = ids
        self.verdict = BAD
        self.by = "no test of its requirement"


def toml_rows(file):
    """Rows of a TOML table: one inline table a line, with `req`."""
    for number, line in enumerate((ROOT / file).read_text().splitlines(), 1):
        if not line.lstrip().startswith("{"):
            continue
        row = tomllib.loads("row = " + line.strip().rstrip(","))["row"]
        name = row.get("key") or f"lamps {row.get('lamps')}"
        yield Row(file, (number, number), name, [part.strip() for part in row["req"].split(",")])


def rule_rows():
    """Rows of RULES, each with a comment `# req: ID` on one of its lines."""
    path = ROOT / RULES
    if not path.exists():
        return
    lines = path.read_text().splitlines()
    for statement in ast.parse(path.read_text()).body:
        names = [t.id for t in getattr(statement, "targets", ()) if isinstance(t, ast.Name)]
        if "RULES" not in names:
            continue
        table = next(n for n in ast.walk(statement.value) if isinstance(n, ast.Tuple))
        for item in table.elts:
            own = lines[item.lineno - 1 : item.end_lineno]
            found = [m[1] for line in own if (m := requirements_trace.COMMENT.search(line))]
            ids = [part.strip() for text in found for part in text.split(",")]
            first = ast.unparse(item.elts[0] if isinstance(item, ast.Tuple) else item.args[0])
            second = ast.unparse(item.elts[1] if isinstance(item, ast.Tuple) else item.args[1])
            yield Row(RULES, (item.lineno, item.end_lineno), f"{first} {second}", ids)


def plain_tests():
    """{requirement: {module: [test, ...]}} of the tests that run without pytest."""
    table = {}
    for folder in runner.FOLDERS:
        for module in runner.discover(folder, str(ROOT)):
            path = ROOT / (module.replace(".", "/") + ".py")
            for name, ids in requirements_trace.test_functions(path):
                for number in ids:
                    table.setdefault(number, {}).setdefault(module, []).append(name)
    return table


def may_change():
    """Files that a row's run writes in its copy."""
    generated = [name for name in generate.outputs() if name.endswith(".py")]
    return (*TABLES, RULES, *generated)


class Copy:
    """A copy of the tree in which one row at a time is missing."""

    def __init__(self, root):
        self.root = root
        for name in TREE:
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, root / name, ignore=skip)
        self._originals = {n: (root / n).read_bytes() for n in may_change() if (root / n).exists()}
        compileall = [sys.executable, "-m", "compileall", "-q", str(root)]
        subprocess.run(compileall, check=True, capture_output=True)
        for name in self._originals:  # these change within a second: no byte code of them
            for stale in (root / name).parent.glob(f"__pycache__/{Path(name).stem}.*"):
                stale.unlink()

    def run(self, row, tests, keep_ids):
        """Exit code of the tests without the row (see row_child) and what they printed."""
        job = {"file": row.file, "lines": row.lines, "keep_ids": keep_ids, "tests": tests}
        command = [sys.executable, "-B", "-m", "tools.row_child", json.dumps(job)]
        try:
            done = subprocess.run(
                command, cwd=self.root, capture_output=True, text=True, timeout=TIMEOUT_S,
                check=False,
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            return row_child.MISSED, "FAIL time-out"
        finally:
            for name, data in self._originals.items():
                if (self.root / name).read_bytes() != data:
                    (self.root / name).write_bytes(data)


def whole(copy, table):
    """Failures of the tests while no row is missing: then they prove nothing about rows."""
    tests = {}
    for modules in table.values():
        for module, names in modules.items():
            tests.setdefault(module, set()).update(names)
    tests = {module: sorted(names) for module, names in tests.items()}
    code, output = copy.run(Row(None, None, "", []), tests, True)
    return "" if code == row_child.SURVIVED else output.strip()[-1500:]


def judge(row, copies, table):
    """Delete the row in a free copy and note what its tests said."""
    tests = {}
    for number in row.ids:
        for module, names in table.get(number, {}).items():
            tests.setdefault(module, []).extend(names)
    if not row.ids or not tests:
        return row
    copy = copies.get()
    try:
        for verdict, keep_ids in ((GOOD, True), (WEAK, False)):
            code, output = copy.run(row, tests, keep_ids)
            if code == row_child.MISSED:
                failures = [line for line in output.splitlines() if line.startswith("FAIL")]
                row.verdict, row.by = verdict, failures[0].removeprefix("FAIL ")
                return row
            if code not in (row_child.SURVIVED, row_child.SAME):
                row.by = "could not run: " + output.strip().splitlines()[-1][:70]
            else:
                row.by = "its tests still pass"
            if row.file == RULES:
                break
        return row
    finally:
        copies.put(copy)


def check_all(rows):
    """Judge every row, WORKERS at a time."""
    table = plain_tests()
    with tempfile.TemporaryDirectory() as scratch:
        copies = queue.Queue()
        for number in range(WORKERS):
            copies.put(copy := Copy(Path(scratch) / str(number)))
        failures = whole(copy, table)
        if failures:
            raise SystemExit(f"row-check: tests fail with every row in place\n{failures}")
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda row: judge(row, copies, table), rows))


def main(arguments):
    """Print the table; 1 when a row can be deleted without anybody noticing."""
    rows = [row for file in TABLES for row in toml_rows(file)] + list(rule_rows())
    wanted = [a for a in arguments if not a.startswith("--")]
    rows = [row for row in rows if not wanted or any(w in row.name for w in wanted)]
    wrong = (WEAK, BAD) if "--strict" in arguments else (BAD,)
    check_all(rows)
    for row in rows:
        if "--short" not in arguments or row.verdict in wrong:
            place = Path(row.file).stem
            print(f"{row.verdict:10} {place:7} {row.name:34} {','.join(row.ids):8} {row.by}")
    bad = sum(row.verdict in wrong for row in rows)
    weak = sum(row.verdict == WEAK for row in rows)
    print(f"{len(rows)} rows, {len(rows) - bad} missed by their tests when deleted, {weak} weakly")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
