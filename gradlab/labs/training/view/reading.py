"""The reading pane: the verdict, the numbers at the step, what can be tried beside it, and every layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gradlab.engine.history import History
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.measurement import latest
from gradlab.labs.training.readings import Backprop, NetworkReading, Weights
from gradlab.labs.training.spec import TrainingSpec
from gradlab.labs.training.verdict import Verdict
from gradlab.ui import figures
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.lab_view import Track
from gradlab.ui.widgets import Pane, plain_label

from . import records
from .arms import ARMS, LETTERS, arms_of
from .cards import Remedies, VerdictCard
from .tables import ArmNumbers, LayerTable
from .weights import WeightTable

if TYPE_CHECKING:
    from gradlab.labs.training.remedies import Remedy

BACK = r"\delta_l=(W_{l+1}^{T}\,\delta_{l+1})\odot\varphi'(z_l)"
FORMULAS = {
    "exploding": r"\|\delta_l\|\leq\|W_{l+1}\|_2\,\max|\varphi'|\;\|\delta_{l+1}\|",
    "unstable": r"\eta<\frac{2}{\lambda_{max}(H)}",
    "nonfinite": r"\theta_{t+1}=\theta_t-\eta\,\nabla L(\theta_t)",
}
"""What stands below a verdict; else the rule by which a gradient goes back through a layer."""
GAP_PX = 4


class ReadingPane(Pane):
    """Says in words and numbers what the stage shows. ``looked(changes)``: fields of the look with new values."""

    looked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("reading", parent)
        self._spec, self._look = TrainingSpec(), TrainingLook()
        self._networks: dict[str, NetworkReading] = {}
        self._opened: dict[str, Backprop] = {}
        self._weights: dict[str, Weights] = {}
        self._track: Track | None = None
        self._row: int | None = None
        self._why = ""
        self._awaited: tuple[int, int] | None = None
        self.heading(self.tr("VERDICT"))
        self.verdicts = {arm: VerdictCard(self.body, LETTERS[arm]) for arm in ARMS}
        self.waiting = plain_label(self.tr("Run it, and the gradients tell how it fares."), "muted", self.body)
        self.waiting.setWordWrap(True)
        self.column.addWidget(self.waiting)
        for card in self.verdicts.values():
            self.column.addWidget(card)
            card.hide()
        self.formula = FormulaLabel(BACK, parent=self.body, pixels=14)
        self.column.addWidget(self.formula)
        self.column.addSpacing(GAP_PX)
        self.at = self.heading(self.tr("AT THE START"))
        self.numbers = ArmNumbers(self.body)
        self.numbers.prepare(self._rows())
        self.column.addLayout(self.numbers)
        self.column.addSpacing(GAP_PX)
        self.heading(self.tr("TRY BESIDE IT"))
        self.remedies = Remedies(self.body)
        self.column.addWidget(self.remedies)
        self.column.addSpacing(GAP_PX)
        self._build_layers()
        self.column.addStretch()

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("first", self.tr("|∇| first")), ("last", self.tr("|∇| last")), ("ratio", self.tr("ratio")),
            ("total", self.tr("|∇| whole")), ("loss", self.tr("loss")), ("test_loss", self.tr("held out")),
            ("accuracy", self.tr("accuracy")), ("saturated", self.tr("saturated")), ("dead", self.tr("dead")),
            ("lr", "lr"),
        ]  # fmt: skip

    def _build_layers(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.layers_title = plain_label(self.tr("LAYERS"), "h", self.body)
        row.addWidget(self.layers_title, 1)
        self.chips = {
            arm: self._chip(LETTERS[arm], self.tr("Layers of {arm}").format(arm=LETTERS[arm])) for arm in ARMS
        }
        self.tensors = self._chip(self.tr("tensors"), self.tr("Open each layer to its tensors"))
        for chip in (*self.chips.values(), self.tensors):
            row.addWidget(chip)
        self.chips["a"].clicked.connect(self._look_at_a)
        self.chips["b"].clicked.connect(self._look_at_b)
        self.tensors.clicked.connect(self._open)
        self.column.addLayout(row)
        self.facts = plain_label("", "muted", self.body)
        self.facts.setWordWrap(True)
        self.column.addWidget(self.facts)
        self.layers = LayerTable(self.body)
        self.layers.setAccessibleName(self.tr("Layers, one row each"))
        self.layers.picked.connect(self._pick)
        self.column.addWidget(self.layers)
        self._build_weights()

    def _build_weights(self) -> None:
        self.weights_head = plain_label("", "h", self.body)
        self.weights_title = plain_label("", "muted", self.body)
        self.weights_title.setWordWrap(True)
        self.weights = WeightTable(self.body)
        self.weights.setAccessibleName(self.tr("Weights of the layer"))
        self.weights.refused.connect(self._say_weights)
        for widget in (self.weights_head, self.weights_title, self.weights):
            self.column.addWidget(widget)
            widget.hide()

    def _chip(self, text: str, name: str) -> QToolButton:
        chip = QToolButton(self.body)
        chip.setText(text)
        chip.setCheckable(True)
        chip.setProperty("class", "chip")
        chip.setAccessibleName(name)
        chip.setToolTip(name)
        return chip

    # What the user does.

    def _look_at_a(self) -> None:
        self._show_chips()
        self.looked.emit({"arm": "a"})

    def _look_at_b(self) -> None:
        self._show_chips()
        self.looked.emit({"arm": "b"})

    def _open(self, on: bool) -> None:
        self.looked.emit({"tensors": on})

    def _pick(self, name: str) -> None:
        self.looked.emit({"layer": "" if name == self._look.layer else name})

    # What is shown.

    def show_weights(self, found: Weights) -> None:
        """Show what the layer that is looked at starts from; another network's weights are its own, and are not set."""
        self._weights[found.arm] = found
        if found.arm == self._arm():
            self._show_weights()

    def _show_weights(self) -> None:
        found = self._weights.get(self._arm())
        shown = found is not None and found.layer == self._look.layer
        for widget in (self.weights_head, self.weights_title, self.weights):
            widget.setVisible(shown)
        if found is None or not shown:
            return
        self.weights_head.setText(self.tr("WEIGHTS OF {layer}").format(layer=found.layer))
        beside = self._spec.beside
        own = self._arm() == "b" and beside is not None and beside.network is not None
        self.weights.setEnabled(not own)
        if self.weights.show_weights(found, () if own else self._spec.pins):
            self._say_weights("")
        if self._awaited is not None:
            QTimer.singleShot(0, self, self._bring_weights)  # when they have their place

    def bring_weights(self, row: int = -1, column: int = -1) -> None:
        """Scroll to the weights of the layer that is looked at, once they are here, and to one of them.

        With a ``column`` that one is opened to be set, with a ``row`` alone it is shown.
        """
        self._awaited = (row, column)
        self._show_weights()

    def _bring_weights(self) -> None:
        if self._awaited is None or not self.weights.isVisible():
            return
        (row, column), self._awaited = self._awaited, None
        self.ensureWidgetVisible(self.weights, 0, GAP_PX)
        if row >= 0:
            self.weights.point_at(row, max(0, column), edit=column >= 0)

    def _say_weights(self, why: str) -> None:
        found = self._weights.get(self._arm())
        told = self.tr("The training starts from these. Double-click one to set it; those set have a dot.")
        if found is not None and found.step is not None:
            told = self.tr("At step {step}. Double-click one to set it from the next step on; those set have a dot.")
            told = told.format(step=found.step)
        self.weights_title.setText(why or told)

    def show_spec(self, spec: TrainingSpec) -> None:
        """Know how many arms there are."""
        self._spec = spec
        two = spec.beside is not None
        self.numbers.set_two(two)
        self.numbers.set_row("accuracy", spec.data.task == "classification")
        self._show_chips()

    def show_look(self, look: TrainingLook) -> None:
        """Follow this arm and this layer."""
        self._look = look
        self._show_chips()
        self.show_layers(self._track, self._row)
        self._show_weights()

    def _show_chips(self) -> None:
        two = self._spec.beside is not None
        for arm, chip in self.chips.items():
            chip.setVisible(two)
            chip.setChecked(arm == self._arm())
        self.tensors.setChecked(self._look.tensors)

    def _arm(self) -> str:
        return self._look.arm if self._look.arm in arms_of(self._spec) else "a"

    def show_verdicts(self, found: Mapping[str, Verdict]) -> None:
        """Say what the matter is with each arm; nothing is known before the first step."""
        self.waiting.setVisible(not found)
        for arm, card in self.verdicts.items():
            if arm in found:
                card.show_verdict(found[arm], lettered=len(found) > 1)
            card.setVisible(arm in found)
        self.formula.set_formula(FORMULAS.get(found["a"].kind, BACK) if found else BACK)

    def show_remedies(self, offers: Sequence[Remedy], taken: str) -> None:
        """Offer what may help; ``taken`` is the id of what runs beside already."""
        beside = self._spec.beside
        self.remedies.show_remedies(tuple(offers), taken, "" if beside is None else beside.name or "B")

    def forget(self, why: str = "") -> None:
        """Know nothing of the network: another one is asked for, and may never come; ``why`` is said when it cannot."""
        self._why = why
        for known in (self._networks, self._opened, self._weights):
            known.clear()
        self.show_layers(self._track, self._row)
        self._show_weights()

    def show_network(self, found: NetworkReading) -> None:
        """Know what an arm is made of."""
        self._networks[found.arm] = found
        self.show_layers(self._track, self._row)

    def show_backprop(self, found: Backprop) -> None:
        """Know a step opened."""
        self._opened[found.arm] = found
        if self._look.picture == "backprop":
            self.show_layers(self._track, self._row)

    def show_step(self, track: Track | None, row: int | None) -> None:
        """Show the numbers of a run at a row."""
        known = track is not None and row is not None
        self.at.setText(self.tr("AT STEP {step}").format(step=row) if known else self.tr("AT THE START"))
        for arm in ARMS:
            if known and track is not None and row is not None and arm in arms_of(track.spec):
                self._show_arm(track, row, arm)
            else:
                for name, _ in self._rows():
                    self.numbers.say(name, arm, figures.UNKNOWN)
        self.show_layers(track, row)

    def _show_arm(self, track: Track, row: int, arm: str) -> None:
        history, say = track.history, self.numbers.say
        values = {name: float(latest(history, f"{arm}.{name}", row)) for name in SCALARS}
        for name, column in (("loss", "loss"), ("test_loss", "test_loss"), ("total", "grad_total"), ("lr", "lr")):
            say(name, arm, _number(values[column]) + _age(history, f"{arm}.{column}", row), _exact(values[column]))
        share = _share(values["accuracy"]) + _age(history, f"{arm}.accuracy", row)
        say("accuracy", arm, share, _exact(values["accuracy"]))
        for name in ("saturated", "dead"):
            share = _share(self._shares(track, f"{arm}.{name}", row)) + _age(history, f"{arm}.{name}", row)
            say(name, arm, share, self.tr("the layer with the largest share"))
        names = records.labels(history, f"{arm}.grad_norm")
        chosen = records.deep(names, self._networks.get(arm))
        norms = latest(history, f"{arm}.grad_norm", row)
        first, last = chosen[0], chosen[-2] if len(chosen) > 2 else chosen[-1]
        ratio = norms[first] / norms[last] if norms[last] > 0 else math.nan
        for name, value, tip in (("first", norms[first], names[first]), ("last", norms[last], names[last])):
            say(name, arm, figures.short(float(value)), f"{tip}: {float(value)!r}")
        say("ratio", arm, figures.short(float(ratio)), _exact(float(ratio)))

    def _shares(self, track: Track, column: str, row: int) -> float:
        if not records.has(track.history, column):
            return math.nan
        shares = latest(track.history, column, row)
        return float(np.nanmax(shares)) if np.isfinite(shares).any() else math.nan

    def show_layers(self, track: Track | None, row: int | None) -> None:
        """Fill the table of layers."""
        self._track, self._row = track, row
        arm = self._arm()
        network = self._networks.get(arm)
        two = self._spec.beside is not None
        self.layers_title.setText(self.tr("LAYERS OF {arm}").format(arm=LETTERS[arm]) if two else self.tr("LAYERS"))
        facts = [self._why or self.tr("Come with the data and the network")]
        if network is not None:
            facts = [network.name, self.tr("{n} parameters").format(n=_grouped(network.parameters)), *network.facts]
        self.facts.setText(" · ".join(facts))
        if self._look.picture == "backprop" and arm in self._opened:
            self._show_opened(self._opened[arm])
        elif track is not None and row is not None and self._is_of(track, arm):
            self._show_measured(track, row, arm)
        else:
            self._show_shapes(network)
        self.layers.choose(self._look.layer)

    def _is_of(self, track: Track, arm: str) -> bool:
        """Tell whether an arm of a run is the network that is told of above the table."""
        network = self._networks.get(arm)
        known = arm in arms_of(track.spec)
        return known and (network is None or network.layers == records.labels(track.history, f"{arm}.grad_norm"))

    def _show_shapes(self, network: NetworkReading | None) -> None:
        layers = () if network is None else network.layers
        cells = [(name, records.shape_text(network, name)) for name in layers]
        self.layers.show_rows([self.tr("layer"), self.tr("shape")], layers, cells, ["" for _ in cells])

    def _show_measured(self, track: Track, row: int, arm: str) -> None:
        history, network = track.history, self._networks.get(arm)
        names = records.labels(history, f"{arm}.grad_norm")
        columns = [latest(history, f"{arm}.{name}", row) for name in ("grad_norm", "weight_norm", "update_ratio")]
        parts = records.labels(history, f"{arm}.tensor_grad") if self._look.tensors else ()
        grads = latest(history, f"{arm}.tensor_grad", row) if parts else np.empty(0)
        keys, cells, tips = [], [], []
        for index, name in enumerate(names):
            keys.append(name)
            cells.append([name, *(figures.short(float(column[index])) for column in columns)])
            exact = "   ".join(
                f"{word} {float(c[index])!r}" for word, c in zip(("|∇|", "|w|", "Δ/w"), columns, strict=True)
            )
            tips.append(f"{name}  {records.shape_text(network, name)}   {exact}")
            for number, part in enumerate(parts):
                if part.rpartition(".")[0] == name:
                    keys.append(name)
                    cells.append([f"   .{part.rpartition('.')[2]}", figures.short(float(grads[number])), "", ""])
                    tips.append(f"{part}  {float(grads[number])!r}")
        self.layers.show_rows([self.tr("layer"), "|∇|", "|w|", "Δ/w"], keys, cells, tips)

    def _show_opened(self, found: Backprop) -> None:
        """Show how ``.grad`` fills in one step: None, filled, added to when it is not zeroed, and the update."""
        cells, tips = [], []
        for layer in found.layers:
            before = self.tr("None") if layer.before is None else figures.short(layer.before)
            steps = (layer.filled, layer.accumulated, layer.update)
            cells.append([layer.layer, *(figures.short(value) for value in steps)])
            told = self.tr(
                ".grad: {before} before, {filled} after backward, {twice} after a second one without zeroing"
            )
            tips.append(told.format(before=before, filled=repr(layer.filled), twice=repr(layer.accumulated)))
        self.layers.show_rows(
            [self.tr("layer"), self.tr(".grad"), self.tr("twice"), self.tr("update")],
            [layer.layer for layer in found.layers], cells, tips,
        )  # fmt: skip


SCALARS = ("loss", "test_loss", "grad_total", "lr", "accuracy")


OLD = 20
"""Steps after which a number that is measured now and then bears the step that it is of."""


def _age(history: History, column: str, row: int) -> str:
    """Return from which step a number is, where that is long ago."""
    if not records.has(history, column):
        return ""
    at = history.measured_at(column, row)
    return f" @{at}" if row - at > OLD else ""


def _number(value: float) -> str:
    return figures.UNKNOWN if math.isnan(value) else figures.steady(value, 4).strip()


def _share(value: float) -> str:
    return figures.UNKNOWN if math.isnan(value) else f"{100 * value:.1f} %"


def _exact(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""


def _grouped(count: int) -> str:
    return f"{count:,}"
