"""Newton's method and backtracking descent against numpy, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from descents import Closure, himmelblau, path, point, quadratic, rosenbrock

from gradlab.engine.optimizers import Backtracking, DampedNewton, Newton, Optimizer
from gradlab.engine.optimizers.steppers import hessian, solve


def slope(x: np.ndarray) -> np.ndarray:
    a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
    return np.array([4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b])


def curvature(x: np.ndarray) -> np.ndarray:
    cross = 4 * (x[0] + x[1])
    return np.array([[12 * x[0] ** 2 + 4 * x[1] - 42, cross], [cross, 12 * x[1] ** 2 + 4 * x[0] - 26]])


@pytest.mark.parametrize("start", [(-4.0, 0.0), (4.0, 0.0), (1.0, 0.3), (0.1, -2.0)])
@pytest.mark.parametrize(
    "item", [Newton(), Newton(lr=0.5), DampedNewton(damping=30.0), DampedNewton(lr=0.7, damping=5)]
)
def test_newton_makes_the_steps_of_the_formula(item: Newton | DampedNewton, start: tuple[float, float]) -> None:
    p = point(start)
    got = path(item.build([p]), Closure(himmelblau, p), 8).numpy()
    x = np.array(start)
    for row in got:
        assert np.allclose(row, x, rtol=1e-9, atol=1e-9)
        damped = curvature(x) + getattr(item, "damping", 0.0) * np.eye(2)
        x = x - item.lr * np.linalg.solve(damped, slope(x))


def test_newton_solves_a_quadratic_in_one_step() -> None:
    p = point((3.0, -7.0))
    end = path(Newton().build([p]), Closure(quadratic, p), 1)[-1]
    assert end.abs().max() < 1e-14


@pytest.mark.parametrize(
    ("start", "end"), [((-4.0, 0.0), (-3.0730257508, -0.0813530443)), ((4.0, 0.0), (3.3851541836, 0.0738518798))]
)
def test_newton_is_drawn_to_saddles_and_enough_damping_is_not(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    p = point(start)
    path(Newton().build([p]), Closure(himmelblau, p), 20)
    assert p.tolist() == pytest.approx(end, abs=1e-9)
    assert np.linalg.eigvalsh(curvature(np.array(p.tolist())))[0] < 0
    p = point(start)
    path(DampedNewton(damping=100.0).build([p]), Closure(himmelblau, p), 300)
    assert himmelblau(p).item() < 1e-12


def test_a_singular_hessian_takes_the_shortest_solution() -> None:
    p = point((1.0, 2.0))
    path(Newton().build([p]), Closure(lambda q: (q[..., 0] + q[..., 1]) ** 2, p), 1)
    assert p.tolist() == pytest.approx([-0.5, 0.5], abs=1e-12)  # the nearest point of the valley x + y = 0
    p = point((1.0, 2.0))
    path(Newton().build([p]), Closure(lambda q: 3 * q[..., 0] + 0 * q[..., 1], p), 1)
    assert p.tolist() == [1.0, 2.0]  # no curvature at all: no step


def test_a_step_from_where_nothing_is_finite_is_nan() -> None:
    p = point((float("nan"), 1.0))
    path(Newton().build([p]), Closure(himmelblau, p), 1)
    assert p.isnan().any()


def test_newton_uses_the_gradient_that_the_closure_left() -> None:
    class Noisy(Closure):
        def __call__(self) -> torch.Tensor:
            value = super().__call__()
            self.p.grad = torch.tensor([1.0, 20.0], dtype=torch.float64)
            return value

    p = point((0.0, 0.0))
    path(Newton().build([p]), Noisy(lambda q: 0.5 * (q[..., 0] ** 2 + 20 * q[..., 1] ** 2), p), 1)
    assert p.tolist() == pytest.approx([-1.0, -1.0])


def test_newton_sees_several_parameters_as_one_point() -> None:
    class Joint:
        def loss(self) -> torch.Tensor:
            return himmelblau(torch.cat([a, b]))

        def __call__(self) -> torch.Tensor:
            a.grad = b.grad = None
            value = self.loss()
            value.backward()
            return value.detach()

    a, b, p = point((4.0,)), point((0.5,)), point((4.0, 0.5))
    opt, whole = Newton().build([a, b]), Newton().build([p])
    for _ in range(5):
        opt.step(Joint())  # type: ignore[arg-type]
        whole.step(Closure(himmelblau, p))  # type: ignore[arg-type]
        assert torch.equal(torch.cat([a, b]), p)


def test_the_hessian_is_the_one_worked_out_by_hand() -> None:
    p = point((0.7, -1.9))
    assert np.allclose(hessian(himmelblau(p), [p]).numpy(), curvature(np.array(p.tolist())), rtol=1e-12)
    unused = point((1.0,))
    assert torch.equal(hessian(p.square().sum(), [p, unused]), torch.diag(torch.tensor([2.0, 2.0, 0.0]).double()))
    assert torch.equal(hessian(torch.tensor(3.0), [p]), torch.zeros(2, 2).double())


def test_solve_is_the_inverse_where_there_is_one() -> None:
    matrix = torch.tensor([[4.0, 1.0], [1.0, -3.0]], dtype=torch.float64)
    vector = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert np.allclose(solve(matrix, vector).numpy(), np.linalg.solve(matrix.numpy(), vector.numpy()), rtol=1e-14)
    singular = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64)
    expected = np.linalg.lstsq(singular.numpy(), vector.numpy())[0]
    assert np.allclose(solve(singular, vector).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "item", [Backtracking(), Backtracking(lr=0.3, shrink=0.8, decrease=0.3), Backtracking(max_eval=3)]
)
def test_backtracking_makes_the_steps_of_armijos_rule(item: Backtracking) -> None:
    def f(x: np.ndarray) -> float:
        return float((x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2)

    p = point((-4.0, 0.0))
    closure = Closure(himmelblau, p)
    got = path(item.build([p]), closure, 30).numpy()
    x, trials = np.array([-4.0, 0.0]), 0
    for row in got[:-1]:
        assert np.allclose(row, x, rtol=1e-9)
        g = slope(x)
        lengths = [item.lr * item.shrink**k for k in range(item.max_eval)]
        fits = [f(x - s * g) <= f(x) - item.decrease * s * (g @ g) for s in lengths]
        trials += fits.index(True) + 1 if any(fits) else len(fits)
        x = x - (lengths[fits.index(True)] if any(fits) else 0.0) * g
    assert closure.calls == 30
    assert closure.trials == trials


def test_backtracking_never_goes_up() -> None:
    p = point((-1.2, 1.0))
    rows = path(Backtracking().build([p]), Closure(rosenbrock, p), 300)
    values = rosenbrock(rows)
    assert bool((values[1:] <= values[:-1]).all())
    assert values[-1] < 0.1 < values[0]


def test_backtracking_stays_where_no_length_helps() -> None:
    class Uphill(Closure):
        def __call__(self) -> torch.Tensor:
            value = super().__call__()
            assert self.p.grad is not None
            self.p.grad = -self.p.grad
            return value

    p = point((1.0, 1.0))
    opt = Backtracking(max_eval=20).build([p])
    closure = Uphill(quadratic, p)
    path(opt, closure, 1)
    assert p.tolist() == [1.0, 1.0]
    assert closure.trials == 20
    assert opt.state[p]["step_length"] == 0.0


def test_who_needs_the_loss_says_so() -> None:
    assert {kind for kind, member in Optimizer.family.items() if member().needs_loss} == {  # type: ignore[attr-defined]
        "newton",
        "damped_newton",
        "backtracking",
    }


def test_live_changes_act_on_the_next_step() -> None:
    p = point((4.0, 0.0))
    opt = DampedNewton(damping=0.0).build([p])
    DampedNewton(damping=1e12).apply(opt)
    path(opt, Closure(himmelblau, p), 1)
    assert p.tolist() == pytest.approx([4.0, 0.0], abs=1e-8)
