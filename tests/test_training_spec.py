"""What an edit of a training's spec brings along: a loss and a network that fit the data, and new layers."""

from __future__ import annotations

from typing import Any

import pytest
from trainings import LAB, trained

from gradlab.engine.datasets import Adding, Digits, Sine, Spirals
from gradlab.engine.errors import UserError
from gradlab.engine.initializers import DefaultInit, DiracInit, EyeInit, Sparse
from gradlab.engine.losses import CrossEntropyLoss, L1Loss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.engine.optimizers import Muon
from gradlab.engine.schedules import Constant
from gradlab.labs.training.inspect import notes
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec
from gradlab.labs.training.start import Start


def narrow(**facts: Any) -> Mlp:
    return Mlp(blocks=(LayerBlock(id="hidden", width=3, **facts),))


def test_other_data_bring_a_network_and_a_loss_that_fit() -> None:
    spec = TrainingSpec(data=Digits(), network=Cnn(), beside=Beside(name="deeper", network=Cnn(hidden=9)))
    points = spec.edited(data=Sine())
    assert isinstance(points.network, Mlp)
    assert isinstance(points.loss, MSELoss)
    assert points.beside == Beside(name="deeper")
    assert spec.edited(data=Digits(count=100)).network == Cnn()
    assert spec.edited(network=Mlp()).beside == spec.beside
    sequences = TrainingSpec(data=Adding(), network=Recurrent(), loss=MSELoss()).edited(data=Spirals())
    assert isinstance(sequences.network, Mlp)


def test_the_usual_loss_follows_the_data_and_a_chosen_one_stays() -> None:
    there = TrainingSpec(data=Spirals()).edited(data=Sine())
    assert there.loss == MSELoss()
    assert there.edited(data=Spirals()).loss == CrossEntropyLoss()
    assert there.edited(data=Adding()).loss == MSELoss()
    chosen = TrainingSpec(data=Sine(), loss=L1Loss())
    assert chosen.edited(data=Spirals()).loss == L1Loss(), "which takes classes, too"
    squares = TrainingSpec(data=Spirals(), loss=MSELoss())
    assert squares.edited(data=Digits()).loss == squares.edited(data=Sine()).loss == MSELoss()


def test_a_network_that_cannot_take_the_data_is_not_offered() -> None:
    spec = TrainingSpec(data=Digits())
    assert spec.refusal("network", Recurrent) == "Recurrent network is for sequences, and the data are images"
    assert spec.refusal("beside.network", Cnn) == spec.refusal("network", Mlp) == ""


def test_new_layers_are_like_the_last_ones() -> None:
    deep = Mlp(blocks=(LayerBlock(id="hidden", width=7, count=3),))
    spec = TrainingSpec(network=deep, beside=Beside(network=Mlp(blocks=())))
    assert spec.new_part("network.blocks") == LayerBlock(id="hidden-2", width=7)
    assert spec.new_part("beside.network.blocks") == LayerBlock(id="hidden")
    for path in ("network.nothing", "data.blocks", "nowhere.blocks", "blocks"):
        with pytest.raises(KeyError):
            spec.new_part(path)


def test_an_initializer_that_cannot_fill_the_weights_is_not_offered() -> None:
    spec = TrainingSpec(beside=Beside(network=Mlp()))
    said = "Dirac needs a weight of at least 3 dimensions, and there are some of 2"
    output = "network.output_initializer"
    for path in ("network.blocks.hidden.initializer", output, f"beside.{output}"):
        assert spec.refusal(path, DiracInit) == said
        assert spec.refusal(path, Sparse) == ""
    pictures = TrainingSpec(data=Digits(), network=Cnn())
    assert pictures.refusal("network.initializer", DiracInit) == said
    assert pictures.refusal("network.initializer", EyeInit).endswith("2 dimensions, and there are some of 4")
    apart = pictures.replace(network=Cnn(initializer=DiracInit(), hidden_initializer=DefaultInit()))
    assert apart.refusal("network.initializer", DiracInit) == ""
    assert apart.refusal("network.hidden_initializer", Sparse) == ""
    module = apart.network.build((1, 8, 8), 10)
    kernel = module.get_parameter("conv_1.conv.weight").detach()
    assert kernel[0, 0, 2, 2] == kernel.sum() == 1, "one channel passes as it is"


SEQUENCES = TrainingSpec(data=Adding(count=20, length=4), network=Recurrent(), loss=MSELoss())
NOTHING: dict[str, tuple[TrainingSpec, dict[str, Any], str]] = {
    "network.nonlinearity": (SEQUENCES, {"network": Recurrent(nonlinearity="relu")}, "LSTM has activations of its own"),
    "network.forget_bias": (SEQUENCES, {"network": Recurrent(cell="gru", forget_bias=1.0)}, "GRU has no such gate"),
    "network.dropout": (SEQUENCES, {"network": Recurrent(dropout=0.5)}, "there is one cell"),
    "network.blocks.hidden.residual": (TrainingSpec(), {"network": narrow(residual=True)}, "no layer is as wide"),
    "beside.network.blocks.hidden.zero_bias": (
        TrainingSpec(), {"beside": Beside(network=narrow(bias=False, zero_bias=True))}, "there is no bias",
    ),
    "accumulate": (TrainingSpec(), {"accumulate": 2}, "each batch holds all the samples"),
    "probes.sharpness": (TrainingSpec(batch=8, accumulate=2), {"probes": Probes(sharpness=1)}, "not measured"),
    "probes.noise": (TrainingSpec(batch=1), {"probes": Probes(noise=1)}, "a batch of one sample"),
    "autocast": (TrainingSpec(dtype="float64"), {"autocast": "bfloat16"}, "it is for float32"),
    "memory_format": (TrainingSpec(), {"memory_format": "channels_last"}, "it is for pictures"),
    "schedule.unit": (TrainingSpec(), {"schedule": Constant(unit="epoch")}, "the learning rate stays"),
    "start.arm": (TrainingSpec(), {"start": Start(arm="b")}, "without a checkpoint"),
}  # fmt: skip


@pytest.mark.parametrize("path", NOTHING)
def test_a_field_that_is_set_and_changes_nothing_says_why(path: str) -> None:
    before, changes, said = NOTHING[path]
    assert path not in notes(before).texts
    assert said in str(notes(before.replace(**changes)).texts[path])


def test_an_optimizer_that_cannot_train_the_network_is_not_offered_and_says_so() -> None:
    spec = TrainingSpec(steps=2, optimizer=Muon(), beside=Beside(network=narrow(bias=False), optimizer=Muon()))
    told = notes(spec)
    assert set(told.refusals["optimizer"]) == {"muon", "sparseadam"}
    assert str(told.texts["optimizer"]).startswith("Muon cannot run here: Muon only supports 2D parameters")
    assert "dense gradients" in told.refusals["beside.optimizer"]["sparseadam"]
    with pytest.raises(UserError, match=r"^optimizer: Muon cannot run here: "):
        trained(spec.replace(beside=None))
    matrices = Mlp(blocks=(LayerBlock(id="hidden", width=3, bias=False),), output_bias=False)
    fits = spec.replace(network=matrices, beside=None)
    assert set(notes(fits).refusals["optimizer"]) == {"sparseadam"}
    trained(fits)
    opened = list(LAB.load("inspect")(spec.replace(beside=None), None, TrainingLook(picture="backprop"), None))
    assert "Muon cannot run" in str(opened[-2].texts["optimizer"])
    assert "Muon cannot run" in opened[-1].why
