"""Training: a network on the bench, and the gradient of every layer, live."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.training"
LAB = Lab(
    id="training",
    title="Training",
    summary="A network trains, and the gradient of every layer is seen at every step.",
    spec_path=f"{HERE}.spec:TrainingSpec",
    look_path=f"{HERE}.look:TrainingLook",
    run=f"{HERE}.runner:run",
    inspect=f"{HERE}.inspect:inspect",
    columns=f"{HERE}.measurement:columns",
    outcomes=f"{HERE}.outcomes:outcomes",
    script=f"{HERE}.script:script",
    checkpoint=f"{HERE}.checkpoint:packed",
    start_from=f"{HERE}.checkpoint:start_from",
    view=f"{HERE}.view:TrainingView",
    on_change="stale",
    icon="training",
    order=50,
)
