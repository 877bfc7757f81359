"""Every data set: its shape, its seed, its classes, and that it leaves the global generators alone."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
import values

from gradlab.engine.datasets import (
    Adding,
    Checkerboard,
    Circles,
    Copy,
    Data,
    Dataset,
    Digits,
    EchoSine,
    Formula,
    Gaussians,
    Moons,
    Polynomial,
    RandomNormal,
    Sine,
    Spirals,
    Step,
    SyntheticImages,
    Xor,
)
from gradlab.engine.errors import UserError

FILES = {"csv", "mnist", "cifar10"}
DRAWN = [m for m in Dataset.items() if m().kind not in FILES]
drawn = pytest.mark.parametrize("member", DRAWN, ids=lambda m: m().kind)


def same(a: Data, b: Data) -> bool:
    return np.array_equal(a.x, b.x) and np.array_equal(a.y, b.y)


def small(member: type[Dataset], rng: random.Random) -> Dataset:
    """Return a random valid member that is quick to draw."""
    item = values.draw(member, rng)
    assert isinstance(item, Dataset)
    limits = {"count": 60, "length": 40, "delay": 40, "inputs": 20, "outputs": 5, "lag": 5}
    wanted = {n: min(getattr(item, n), limit) for n, limit in limits.items() if n in member.model_fields}
    if "length" in wanted:
        wanted["length"] = max(6, wanted["length"])
    return item.replace(**wanted)


@drawn
def test_samples_are_what_the_data_say(member: type[Dataset]) -> None:
    rng = random.Random(member().kind)
    for item in [member(), *(small(member, rng) for _ in range(12))]:
        data = item.sample(3)
        assert data.task == item.task
        assert len(data) == getattr(item, "count")  # noqa: B009
        assert np.isfinite(data.x).all()
        assert data.x.flags.c_contiguous
        assert data.form == item.FORM
        assert data.form == {1: "points", 2: "sequences", 3: "images"}[len(data.shape)]
        assert not data.names or len(data.names) == data.shape[-1]
        assert not data.targets or len(data.targets) == data.outputs // data.answers
        if data.task == "classification":
            assert data.outputs == data.answers * data.classes >= 2
            assert data.y.size == data.answers * len(data)
            assert 0 <= data.y.min() <= data.y.max() < data.classes
        else:
            assert data.outputs == data.y.shape[1]
            assert np.isfinite(data.y).all()


@drawn
def test_a_seed_gives_the_same_samples_and_another_one_others(member: type[Dataset]) -> None:
    item = member().replace(count=50)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - the global one, on purpose
    before = torch.get_rng_state(), np.random.get_state()[1]  # noqa: NPY002
    first, again, other = item.sample(1), item.sample(1), item.sample(2)
    assert same(first, again)
    assert not same(first, other)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


@drawn
def test_classes_are_even(member: type[Dataset]) -> None:
    data = member().sample(0)
    if data.classes and member is not Digits:
        counts = np.bincount(data.y.ravel(), minlength=data.classes)
        assert counts.min() >= 0.8 * counts.max()


def test_two_kinds_do_not_share_their_draws() -> None:
    assert not np.array_equal(Moons(noise=0.0).sample(0).y, Circles(noise=0.0).sample(0).y)


def test_random_normal_is_drawn_from_the_stream_it_is_given() -> None:
    assert [m().kind for m in Dataset.items() if m.after_build] == ["random_normal"]
    torch.manual_seed(7)
    data = RandomNormal().sample(99, torch.default_generator)
    torch.manual_seed(7)
    x, y = torch.randn(256, 64), torch.randn(256, 1)
    assert np.array_equal(data.x, x.numpy())
    assert np.array_equal(data.y, y.numpy())
    assert not np.array_equal(data.x, RandomNormal().sample(99).x)


def test_moons_lie_on_two_half_circles() -> None:
    data = Moons(noise=0.0, count=100).sample(0)
    side = np.where(data.y == 0, 1, -1)
    x, y = side * data.x[:, 0] + 0.5, side * data.x[:, 1] + 0.25
    assert np.allclose(np.hypot(x, y), 1, atol=1e-6)
    assert (y >= -1e-6).all()


def test_circles_have_their_radii() -> None:
    data = Circles(noise=0.0, factor=0.3).sample(0)
    assert np.allclose(np.linalg.norm(data.x, axis=1), np.where(data.y == 0, 1, 0.3), atol=1e-6)


@pytest.mark.parametrize("arms", [2, 3, 7])
def test_spirals_have_arms(arms: int) -> None:
    data = Spirals(noise=0.0, arms=arms, turns=1.5).sample(0)
    radius = np.linalg.norm(data.x, axis=1)
    angle = np.arctan2(data.x[:, 1], data.x[:, 0]) / (2 * np.pi) - 1.5 * radius
    assert data.classes == arms
    assert np.allclose(np.cos(2 * np.pi * (angle - data.y / arms)), 1, atol=1e-5)


def test_xor_is_the_sign_of_the_product() -> None:
    data = Xor(noise=0.0, gap=0.2).sample(0)
    assert np.array_equal(data.y == 0, data.x.prod(axis=1) > 0)
    assert np.abs(data.x).min() >= 0.2


def test_gaussians_have_their_centres_and_spread() -> None:
    data = Gaussians(clouds=4, noise=0.1, count=4000).sample(0)
    for cloud in range(4):
        angle = 2 * math.pi * (cloud / 4 + 0.25)
        own = data.x[data.y == cloud]
        assert own.mean(axis=0) == pytest.approx([math.cos(angle), math.sin(angle)], abs=0.02)
        assert own.std(axis=0) == pytest.approx([0.1, 0.1], rel=0.1)


def test_the_board_is_checkered() -> None:
    data = Checkerboard(cells=3, count=900).sample(0)
    cell = np.floor((data.x.astype(float) + 1) * 1.5).astype(int)
    assert np.array_equal(cell.sum(axis=1) % 2, data.y)


@pytest.mark.parametrize(
    ("item", "f"),
    [
        (Sine(frequency=2.0), lambda x: np.sin(4 * np.pi * x)),
        (Step(at=0.25), lambda x: np.sign(x - 0.25)),
        (Polynomial(coefficients=(1.0, 0.0, -3.0)), lambda x: 1 - 3 * x**2),
        (Formula(text="sin(3x) + x^2/2"), lambda x: np.sin(3 * x) + x**2 / 2),
        (Formula(text="4"), lambda x: 4 + 0 * x),
    ],
    ids=lambda v: getattr(v, "kind", ""),
)
def test_curves_are_the_function_plus_noise(item: Sine, f: object) -> None:
    assert callable(f)
    clean = item.replace(noise=0.0, count=500).sample(1)
    x = clean.x.astype(float)
    assert np.allclose(clean.y, f(x), atol=1e-5)
    assert np.allclose(item.truth(x), f(x))
    assert (item.low <= x.min()) & (x.max() <= item.high)
    noisy = item.replace(noise=0.5, count=5000).sample(1)
    assert float((noisy.y - f(noisy.x.astype(float))).std()) == pytest.approx(0.5, rel=0.05)


def test_a_formula_of_two_variables() -> None:
    item = Formula(text="v*u^2 - v", noise=0.0)
    data = item.sample(0)
    assert data.names == ("u", "v")
    assert np.allclose(data.y[:, 0], data.x[:, 1] * data.x[:, 0] ** 2 - data.x[:, 1], atol=1e-5)


def test_points_where_a_formula_is_not_finite_are_left_out() -> None:
    data = Formula(text="log(x)", count=1000).sample(0)
    assert 400 < len(data) < 600
    assert (data.x > 0).all()
    with pytest.raises(UserError, match="data: the function is finite at 0 of 200 points"):
        Formula(text="log(-1 - x^2)").sample(0)


@pytest.mark.parametrize("text", ["", "x.real", "a+b+c", "__import__('os')", "sin(", "lambda: 0"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="text"):
        Formula(text=text)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ({"kind": "sine", "low": 1.0}, "low: must be below high = 1.0, not 1.0"),
        ({"kind": "echo_sine", "lag": 30}, "lag: must be less than length = 30, not 30"),
        ({"kind": "echo_sine", "shortest": 30.0}, "shortest: must be at most longest"),
        ({"kind": "moons", "noise": -1.0}, "greater than or equal to 0"),
        ({"kind": "moons", "count": 10**9}, "less than or equal to 1000000"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(kind: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dataset.parse(kind)


def test_pictures_of_a_class_are_alike() -> None:
    """A nearest-mean classifier of spectra tells them apart: there is something to learn."""
    data = SyntheticImages(count=400).sample(0)
    assert data.shape == (3, 32, 32)
    assert float(data.x.std()) == pytest.approx(1, abs=0.3)
    spectra = np.abs(np.fft.fft2(data.x)).reshape(400, -1)
    means = np.stack([spectra[:200][data.y[:200] == c].mean(axis=0) for c in range(10)])
    found = ((spectra[200:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (found == data.y[200:]).mean() > 0.9


def test_the_adding_problem_adds() -> None:
    data = Adding(count=300, length=11).sample(0)
    assert data.shape == (11, 2)
    assert np.array_equal(data.x[:, :, 1].sum(axis=1), np.full(300, 2))
    assert np.array_equal(data.x[:, :5, 1].sum(axis=1), np.ones(300))
    assert np.allclose((data.x[:, :, 0] * data.x[:, :, 1]).sum(axis=1), data.y[:, 0])
    assert float(((data.y - 1) ** 2).mean()) == pytest.approx(1 / 6, rel=0.2)


def test_the_copy_asks_for_every_symbol_in_its_order() -> None:
    data = Copy(length=4, delay=7, symbols=3, count=60).sample(0)
    assert data.shape == (15, 5)
    assert (data.answers, data.outputs) == (4, 12)
    assert data.names == ("symbol 1", "symbol 2", "symbol 3", "blank", "wanted")
    assert (data.x.sum(axis=2) == 1).all(), "one unit at each step"
    assert np.array_equal(data.x[:, :4].argmax(axis=2), data.y)
    assert (data.x[:, 4:11, 3] == 1).all(), "blanks after the symbols"
    assert (data.x[:, 11:, 4] == 1).all(), "then the marks"
    assert [np.bincount(column).tolist() for column in data.y.T] == [[20] * 3] * 4, "each as often as any other"
    assert len({tuple(row) for row in data.y}) > 30


def test_the_echo_is_the_wave_some_steps_before_its_end() -> None:
    data = EchoSine(noise=0.0, length=20, lag=6, count=50).sample(0)
    assert np.array_equal(data.y[:, 0], data.x[:, 13, 0])
    assert np.array_equal(EchoSine(noise=0.0, lag=0).sample(0).y, EchoSine(noise=0.0).sample(0).x[:, -1])


def test_the_digits_are_the_published_ones() -> None:
    """Counts per digit and the sum of all pixels as scikit-learn's load_digits has them."""
    data = Digits().sample(0)
    assert data.x.shape == (1797, 1, 8, 8)
    assert np.bincount(data.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert data.x.sum(dtype=float) * 16 == 561718
    assert data.x.min() == 0
    assert data.x.max() == 1
