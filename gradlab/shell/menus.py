"""The menus: every action of the window, declared once, with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from gradlab.ui.i18n import plain_tip

from . import keys

if TYPE_CHECKING:
    from .main_window import MainWindow

Keys = str | QKeySequence.StandardKey


class Menus(QObject):
    """Builds the menu bar of a window and keeps its actions in step with the page in front."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.build()

    def build(self) -> None:
        """Make all menus anew, in the language of the window."""
        bar = self.window.menuBar()
        bar.clear()
        self._file(bar.addMenu(self.tr("&File")))
        self._edit(bar.addMenu(self.tr("&Edit")))
        self._view(bar.addMenu(self.tr("&View")))
        self._run(bar.addMenu(self.tr("&Run")))
        self._help(bar.addMenu(self.tr("&Help")))
        self.refresh()

    def _add(self, menu: QMenu, text: str, act: Callable[[], object], shortcut: Keys | None = None) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda _=False: act())
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        return action

    def _file(self, menu: QMenu) -> None:
        window, standard = self.window, QKeySequence.StandardKey
        self._add(menu, self.tr("&New"), window.filing.new, standard.New)
        self._add(menu, self.tr("&Open…"), window.filing.open_dialog, standard.Open)
        self.open_weights = self._add(menu, self.tr("Open chec&kpoint…"), window.filing.open_checkpoint)
        self.recent = menu.addMenu(self.tr("Open &recent"))
        self.recent.aboutToShow.connect(self._fill_recent)
        self.presets = menu.addMenu(self.tr("&Presets"))
        self.presets.setToolTipsVisible(True)
        self.presets.aboutToShow.connect(self._fill_presets)
        menu.addSeparator()
        self.save = self._add(menu, self.tr("&Save"), window.filing.save, standard.Save)
        self._add(menu, self.tr("Save &as…"), window.filing.save_as, "Ctrl+Shift+S")
        self.properties = self._add(menu, self.tr("Propert&ies…"), window.filing.edit_properties)
        menu.addSeparator()
        self._add(menu, self.tr("Copy experiment as &text"), window.filing.copy_text)
        self._add(menu, self.tr("Past&e experiment"), window.filing.paste_text)
        menu.addSeparator()
        self.save_run = self._add(menu, self.tr("Save r&un…"), window.filing.save_run)
        self.export_run = self._add(menu, self.tr("Export the run as CS&V…"), window.filing.export_run)
        self.save_weights = self._add(menu, self.tr("Save &weights as checkpoint…"), window.filing.save_checkpoint)
        self.export_script = self._add(menu, self.tr("Copy the run as P&yTorch script"), window.filing.copy_script)
        menu.addSeparator()
        self._add(menu, self.tr("&Quit"), window.close, standard.Quit)

    def _edit(self, menu: QMenu) -> None:
        self.undo = self._add(menu, self.tr("&Undo"), self.window.undo, QKeySequence.StandardKey.Undo)
        self.redo = self._add(menu, self.tr("&Redo"), self.window.redo, QKeySequence.StandardKey.Redo)

    def _view(self, menu: QMenu) -> None:
        themes = menu.addMenu(self.tr("&Theme"))
        group = QActionGroup(themes)
        for mode, text in {"system": self.tr("&System"), "light": self.tr("&Light"), "dark": self.tr("&Dark")}.items():
            action = self._add(themes, text, partial(self.window.set_theme, mode))
            action.setCheckable(True)
            action.setChecked(mode == self.window.settings.theme)
            group.addAction(action)
        menu.addSeparator()
        labs = menu.addMenu(self.tr("&Lab"))
        for number, lab in enumerate(self.window.labs, 1):
            self._add(labs, lab.title, partial(self.window.open_lab, lab.id), f"Ctrl+{number}")
        menu.addSeparator()
        self._add(menu, self.tr("&Reset layout"), self.window.reset_layout)
        self._add(menu, self.tr("&Full screen"), self.window.toggle_full_screen, "F11")

    def _run(self, menu: QMenu) -> None:
        texts = {
            "toggle": self.tr("&Run / pause"),
            "step": self.tr("One step &forward"),
            "back": self.tr("One step &back"),
            "restart": self.tr("Re&start"),
            "stop": self.tr("S&top"),
            "continue_here": self.tr("&Continue from here"),
        }
        self.runs = []
        for act, text in texts.items():
            action = self._add(menu, text, partial(self._on_page, act), keys.SHORTCUTS[act])
            action.setData(act)
            self.runs.append(action)

    def _on_page(self, act: str) -> None:
        if self.window.page is not None:
            getattr(self.window.page, act)()

    def _help(self, menu: QMenu) -> None:
        self._add(menu, self.tr("This &page"), self.window.help.show_page, "Shift+F1")
        self._add(menu, self.tr("&Keyboard"), self.window.help.show_keys, "F1")
        self._add(menu, self.tr("&About gradlab"), self.window.help.show_about)

    def refresh(self, _index: int = 0) -> None:
        """Enable what can be done on the page in front."""
        page = self.window.page
        ready = page is not None and page.ready
        exports = (self.save_run, self.export_run, self.export_script, self.save_weights, self.open_weights)
        for action in (self.undo, self.redo, self.save, self.properties, *exports, *self.runs):
            action.setEnabled(ready)
        if page is None or not ready:
            return
        self.undo.setEnabled(page.undo.canUndo())
        self.redo.setEnabled(page.undo.canRedo())
        has_rows = page.session.history is not None
        self.save_run.setEnabled(has_rows)
        self.export_run.setEnabled(has_rows)
        self.export_script.setEnabled(has_rows and bool(page.lab.script))
        self.save_weights.setEnabled(has_rows and bool(page.lab.checkpoint))
        self.open_weights.setEnabled(bool(page.lab.start_from))
        for action in self.runs:
            action.setEnabled(bool(page.lab.run))

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in self.window.settings.recent:
            action = self._add(self.recent, _literal(path.name), partial(self.window.filing.open, path))
            action.setToolTip(plain_tip(str(path)))
            action.setEnabled(path.is_file())
        if not self.recent.isEmpty():
            self.recent.addSeparator()
        self._add(self.recent, self.tr("Clear"), self.window.settings.forget_recent)

    def _fill_presets(self) -> None:
        from gradlab.engine.presets import library

        self.presets.clear()
        titles = {lab.id: lab.title for lab in self.window.labs}
        for lab, title in titles.items():
            menu = self.presets.addMenu(title)
            menu.setToolTipsVisible(True)
            for entry in library(lab):
                act = partial(self.window.filing.open, entry.path, shipped=not entry.own)
                action = self._add(menu, _literal(entry.title), act)
                action.setToolTip(plain_tip(entry.problem or entry.comment))
                action.setEnabled(not entry.problem)


def _literal(text: str) -> str:
    """Return ``text`` for a menu, where & would mark a key."""
    return text.replace("&", "&&")
