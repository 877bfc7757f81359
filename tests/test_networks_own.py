"""A network of the user's own: it never runs unconfirmed, and what it raises is one line."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from trainings import trained

from gradlab.engine import own_files
from gradlab.engine.datasets import MissingDataError, Moons
from gradlab.engine.errors import UserError
from gradlab.engine.networks import Network, NotConfirmedError, OwnFile
from gradlab.engine.networks.own import blaming
from gradlab.labs.training.spec import TrainingSpec

GOOD = """
from torch import nn

def build(shape, outputs):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0], 3), nn.Tanh(), nn.Linear(3, outputs))
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that writes a file and returns the network of it as the panel makes it."""
    monkeypatch.setattr(own_files, "_code", set())

    def write(text: str | bytes, *, confirmed: bool = True) -> OwnFile:
        path = tmp_path / "net.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        made = OwnFile().edited(file=str(path))
        if confirmed:
            own_files.allow_code(made.sha256)
        return made

    return write


def test_a_confirmed_file_builds(model: Any) -> None:
    network = model(GOOD)
    torch.manual_seed(0)
    module = network.build((2,), 5)
    torch.manual_seed(0)
    assert torch.equal(module[1].weight, torch.nn.Linear(2, 3).weight)
    assert module(torch.zeros(4, 2)).shape == (4, 5)
    assert "gradlab_own_network" not in sys.modules


def test_build_may_take_nothing(model: Any) -> None:
    module = model("import torch\ndef build():\n    return torch.nn.Linear(2, 2)\n").build((2,), 2)
    assert isinstance(module, torch.nn.Linear)


def test_nothing_runs_before_it_is_confirmed(model: Any, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = f"open({str(mark)!r}, 'w').close()\n" + GOOD
    network = model(text, confirmed=False)
    with pytest.raises(
        NotConfirmedError, match=r"holds code that has not been confirmed \(read it and confirm"
    ) as caught:
        network.build((2,), 2)
    assert not mark.exists()
    assert caught.value.sha256 == network.sha256
    assert network.source() == (caught.value.file, text, network.sha256)
    own_files.allow_code(caught.value.sha256)
    network.build((2,), 2)
    assert mark.exists()


def test_a_changed_file_has_to_be_confirmed_again(model: Any, tmp_path: Path) -> None:
    network = model(GOOD)
    (tmp_path / "net.py").write_text(GOOD + "\n# harmless?\n")
    with pytest.raises(UserError, match="is not the file that was saved with this setting"):
        network.build((2,), 2)
    with pytest.raises(NotConfirmedError):
        network.replace(sha256="").build((2,), 2)


def test_a_preset_alone_opens_and_runs_nothing(model: Any, tmp_path: Path) -> None:
    preset = tmp_path / "presets"
    preset.mkdir()
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    (preset / "beside.py").write_text("raise SystemExit('ran')")
    own_files.beside(preset)
    for name, why in (
        (str(tmp_path / "evil.py"), "was not chosen in this session"),
        ("../evil.py", "is not beside the preset"),
        ("beside.py", "has not been confirmed"),
    ):
        with pytest.raises(UserError, match=why):
            Network.parse({"kind": "file", "file": name}).build((2,), 2)


BROKEN = {
    "raises": ("x = 1\n\ndef build():\n    return 1 / 0\n", ": line 4: ZeroDivisionError: 'division by zero'"),
    "raises inside torch": (
        "from torch import nn\ndef build():\n    return nn.Linear('a', 2)\n",
        ": line 3: TypeError: ",
    ),
    "syntax": ("def build(:\n    pass\n", ": line 1: SyntaxError: 'invalid syntax'"),
    "indentation": ("def build():\nreturn 1\n", ": line 2: IndentationError: "),
    "exits": ("import sys\nsys.exit(3)\n", ": line 2: SystemExit: '3'"),
    "many lines": ("raise ValueError('a\\nb')\n", ": line 1: ValueError: 'a b'"),
    "import": ("import no_such_module_at_all\n", ": line 1: ModuleNotFoundError: "),
    "no build": ("x = 1\n", ": has no function build()"),
    "build is a number": ("build = 3\n", ": has no function build()"),
    "no module": ("def build():\n    return [1]\n", ": build() must return a torch.nn.Module, not [1]"),
    "endless": ("def build():\n    return build()\n", ": RecursionError: "),
    "nothing to learn": (
        "from torch import nn\ndef build():\n    return nn.Identity()\n",
        ": build() returns a network without parameters to learn",
    ),
    "nul": ("x = 1\0\n", "SyntaxError: 'source code string cannot contain null bytes'"),
    "no text": (b"\xff\xfe", ": is no UTF-8 text"),
}


TIRED = """
from torch import nn

class Tired(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.calls = nn.Linear(2, 2), 0

    def forward(self, x):
        self.calls += 1
        if self.calls > 3:
            raise ValueError("tired")
        return self.linear(x)

def build():
    return Tired()
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TIRED, ": line 12: ValueError: 'tired'"),
        ("from torch import nn\ndef build():\n    return nn.Linear(7, 2)\n", ": RuntimeError: 'mat1 and mat2 shapes"),
    ],
)
def test_what_it_raises_in_a_training_is_one_clear_line(model: Any, text: str, message: str) -> None:
    spec = TrainingSpec(data=Moons(count=40), network=model(text), steps=9)
    with pytest.raises(UserError) as caught:
        trained(spec)
    assert f"net.py'{message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_that_is_not_the_network_s_stays_what_it_is(model: Any) -> None:
    with pytest.raises(ZeroDivisionError), blaming([model(GOOD)]):
        1 / 0  # noqa: B018 - raised here, in no network


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_one_clear_line(model: Any, text: Any, message: str) -> None:
    network = model(text)
    with pytest.raises(UserError) as caught:
        network.build((2,), 2)
    assert message in str(caught.value)
    assert "net.py" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_refused_as_it_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="network: no file is chosen"):
        OwnFile().build((2,), 2)
    with pytest.raises(UserError, match="there is no such file"):
        OwnFile().edited(file=str(tmp_path / "none.py"))
    (tmp_path / "big.py").write_bytes(b"#" * (2 << 20))
    with pytest.raises(UserError, match="more than the 1,048,576 that are read"):
        OwnFile().edited(file=str(tmp_path / "big.py"))
    with pytest.raises(ValueError, match="sha256"):
        OwnFile(file="x.py", sha256="../..")


def test_without_its_file_nothing_is_left_of_it(model: Any) -> None:
    assert model(GOOD).edited(file="") == OwnFile()


def test_what_was_confirmed_goes_to_another_process_alone(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network = model(GOOD)
    for made in (network.model_dump_json(), repr(network), str(network.model_dump())):
        assert "consent" not in made
    parcel = pickle.dumps(network)
    for name, kind in (("_code", set), ("_chosen", set), ("_folders", dict)):
        monkeypatch.setattr(own_files, name, kind())
    with pytest.raises(UserError, match="was not chosen in this session"):
        network.build((2,), 2)
    again = pickle.loads(parcel)
    assert again == network
    assert hash(again) == hash(network)
    again.build((2,), 2)


def test_the_refusals_can_be_sent() -> None:
    error = pickle.loads(pickle.dumps(NotConfirmedError("m", "h", Path("x.py"), "0" * 64)))
    assert (str(error), error.file, error.sha256) == ("m (h)", Path("x.py"), "0" * 64)
    missing = pickle.loads(pickle.dumps(MissingDataError("m", "h", (), Path("x"))))
    assert (str(missing), missing.folder) == ("m (h)", Path("x"))
