"""What an edit of a training's spec brings along: a loss and a network that fit the data, and new layers."""

from __future__ import annotations

import pytest

from gradlab.engine.datasets import Adding, Digits, Sine, Spirals
from gradlab.engine.losses import CrossEntropyLoss, L1Loss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.labs.training.spec import Beside, TrainingSpec


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
