"""A label whose text changes many times a second: what it shows, who is asked for room, and when it can be selected."""

from __future__ import annotations

import numpy as np
import pytest
from plots import pixels, shown
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from gradlab.ui.widgets import number


class Requests(QObject):
    """Counts the times a widget was asked to lay itself out."""

    count = 0

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def row(qtbot):
    outer = QWidget()
    label = number("f", outer)
    label.setText(" 0.1234\n 0.5678")
    QVBoxLayout(outer).addWidget(label)
    outer.label, outer.requests = label, Requests(outer)
    shown(qtbot, outer, 300, 80)
    outer.installEventFilter(outer.requests)
    return outer


def test_a_text_that_fits_is_painted_where_it_stands_and_asks_for_no_room(row):
    row.label.setText(" 9.8765\n-4.3210")
    assert row.label.text() == " 9.8765\n-4.3210"
    mine = pixels(row.grab().toImage())
    row.label._settle()
    assert QLabel.text(row.label) == " 9.8765\n-4.3210"
    np.testing.assert_allclose(mine, pixels(row.grab().toImage()), atol=40)
    QApplication.sendPostedEvents()
    row.requests.count = 0
    for k in range(20):
        row.label.setText(f" 9.87{k:02}\n-4.3210")
        QTest.qWait(1)
    assert row.requests.count == 0


def test_a_text_of_another_size_asks_for_room(row, qtbot):
    before = row.label.height()
    row.label.setText("1\n2\n3")
    assert QLabel.text(row.label) == "1\n2\n3"
    qtbot.waitUntil(lambda: row.requests.count > 0)
    assert row.label.minimumSizeHint().height() > before / 2
    row.label.setText("1" * 200)
    assert QLabel.text(row.label) == "1" * 200


def test_what_is_pressed_can_be_selected(row):
    row.label.setText(" 9.8765\n-4.3210")
    assert QLabel.text(row.label) != row.label.text()
    row.label.setFocus()
    assert QLabel.text(row.label) == " 9.8765\n-4.3210"
    row.label.setText(" 1.8765\n-4.3210")
    assert QLabel.text(row.label) == " 1.8765\n-4.3210"  # while somebody selects from it, it is the label's own
