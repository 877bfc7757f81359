"""Every loss of the family trains a network on some data, or says why it cannot."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from trainings import LAB, column, trained

from gradlab.engine.datasets import Copy, Dataset, Gaussians, Moons, Sine
from gradlab.engine.errors import UserError
from gradlab.engine.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    GaussianNLLLoss,
    KLDivLoss,
    Loss,
    MultiLabelMarginLoss,
    MultiMarginLoss,
    NLLLoss,
)
from gradlab.engine.networks import LayerBlock, Mlp, Network, Recurrent
from gradlab.engine.optimizers import Adam
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.model import Model
from gradlab.labs.training.readings import Fit, Nothing, SampleGradients
from gradlab.labs.training.spec import TrainingSpec

NET = Mlp(blocks=(LayerBlock(id="hidden", width=8),))
NONE = {
    "hinge_embedding", "margin_ranking", "cosine_embedding", "triplet_margin", "triplet_margin_with_distance", "ctc",
}  # fmt: skip
"""Those that do not compare one answer with one target."""
KINDS = [kind.model_fields["kind"].default for kind in Loss.items()]
DATA: tuple[Dataset, ...] = (Gaussians(count=40), Moons(count=40), Sine(count=40))


def loss_of(kind: str) -> Loss:
    return Loss.parse({"kind": kind, "reduction": "batchmean"} if kind == "kl_div" else kind)


def spec_of(data: Dataset, loss: Loss, steps: int = 30) -> TrainingSpec:
    return TrainingSpec(data=data, loss=loss, network=NET, steps=steps, held_out=0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_trains_where_it_can_be_chosen_and_else_says_why(kind: str) -> None:
    blank = TrainingSpec()
    loss, trains = loss_of(kind), 0
    for data in DATA:
        why = blank.edited(data=data).refusal("loss", type(loss))
        if why:
            assert why.startswith(loss.name())
            with pytest.raises(ValidationError) as caught:
                spec_of(data, loss)
            assert why in str(caught.value)
            continue
        found = column(trained(spec_of(data, loss)), "a.loss")
        assert np.isfinite(found).all()
        assert found[-1] < found[0]
        pictures = list(LAB.load("inspect")(spec_of(data, loss), None, TrainingLook(picture="samples"), None))
        assert any(isinstance(picture, SampleGradients) for picture in pictures)
        trains += 1
    assert (trains == 0) == (kind in NONE)


@pytest.mark.parametrize(
    ("bridged", "known"),
    [
        (NLLLoss(), CrossEntropyLoss()),
        (KLDivLoss(reduction="batchmean"), CrossEntropyLoss()),
        (BCELoss(), BCEWithLogitsLoss()),
        (MultiLabelMarginLoss(), MultiMarginLoss()),
    ],
    ids=lambda loss: loss.kind,
)
@pytest.mark.parametrize("data", DATA[:2], ids=lambda data: data.kind)
def test_a_loss_behind_its_last_step_is_the_one_that_takes_logits(bridged: Loss, known: Loss, data: Dataset) -> None:
    runs = [trained(spec_of(data, loss)) for loss in (bridged, known)]
    for name in ("a.loss", "a.grad_norm", "a.accuracy"):
        one, other = (column(history, name) for history in runs)
        np.testing.assert_allclose(one, other, rtol=2e-4)


SEVERAL = TrainingSpec(
    data=Copy(count=40, length=2, delay=2, symbols=3), network=Recurrent(hidden=8), steps=8, held_out=0.25
)


@pytest.mark.parametrize(
    "kind", ["cross_entropy", "nll", "bce_with_logits", "multi_margin", "multilabel_margin", "mse"]
)
@pytest.mark.parametrize("network", [SEVERAL.network, NET], ids=["step by step", "at once"])
def test_several_answers_to_a_sample_count_as_one_each(kind: str, network: Network) -> None:
    spec = SEVERAL.replace(loss=Loss.parse(kind), network=network)
    history, model = trained(spec), Model(spec)
    with torch.no_grad():
        said = model.network(model.x).reshape(40, 2, 3).flatten(0, 1)
    y = torch.from_numpy(model.data.y).flatten()
    hot = torch.nn.functional.one_hot(y, 3).float()
    taken = np.repeat(np.isin(np.arange(40), model.train), 2)
    known = {"nll": "cross_entropy", "multilabel_margin": "multi_margin"}.get(kind, kind)
    target = y if known in {"cross_entropy", "multi_margin"} else hot
    wanted = Loss.parse(known).build()(said[taken], target[taken])
    assert column(history, "a.loss")[0] == pytest.approx(float(wanted), rel=1e-5)
    right = (said.argmax(1) == y).numpy()
    assert column(history, "a.accuracy")[0] == pytest.approx(right[taken].mean())
    assert column(history, "a.test_accuracy")[0] == pytest.approx(right[~taken].mean())
    for picture in ("samples", "time", "backprop", "map"):
        assert list(LAB.load("inspect")(spec, None, TrainingLook(picture=picture), None))


def test_a_recurrent_network_learns_to_copy() -> None:
    history = trained(SEVERAL.replace(data=SEVERAL.data.replace(count=200), optimizer=Adam(lr=0.03), steps=150))
    accuracy = column(history, "a.test_accuracy")
    assert accuracy[0] < 0.6
    assert accuracy[150] > 0.95


def test_a_network_under_a_normal_distribution_gives_means_and_variances() -> None:
    spec = spec_of(DATA[2], GaussianNLLLoss(full=True))
    history = trained(spec)
    model = Model(spec)
    with torch.no_grad():
        mean, logs = model.network(model.x).double().numpy().T
    likelihood = 0.5 * (np.log(2 * np.pi) + logs + (model.y.double().numpy()[:, 0] - mean) ** 2 / np.exp(logs))
    assert column(history, "a.loss")[0] == pytest.approx(likelihood.mean(), rel=1e-5)
    fit = [one for one in LAB.load("inspect")(spec, None, TrainingLook(), None) if isinstance(one, Fit)][-1]
    assert fit.banded
    middle, low, high = fit.y.T
    answers = model.answers(fit.x.reshape(-1, 1))
    np.testing.assert_allclose(middle, answers[:, 0])
    np.testing.assert_allclose(high - low, 2 * np.sqrt(np.exp(answers[:, 1])), rtol=1e-5)


@pytest.mark.parametrize(("kind", "said"), [("bce", "sigmoid"), ("nll", "log-softmax"), ("cross_entropy", "")])
def test_what_is_done_to_the_answers_is_said_under_the_loss(kind: str, said: str) -> None:
    notes = next(iter(LAB.load("inspect")(spec_of(DATA[0], loss_of(kind)), None, TrainingLook(), None)))
    told = str(notes.texts.get("loss", ""))
    assert told == (f"the network's answers go through a {said} first" if said else "")


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (CrossEntropyLoss(weight=()), "loss: weight: has 0 entries, and the network gives 3 for an answer"),
        (BCELoss(weight=(1.0, 2.0)), "loss: weight: has 2 entries, and the network gives 3 for an answer"),
        (
            BCEWithLogitsLoss(pos_weight=(2.0,)),
            "loss: pos_weight: has 1 entries, and the network gives 3 for an answer",
        ),
    ],
    ids=lambda loss: getattr(loss, "kind", ""),
)
def test_weights_of_a_loss_that_do_not_fit_are_told_in_one_line(loss: Loss, said: str) -> None:
    spec = spec_of(DATA[0], loss)
    with pytest.raises(UserError) as caught:
        trained(spec)
    assert str(caught.value) == said
    note, nothing = LAB.load("inspect")(spec, None, TrainingLook(), None)
    assert isinstance(nothing, Nothing)
    assert {path: str(text) for path, text in note.texts.items()} == {"loss": said}
