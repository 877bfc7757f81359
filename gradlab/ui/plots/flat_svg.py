"""Drawings that every viewer shows alike: what Qt leaves to be scaled by the viewer is written out in pixels."""

from __future__ import annotations

import re

GROUP = re.compile(r'<g ([^>]*?) transform="matrix\(([^)]*)\)"([^>]*)>([^<]*(?:<(?:path|polyline)\b[^>]*>[^<]*)+)</g>')
"""A group under a transformation that holds nothing but lines."""
SHAPE = re.compile(r'\b(d|points)="([^"]*)"')
PAIR = re.compile(r"(-?\d[\d.]*(?:e[+-]?\d+)?),(-?\d[\d.]*(?:e[+-]?\d+)?)")
KEPT_WIDTH = ' vector-effect="non-scaling-stroke"'


def flatten(svg: str) -> str:
    """Return the drawing without lines whose width must not scale with their group.

    WORKAROUND: Qt writes cosmetic pens as ``vector-effect``, which librsvg, ImageMagick and others do not know: they
    draw a curve in data units with a pen as wide as the plot.
    """
    return GROUP.sub(_flat_group, svg)


def _flat_group(found: re.Match[str]) -> str:
    before, numbers, after, body = found.groups()
    if KEPT_WIDTH not in body:
        return found[0]
    a, b, c, d, e, f = (float(number) for number in numbers.split(","))

    def placed(pair: re.Match[str]) -> str:
        x, y = float(pair[1]), float(pair[2])
        return f"{a * x + c * y + e:.2f},{b * x + d * y + f:.2f}"

    lines = SHAPE.sub(lambda shape: f'{shape[1]}="{PAIR.sub(placed, shape[2])}"', body)
    return f"<g {before}{after}>{lines.replace(KEPT_WIDTH, '')}</g>"
