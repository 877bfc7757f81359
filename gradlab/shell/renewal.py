"""A view made anew in the place of another, as after a switch of language: the lines between its parts stay."""

from __future__ import annotations

import itertools

from PySide6.QtWidgets import QSplitter

from gradlab.ui.lab_view import LabView

Layout = list[tuple[QSplitter, list[int]]]
"""Each divided plane of a page, and how it was divided the first time."""


def renew(page: QSplitter, new: LabView, layout: Layout) -> Layout:
    """Build ``new`` whole and put it in the place of the second part of ``page``, divided alike; return the layout."""
    for _ in itertools.chain(new.build(), new.complete()):
        pass
    old = page.replaceWidget(1, new)
    assert old is not None
    divided = {lines.objectName(): lines.saveState() for lines in old.findChildren(QSplitter)}
    first = {lines.objectName(): sizes for lines, sizes in layout}
    kept = [(lines, sizes) for lines, sizes in layout if not old.isAncestorOf(lines)]
    for lines in new.findChildren(QSplitter):
        kept.append((lines, first.get(lines.objectName(), lines.sizes())))
        if lines.objectName() in divided:
            lines.restoreState(divided[lines.objectName()])
    old.deleteLater()
    return kept
