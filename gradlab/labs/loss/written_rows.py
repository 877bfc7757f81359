"""The formulas of losses of rows with the numbers of a row in them, as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradlab.engine.losses import (
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    CTCLoss,
    Loss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
)
from gradlab.engine.losses.classes import pulled
from gradlab.engine.losses.pairs import Triplets
from gradlab.engine.losses.rows import log_softmax

DIGITS = 6
MOST_TERMS, AT_LENGTH = 6, 2


def row_written(loss: Loss, arrays: tuple[np.ndarray, ...], row: int) -> str:
    """Return the formula with the numbers of a row; empty where it would be longer than is read."""
    if isinstance(loss, CTCLoss):
        return rf"-\ln\left({plain(float(np.exp(-loss.elements(*arrays))))}\right)"
    rows = tuple(np.asarray(array[row], dtype=float) for array in arrays)
    match loss:
        case CrossEntropyLoss():
            return _cross_entropy(loss, arrays, row)
        case NLLLoss():
            target = int(rows[1])
            return "" if target == loss.ignore_index else f"-{_weight(loss.weight, target)}{_signed(rows[0][target])}"
        case MultiMarginLoss():
            return _multi_margin(loss, rows[0], int(rows[1]))
        case MultiLabelMarginLoss():
            return _multilabel_margin(rows[0], rows[1])
        case MultiLabelSoftMarginLoss():
            terms = loss.terms(*rows).tolist()
            return _share(len(terms), [(plain(term), term) for term in terms])
        case CosineEmbeddingLoss():
            return _cosine(loss, *rows)
        case Triplets():
            return _triplet(loss, *rows)
        case _:
            return ""


def _cross_entropy(loss: CrossEntropyLoss, arrays: tuple[np.ndarray, ...], row: int) -> str:
    scores = np.asarray(arrays[0][row], dtype=float)
    if len(scores) > MOST_TERMS:
        return ""
    if loss.indices(*arrays) and not loss.label_smoothing:
        target = int(arrays[1][row])
        if target == loss.ignore_index:
            return ""
        powers = [f"e^{{{plain(float(score))}}}" for score in scores]
        fraction = rf"\frac{{{powers[target]}}}{{{' + '.join(powers)}}}"
        return rf"-{_weight(loss.weight, target)}\ln{fraction}"
    shares, p = pulled(loss, *arrays)[row], np.exp(log_softmax(scores, -1))
    terms = [rf"{plain(float(s))} \ln {plain(float(one))}" for s, one in zip(shares, p, strict=True) if s]
    return rf"-\left({' + '.join(terms)}\right)" if terms else ""


def _multi_margin(loss: MultiMarginLoss, scores: np.ndarray, right: int) -> str:
    power = "" if loss.p == 1 else f"^{loss.p}"
    lead = f"{plain(loss.margin)} - {_signed(scores[right])}"
    terms = [
        (rf"\max(0, {lead} + {_signed(score)}){power}", max(0.0, loss.margin - scores[right] + score) ** loss.p)
        for score in np.delete(scores, right).tolist()
    ]
    return _weight(loss.weight, right) + _share(scores.size, terms)


def _multilabel_margin(scores: np.ndarray, listed: np.ndarray) -> str:
    ends = np.flatnonzero(listed == -1)
    right = listed[: ends[0] if ends.size else None].astype(int)
    wrong = np.setdiff1d(np.arange(scores.size), right)
    terms = [
        (rf"\max(0, 1 - {_signed(one)} + {_signed(other)})", max(0.0, 1 - one + other))
        for one in scores[right].tolist()
        for other in scores[wrong].tolist()
    ]
    return _share(scores.size, terms)


def _cosine(loss: CosineEmbeddingLoss, first: np.ndarray, second: np.ndarray, target: np.ndarray) -> str:
    sizes = rf"{plain(float(np.linalg.norm(first)))} \cdot {plain(float(np.linalg.norm(second)))}"
    cosine = rf"\frac{{{plain(float(first @ second))}}}{{{sizes}}}"
    return f"1 - {cosine}" if target > 0 else rf"\max\left(0, {cosine} - {_signed(loss.margin)}\right)"


def _triplet(loss: Triplets, anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> str:
    near, far = float(loss.between(anchor, positive)[0]), float(loss.between(anchor, negative)[0])
    if loss.swap:
        far = min(far, float(loss.between(positive, negative)[0]))
    return rf"\max(0, {plain(near)} - {plain(far)} + {plain(loss.margin)})"


def _share(count: int, terms: Sequence[tuple[str, float]]) -> str:
    """Return the sum of the terms over ``count``; more than two stand there as their values."""
    if not terms or len(terms) > MOST_TERMS:
        return ""
    written = [text if len(terms) <= AT_LENGTH else plain(value) for text, value in terms]
    return rf"\frac{{1}}{{{count}}}\left({' + '.join(written)}\right)"


def _weight(weights: tuple[float, ...] | None, place: int) -> str:
    return "" if weights is None else rf"{plain(weights[place])} \cdot "


def _signed(value: float) -> str:
    return f"({plain(float(value))})" if value < 0 else plain(float(value))


def plain(value: float) -> str:
    """Return a number as LaTeX, with a few digits more than are needed to see that it is the same."""
    if not np.isfinite(value):
        return r"\infty" if value > 0 else r"-\infty" if value < 0 else r"\mathrm{nan}"
    mantissa, _, power = f"{value:.{DIGITS + 1}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else mantissa
