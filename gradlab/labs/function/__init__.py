"""Function: one gradient at one point, by autograd, by symbol and by differences, and what it says."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.function"
LAB = Lab(
    id="function",
    title="Function",
    summary="One gradient at one point, by three ways: curve or map, directions, chain rule, curvature, autograd.",
    spec_path=f"{HERE}.spec:FunctionSpec",
    look_path=f"{HERE}.look:FunctionLook",
    inspect=f"{HERE}.inspect:inspect",
    outcomes=f"{HERE}.outcomes:outcomes",
    view=f"{HERE}.view:FunctionView",
    on_change="instant",
    icon="function",
    order=20,
)
