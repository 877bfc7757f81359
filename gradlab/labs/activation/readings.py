"""The pictures that the Activation lab draws, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlab.engine.derivatives import Derivative3
from gradlab.engine.text import Text

from .spec import ActivationSpec

Note = Text | str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula to be typeset, and as plain text until it is."""

    tex: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnitCurve:
    """f, f′ and f″ of one activation, shapes (n,), by autograd in float64; what has no f″ says why, with NaN in it.

    ``saturated`` are the ranges of x where |f′| is below the threshold, ``kinks`` the kinks in sight.
    """

    unit: str
    x: np.ndarray
    f: np.ndarray
    slope: np.ndarray
    bend: np.ndarray
    reason: Note
    saturated: tuple[tuple[float, float], ...]
    kinks: tuple[Kink, ...]


@dataclass(frozen=True, slots=True)
class Kink:
    """A place where f or f′ jumps, and what torch takes there."""

    x: float
    f: float
    slope: float


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of all activations of a spec; coarse ones are followed by fine ones."""

    spec: ActivationSpec
    units: tuple[UnitCurve, ...]
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class UnitPoint:
    """One activation at the point: f, and f′ and f″ by three ways."""

    unit: str
    x: float
    f: float
    slope: Derivative3
    bend: Derivative3
    saturated: bool
    formulas: tuple[Formula, Formula]
    """f′ and f″ by sympy; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Points:
    """All activations of a spec at its point."""

    spec: ActivationSpec
    units: tuple[UnitPoint, ...]


@dataclass(frozen=True, slots=True)
class UnitDepth:
    """The product of slopes after 0 … n layers, shapes (n + 1,); row k is after k layers.

    ``typical``: root mean square, by integration over the signal. ``low``, ``median``, ``high``: 5, 50 and 95 % of the
    random paths. ``bound``: what no path can pass, (gain · max|f′|)ᵏ; infinite where f′ has no bound. ``spread``: the
    standard deviation of what comes out of layer k, of the signal itself for k = 0.
    """

    unit: str
    typical: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray
    bound: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True, slots=True)
class Depths:
    """All activations of a spec through depth; coarse ones come from few random paths."""

    spec: ActivationSpec
    units: tuple[UnitDepth, ...]
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class SoftmaxReading:
    """Softmax of logits in one dtype, shapes (n,): naive is e^z / Σ e^z as written, log_naive is log(softmax).

    ``jacobian`` (n, n) is ∂p_i/∂z_j by autograd, ``error`` the largest relative disagreement with p_i (δ_ij − p_j) / T
    and with central differences, both in float64.
    """

    logits: tuple[float, ...]
    p: np.ndarray
    naive: np.ndarray
    log_p: np.ndarray
    log_naive: np.ndarray
    jacobian: np.ndarray
    error: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a derivation: in letters, with the numbers put in, its value, and why it holds."""

    letters: Formula
    numbers: Formula
    value: float
    why: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """How f′ of one activation is found; ``written`` is False where sympy did it, without steps between."""

    unit: str
    x: float
    lines: tuple[Line, ...]
    written: bool
