"""Optimizers that use curvature or search along a line: L-BFGS, Newton's method, backtracking descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradlab.engine.model import Advanced, Int, Real, Scale, Tunable

from .base import Optimizer
from .fields import Count, Forloop, LearningRate
from .steppers import BacktrackingStepper, NewtonStepper, optimizer_class

if TYPE_CHECKING:
    import torch


class LBFGS(Optimizer):
    r"""Quasi-Newton: up to max_iter inner iterations per step, with the inverse Hessian guessed from past steps.

    :math:`x_{t+1}=x_{t}-\eta\,B_{t}\,g_{t}` where B is built from the last history_size pairs of steps and gradient
    changes (Liu and Nocedal 1989). Without a line search the first inner step has the length η·min(1, 1/‖g‖₁).
    """

    kind: Literal["lbfgs"] = "lbfgs"
    title: ClassVar[str] = "L-BFGS"
    in_one_piece = True
    state_names = ("d", "prev_flat_grad")

    lr: LearningRate = 1.0
    max_iter: Annotated[Count, Tunable(), Field(description="inner iterations of one step")] = 20
    max_eval: Annotated[
        Count | None,
        Tunable(),
        Field(description="evaluations of one step", json_schema_extra={"none": "max_iter · 5/4"}),
    ] = None
    tolerance_grad: Annotated[
        Real,
        Tunable(),
        Advanced(),
        Scale(step=1, log=True),
        Field(ge=0, le=1e6, description="gradient that ends a step"),
    ] = 1e-7
    tolerance_change: Annotated[
        Real,
        Tunable(),
        Advanced(),
        Scale(step=1, log=True),
        Field(ge=0, le=1e6, description="progress that ends a step"),
    ] = 1e-9
    history_size: Annotated[Int, Advanced(), Field(ge=1, le=10**4, description="pairs remembered")] = 100
    line_search_fn: Annotated[
        Literal["strong_wolfe"] | None,
        Tunable(),
        Field(description="how the length of a step is searched for", json_schema_extra={"none": "fixed length"}),
    ] = None
    implementation: Forloop = None

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the torch class, with torch's own rule for ``max_eval``."""
        limit = self.max_iter * 5 // 4 if self.max_eval is None else self.max_eval
        return super().arguments() | {"max_eval": limit}


class Newton(Optimizer):
    r"""Steps to the stationary point of the quadratic that fits f here, be it a minimum, a maximum or a saddle.

    :math:`x_{t+1}=x_{t}-\eta\,H_{t}^{-1}g_{t}` (Nocedal and Wright 2006, section 3.3). H is the whole Hessian over
    all parameters; where it is singular, the shortest least-squares solution takes the place of the inverse.
    """

    kind: Literal["newton"] = "newton"
    needs_loss = True

    lr: Annotated[LearningRate, Field(description="share of the Newton step that is taken")] = 1.0
    implementation: Forloop = None

    def torch_class(self) -> type[torch.optim.Optimizer]:
        """Return gradlab's own torch optimizer."""
        return optimizer_class(NewtonStepper)


class DampedNewton(Optimizer):
    r"""Newton's method with a multiple of the identity added to the Hessian, between Newton and gradient descent.

    :math:`x_{t+1}=x_{t}-\eta\,(H_{t}+\lambda I)^{-1}g_{t}` (Levenberg 1944, Marquardt 1963). The step goes downhill
    wherever the damping λ is larger than the steepest downward curvature.
    """

    kind: Literal["damped_newton"] = "damped_newton"
    title: ClassVar[str] = "Damped Newton"
    needs_loss = True

    lr: Annotated[LearningRate, Field(description="share of the damped step that is taken")] = 1.0
    damping: Annotated[
        Real, Tunable(), Scale(log=True), Field(ge=0, le=1e12, description="λ, added to the Hessian's diagonal")
    ] = 1.0
    implementation: Forloop = None

    def torch_class(self) -> type[torch.optim.Optimizer]:
        """Return gradlab's own torch optimizer."""
        return optimizer_class(NewtonStepper)


class Backtracking(Optimizer):
    r"""Gradient descent that shortens each step until it lowers f enough.

    :math:`x_{t+1}=x_{t}-s\,g_{t},\quad s=\max\{\eta\,\tau^k:\; f(x_{t}-s\,g_{t})\le f(x_{t})-c\,s\,\|g_{t}\|^2\}`
    (Armijo 1966). When no length within max_eval trials does, the point stays where it is.
    """

    kind: Literal["backtracking"] = "backtracking"
    title: ClassVar[str] = "Backtracking descent"
    needs_loss = True

    lr: Annotated[LearningRate, Field(description="length that is tried first")] = 1.0
    shrink: Annotated[
        Real, Tunable(), Scale(step=0.05), Field(gt=0, lt=1, description="τ, factor between one trial and the next")
    ] = 0.5
    decrease: Annotated[
        Real,
        Tunable(),
        Advanced(),
        Scale(log=True),
        Field(gt=0, lt=1, description="c, share of the linear decrease asked for"),
    ] = 1e-4
    max_eval: Annotated[Count, Tunable(), Advanced(), Field(description="trials of one step")] = 60
    implementation: Forloop = None

    def torch_class(self) -> type[torch.optim.Optimizer]:
        """Return gradlab's own torch optimizer."""
        return optimizer_class(BacktrackingStepper)
