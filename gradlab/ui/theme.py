"""The look of the program: tokens, palette, fonts, light and dark, switched live; the sheet: resources/theme."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gradlab import resources

log = logging.getLogger(__name__)

MODES = ("dark", "light", "system")
BODY = 13
"""Pixels of the body text at scale 1."""
READABLE = 3.0
"""Contrast of a graphical object against its ground (WCAG 2.2, criterion 1.4.11)."""
VEIL = 0xD0
"""How much the ground of a word that lies on curves covers of them, 0 … 255."""
SANS = ("Inter", "Noto Sans Math", "PingFang SC", "Microsoft YaHei UI", "Noto Sans CJK SC")
MONO = ("JetBrains Mono", "Noto Sans Math", "PingFang SC", "Microsoft YaHei UI", "Noto Sans Mono CJK SC")
DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 2.5), (1.5, 2.0), (6.0, 2.0, 1.5, 2.0))


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``."""

    name: str
    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_text: str
    ok: str
    warn: str
    bad: str
    traces: tuple[str, ...]

    def colour(self, colour: int | str) -> QColor:
        """Return a trace number's colour, or a fixed one made readable on this theme's surface (3 : 1)."""
        if isinstance(colour, int):
            return QColor(self.traces[colour % len(self.traces)])
        return QColor(_readable(QColor(colour).name(), self.surface))

    def on_map(self, colour: int | str) -> QColor:
        """Return a trace's bright colour for lines with a dark casing on a colour map, alike in every theme."""
        return DARK.colour(colour)

    def dash(self, colour: int | str) -> tuple[float, ...]:
        """Return the dashes of a trace in pen widths: solid for the first six, then patterns."""
        return DASHES[colour // len(self.traces) % len(DASHES)] if isinstance(colour, int) else ()


DARK = Theme(
    name="dark", window="#16181d", surface="#1d2027", raised="#252932", line="#323743", text="#e6e8ec",
    muted="#9aa1ad", faint="#6b7280", accent="#5aa9ff", accent_text="#0b1220",
    ok="#2fbf8f", warn="#e6a23c", bad="#f2635d",
    traces=("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2"),
)  # fmt: skip
LIGHT = Theme(
    name="light", window="#f3f4f6", surface="#ffffff", raised="#f7f8fa", line="#dde1e7", text="#1b1f27",
    muted="#5b6472", faint="#8b94a3", accent="#1f6feb", accent_text="#ffffff",
    ok="#0f8a63", warn="#9a6700", bad="#c9372c",
    traces=("#BF8300", "#4797C4", "#009E73", "#C676A2", "#D55E00", "#0072B2"),
)  # fmt: skip


class Watcher(QObject):
    """Holds the theme in force and tells when it changed."""

    changed = Signal(object)
    """The new Theme."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self.mode = "system"
        self.scale = 1.0

    def follow(self) -> None:
        """Take over what the system says now."""
        if self.mode == "system":
            _dress(QApplication.instance(), _system())


@cache
def watcher() -> Watcher:
    """Return the object whose ``changed`` plots and icons follow."""
    return Watcher()


def apply(app: QApplication, mode: str = "system", scale: float = 1.0) -> None:
    """Give the program its look; ``mode`` is dark, light or system (followed live), ``scale`` enlarges all text."""
    if mode not in MODES:
        raise ValueError(f"mode: must be one of {', '.join(MODES)}, not {mode!r}")
    watch, hints = watcher(), QGuiApplication.styleHints()
    watch.mode, watch.scale = mode, scale
    _load_fonts()
    scheme = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}.get(mode, Qt.ColorScheme.Unknown)
    hints.setColorScheme(scheme)
    _follow_system()
    _dress(app, {"dark": DARK, "light": LIGHT}.get(mode) or _system())


def current() -> Theme:
    """Return the theme in force."""
    return watcher().theme


def mode() -> str:
    """Return dark, light or system, as applied."""
    return watcher().mode


def sans_font(pixels: int = BODY, *, bold: bool = False) -> QFont:
    """Return the text face; ``pixels`` at scale 1."""
    font = QFont(list(SANS))
    font.setPixelSize(round(pixels * watcher().scale))
    font.setFeature(QFont.Tag("calt"), 0)  # which makes a sign of multiplication of the x in "w1 x1"
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def mono_font(pixels: int = 12) -> QFont:
    """Return the monospaced face for numbers; ``pixels`` at scale 1."""
    font = QFont(list(MONO))
    font.setPixelSize(round(pixels * watcher().scale))
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def set_class(widget: QWidget, name: str) -> None:
    """Give ``widget`` a class of the style sheet (card, h, muted, mono, flat …) and dress it again."""
    widget.setProperty("class", name)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


@cache
def _follow_system() -> None:
    QGuiApplication.styleHints().colorSchemeChanged.connect(watcher().follow)


def _system() -> Theme:
    return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def _dress(app: object, theme: Theme) -> None:
    assert isinstance(app, QApplication)
    watch = watcher()
    watch.theme = theme
    app.setStyleSheet("")  # Qt puts one in the place of another many times as slowly as on a bare style
    app.setStyle("Fusion")
    app.setFont(sans_font())
    app.setPalette(_palette(theme))
    app.setStyleSheet(_sheet(_words(theme), watch.scale))
    watch.changed.emit(theme)


def _words(theme: Theme) -> dict[str, str]:
    words = {name: getattr(theme, name) for name in Theme.__dataclass_fields__ if name != "traces"}
    words["accent_hover"] = mix(QColor(theme.accent), QColor(theme.text), 0.12).name()
    words["second"] = theme.traces[1]  # what runs beside
    words["veil"] = theme.surface.replace("#", f"#{VEIL:02x}")  # behind words that lie on curves
    words["icons"] = resources.path("icons").as_posix()
    words["mono"] = ", ".join(f'"{family}"' for family in MONO)
    return words


def _sheet(words: dict[str, str], scale: float) -> str:
    """Return the style sheet with ``@word`` replaced by ``words[word]`` and its letters ``scale`` times as large."""
    text = resources.path("theme", "gradlab.qss").read_text(encoding="utf-8")
    text = re.sub(r"@(\w+)", lambda found: words[found[1]], text.partition("*/")[2])
    return re.sub(r"font-size: (\d+)px", lambda found: f"font-size: {round(int(found[1]) * scale)}px", text)


@cache
def _load_fonts() -> None:
    for file in sorted(resources.path("fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            log.warning("%s: cannot be loaded; the system's fonts are used", file)


def _palette(theme: Theme) -> QPalette:
    role, palette = QPalette.ColorRole, QPalette()
    for names, colour in (
        ((role.Window, role.AlternateBase, role.Light), theme.surface),
        ((role.Base, role.Button, role.ToolTipBase), theme.raised),
        ((role.Text, role.WindowText, role.ButtonText, role.ToolTipText, role.BrightText), theme.text),
        ((role.Mid, role.Dark, role.Midlight, role.Shadow), theme.line),
        ((role.Highlight, role.Accent, role.Link, role.LinkVisited), theme.accent),
        ((role.HighlightedText,), theme.accent_text),
        ((role.PlaceholderText,), theme.faint),
    ):
        for name in names:
            palette.setColor(name, QColor(colour))
    for name in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.faint))
    return palette


@cache
def _readable(colour: str, ground: str) -> str:
    """Return ``colour`` moved towards black or white until it stands out from ``ground``."""
    towards = QColor("#000000" if _luminance(QColor(ground)) > 0.18 else "#ffffff")
    for part in range(20):
        mixed = mix(QColor(colour), towards, part / 20)
        if contrast(mixed, QColor(ground)) >= READABLE:
            return mixed.name()
    return towards.name()


def mix(a: QColor, b: QColor, part: float) -> QColor:
    """Return the colour ``part`` of the way from ``a`` to ``b``."""
    rgb = (round((1 - part) * x + part * y) for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))  # type: ignore[index]
    return QColor(*rgb)


def contrast(a: QColor, b: QColor) -> float:
    """Return the contrast ratio of two colours, 1 … 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
