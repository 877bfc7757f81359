"""Function: one gradient at one point, from autograd and from differences, with the curve it belongs to."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.function"
LAB = Lab(
    id="function",
    title="Function",
    summary="One gradient at one point: curve, tangent, and the same number by two ways.",
    spec_path=f"{HERE}.spec:FunctionSpec",
    look_path=f"{HERE}.look:FunctionLook",
    inspect=f"{HERE}.inspect:inspect",
    outcomes=f"{HERE}.outcomes:outcomes",
    view=f"{HERE}.view:FunctionView",
    on_change="instant",
    icon="function",
    order=20,
)
