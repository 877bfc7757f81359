"""A language for tests: every text between signs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator


class Marked(QTranslator):
    """Puts every text between signs."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"«{text}»" if text else text


@pytest.fixture
def foreign() -> Iterator[QTranslator]:
    app = QCoreApplication.instance()
    assert app is not None
    one = Marked(app)
    yield one
    app.removeTranslator(one)
    one.deleteLater()
