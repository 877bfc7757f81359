"""Activation: functions of one number and their slopes, through depth, as softmax, and derived line by line."""

from gradlab.engine.lab import Lab

HERE = "gradlab.labs.activation"
LAB = Lab(
    id="activation",
    title="Activation",
    summary="Activations and their slopes: side by side, through depth, as softmax, derived line by line.",
    spec_path=f"{HERE}.spec:ActivationSpec",
    look_path=f"{HERE}.look:ActivationLook",
    inspect=f"{HERE}.inspect:inspect",
    outcomes=f"{HERE}.outcomes:outcomes",
    view=f"{HERE}.view:ActivationView",
    on_change="instant",
    icon="activation",
    order=30,
)
