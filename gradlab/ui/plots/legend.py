"""The legend of a plot: a row of buttons, one per curve."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QToolButton, QWidget

from gradlab.ui import theme

from .values import Colour, Curve, Dash


def sample(colour: Colour, dash: Dash, *, on: bool = True, ratio: float = 2.0) -> QIcon:
    """Return a short piece of a curve as an icon, faint when it is hidden."""
    tokens = theme.current()
    pixmap = QPixmap(QSize(18, 10) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    pen = QPen(tokens.colour(colour) if on else QColor(tokens.faint), 2)
    pattern = tokens.dash(colour) if dash is None else dash
    if pattern:
        pen.setDashPattern([length / 1.5 for length in pattern])
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawLine(1, 5, 17, 5)
    painter.end()
    return QIcon(pixmap)


class Legend(QWidget):
    """A row of buttons, one per curve; pressing one asks to hide or show it."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons: dict[str, QToolButton] = {}
        self.shown: tuple[object, ...] = ()
        """What is told apart by the buttons there are."""
        self._order: list[str] = []

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Have one button for each named curve."""
        named = [curve for curve in curves if curve.name and not curve.faint]
        wanted = (theme.current().name, *((c.key, c.name, c.colour, c.dash, c.visible) for c in named))
        if wanted == self.shown:
            return
        self.shown = wanted
        for key in self._buttons.keys() - {curve.key for curve in named}:
            self._buttons.pop(key).deleteLater()
        for curve in named:
            button = self._buttons.get(curve.key) or self._add(curve.key)
            button.setText(curve.name.replace("&", "&&"))
            button.setIcon(sample(curve.colour, curve.dash, on=curve.visible))
            button.setChecked(curve.visible)
            button.setAccessibleName(self.tr("Show {curve}").format(curve=curve.name))
        self._order = [curve.key for curve in named]

    def arrange(self, area: QRect) -> None:
        """Lie in the upper right corner of ``area``, in as many rows as it takes."""
        rows: list[list[QToolButton]] = [[]]
        width = 0
        for button in (self._buttons[key] for key in self._order):
            button.resize(button.sizeHint())
            if rows[-1] and width + button.width() > area.width() - 8:
                rows.append([])
                width = 0
            rows[-1].append(button)
            width += button.width()
        self.setGeometry(area.left(), area.top() + 1, area.width() - 2, sum(row[0].height() for row in rows if row))
        y = 0
        for row in (row for row in rows if row):
            x = self.width()
            for button in reversed(row):
                x -= button.width()
                button.move(x, y)
            y += row[0].height()
        self.setMask(QRegion(self.childrenRegion()))

    def _add(self, key: str) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setProperty("class", "legend")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(18, 10))
        button.setObjectName(key)
        button.clicked.connect(self._pressed)
        button.show()
        self._buttons[key] = button
        return button

    def _pressed(self) -> None:
        button = self.sender()
        assert isinstance(button, QToolButton)
        button.setChecked(not button.isChecked())  # the owner decides
        self.toggled.emit(button.objectName())
