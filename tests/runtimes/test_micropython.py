"""The plain tests of firmware and hal, on both MicroPython runtimes."""

import pytest

from tests.runtimes import runner
from tools import runtimes

TAIL = 4000


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_plain_tests_pass_on_micropython(runtime, need):
    code, output = need(runtimes.RUNTIMES[runtime], "tests.runtimes.runner", "-q")
    assert code == 0, f"{runtime} MicroPython:\n{output[-TAIL:]}"
    modules = sum(len(runner.discover(folder, str(runtimes.ROOT))) for folder in runner.FOLDERS)
    assert output.rstrip().endswith(f" 0 failed in {modules} modules")
    print(output.rstrip().splitlines()[-1])


# req: HAL-01
@pytest.mark.parametrize("runtime", sorted(runtimes.RUNTIMES))
def test_the_runner_notices_a_failure(runtime, need, tmp_path):
    folder = tmp_path / "tests" / "firmware"
    folder.mkdir(parents=True)
    (folder / "test_probe.py").write_text(
        "def test_good():\n    assert 2 + 2 == 4\n\n"
        "def test_bad():\n    assert 2 + 2 == 5, 'five'\n"
    )
    (folder / "test_host.py").write_text("import pytest\n")
    here = runtimes.ROOT / "tests" / "runtimes"
    (tmp_path / "tests" / "runtimes").symlink_to(here)
    place = {"cwd": tmp_path} if runtime == "64-bit" else {"root": tmp_path}
    code, output = need(runtimes.RUNTIMES[runtime], "tests.runtimes.runner", **place)
    assert code == 1
    assert "FAIL tests.firmware.test_probe.test_bad" in output
    assert "five" in output
    assert output.endswith("1 passed, 1 failed in 1 modules\n")


# req: HAL-01
def test_small_integers_are_31_bits_on_the_32_bit_runtime(need, tmp_path):
    (tmp_path / "probe.py").write_text(
        "import sys\n\ndef main(arguments):\n    return 31 if sys.maxsize == 2**31 - 1 else 63\n"
    )
    code, output = need(runtimes.micropython32, "probe", tree=("probe.py",), root=tmp_path)
    assert code == 31, output
