"""Small parts that every view is put together from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from .steady_label import SteadyLabel

READING_WIDTH = 260
FIRST, WANTED = "firstSizes", "wantedSizes"


def plain_label(text: str = "", css_class: str = "", parent: QWidget | None = None, *, steady: bool = False) -> QLabel:
    """Return a label that shows its text literally; ``steady``: one whose text changes many times a second."""
    label = (SteadyLabel if steady else QLabel)(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if css_class:
        label.setProperty("class", css_class)
    return label


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the theme's rules look at."""
    if widget.property(name) == value or (value is False and widget.property(name) is None):
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def number(name: str, parent: QWidget | None = None) -> QLabel:
    """Return a label for numbers: monospaced, selectable, ``name`` for screen readers."""
    made = plain_label("", "mono", parent, steady=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setWordWrap(True)
    made.setAccessibleName(name)
    return made


def splitter(name: str, direction: Qt.Orientation, *widgets: QWidget, sizes: tuple[int, ...] = ()) -> QSplitter:
    """Return widgets divided by hairlines; the place of each line is remembered under ``name``."""
    made = QSplitter(direction)
    made.setObjectName(name)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(1)
    for widget in widgets:
        made.addWidget(widget)
    if sizes:
        divide(made, *sizes)
    return made


def divide(lines: QSplitter, *sizes: int) -> None:
    """Divide as ``sizes`` are to each other, now and whenever the layout is reset."""
    lines.setProperty(FIRST, list(sizes))
    lines.setSizes(list(sizes))


def fit_last(lines: QSplitter) -> None:
    """Give the last part the height it has use for, the others the rest: a splitter does not follow such a limit."""
    *others, last = lines.sizes()
    part, taken = lines.widget(len(others)), sum(others)
    high = last if part is None or part.isHidden() else part.maximumHeight()
    rest = taken + last - high
    if rest > 0 and taken and last != high:
        divide(lines, *(round(size * rest / taken) for size in others), high)


def fit_first(lines: QSplitter, *wanted: int) -> None:
    """Give the parts but the last the sizes they have use for, none more than its share, and the last the rest.

    What the user has divided since stays until they want other sizes.
    """
    room = sum(lines.sizes())
    if room and lines.property(WANTED) != list(wanted):
        lines.setProperty(WANTED, list(wanted))
        sizes = [min(size, room // lines.count()) for size in wanted]
        divide(lines, *sizes, room - sum(sizes))


def divide_again(page: QWidget) -> None:
    """Divide all parts of ``page`` as they were the first time, whether or not they have been in sight."""
    for lines in page.findChildren(QSplitter):
        lines.setSizes(lines.property(FIRST) or [1] * lines.count())


class Pane(QScrollArea):
    """A plane beside the stage that scrolls up and down; ``column`` takes what stands in it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(self.tr("Readings"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(READING_WIDTH)
        self.body = QWidget(self)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(16, 14, 16, 12)
        self.column.setSpacing(8)
        self.setWidget(self.body)

    def heading(self, text: str) -> QLabel:
        """Add a small heading."""
        made = plain_label(text, "h", self.body, steady=True)
        made.setWordWrap(True)  # else the longest heading is the least width of everything below it
        self.column.addWidget(made)
        return made
