"""Common to all host tests: repeatable property tests, and how a missing runtime is met."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tools import runtimes

settings.register_profile(
    "packwarden",
    derandomize=True,  # the same examples on every machine and run
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("packwarden")


LONG_FIRST = ("runtimes", "static", "scenarios")  # folders with tests of a minute and more


def pytest_collection_modifyitems(items):
    """Begin with what takes long, so that no worker ends with it while the others wait."""
    items.sort(key=lambda item: item.path.parent.name not in LONG_FIRST)


@pytest.fixture
def need():
    """`need(call)` returns what call() gives; a runtime that cannot be had skips the test with
    the reason, and fails it in CI, where everything has to run."""

    def attempt(call, *arguments, **named):
        try:
            return call(*arguments, **named)
        except runtimes.Unavailable as reason:
            if os.environ.get("CI") == "true":
                pytest.fail(f"not available: {reason}")
            pytest.skip(str(reason))

    return attempt
