"""A plot as PNG, SVG or CSV: rendered to memory first, then put in place wholly or not at all."""

from __future__ import annotations

import csv
import io
import re
from itertools import zip_longest
from pathlib import Path
from typing import cast

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from gradlab.engine.errors import UserError
from gradlab.engine.files import write_atomic
from gradlab.ui import theme

from .flat_svg import flatten
from .values import Columns, Plot

TITLE_PX = 30
PICTURE_SCALE = 2.0
"""Pixels a pixel of what a drawing can only hold as a picture."""
LARGEST_PX = 16_000
"""Longest side of an exported picture."""


def file_name(title: str) -> str:
    """Return a title as the stem of a file: letters and digits alone, a gradient by its name; maybe empty."""
    return re.sub(r"[^\w]+", "-", title.lower().replace("∇", "grad ")).strip("-")


def image(widget: QWidget, title: str, how: str, scale: float) -> QImage:
    """Return the picture of ``widget`` under its title, ``scale`` pixels a pixel."""
    size = _size(widget)
    scale = min(scale, LARGEST_PX / max(size.width(), size.height()))
    picture = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(scale)
    _paint(picture, widget, title, how, scale)
    return picture


def write(path: Path, widget: QWidget, title: str, how: str, columns: Columns) -> None:
    """Write the file that the suffix asks for; raise ``UserError`` naming the path and the reason."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        data = _png(image(widget, title, how, PICTURE_SCALE))
    elif suffix == ".svg":
        data = svg(widget, title, how)
    elif suffix == ".csv":
        data = table_text(columns, ",").encode()
    else:
        raise UserError(f"{path.name!r}: must end in .png, .svg or .csv")
    write_atomic(path, data)


def svg(widget: QWidget, title: str, how: str) -> bytes:
    """Return the drawing of ``widget`` under its title; what OpenGL draws is a picture in it."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    size = _size(widget)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())  # without it axes and curves do not meet
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(), size))
    generator.setTitle(title)
    _paint(generator, widget, title, how, PICTURE_SCALE)
    return flatten(bytes(data.data()).decode()).encode()


def table_text(columns: Columns, separator: str) -> str:
    """Return the columns as text, numbers so that they read back exactly; short columns end in empty cells."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(columns)
    cells = ([repr(value) if isinstance(value, float) else value for value in c.tolist()] for c in columns.values())
    writer.writerows(zip_longest(*cells, fillvalue=""))
    return text.getvalue()


def _size(widget: QWidget) -> QSize:
    return widget.size().expandedTo(QSize(64, 64)) + QSize(0, TITLE_PX)


def _paint(device: QPaintDevice, widget: QWidget, title: str, how: str, scale: float) -> None:
    painter = QPainter(device)
    try:
        painter.fillRect(QRect(QPoint(), _size(widget)), QColor(theme.current().surface))
        _paint_title(painter, widget.width(), title, how)
        painter.translate(0, TITLE_PX)
        cast("Plot", widget).paint_plot(painter, scale)
    finally:
        painter.end()  # a device that dies under a painter takes the program with it


def _paint_title(painter: QPainter, width: int, title: str, how: str) -> None:
    tokens, font = theme.current(), theme.sans_font(bold=True)
    line = QRect(10, 0, width - 20, TITLE_PX)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, title)
    line.setLeft(line.left() + QFontMetrics(font).horizontalAdvance(title) + 8)
    painter.setFont(theme.sans_font(12))
    painter.setPen(QColor(tokens.muted))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, how)


def _png(picture: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise UserError("the picture cannot be written as PNG")
    return bytes(data.data())
