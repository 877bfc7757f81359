"""What the Activation lab has to say, by name."""

from __future__ import annotations

from typing import Any

from .curves import point
from .passage import passage
from .spec import ActivationSpec
from .vector import softmax


def outcomes(spec: ActivationSpec, _history: None) -> dict[str, Any]:
    """Return f, f′ and f″ of every activation by each way, its product of slopes through depth, and the softmax."""
    found: dict[str, Any] = {}
    for unit in spec.units:
        at, deep, own = point(spec, unit), passage(unit, spec.depth), f"units.{unit.id}"
        found |= {
            f"{own}.f": at.f,
            f"{own}.slope": at.slope.autograd,
            f"{own}.slope-formula": at.slope.formula,
            f"{own}.slope-difference": at.slope.difference,
            f"{own}.slope-error": at.slope.error,
            f"{own}.bend": str(at.bend.note) if at.bend.autograd != at.bend.autograd else at.bend.autograd,
            f"{own}.saturated": "yes" if at.saturated else "no",
            f"{own}.depth-product": float(deep.typical[-1]),
            f"{own}.depth-low": float(deep.low[-1]),
            f"{own}.depth-high": float(deep.high[-1]),
            f"{own}.depth-bound": float(deep.bound[-1]),
            f"{own}.depth-spread": float(deep.spread[-1]),
        }
    vector = softmax(spec.softmax)
    for k, logit in enumerate(vector.logits):
        found |= {
            f"logits.{k + 1}.z": logit,
            f"logits.{k + 1}.softmax": float(vector.p[k]),
            f"logits.{k + 1}.naive": float(vector.naive[k]),
            f"logits.{k + 1}.log-softmax": float(vector.log_p[k]),
            f"logits.{k + 1}.log-of-softmax": float(vector.log_naive[k]),
            f"logits.{k + 1}.jacobian": tuple(vector.jacobian[k].tolist()),
        }
    return found | {"jacobian-error": vector.error}
