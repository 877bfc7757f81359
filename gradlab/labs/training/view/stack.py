"""Several plots in one frame, of which one is in front."""

from __future__ import annotations

from typing import cast

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStackedWidget, QWidget

from gradlab.ui.plots.values import Columns, Plot


class PlotStack(QStackedWidget):
    """Hands everything a frame asks on to the plot in front."""

    def __init__(self, **plots: QWidget) -> None:
        super().__init__()
        self._plots = plots
        for plot in plots.values():
            self.addWidget(plot)

    def bring(self, name: str) -> None:
        """Put a plot in front."""
        self.setCurrentWidget(self._plots[name])

    def front(self) -> str:
        """Return the name of the plot in front."""
        return next(name for name, plot in self._plots.items() if plot is self.currentWidget())

    def setAccessibleName(self, name: str) -> None:
        """Name every plot alike."""
        super().setAccessibleName(name)
        for plot in self._plots.values():
            plot.setAccessibleName(name)

    @property
    def plot(self) -> Plot:
        """The plot in front."""
        return cast("Plot", self.currentWidget())

    def columns(self) -> Columns:
        """Return what is drawn as a table."""
        return self.plot.columns()

    def summary(self) -> str:
        """Return one sentence about what is drawn."""
        return self.plot.summary()

    def reset_view(self) -> None:
        """Show all of it again."""
        self.plot.reset_view()

    def paint_plot(self, painter: QPainter, scale: float) -> None:
        """Paint it for an export."""
        self.plot.paint_plot(painter, scale)
