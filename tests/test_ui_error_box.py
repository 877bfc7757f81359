"""The banner and the strip: counted, plain, never modal, and safe when an error happens while one is shown."""

from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from gradlab.engine.errors import ErrorReport, UserError
from gradlab.engine.text import Text
from gradlab.ui.error_box import KEPT, ErrorBanner, Notice


def report(text="boom"):
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return ErrorReport.of(error)


@pytest.fixture
def banner(qtbot):
    banner = ErrorBanner()
    qtbot.addWidget(banner)
    return banner


@pytest.fixture
def notice(qtbot):
    notice = Notice()
    qtbot.addWidget(notice)
    return notice


def test_the_same_error_is_counted(banner):
    assert not banner.isVisible()
    one = report()
    for _ in range(1000):
        banner.show_report(one)
    assert banner.isVisible()
    assert not banner.isModal()
    assert banner.summary.text() == "RuntimeError: boom"
    assert banner.count.text() == "1000 times"
    assert banner.text().count("Traceback") == 1


def test_details_copy_and_close(banner, qtbot):
    banner.show_report(report())
    assert not banner.details.isVisible()
    qtbot.mouseClick(banner.details_button, Qt.MouseButton.LeftButton)
    assert banner.details.isVisible()
    assert "Traceback (most recent call last)" in banner.details.toPlainText()
    qtbot.mouseClick(banner.copy_button, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == banner.text()
    qtbot.mouseClick(banner.close_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()
    banner.show_report(report())
    assert banner.count.text() == ""
    assert not banner.details.isVisible()


def test_different_errors_are_all_kept_up_to_a_limit(banner):
    for number in range(KEPT + 5):
        banner.show_report(report(f"error {number}"))
    assert banner.summary.text() == f"RuntimeError: error {KEPT + 4}"
    assert banner.count.text() == f"{KEPT - 1} other errors"
    assert f"error {KEPT + 4}" in banner.details.toPlainText()
    assert "error 0\n" not in banner.text()


def test_texts_are_shown_as_they_are(banner, notice):
    banner.show_report(ErrorReport("ValueError: <b>x</b>", "d"))
    notice.show_error(UserError("<img src=x>: bad", "<b>hint</b>"))
    assert banner.summary.text() == "ValueError: <b>x</b>"
    assert all(w.textFormat() == Qt.TextFormat.PlainText for box in (banner, notice) for w in box.findChildren(QLabel))


def test_a_long_message_is_cut(banner, notice):
    banner.show_report(ErrorReport("x" * 100_000, "y" * 1_000_000))
    assert len(banner.summary.text()) <= 300
    assert len(banner.text()) <= 100_000
    notice.show_text("z" * 5000)
    assert len(notice.label.text()) <= 600


def test_an_error_while_one_is_shown_is_only_logged(banner, caplog, monkeypatch):
    """The reporter itself fails, and the failure is reported to it: no recursion, one log line each."""
    inner = report("inside")

    def failing(_text):
        banner.show_report(inner)
        raise RuntimeError("the label is broken")

    monkeypatch.setattr(banner.summary, "setText", failing)
    with caplog.at_level(logging.ERROR):
        banner.show_report(report("outside"))
    assert "while an error was being shown" in caplog.text
    assert "could not be shown" in caplog.text
    monkeypatch.undo()
    banner.show_report(report("later"))
    assert banner.summary.text() == "RuntimeError: later"


def test_a_notice_shows_message_and_hint_until_it_is_closed(notice, qtbot):
    notice.show_error(UserError("racers[0].lr: must be > 0, not -1", "a hint"))
    assert (notice.label.text(), notice.hint.text()) == ("racers[0].lr: must be > 0, not -1", "a hint")
    assert notice.label.property("class") == "bad"
    notice.show_text(Text("step {step}", {"step": 7}))
    assert notice.label.text() == "step 7"
    assert notice.label.property("class") != "bad"
    assert not notice.hint.isVisible()
    qtbot.keyClick(notice, Qt.Key.Key_Escape)
    assert not notice.isVisible()
    notice.show_text("again")
    notice.clear()
    assert not notice.isVisible()


def test_buttons_have_names(banner, notice):
    for button in (banner.close_button, notice.close_button):
        assert button.accessibleName() == "Close"
