"""A pytest plugin for the gate: a test that is skipped there fails, because what was not run was not shown.

Loaded by `make test` when CI is set. A test that cannot pass yet is marked xfail, which is strict.
"""

from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _fail_if_skipped(report: Report) -> Report:
    """Turn a skip into a failure that tells the skip's reason; an expected failure is left as it is."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which the gate does not accept: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Watch each test's report (a skip inside a test, a mark, a fixture)."""
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Watch each file's report (a skip of a whole module)."""
    return _fail_if_skipped((yield))
