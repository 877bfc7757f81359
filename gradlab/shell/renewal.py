"""A view made anew in the place of another, as after a switch of language: the lines between its parts stay."""

from __future__ import annotations

import itertools

from PySide6.QtWidgets import QSplitter

from gradlab.ui.lab_view import LabView


def renew(page: QSplitter, new: LabView) -> None:
    """Build ``new`` whole and put it in the place of the second part of ``page``, divided alike."""
    for _ in itertools.chain(new.build(), new.complete()):
        pass
    old = page.replaceWidget(1, new)
    assert old is not None
    divided = {lines.objectName(): lines.saveState() for lines in old.findChildren(QSplitter)}
    for lines in new.findChildren(QSplitter):
        if lines.objectName() in divided:
            lines.restoreState(divided[lines.objectName()])
    old.deleteLater()
