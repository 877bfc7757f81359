"""A formula in LaTeX as a picture that follows the width, the theme and the resolution."""

from __future__ import annotations

import weakref
from functools import cache, partial

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from . import theme
from .latex import INK, SIZE
from .typesetting import Typesetter

PIXELS = 16
"""Height of the letters of a formula at scale 1."""
LEAST = 0.5
"""How much a formula shrinks to fit before it is cut off at the right."""
LEAST_PX = 80
"""Width that plain text is measured for before there is one."""

_typesetter = Typesetter()


class Post(QObject):
    """Carries formulas from the typesetter's thread to the labels; it outlives every label."""

    arrived = Signal(str, str)


@cache
def _post() -> Post:
    return Post()


class FormulaLabel(QWidget):
    """Shows LaTeX, typeset off the GUI thread; until then, and where it cannot be, its plain text.

    ``rendered(ok)``: the formula is on screen, or its plain text for good.
    """

    rendered = Signal(bool)

    def __init__(
        self, latex: str = "", plain: str = "", parent: QWidget | None = None, *, pixels: int = PIXELS
    ) -> None:
        super().__init__(parent)
        self._pixels = pixels
        self._latex = ""
        self._plain = ""
        self._svg = ""
        self._picture = QSvgRenderer(self)
        _post().arrived.connect(self._take)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.watcher().changed.connect(self._recolour)
        self.set_formula(latex, plain)

    def latex(self) -> str:
        """Return the formula."""
        return self._latex

    def set_formula(self, latex: str, plain: str = "") -> None:
        """Show ``latex``; ``plain`` stands in for it where it cannot be typeset."""
        if (latex, plain) == (self._latex, self._plain):
            return
        self._latex, self._plain = latex, plain
        self.setAccessibleName(latex)
        self._show("")
        svg = _typesetter.known(latex) if latex else ""
        if svg is None:
            _typesetter.ask(latex, _post().arrived.emit, partial(_wants, weakref.ref(self), latex))
        else:
            self._take(latex, svg)

    def is_typeset(self) -> bool:
        """Tell whether the formula itself is shown, not its plain text."""
        return bool(self._svg)

    def _take(self, latex: str, svg: str) -> None:
        if latex == self._latex:
            self._show(svg)
            self.rendered.emit(bool(svg))

    def _show(self, svg: str) -> None:
        self._svg = svg
        self._recolour()
        self.updateGeometry()

    def _recolour(self) -> None:
        if self._svg:
            coloured = self._svg.replace(INK, theme.current().text)
            self._picture.load(QByteArray(coloured.encode()))
        self.update()

    def _natural(self) -> QSizeF:
        """Return the size of the formula at full scale, else of its plain text, in pixels."""
        if self._svg:
            size = self._picture.viewBoxF().size()
            return size * (self._pixels * theme.watcher().scale / SIZE)
        room = QRectF(0, 0, max(LEAST_PX, self.width()), 10_000)
        return self.fontMetrics().boundingRect(room.toRect(), self._wrapping(), self._text()).size().toSizeF()

    def _wrapping(self) -> Qt.TextFlag:
        """Break plain text between words; within one only where it is wider than all the room."""
        widest = max((self.fontMetrics().horizontalAdvance(word) for word in self._text().split()), default=0)
        anywhere = widest > max(LEAST_PX, self.width())
        return Qt.TextFlag.TextWordWrap | (Qt.TextFlag.TextWrapAnywhere if anywhere else Qt.TextFlag(0))

    def _text(self) -> str:
        return self._plain or self._latex

    def _scale(self, width: float) -> float:
        natural = self._natural().width()
        return max(LEAST, min(1.0, width / natural)) if natural > 0 else 1.0

    def sizeHint(self) -> QSize:
        """Want the full size."""
        size = self._natural()
        return QSize(round(size.width() + 0.5), round(size.height() + 0.5)) if self._text() else QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Give way in width; the height follows."""
        return QSize(40, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:
        """Return the height that the formula takes in ``width`` pixels."""
        if not self._text():
            return 0
        natural = self._natural().height()
        return round(natural * self._scale(width) + 0.5) if self._svg else round(natural + 0.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the formula from the left, in the middle of the height."""
        del event
        painter = QPainter(self)
        if self._svg:
            size = self._natural() * self._scale(self.width())
            top = (self.height() - size.height()) / 2
            self._picture.render(painter, QRectF(0, top, size.width(), size.height()))
        else:
            painter.setPen(theme.current().muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | self._wrapping(), self._text())
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the LaTeX."""
        if not self._latex:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction(self.tr("Copy LaTeX"), menu)
        copy.triggered.connect(self.copy)
        menu.addAction(copy)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put the LaTeX on the clipboard."""
        QGuiApplication.clipboard().setText(self._latex)

    def changeEvent(self, event: QEvent) -> None:
        """Another font makes another size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()


def _wants(label: weakref.ref[FormulaLabel], latex: str) -> bool:
    """Tell whether a label is still there and shows this formula."""
    shown = label()
    return shown is not None and shown.latex() == latex


def hold(on: bool) -> None:
    """Show plain text for now, or no longer."""
    _typesetter.hold(on)


def shutdown() -> None:
    """Drop what waits to be typeset, and have an end of what is under way."""
    _typesetter.close()


def process() -> int | None:
    """Return the number of the process that typesets, None where there is none: it stays for what comes."""
    return _typesetter.process.pid
