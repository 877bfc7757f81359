"""The composition root: what catches errors, and what refuses to start."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from gradlab import app
from gradlab.engine.errors import UserError


def test_an_error_while_an_error_is_shown_is_only_logged(qapp: Any, caplog: pytest.LogCaptureFixture) -> None:
    errors, shown = app.Errors(), []

    def show(report: Any) -> None:
        shown.append(report.summary)
        errors._uncaught(RuntimeError, RuntimeError("in the report itself"), None)

    errors.reported.connect(show)
    errors._uncaught(ValueError, ValueError("first"), None)
    errors._uncaught(ValueError, ValueError("second"), None)
    assert shown == ["ValueError: first", "ValueError: second"]
    assert sum("uncaught" in record.message for record in caplog.records) == 4


def test_the_pair_of_versions_that_aborts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    app.check_versions()
    monkeypatch.setattr(app, "pyside_version", (6, 12, 0, "", ""))
    if sys.version_info < (3, 12):
        with pytest.raises(UserError, match=r"PySide6 6\.12\.0 aborts on Python 3\.11"):
            app.check_versions()
    else:
        app.check_versions()
