"""The look: tokens, contrast, the sheet, fonts, icons, and a switch of theme while the program runs."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QIcon, QPalette, QRawFont
from PySide6.QtWidgets import QApplication, QPushButton, QTableWidget, QToolButton

import gradlab.resources
from gradlab import resources
from gradlab.ui import icons, theme

THEMES = {"dark": theme.DARK, "light": theme.LIGHT}
ICONS = [
    "descent",
    "function",
    "activation",
    "loss",
    "training",
    "autograd",
    "lessons",
    "play",
    "pause",
    "step-forward",
    "step-back",
    "restart",
    "stop",
    "continue-from-here",
    "maximise",
    "restore",
    "reset-view",
    "copy",
    "export",
    "more",
    "plus",
    "log",
    "eye",
    "eye-off",
    "warning",
    "check",
]


@pytest.fixture
def back(qapp):
    """Put the theme back afterwards."""
    before = theme.mode(), theme.watcher().scale
    yield qapp
    theme.apply(qapp, *before)


def test_tokens_are_those_of_the_drawing():
    assert (theme.DARK.surface, theme.DARK.accent, theme.DARK.bad) == ("#1d2027", "#5aa9ff", "#f2635d")
    assert (theme.LIGHT.surface, theme.LIGHT.accent, theme.LIGHT.bad) == ("#ffffff", "#1f6feb", "#c9372c")
    assert theme.DARK.traces == ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2")


@pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)
def test_traces_and_texts_stand_out_from_their_ground(tokens):
    ground = QColor(tokens.surface)
    assert all(theme.contrast(QColor(trace), ground) >= 3 for trace in tokens.traces)
    for name, least in (("text", 7), ("muted", 4.5), ("accent", 4.5), ("ok", 4), ("warn", 4.5), ("bad", 4.5)):
        assert theme.contrast(QColor(getattr(tokens, name)), ground) >= least, name
    assert theme.contrast(QColor(tokens.accent_text), QColor(tokens.accent)) >= 4.5


@pytest.mark.parametrize(("colour", "ratio"), [("#ffffff", 21.0), ("#777777", 4.69), ("#ff0000", 5.25)])
def test_contrast_is_that_of_wcag(colour, ratio):
    assert theme.contrast(QColor(colour), QColor("#000000")) == pytest.approx(ratio, abs=0.02)


def test_a_colour_of_the_users_is_made_readable_and_dashes_begin_after_six():
    assert theme.contrast(theme.LIGHT.colour("#ffff66"), QColor("#ffffff")) >= 3
    assert theme.contrast(theme.DARK.colour("#101010"), QColor(theme.DARK.surface)) >= 3
    assert theme.LIGHT.colour("#123456").name() == "#123456"
    assert [theme.DARK.dash(i) for i in range(6)] == [()] * 6
    assert theme.DARK.dash(6)
    assert theme.DARK.colour(6) == theme.DARK.colour(0)
    assert len({theme.DARK.dash(i) for i in (0, 6, 12, 18)}) == 4


@pytest.mark.parametrize("mode", THEMES)
def test_a_switch_changes_palette_sheet_and_icons_at_once(back, qtbot, mode):
    other = "light" if mode == "dark" else "dark"
    theme.apply(back, other)
    button = QToolButton()
    qtbot.addWidget(button)
    icons.put(button, "play")
    before = button.icon().pixmap(QSize(20, 20)).toImage()
    with qtbot.waitSignal(theme.watcher().changed) as said:
        theme.apply(back, mode)
    assert said.args == [THEMES[mode]]
    assert theme.current() is THEMES[mode]
    assert back.palette().color(QPalette.ColorRole.Window).name() == THEMES[mode].surface
    assert THEMES[mode].accent in back.styleSheet()
    assert "@" not in back.styleSheet()
    assert button.icon().pixmap(QSize(20, 20)).toImage() != before


def test_the_system_is_followed_while_asked_to(back, monkeypatch):
    hints = QGuiApplication.styleHints()
    theme.apply(back, "system")
    for scheme, tokens in ((Qt.ColorScheme.Light, theme.LIGHT), (Qt.ColorScheme.Dark, theme.DARK)):
        monkeypatch.setattr(type(hints), "colorScheme", lambda self, now=scheme: now)  # the screen here has no scheme
        hints.colorSchemeChanged.emit(scheme)
        assert theme.current() is tokens
    theme.apply(back, "light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT


def test_an_unknown_mode_is_refused(back):
    with pytest.raises(ValueError, match="mode: must be one of dark, light, system, not 'blue'"):
        theme.apply(back, "blue")


def test_scale_enlarges_every_text(back):
    theme.apply(back, "dark", 2.0)
    assert back.font().pixelSize() == 26
    assert "font-size: 22px" in back.styleSheet()
    assert theme.mono_font(12).pixelSize() == 24


def test_the_fonts_are_shipped_small_licensed_and_loaded(back):
    theme.apply(back, "dark")
    folder = resources.path("fonts")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_500_000
    assert len(list(folder.glob("*OFL.txt"))) == 3
    assert {"Inter", "JetBrains Mono", "Noto Sans Math"} <= set(QFontDatabase.families())
    assert QRawFont.fromFont(QFont("Noto Sans Math")).supportsCharacter(ord("∇"))
    mono = QFontMetrics(theme.mono_font())
    assert len({mono.horizontalAdvance(c) for c in "0123456789.eE+-"}) == 1


def test_the_focus_shows(back, qtbot):
    theme.apply(back, "dark")
    button = QPushButton("x")
    qtbot.addWidget(button)
    button.resize(80, 30)
    button.show()
    qtbot.waitExposed(button)
    button.clearFocus()
    plain = button.grab().toImage()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    button.activateWindow()
    qtbot.waitUntil(button.hasFocus)
    assert button.grab().toImage() != plain


def test_the_focus_of_a_table_shows_on_all_its_sides(back, qtbot):
    theme.apply(back, "dark")
    table = QTableWidget(3, 3)
    qtbot.addWidget(table)
    table.resize(240, 160)
    table.show()
    qtbot.waitExposed(table)
    table.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    image, ring = table.grab().toImage(), theme.DARK.accent
    middle, last = (120, 80), (image.width() - 1, image.height() - 1)
    sides = {
        "left": (0, middle[1]),
        "top": (middle[0], 0),
        "right": (last[0], middle[1]),
        "bottom": (middle[0], last[1]),
    }
    assert {side: image.pixelColor(*at).name() for side, at in sides.items()} == dict.fromkeys(sides, ring)


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_the_colour_asked_for(qapp, name):
    image = icons.icon(name, "#ff0000").pixmap(QSize(40, 40), 2.0).toImage()
    drawn = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    drawn = [colour for colour in drawn if colour.alpha() > 200]
    assert len(drawn) > 10
    assert all(colour.red() > 200 > 60 > colour.green() for colour in drawn)


def test_icons_are_sharp_on_dense_screens_and_faint_when_disabled(qapp):
    icon = icons.icon("play")
    assert icon.pixmap(QSize(20, 20), 2.0).size() == QSize(40, 40)
    off = icon.pixmap(QSize(20, 20), QIcon.Mode.Disabled).toImage()
    assert off.pixelColor(8, 10).name() == theme.current().faint


def test_unknown_icons_are_named(qapp):
    with pytest.raises(FileNotFoundError, match=r"unicorn\.svg"):
        icons.icon("unicorn")
    assert not icons.app_icon().isNull()


def test_resources_are_found_in_a_checkout_and_in_a_wheel(tmp_path):
    assert resources.path("icons", "play.svg").is_file()
    package = tmp_path / "gradlab"
    (package / "_resources" / "icons").mkdir(parents=True)
    shutil.copy(Path(gradlab.resources.__file__), package / "resources.py")
    spec = importlib.util.spec_from_file_location("wheel_resources", package / "resources.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.path("icons") == package / "_resources" / "icons"
    module.root.cache_clear()
    shutil.rmtree(package / "_resources")
    with pytest.raises(FileNotFoundError, match="reinstall gradlab"):
        module.root()


def test_a_theme_is_put_on_a_bare_style(qapp, monkeypatch):
    """Putting one style sheet in the place of another took a window with all its pages many times as long."""
    seen = []
    put = QApplication.setStyleSheet
    monkeypatch.setattr(QApplication, "setStyleSheet", lambda app, sheet: seen.append(bool(sheet)) or put(app, sheet))
    before = theme.mode()
    theme.apply(qapp, "light")
    theme.apply(qapp, before)
    assert seen == [False, True, False, True]
    assert qapp.styleSheet()


def test_letters_are_written_as_they_are_typed(qapp: QApplication) -> None:
    """Inter would make a sign of multiplication of an x between two numbers."""
    theme.apply(qapp, "dark")
    metrics = QFontMetrics(qapp.font())
    assert metrics.horizontalAdvance("1 x1") != metrics.horizontalAdvance("1 ×1")
    alone = [metrics.horizontalAdvance(letter) for letter in "1 x1"]
    assert metrics.horizontalAdvance("1 x1") == pytest.approx(sum(alone), abs=2)
