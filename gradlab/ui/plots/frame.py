"""A plot in its frame: title, tools, maximise, export, and the numbers behind it as a table."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradlab.engine.errors import UserError
from gradlab.ui import icons

from . import export
from .values import Plot

FEW = 8
"""Letters of a remark, … among them, that say nothing yet."""
LAST_FOLDER = [Path.home()]


class Elided(QLabel):
    """A label that ends in … where it has no room."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        if text != self.text() and len(text) <= FEW:
            return  # what begins and breaks off says nothing
        self.style().drawItemText(
            painter, self.rect(), Qt.AlignmentFlag.AlignVCenter, self.palette(), True, text, self.foregroundRole()
        )


class PlotFrame(QWidget):
    """Frames ``plot`` (a widget that is a ``values.Plot``); ``key`` is its stable name in files and settings."""

    maximiseRequested = Signal(bool)
    logToggled = Signal(bool)
    failed = Signal(object)
    """A UserError: an export that could not be written."""

    def __init__(
        self,
        key: str,
        plot: QWidget,
        title: str = "",
        how: str = "",
        *,
        log: bool | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Put ``plot`` into the frame; ``log`` None: no log button, else its state."""
        super().__init__(parent)
        self.key = key
        self.widget = plot
        self._title, self._how = Elided(self), Elided(self)
        self._menu = QMenu(self)
        self._extras: QAction | None = None
        self._tools = QHBoxLayout()
        self._log = self._chip("log", log)
        self._maximise = self._button("maximise")
        self._more = self._button("more")
        self._build()
        self.set_title(title, how)
        self.retranslate()

    def _build(self) -> None:
        for label, name in ((self._title, "title"), (self._how, "muted")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("class", name)
            label.setMinimumWidth(10)
        self._how.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # gives way to the title
        self._maximise.setCheckable(True)
        self._maximise.clicked.connect(self._toggle_maximised)
        self._more.setMenu(self._menu)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._log.clicked.connect(self.logToggled)
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 6, 2)
        bar.setSpacing(8)
        bar.addWidget(self._title)
        bar.addWidget(self._how, 1)
        self._tools.setSpacing(2)
        for button in (self._log, self._maximise, self._more):
            self._tools.addWidget(button)
        bar.addLayout(self._tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.widget, 1)
        self._fill_menu()

    def _button(self, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("class", "tool")
        button.setIconSize(QSize(16, 16))
        icons.put(button, icon)
        return button

    def _chip(self, text: str, state: bool | None) -> QToolButton:
        chip = QToolButton(self)
        chip.setText(text)
        chip.setCheckable(True)
        chip.setProperty("class", "chip")
        chip.setChecked(bool(state))
        chip.setVisible(state is not None)
        return chip

    def _fill_menu(self) -> None:
        self._actions = {
            "reset": ("reset-view", self.reset_view),
            "copy": ("copy", self.copy),
            "png": ("export", self._ask_png),
            "svg": ("export", self._ask_svg),
            "csv": ("export", self._ask_csv),
            "table": ("table", self.show_table),
        }
        self.actions_by_name: dict[str, QAction] = {}
        for name, (icon, slot) in self._actions.items():
            if name in {"png", "table"}:
                self._menu.addSeparator()
            action = QAction(self._menu)
            icons.put(action, icon)
            action.triggered.connect(slot)
            self._menu.addAction(action)
            self.actions_by_name[name] = action

    # the face

    @property
    def plot(self) -> Plot:
        """The widget in the frame, as a plot."""
        return cast("Plot", self.widget)

    def title(self) -> str:
        """Return the title."""
        return self._title.text()

    def set_title(self, title: str, how: str = "") -> None:
        """Say what is drawn, and how, in muted letters."""
        self._title.setText(title)
        self._how.setText(how)
        self._how.setToolTip(how)
        self.setAccessibleName(f"{title} {how}".strip())
        self.widget.setAccessibleName(f"{title} {how}".strip())
        self.retranslate()

    def put(self, plot: QWidget) -> None:
        """Frame ``plot`` in place of the one before, which is deleted."""
        before, self.widget = self.widget, plot
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(before, plot)
        before.deleteLater()
        self.set_title(self._title.text(), self._how.text())

    def log(self) -> bool:
        """Tell whether the log button is pressed."""
        return self._log.isChecked()

    def set_log(self, on: bool) -> None:
        """Set the log button; emits nothing."""
        self._log.setChecked(on)

    def maximised(self) -> bool:
        """Tell whether the frame was asked to fill the stage."""
        return self._maximise.isChecked()

    def set_maximised(self, on: bool) -> None:
        """Show the button as restore; emits nothing."""
        self._maximise.setChecked(on)
        icons.put(self._maximise, "restore" if on else "maximise")
        self.retranslate()

    def add_tool(self, action: QAction) -> QToolButton:
        """Add a button for ``action`` left of the others."""
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setProperty("class", "chip" if action.icon().isNull() else "tool")
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName(action.text())
        self._tools.insertWidget(self._tools.indexOf(self._log), button)
        return button

    def add_menu_action(self, action: QAction) -> None:
        """Add an entry to the ⋯ menu, above the others."""
        if self._extras is None:
            self._extras = self._menu.insertSeparator(self.actions_by_name["reset"])
        self._menu.insertAction(self._extras, action)

    def reset_view(self) -> None:
        """Show all of it again."""
        self.plot.reset_view()

    def image(self, scale: float = 2.0) -> QImage:
        """Return the picture at ``scale`` pixels a pixel, its title in it."""
        return export.image(self.widget, self._title.text(), self._how.text(), scale)

    def copy(self) -> None:
        """Put the picture and the table (tab-separated) on the clipboard."""
        mime = QMimeData()
        mime.setImageData(self.image())
        mime.setText(export.table_text(self.plot.columns(), "\t"))
        QGuiApplication.clipboard().setMimeData(mime)

    def export(self, path: Path) -> None:
        """Write PNG, SVG or CSV by the suffix, wholly or not at all; raise ``UserError``."""
        export.write(path, self.widget, self._title.text(), self._how.text(), self.plot.columns())

    def data_table(self) -> QDialog:
        """Return a window with the numbers; it is not modal and deletes itself when closed."""
        from .table import DataTable

        return DataTable(self._title.text(), self.plot.columns(), self)

    def show_table(self) -> None:
        """Open the window with the numbers."""
        self.data_table().show()

    def retranslate(self) -> None:
        """Say everything again in the language in force."""
        plain = self.tr("Restore {plot}") if self.maximised() else self.tr("Maximise {plot}")
        title = self._title.text()
        self._name(self._maximise, plain.format(plot=title))
        self._name(self._more, self.tr("More for {plot}").format(plot=title))
        self._name(self._log, self.tr("Logarithmic scale of {plot}").format(plot=title))
        for name, text in {
            "reset": self.tr("Reset view"),
            "copy": self.tr("Copy picture and data"),
            "png": self.tr("Export PNG…"),
            "svg": self.tr("Export SVG…"),
            "csv": self.tr("Export CSV…"),
            "table": self.tr("Show data table…"),
        }.items():
            self.actions_by_name[name].setText(text)

    # how

    def _name(self, button: QToolButton, text: str) -> None:
        button.setAccessibleName(text)
        button.setToolTip(text)

    def _toggle_maximised(self, on: bool) -> None:
        self.set_maximised(on)
        self.maximiseRequested.emit(on)

    def _ask_png(self) -> None:
        self._ask("png", self.tr("PNG picture (*.png)"))

    def _ask_svg(self) -> None:
        self._ask("svg", self.tr("SVG drawing (*.svg)"))

    def _ask_csv(self) -> None:
        self._ask("csv", self.tr("Comma-separated values (*.csv)"))

    def _ask(self, suffix: str, kind: str) -> None:
        """Ask where to; a dialog that leaves the program free to go on."""
        dialog = QFileDialog(self.window(), self.tr("Export {plot}").format(plot=self._title.text()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setNameFilter(kind)
        dialog.setDirectory(str(LAST_FOLDER[0]))
        dialog.selectFile(f"{export.file_name(self._title.text()) or self.key}.{suffix}")
        dialog.fileSelected.connect(self._export_to)
        dialog.open()

    def _export_to(self, file: str) -> None:
        path = Path(file)
        LAST_FOLDER[0] = path.parent
        try:
            self.export(path)
        except UserError as error:
            self.failed.emit(error)
