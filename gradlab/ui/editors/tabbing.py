"""The order in which Tab goes through a form: as it is laid out, not as its parts happened to be made."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def tab_order(widget: QWidget) -> Iterator[QWidget]:
    """Return what Tab stops at in ``widget``, in the order of its layouts."""
    layout = widget.layout()
    if takes_tab(widget):
        yield widget
    if layout is not None and widget.isVisible():
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is None:
            continue
        inner, widget = item.layout(), item.widget()
        if inner is not None:
            yield from _in_layout(inner)
        elif widget is not None:
            yield from tab_order(widget)


def takes_tab(widget: QWidget) -> bool:
    """Tell whether Tab stops at ``widget`` itself."""
    policy = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(policy) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None


def neighbour(form: QWidget, focused: QWidget | None, *, ahead: bool) -> QWidget | None:
    """Return where Tab goes from ``focused`` in ``form``; past its ends, to what is beside it in the window."""
    stops = list(tab_order(form))
    if focused in stops:
        place = stops.index(focused) + (1 if ahead else -1)
        if 0 <= place < len(stops):
            return stops[place]
        return _outside(form, ahead=ahead)
    return None


def _outside(form: QWidget, *, ahead: bool) -> QWidget | None:
    found = form
    while True:
        beside = found.nextInFocusChain() if ahead else found.previousInFocusChain()
        if beside is None or beside is form:
            return None
        if not form.isAncestorOf(beside) and takes_tab(beside):
            return beside
        found = beside
