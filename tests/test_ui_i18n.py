"""Texts in the language of the window: engine texts with their numbers, tooltips as they are, translators swapped."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QDialogButtonBox

from gradlab.engine.text import Text
from gradlab.ui import i18n


class Made(QTranslator):
    """A translation of one engine text."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return "发散于第 {step} 步" if (context, text) == (i18n.CONTEXT, "diverged at step {step}") else ""

    def isEmpty(self):
        return False


@pytest.fixture
def chinese(qapp):
    translator = Made(qapp)
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_english_is_rendered_from_the_template(qapp):
    text = Text("diverged at step {step}", {"step": 7})
    assert i18n.render(text) == str(text) == "diverged at step 7"
    assert i18n.render("plain {braces} stay") == "plain {braces} stay"
    assert i18n.render("") == ""


def test_a_translation_gets_the_same_numbers(chinese):
    assert i18n.render(Text("diverged at step {step}", {"step": 7})) == "发散于第 7 步"


def test_a_tooltip_is_never_read_as_rich_text():
    assert i18n.plain_tip("a > b & c") == "a > b & c"
    tip = i18n.plain_tip("<b>x</b>\nsecond")
    assert "&lt;b&gt;x&lt;/b&gt;" in tip
    assert "pre-wrap" in tip


def test_english_is_always_known_and_an_unknown_language_speaks_it(qapp):
    assert i18n.languages()[0] == "en"
    assert i18n.install("tlh") == "en"
    assert i18n.install("system") in i18n.languages()
    assert i18n.install("en") == "en"


def test_qt_speaks_the_language_too(qapp, tmp_path, monkeypatch):
    """With a catalog of ours for zh_CN, Qt's own dialogs follow; back in English both are gone."""
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "gradlab_zh_CN.qm").write_bytes(b"")
    monkeypatch.setattr(i18n.resources, "path", lambda *parts: tmp_path.joinpath(*parts))
    assert i18n.languages() == ("en", "zh_CN")
    try:
        assert i18n.install("zh") == "zh_CN"
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        assert box.buttons()[0].text().startswith("取消")
        box.deleteLater()
    finally:
        i18n.install("en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
