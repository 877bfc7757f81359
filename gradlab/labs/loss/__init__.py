"""Loss: what a prediction costs and how hard it is pulled, element by element, and where losses differ."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.loss"
LAB = Lab(
    id="loss",
    title="Loss",
    summary="What a wrong prediction costs, and the gradient that it gets, element by element.",
    spec_path=f"{HERE}.spec:LossSpec",
    look_path=f"{HERE}.look:LossLook",
    inspect=f"{HERE}.inspect:inspect",
    outcomes=f"{HERE}.outcomes:outcomes",
    view=f"{HERE}.view:LossView",
    on_change="instant",
    icon="loss",
    order=40,
)
