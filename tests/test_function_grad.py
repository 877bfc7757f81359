"""``gradlab grad`` of formulas, activations and losses: the numbers, the words, and what is refused."""

from __future__ import annotations

import json
import math
import re

import pytest
import torch

from gradlab.cli import main
from gradlab.engine.expressions import parse, symbolic_gradient
from gradlab.engine.expressions.plain import to_text


@pytest.fixture
def grad(capsys):
    """Return what the command line says: code, stdout, stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["grad", *words])
        return (code, *capsys.readouterr())

    return call


def found(answer: tuple[int, str, str]) -> dict[str, object]:
    code, out, err = answer
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_derivative_is_readable_text(grad):
    code, out, err = grad("(w*x+b)**2", "w=2", "b=1", "x=3")
    assert (code, err) == (0, "")
    assert "2*x*(b + w*x)" in out
    assert "\\" not in out
    assert found(grad("x^3", "x=2", "--json"))["partials"]["x"]["formula"] == "3*x^2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sigmoid", (0.196612, 0.25, 0.196612)),
        ("tanh", (0.419974, 1.0, 0.419974)),
        ("relu", (0.0, 0.0, 1.0)),
    ],
)
def test_an_activation_at_points(grad, name, expected):
    points = found(grad(name, "--json", "--", "-1", "0", "1"))["points"]
    assert [point["at"] for point in points] == [-1, 0, 1]
    for point, slope in zip(points, expected, strict=True):
        assert point["autograd"] == pytest.approx(slope, abs=5e-7)
        assert point["formula"] == pytest.approx(slope, abs=5e-7)
    assert grad(name, "-1", "0", "1")[0] == 0, "the points need no dashes before them"


def test_what_is_no_elementary_function_is_said(grad):
    assert "f(x) = sigmoid(x)\n" in (said := grad("sigmoid", "1")[1])
    assert "sigmoid(x): 1 / (1 + e^−x)\n" in said
    assert "tanh(x):" not in grad("tanh", "1")[1]


def test_a_kink_is_named(grad):
    points = found(grad("relu", "--json", "--", "0"))["points"]
    assert points[0]["note"] == "kink: torch takes 0"
    assert points[0]["central_difference"] == 0.5
    assert points[0]["error"] is None
    said = grad("hardsigmoid", "--", "3")[1]
    assert "kink: torch takes 0" in said
    assert "1.0e+00" not in said
    assert re.search(r"\bkink +kink: torch takes 0", said), "the error of a kink is no number"


def test_parameters_of_an_activation(grad):
    answer = found(grad("leaky_relu", "negative_slope=0.2", "--json", "--", "-3"))
    assert answer["negative_slope"] == 0.2
    assert answer["points"][0]["autograd"] == 0.2


def test_cross_entropy_of_probabilities(grad):
    answer = found(grad("cross_entropy", "--input", "0.9,0.1", "--target", "1,0", "--json"))
    assert answer["value"] == pytest.approx(0.371101, abs=5e-7)
    assert answer["gradient"][0] == pytest.approx([-0.310026, 0.310026], abs=5e-7)
    for element in answer["elements"]:
        assert element["formula"] == pytest.approx(element["autograd"], rel=1e-12)
        assert element["central_difference"] == pytest.approx(element["autograd"], rel=1e-8)


def test_a_loss_has_a_gradient_by_every_input_that_is_a_number(grad):
    said = found(grad("gaussian_nll", "--input", "0.9,0.1", "--target", "1,0", "var=0.5,0.25", "--json"))
    assert list(said["gradients"]) == ["input", "target", "var"]
    assert said["gradient"] == said["gradients"]["input"]
    assert said["gradients"]["target"][0] == pytest.approx([0.1, -0.2])
    assert said["gradients"]["var"][0] == pytest.approx([(1 / 0.5 - 0.01 / 0.25) / 4, (1 / 0.25 - 0.01 / 0.0625) / 4])
    assert [one["name"] for one in said["elements"]][2:] == ["target[0, 0]", "target[0, 1]", "var[0, 0]", "var[0, 1]"]
    chosen = found(grad("cross_entropy", "--input", "0.9,0.1", "--target", "0", "--json"))
    assert list(chosen["gradients"]) == ["input"], "a class is no number to move"
    code, out, _err = grad("mse", "--input", "0.9,0.1", "--target", "1,0", "--reduction", "sum")
    assert (code, "target[0, 1]" in out) == (0, True)


def test_mse_and_its_reductions(grad):
    tables = ("--input", "0.9,0.1", "--target", "1,0", "--json")
    assert found(grad("mse", *tables))["gradient"][0] == pytest.approx([-0.1, 0.1])
    assert found(grad("mse", *tables, "--reduction", "sum"))["gradient"][0] == pytest.approx([-0.2, 0.2])
    none = found(grad("mse", *tables, "--reduction", "none"))
    assert none["value"][0] == pytest.approx([0.01, 0.01])
    assert none["gradient"][0] == pytest.approx([-0.2, 0.2])


def test_the_weighted_mean_divides_by_the_weights(grad):
    words = ["cross_entropy", "weight=[1,2,1]", "--input", "0.1,0.2,0.3;1,0,-1", "--target", "1,2", "--json"]
    answer = found(grad(*words))
    scores = torch.tensor([[0.1, 0.2, 0.3], [1, 0, -1]], dtype=torch.float64)
    weight = torch.tensor([1.0, 2, 1], dtype=torch.float64)
    expected = torch.nn.functional.cross_entropy(scores, torch.tensor([1, 2]), weight=weight)
    assert answer["value"] == pytest.approx(float(expected), rel=1e-12)


def test_a_loss_of_three_tables(grad):
    answer = found(grad("triplet_margin", "anchor=1,2", "positive=1,3", "negative=0,0", "--json"))
    known = torch.nn.TripletMarginLoss()(*(torch.tensor([t]) for t in ([1.0, 2], [1.0, 3], [0.0, 0])))
    assert answer["value"] == pytest.approx(float(known), abs=1e-5)


REFUSED = [
    (["sigmod", "--", "-1"], "'sigmod' is no activation; did you mean 'sigmoid'?"),
    (["sigmoid", "--", "a"], "point: must be a number, not 'a'"),
    (["sigmoid", "--", "1e999"], "point: must be a finite number, not 1e999"),
    (["cross_entropi", "--input", "1", "--target", "1"], "did you mean 'cross_entropy'?"),
    (["x^2", "--input", "1"], "--input and --target are for a loss, not for 'x^2'"),
    (["x^2", "x=1", "--reduction", "sum"], "--reduction is for a loss, not for 'x^2'"),
    (
        ["adaptive_log_softmax_with_loss", "--input", "1", "--target", "1"],
        "AdaptiveLogSoftmaxWithLoss is not here: it is a layer too",
    ),
    (["LinearCrossEntropyLoss", "--input", "1", "--target", "1"], "LinearCrossEntropyLoss is not here: it is a layer"),
    (
        ["triplet_margin_with_distance", "distance_function=lambda", "anchor=1", "positive=1", "negative=0"],
        "distance_function: must be 'manhattan', 'chebyshev' or 'cosine', not 'lambda'",
    ),
    (["ctc", "--input", "1,2;2,1", "--target", "0"], "targets: 0 is the blank and no label"),
    (["mse", "--input", "1,2"], "mse: takes input, target; there is no target"),
    (["mse", "--input", "1,2;3", "--target", "1,2"], "input: every row must have as many numbers; they have 1, 2"),
    (["mse", "--input", "1,2", "--target", "1"], "target: its shape is (1, 1), that of input (1, 2)"),
    (["mse", "--input", "1,b", "--target", "1,2"], "input: must be a number, not 'b'"),
    (["mse", "--input", "1", "--target", "1", "--reduction", "most"], "reduction"),
    (["cross_entropy", "--input", "1,2", "--target", "5"], "a class is a whole number from 0 to 1, not 5"),
    (["cross_entropy", "--input", "1,2", "--target", "0.5,0.6"], "probabilities sum to 1, not to 1.1"),
    (["leaky_relu", "slope=1", "--", "1"], "'slope': there is no such field"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=range(len(REFUSED)))
def test_bad_input_is_refused_in_one_line(grad, words, message):
    code, out, err = grad(*words)
    assert (code, out) == (2, "")
    assert err.startswith("gradlab: ")
    assert err.count("\n") == 1
    assert message in err


FORMULAS = [
    "(w*x+b)^2",
    "-x^2",
    "(-x)^2",
    "x - (y - z)",
    "x/(y/z)",
    "x/y/z",
    "(x^2)^3",
    "x^(y^z)",
    "2^-x",
    "x*-y",
    "x - (-y)",
    "-(x+y)*z",
    "exp(-x^2)*cos(y)/(1 + z)",
    "max(x, y, z) + atan2(x, y)",
    "1e-7*x + 1e300*y",
    "x*(y*z)/(x*y)",
    "-x*-y - -z",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_as_text_reads_back_as_itself(text):
    tree = parse(text)
    values = dict(zip(tree.names, (0.7, 1.3, 1.9, 2.3), strict=False))
    trees = [tree, *(one.tree for one in symbolic_gradient(tree, tree.names))]
    for one in trees:
        again = parse(to_text(one.root)).value(values)
        assert math.isclose(again, one.value(values), rel_tol=1e-12, abs_tol=1e-300)
