"""The verdict on a racer's lr: how it stands to the largest stable one at its iterate, in a sentence."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gradlab.labs.descent.inspect import Curvature
from gradlab.ui import theme
from gradlab.ui.timeline import spaced
from gradlab.ui.widgets import plain_label

FLAT = 1e-9
"""Share of the largest |λ| below which an eigenvalue counts as 0."""
LEAST_SHARE = 1e-5
"""Share of the bound that is still given in numbers."""


def percent(share: float) -> str:
    """Return a share in percent, with two digits, and as many more as it takes not to pass for 100 when it is not."""
    texts = (f"{100 * share:.{digits}g}" for digits in range(2 if share < 0.995 else 3, 16))
    return next((text for text in texts if "e" not in text and (float(text) != 100 or share == 1)), "100")


class BoundCard(QFrame):
    """A title with a verdict's colour, and why."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("class", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        self.title, self.text = plain_label("", "title", self), plain_label("", "muted", self)
        for line in (self.title, self.text):
            line.setWordWrap(True)
            column.addWidget(line)
        self.hide()

    def show_bound(self, name: str, lr: float, one: Curvature) -> None:
        """Say how the lr of the next step compares with 2/λmax, or what there is instead of a bound."""
        low, high = float(one.eigenvalues[0]), float(one.eigenvalues[-1])
        known = math.isfinite(low + high) and one.standing.verdict != "diverged"
        self.setVisible(known)
        if not known:
            return
        tone, title, text = self._verdict(one, lr, low, high)
        share = self._share(lr / one.bound)
        words = {"name": name, "share": share, "bound": f"{one.bound:.4g}", "low": f"{low:.3g}", "high": f"{high:.3g}"}
        self._say(tone, title.format(**words), text.format(**words))

    def _verdict(self, one: Curvature, lr: float, low: float, high: float) -> tuple[str, str, str]:
        """Return the tone, the title and the text; both texts with places for the numbers."""
        small = FLAT * max(abs(low), abs(high))
        if one.standing.verdict == "saddle":
            return (
                "warn",
                self.tr("{name} has come to rest at a saddle"),
                self.tr("∇f is 0 here, but λmin = {low} < 0 < λmax = {high}: any push along λmin leads further down."),
            )
        if high <= small:
            return (
                "warn",
                self.tr("No stable lr at this point"),
                self.tr("The curvature is not positive in any direction: there is no 2/λmax."),
            )
        if low < -small:
            return (
                "warn",
                self.tr("Not convex here: lr is {share} 2/λmax"),
                self.tr("λmin = {low} < 0 < λmax = {high}: 2/λmax = {bound} binds only where f curves up."),
            )
        if not lr < one.bound:
            return (
                "warn",
                self.tr("{name}: lr is {share} the stability bound"),
                self.tr("Above 2/λmax = {bound} plain descent bounces and leaves; adaptive ones rescale their steps."),
            )
        return (
            "ok",
            self.tr("{name}: lr is {share} the stability bound"),
            self.tr("The curvature here allows plain gradient descent any lr below 2/λmax = {bound}."),
        )

    def _share(self, share: float) -> str:
        """Return "6% of" or "14.5 times"; nothing where there is no lr or no bound."""
        if not math.isfinite(share):
            return ""
        if share >= 10:
            number = spaced(round(share)) if 1e3 <= share < 1e6 else f"{share:.3g}"
            return self.tr("{number} times").format(number=number)
        if 0 < share < LEAST_SHARE:
            return self.tr("less than {percent}% of").format(percent=f"{100 * LEAST_SHARE:g}")
        return self.tr("{percent}% of").format(percent=percent(share))

    def _say(self, tone: str, title: str, text: str) -> None:
        for line, words in ((self.title, title), (self.text, text)):
            if line.text() != words:
                line.setText(words)
        if self.title.property("class") != f"title {tone}":
            theme.set_class(self.title, f"title {tone}")
