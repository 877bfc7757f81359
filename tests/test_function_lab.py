"""The Function lab's readings: numbers of the notes, the chain rule, autograd's own words, and hostile functions."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import pytest
import torch
from objective_cases import cases, inside, name

from gradlab.engine import presets
from gradlab.engine.expressions import parse, symbolic_gradient
from gradlab.engine.expressions.kinks import kinked
from gradlab.engine.expressions.plain import to_text
from gradlab.engine.expressions.trace import trace
from gradlab.engine.lab import Rest
from gradlab.engine.objectives import Expression, Himmelblau, Objective, Parabola, Rosenbrock, StyblinskiTang
from gradlab.labs.function.autograd import AutogradReading, autograd_reading
from gradlab.labs.function.chain import ChainReading, chain_reading
from gradlab.labs.function.formulas import tree_of
from gradlab.labs.function.inspect import inspect
from gradlab.labs.function.look import FunctionLook, Page
from gradlab.labs.function.outcomes import outcomes
from gradlab.labs.function.pictures import (
    CriticalReading,
    CurveReading,
    Landscape,
    StepErrors,
    critical,
    directions,
    step_errors,
)
from gradlab.labs.function.point import PointReading, StepReading, newton, point_reading, step_reading
from gradlab.labs.function.spec import FunctionSpec

PAGES = get_args(Page)
NEURON = FunctionSpec(objective=Expression(text="(w*x+b)^2", variables=("w", "b"), parameters={"x": 3.0}, start=(2, 1)))
HIMMELBLAU = FunctionSpec(objective=Himmelblau(), at=(4.0, 0.0))


def typed(text: str, *at: float) -> FunctionSpec:
    return FunctionSpec(objective=Expression(text=text, **({"start": at} if at else {})))


def preset(name: str) -> FunctionSpec:
    loaded = presets.load(presets.find(name))
    assert loaded.lab == "function"
    return loaded.spec


# What the presets say.


CLAIMS = {
    "slope-of-a-square": {"f": 4, "variables.x.autograd": 4, "variables.x.formula": 4, "order.2": 2},
    "against-the-gradient": {"descent.x": (1.6,), "descent.f": 2.56, "newton.x": (0,), "newton.kind": "minimum"},
    "weight-and-bias": {"variables.w.autograd": 3, "variables.b.autograd": 1, "order.2": 0},
    "squared-neuron": {"f": 49, "variables.w.formula": 42, "variables.b.formula": 14, "variables.w.difference": 42},
    "sigmoid-by-pieces": {"variables.x.autograd": 0.25},
    "gradients-add-up": {"variables.x.autograd": 4},
    "grad-or-backward": {"f": 1, "variables.w.autograd": 2},
    "higher-derivatives": {"order.1": 12, "order.2": 12, "order.3": 6, "order.4": 0},
    "steepest-direction": {"variables.x.autograd": 5, "variables.y.autograd": -6, "direction.slope": math.sqrt(61)},
    "flat-is-not-minimal": {"critical.minima": 1, "critical.maxima": 1, "critical.degenerate": 1},
    "saddle-curvature": {"gradient_norm": 0, "hessian.eigenvalues": (-2, 2), "newton.kind": "saddle"},
    "himmelblau-critical-points": {
        "f": 34,
        "variables.x.autograd": 74,
        "variables.y.autograd": 10,
        "critical.minima": 4,
        "critical.saddles": 4,
        "critical.maxima": 1,
        "newton.steps": 4,
        "newton.kind": "saddle",
        "newton.ends": (3.385154, 0.073852),
        "newton.ends_f": 13.3119,
    },
    "newton-and-descent": {"hessian.eigenvalues": (2, 20), "newton.x": (0, 0), "descent.x": (3.68, 0.3)},
    "least-squares": {"newton.x": (1.5, 1 / 3), "newton.ends": (1.5, 1 / 3), "newton.ends_f": 1 / 18},
    "difference-step": {},
    "perceptron-one-output": {"f": 0.25, "variables.w1.autograd": -0.25, "variables.w2.autograd": -0.5},
    "perceptron-two-outputs": {
        "f": (0.25 + 0.7310585786**2) / 2,
        "variables.u.autograd": -0.25,
        "variables.v.autograd": 2 * 0.7310585786**2 * (1 - 0.7310585786),
    },
}


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_preset_gives_its_numbers(name):
    found = outcomes(preset(name), None)
    for key, value in CLAIMS[name].items():
        if isinstance(value, str):
            assert found[key] == value
        else:
            assert found[key] == pytest.approx(value, abs=5e-5), key
    errors = [value for key, value in found.items() if key.endswith(".error")]
    assert max(errors) < (1e-3 if name == "difference-step" else 1e-8)


def test_every_preset_has_its_claim():
    assert sorted(CLAIMS) == sorted(entry.name for entry in presets.library() if entry.lab == "function")


def test_the_sigmoid_of_the_preset():
    spec = preset("sigmoid-by-pieces")
    for x, slope in ((-1.0, 0.196612), (1.0, 0.196612), (10.0, 4.5e-5)):
        assert point_reading(spec.replace(at=(x,))).rows[0].autograd == pytest.approx(slope, abs=5e-7)


def test_a_tiny_step_fails_and_the_right_one_does_not():
    spec = preset("difference-step")
    assert spec.h == 1e-12
    assert 1e-6 < point_reading(spec).rows[0].error < 1e-3
    assert point_reading(spec.replace(h=6e-6)).rows[0].error < 1e-9
    assert point_reading(spec.replace(h=0.1)).rows[0].error > 1e-3
    errors = step_errors(spec)
    assert 1e-7 < errors.best[0] < 1e-4
    assert errors.typical[0, 0] > 1e-4 < errors.typical[0, -1]


# Himmelblau.


def test_all_nine_critical_points_of_himmelblau():
    wanted = {
        "minimum": [(3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)],
        "saddle": [(3.385154, 0.073852), (0.086678, 2.884255), (-3.073026, -0.081353), (-0.127961, -1.953715)],
        "maximum": [(-0.270845, -0.923039)],
    }
    found = critical(Himmelblau())
    assert len(found.points) == 9
    for kind, points in wanted.items():
        places = np.array([one.point for one in found.points if one.kind == kind])
        for point in points:
            assert np.abs(places - point).max(axis=1).min() < 5e-6
    heights = [13.3119, 67.7192, 104.0152, 178.3372]
    assert [one.f for one in found.points if one.kind == "saddle"] == pytest.approx(heights, abs=5e-5)


@pytest.mark.parametrize(
    ("at", "f", "gradient"),
    [((-4, 0), 146, (-102, 10)), ((1, 0), 136, (-52, -20)), ((4, 0), 34, (74, 10)), ((0, 0), 170, (-14, -22))],
)
def test_values_and_gradients_of_himmelblau(at, f, gradient):
    reading = point_reading(FunctionSpec(objective=Himmelblau(), at=at))
    assert reading.f == f
    assert [row.autograd for row in reading.rows] == pytest.approx(gradient)
    assert [row.formula for row in reading.rows] == pytest.approx(gradient)


def test_newton_looks_for_no_minimum():
    way, arrived, reason = newton(Himmelblau(), (4.0, 0.0))
    assert arrived
    assert reason == ""
    assert len(way) == 5
    assert way[-1] == pytest.approx((3.385154, 0.073852), abs=1e-6)
    assert step_reading(FunctionSpec(objective=Himmelblau(), at=(-4.0, 0.0))).kind == "saddle"


def test_newton_that_creeps_arrives_nowhere_certain():
    assert step_reading(typed("x^4 - 3*x^3", -1.0)).kind == "degenerate"
    assert str(step_reading(NEURON).reason) == "the Hessian is singular"
    assert step_reading(typed("x^2", 0.0)).arrived
    assert not step_reading(typed("exp(-x^2)", 3.0)).arrived


# Directions.


def test_the_gradient_is_the_steepest_direction():
    look = FunctionLook()
    along = directions(HIMMELBLAU, look)
    assert along.slope == pytest.approx(along.norm) == pytest.approx(math.hypot(74, 10))
    assert along.slopes.max() <= along.norm
    assert along.angle == along.steepest
    level = directions(HIMMELBLAU.replace(direction=along.steepest + 90), look)
    assert level.slope == pytest.approx(0, abs=1e-9)
    for angle in (-150.0, 0.0, 33.0, 90.0):
        one = directions(HIMMELBLAU.replace(direction=angle), look)
        assert one.difference == pytest.approx(one.slope, abs=1e-6)
        turned = math.radians(angle)
        assert one.slope == pytest.approx(74 * math.cos(turned) + 10 * math.sin(turned))


def test_a_flat_point_has_no_steepest_direction():
    one = directions(FunctionSpec(objective=Himmelblau(), at=(3.0, 2.0)), FunctionLook())
    assert math.isnan(one.steepest)
    assert one.angle == one.norm == one.slope == 0


def test_directions_lie_in_the_plane_that_is_drawn():
    spec = FunctionSpec(objective=StyblinskiTang(dimension=4), at=(1.0, 2.0, 3.0, 4.0))
    gradient = point_reading(spec).gradient
    one = directions(spec, FunctionLook(axes=(3, 1)))
    assert one.norm == pytest.approx(math.hypot(gradient[3], gradient[1]))
    assert one.difference == pytest.approx(one.slope, rel=1e-6)


# The chain rule.


def test_the_chain_rule_of_the_squared_neuron():
    reading = chain_reading(NEURON)
    assert [(one.text, one.value, one.slope) for one in reading.pieces] == [
        ("w*x", 6, 14),
        ("u1 + b", 7, 14),
        ("u2^2", 49, 1),
    ]
    w, b = reading.products
    assert w.numbers == r"= 14 \cdot 1 \cdot 3 = 42"
    assert b.numbers == r"= 14 \cdot 1 = 14"
    assert w.symbols.count(r"\frac") == 4
    assert (w.value, b.value) == (42, 14)


MADE = ["sin(x)*exp(-x*y)", "x*x*x + x*y", "(x+y)^2/(1+(x+y)^2)", "max(x, y)^3", "sqrt(x^2 + y^2 + u1)", "-x", "x - -y"]


@pytest.mark.parametrize("text", MADE)
def test_the_chain_rule_makes_the_gradient(text):
    spec = typed(text)
    reading = chain_reading(spec)
    rows = point_reading(spec).rows
    for product, row in zip(reading.products, rows, strict=True):
        assert product.value == pytest.approx(row.autograd, rel=1e-12)
    assert not {one.name for one in reading.pieces} & set(spec.objective.variables)


def test_a_piece_that_occurs_twice_is_one():
    reading = chain_reading(typed("sin(x + y)*cos(x + y)"))
    assert [one.text for one in reading.pieces] == ["x + y", "sin(u1)", "cos(u1)", "u2*u3"]
    assert reading.products[0].symbols.count("+") == 1, "two ways"


def test_where_there_is_no_chain_the_reason_is_said():
    assert str(chain_reading(typed("x")).reason) == "there is nothing to take apart in x"
    large = FunctionSpec(objective=Objective.parse({"kind": "rastrigin", "dimension": 40}))
    assert "more than 60 operations" in str(chain_reading(large).reason)


def test_code_that_is_no_formula_has_no_chain_and_no_symbols():
    class Forked(Objective):
        """It looks at its numbers. :math:`f(x) = x` (nobody 2000)."""

        kind: Literal["forked-in-the-test"] = "forked-in-the-test"
        DOMAIN = ((-1.0, 1.0),)
        START = (0.5,)

        def __call__(self, x: torch.Tensor) -> torch.Tensor:
            return torch.where(x > 0, x, -x * x)

    try:
        spec = FunctionSpec(objective=Forked())
        assert "no formula of single operations" in str(chain_reading(spec).reason)
        (row,) = point_reading(spec).rows
        assert (row.autograd, row.difference) == pytest.approx((1, 1))
        assert math.isnan(row.formula)
    finally:
        del Objective.family["forked-in-the-test"]


# Formulas of published functions.


@pytest.mark.parametrize("objective", cases(), ids=name)
def test_a_formula_read_off_the_code_is_the_function(objective):
    tree = tree_of(objective)
    parameters = dict(getattr(objective, "parameters", {}))
    for point in inside(objective, 5):
        wanted = float(objective(*(torch.tensor(c) for c in point)))
        found = tree.value(parameters | dict(zip(objective.variables, point.tolist(), strict=True)))
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("objective", cases(), ids=name)
def test_every_published_function_has_its_derivatives_by_three_ways(objective):
    for point in inside(objective, 4, seed=5):
        reading = point_reading(FunctionSpec(objective=objective, at=tuple(point.tolist())))
        assert reading.reason == ""
        scale = max(1.0, abs(reading.f))
        for row, bend in zip(reading.rows, np.diag(reading.hessian), strict=True):
            assert row.formula == pytest.approx(row.autograd, rel=1e-8, abs=1e-9 * scale)
            near = 1e-4 * abs(row.autograd) + 1e-4 * abs(bend) + 1e-8 * scale
            assert abs(row.difference - row.autograd) <= near, row


def test_formulas_are_read_off_stacked_sliced_and_called_tensors():
    def written(f, *names):
        tree = trace(f, names)
        return None if tree is None else to_text(tree.root)

    assert written(lambda *x: torch.stack(x)[1:].sum(0), "a", "b", "c") == "b + c"
    assert written(lambda x: torch.exp(-x.square()), "x") == "exp(-x^2)"
    assert written(lambda *x: (torch.tensor([2.0, 3.0]) * torch.stack(x)).prod(0), "x", "y") == "2*x*(3*y)"
    assert written(lambda x: x * x.sign() + 0.0, "x") == "abs(x)"
    assert written(lambda x: torch.maximum(x, torch.tensor(1.0)), "x") == "max(x, 1)"
    assert written(lambda x: np.float64(2.0) * abs(x) - 1 / x**3, "x") == "2*abs(x) - 1/x^3"
    assert written(lambda x: x if x > 0 else -x, "x") is None
    assert written(lambda x: x % 2, "x") is None
    assert written(lambda x: x.max(0), "x") is None
    assert written(lambda x: x.cumsum(0), "x") is None
    assert written(lambda *x: torch.stack(x), "x", "y") is None


def test_a_derivative_is_written_in_its_shortest_form():
    def slope(text):
        return to_text(symbolic_gradient(text, ("x",))[0].tree.root)

    assert slope("x^3*(x - 3)") == "x^2*(-9 + 4*x)"
    assert slope("(x^2 - 1)/(x - 1)").count("/") == 2, "nothing that cancels a pole"
    assert slope("sin(6.283185307179586*x)") == "2*pi*cos(2*pi*x)"
    assert slope("(w*x + b)^2") == "2*w*(b + w*x)"


KINKS = [
    ("abs(x)", {"x": 0.0}, "at"),
    ("abs(x)", {"x": 1e-7}, "near"),
    ("abs(x)", {"x": 1e-3}, ""),
    ("relu(2x - 2)", {"x": 1.0}, "at"),
    ("max(x, y)", {"x": 2.0, "y": 2.0}, "at"),
    ("min(5, x, y)", {"x": 5.0, "y": 6.0}, "at"),
    ("floor(x)", {"x": 3.0}, "at"),
    ("round(x)", {"x": 2.5}, "at"),
    ("round(x)", {"x": 3.0}, ""),
    ("abs(y) + x^2", {"x": 1.0, "y": 0.0}, ""),
    ("sqrt(x^2)", {"x": 0.0}, "at"),
    ("abs(3) * x", {"x": 0.0}, ""),
]


@pytest.mark.parametrize(("text", "values", "where"), KINKS, ids=range(len(KINKS)))
def test_a_formula_knows_its_kinks(text, values, where):
    assert kinked(parse(text, values), values, "x", 6e-6) == where


def test_a_kink_is_excluded_from_the_disagreement_and_an_error_is_not():
    (row,) = point_reading(typed("relu(x)", 0.0)).rows
    assert (row.autograd, row.difference, row.kink) == (0.0, 0.5, "at")
    assert math.isnan(row.error)
    assert str(row.note) == "a kink at x = 0: autograd takes 0"
    (row,) = point_reading(typed("relu(x)", 1e-6)).rows
    assert (row.error, row.kink) == (0.0, "near")
    (tip, _) = point_reading(FunctionSpec(objective=Objective.parse("ackley"), at=(0.0, 0.0))).rows
    assert (tip.autograd, tip.kink) == (0.0, "at")
    (row,) = point_reading(typed("sin(x)", 1.0).replace(h=1e-13)).rows
    assert row.error > 1e-5, "a step that is too small still shows"
    assert row.kink == ""


# Autograd.


def acts(spec: FunctionSpec) -> dict[str, object]:
    return {act.code: act for act in autograd_reading(spec).acts}


def test_grad_returns_and_backward_fills():
    found = acts(preset("grad-or-backward"))
    returned = found["torch.autograd.grad(y, (w,))"]
    assert (returned.gives, returned.grad) == ("(2)", (None,))
    assert found["torch.autograd.grad(y, (w,))  # again"].raises == "RuntimeError"
    assert "second time" in found["torch.autograd.grad(y, (w,))  # again"].gives
    filled = found["f(w).backward()"]
    assert (filled.gives, filled.grad) == ("None", (2.0,))
    assert "floating point" in found["torch.full([1], 2).requires_grad_()"].gives


def test_gradients_add_up_to_4_8_12():
    found = acts(FunctionSpec(objective=Parabola(), at=(2.0,)))
    codes = ["f(x).backward()", "f(x).backward()  # 2nd", "f(x).backward()  # 3rd", "zero_grad(); f(x).backward()"]
    assert [found[code].grad for code in codes] == [(4,), (8,), (12,), (4,)]
    vector = [act for act in found.values() if act.code.endswith("y.sum().backward()")]
    assert vector[0].gives == "[2.8, 4, 5.2]"
    scalar = [act for act in found.values() if act.code.endswith("\ny.backward()") and "tensor" in act.code]
    assert "scalar outputs" in scalar[0].gives


def test_a_graph_that_saves_nothing_serves_again():
    again = acts(typed("x + y"))["torch.autograd.grad(y, (x, y))  # again"]
    assert again.raises == ""
    assert "serves again" in str(again.why)


def test_detach_cuts_a_variable_off():
    found = acts(NEURON)
    assert found["f(w.detach(), b).backward()"].grad == (None, 14.0)


def test_the_derivatives_of_a_cube():
    rows = autograd_reading(typed("x^3", 2.0)).higher
    assert [row.autograd for row in rows] == [12, 12, 6, 0, 0]
    assert [row.formula for row in rows] == [12, 12, 6, 0, 0]
    assert [row.latex for row in rows][:3] == ["3 x^{2}", "6 x", "6"]


# Hostile functions.

HOSTILE = [
    "5",
    "log(-1) + 0*x",
    "1/x",
    "exp(exp(exp(x)))",
    "tan(x)",
    "5e-324*x",
    "1e300*x",
    "1/0 + x",
    "(-8)^(1/3) + x",
    "abs(x)",
    "floor(x)",
    "sqrt(x)",
    "x^x",
    "9^9^9^9 + x",
    "max(x, y) + min(x, 0)",
    "relu(x)^0.5",
    "x^(2^x^1200)",
    "+".join(f"sin({i}*x)" for i in range(40)),
    "x*y*z*w",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("at", [0.0, -1.5])
def test_every_page_of_a_hostile_function_comes(text, at):
    objective = Expression(text=text)
    spec = FunctionSpec(objective=objective, at=(at,) * objective.dimension)
    for page in PAGES:
        readings = list(inspect(spec, None, FunctionLook(page=page), None))
        assert isinstance(readings[0], PointReading)
    assert outcomes(spec, None)["f"] is not None


@pytest.mark.parametrize("text", ["5", "y + 0*x"])
def test_what_does_not_depend_on_a_variable_has_slope_0(text):
    spec = FunctionSpec(objective=Expression(text=text, variables=("x", "y")))
    assert point_reading(spec).rows[0].autograd == 0
    assert point_reading(spec).rows[0].error == 0


def test_a_gradient_without_a_value_is_said_to_have_none():
    row = point_reading(typed("log(x)", -1.0)).rows[0]
    assert math.isnan(point_reading(typed("log(x)", -1.0)).f)
    assert "no finite value" in str(point_reading(typed("sqrt(x)", 0.0)).rows[0].note)
    assert row.name == "∂f/∂x"


@pytest.mark.parametrize("page", PAGES)
def test_what_an_edit_needs_comes_before_the_hand_must_rest(page):
    """Fine pictures, symbols of a new function and critical points may take long: they wait, and can be left."""
    spec = FunctionSpec(objective=Expression(text=f"(x^2+y-11)^2 + (x+y^2-7)^2 + {PAGES.index(page)}.25*x"))
    found = list(inspect(spec, None, FunctionLook(page=page), None))
    rest = next(place for place, one in enumerate(found) if isinstance(one, Rest) and one.seconds > 0)
    kinds = [type(one) for one in found[:rest]]
    own = {"chain": ChainReading, "autograd": AutogradReading, "difference": StepErrors}
    assert {PointReading, own.get(page, PointReading)} <= set(kinds)
    assert (StepReading in kinds) == (StepReading in map(type, found)) == (page == "map"), "where steps are shown"
    assert sum(kind is CurveReading for kind in kinds) == (2 if page == "slices" else 0)
    maps = [one.grid.x.size for one in found if isinstance(one, Landscape)]
    assert maps == ([41, 201] if page in {"map", "directions"} else [])
    assert kinds.count(Landscape) == len(maps) // 2
    assert CriticalReading not in kinds
    assert any(isinstance(one, Rest) and one.symbols for one in found[rest:])
    search = found[rest:]
    assert search[-1].count("minimum") >= 1
    assert sum(isinstance(one, Rest) for one in search) > 10, "the search can be left after each round"


def test_derivations_wait_for_no_symbols():
    """A function that is new gives its numbers before sympy has thought."""
    spec = typed("sin(x*1.2345)*x", 0.3)
    first, *_ = list(inspect(spec, None, FunctionLook(), None))
    assert math.isnan(first.rows[0].formula)
    again, *_ = list(inspect(spec.replace(at=(0.4,)), None, FunctionLook(), None))
    assert again.rows[0].formula == pytest.approx(again.rows[0].autograd)


def test_many_coordinates_are_looked_at_one_slice_at_a_time():
    spec = FunctionSpec(objective=Rosenbrock(dimension=25))
    for page in PAGES:
        assert list(inspect(spec, None, FunctionLook(page=page, axes=(7, 3)), None))
    assert not critical(spec.objective).searched
    assert isinstance(chain_reading(spec), ChainReading)


# The spec.


def test_another_function_is_looked_at_where_it_starts():
    spec = HIMMELBLAU.replace(direction=30.0)
    edited = spec.edited(objective=Parabola())
    assert (edited.at, edited.axis, edited.direction) == (None, 0, None)
    assert edited.point == Parabola().start


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"at": (1.0,)}, "takes 2 coordinates, not 1"),
        ({"axis": 2}, "has the coordinates 0 to 1, not 2"),
        ({"h": 0.0}, "h"),
        ({"h": math.nan}, "h"),
        ({"lr": -1.0}, "lr"),
        ({"direction": 1e9}, "direction"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    from gradlab.engine.errors import UserError

    with pytest.raises(UserError, match=message):
        HIMMELBLAU.replace(**changes)
