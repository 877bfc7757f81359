"""How a training ended, by arm: the names that tables, scripts, lessons and tests rely on."""

from __future__ import annotations

from typing import Any

from gradlab.engine.history import History

from .facts import facts
from .measurement import arm_row, latest, measured
from .spec import TrainingSpec
from .verdict import verdict

PLAIN = ("loss", "test_loss", "accuracy", "test_accuracy", "lr", "grad_total")


def outcomes(spec: TrainingSpec, history: History) -> dict[str, Any]:
    """Return ``step`` and for each arm ``a.loss | test_loss | accuracy | … | verdict | status`` at the newest row.

    ``grad_norm.first`` and ``.last`` are those of the first and last hidden layer, all its tensors together;
    ``weight_grad.first`` and ``.last`` those of their weights alone. What is not measured at every step is from the
    last row where it was.
    """
    last = history.rows - 1
    found: dict[str, Any] = {"step": last}
    for arm in spec.arms():
        anatomy, known = measured(history.columns, arm), facts(spec, history, arm)
        row = arm_row(history.row(known.ended[0] if known.ended else last), arm)
        values: dict[str, Any] = {name: float(latest(history, f"{arm}.{name}", last)) for name in PLAIN}
        deep = anatomy.deep
        if len(deep) > 1:
            for place, layer in (("first", deep[0]), ("last", deep[-2])):
                values[f"grad_norm.{place}"] = float(row["grad_norm"][layer])
                values[f"weight_grad.{place}"] = float(row["tensor_grad"][anatomy.weight(layer)])
        said = verdict(known)
        values |= {"verdict": said.kind, "status": _status(known.ended, said.title)}
        found |= {f"{arm}.{name}": value for name, value in values.items()}
    return found


def _status(ended: tuple[int, str, str] | None, title: object) -> str:
    return f"diverged at step {ended[0]}: {ended[1]}" if ended else str(title)
