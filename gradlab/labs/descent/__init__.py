"""Descent: optimizers race down a function, every step on record."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.descent"
LAB = Lab(
    id="descent",
    title="Descent",
    summary="Optimizers race down a function, step by step.",
    spec_path=f"{HERE}.spec:DescentSpec",
    look_path=f"{HERE}.look:DescentLook",
    run=f"{HERE}.runner:run",
    inspect=f"{HERE}.inspect:inspect",
    columns=f"{HERE}.measurement:columns",
    outcomes=f"{HERE}.outcomes:outcomes",
    script=f"{HERE}.script:script",
    view=f"{HERE}.view.descent_view:DescentView",
    cards=f"{HERE}.view.palette:decorations",
    icon="descent",
    order=10,
)
