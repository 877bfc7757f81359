"""Where Tab leads: through a window in the order in which things stand in it, also through what was made later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLayout, QMainWindow, QScrollArea, QSplitter, QStackedWidget, QTabWidget, QWidget


def take_tab(window: QMainWindow) -> None:
    """Let Tab and Shift+Tab move the focus in ``window`` by ``go``.

    Qt's own chain is the order of creation. A QScrollArea follows it without asking its parents
    (``focusNextPrevChild``), so the keys are taken as shortcuts.
    """
    for key, forward in (("Tab", True), ("Shift+Tab", False)):
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.activated.connect(partial(go, window, forward))


def go(root: QWidget, forward: bool) -> bool:
    """Move the focus to the next stop in ``root``, or to the one before; tell whether there is one."""
    found = list(stops(root))
    if not found:
        return False
    place = _place(found, _focused(root), forward)
    target = found[(place + (1 if forward else -1)) % len(found)]
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    _reveal(target)
    return True


def stops(widget: QWidget) -> Iterator[QWidget]:
    """Yield what Tab stops at, from left to right and from top to bottom as the layouts have it."""
    if not widget.isVisible():
        return
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None and widget.isEnabled():
        yield widget
    for part in _parts(widget):
        yield from stops(part)


def _parts(widget: QWidget) -> Iterator[QWidget]:
    """Yield what stands in ``widget``, in order."""
    found: Iterable[QWidget | None]
    match widget:
        case QMainWindow():
            found = (widget.centralWidget(),)
        case QSplitter():
            found = (widget.widget(index) for index in range(widget.count()))
        case QScrollArea():
            found = (widget.widget(),)
        case QTabWidget():
            found = (widget.tabBar(), widget.currentWidget())
        case QStackedWidget():
            found = (widget.currentWidget(),)
        case _:
            found = _in_place(widget)
    yield from (part for part in found if part is not None)


def _in_place(widget: QWidget) -> Iterator[QWidget]:
    """Yield what is laid out in ``widget``, then what lies over that, as a legend on a plot."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    laid_out = [part for part in _laid_out(widget.layout()) if part is not None]
    yield from laid_out
    for part in widget.findChildren(QWidget, options=direct):
        if part not in laid_out and not part.isWindow():
            yield part


def _laid_out(layout: QLayout | None) -> Iterator[QWidget | None]:
    for item in (layout.itemAt(index) for index in range(layout.count())) if layout is not None else ():
        if item is not None:
            yield from _laid_out(item.layout())
            yield item.widget()


def _focused(root: QWidget) -> QWidget:
    focused: QWidget | None = root.window().focusWidget()
    return root if focused is None else focused


def _place(found: list[QWidget], focused: QWidget, forward: bool) -> int:
    """Return the place of the focus; just outside of a part that has it as a whole, so that Tab leads into it."""
    at: QWidget | None = focused
    while at is not None and at not in found:
        at = at.parentWidget()
    if at is not None:
        return found.index(at)
    inside = [place for place, stop in enumerate(found) if focused.isAncestorOf(stop)]
    if not inside:
        return -1 if forward else 0
    return inside[0] - 1 if forward else inside[-1] + 1


def _reveal(target: QWidget) -> None:
    """Scroll to the stop, where it is scrolled."""
    around = target.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(target)
        around = around.parentWidget()
