"""torch's compiler stays out, and what optimizers compute does not change for it."""

from __future__ import annotations

import pytest
from processes import python

CODE = """
import sys, torch
def path(name):
    x = torch.tensor([-4.0, 0.3], dtype=torch.float64, requires_grad=True)
    own = {"lr": 1e-2} | ({"momentum": 0.9} if name in {"SGD", "RMSprop"} else {})
    optimizer, found = getattr(torch.optim, name)([x], **own), []
    for _ in range(5):
        optimizer.zero_grad()
        ((x ** 4).sum() + x.prod()).backward()
        optimizer.step()
        found.append(x.detach().clone())
    optimizer.load_state_dict(optimizer.state_dict())
    assert torch.is_grad_enabled()
    return torch.stack(found)
names = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"]
from gradlab.engine.eager import keep_eager
keep_eager()
ours = [path(name) for name in names]
print("compiler" if "torch._dynamo" in sys.modules else "eager")
import importlib
plain = [importlib.reload(sys.modules[f"torch.optim.{n.lower()}"]) for n in names]
for n, module in zip(names, plain):
    setattr(torch.optim, n, getattr(module, n))
theirs = [path(name) for name in names]
print("same" if all(torch.equal(a, b) for a, b in zip(ours, theirs)) else "different")
print("compiler" if "torch._dynamo" in sys.modules else "eager")
"""


def test_optimizers_step_alike_and_without_the_compiler() -> None:
    result = python("-W", "ignore", "-c", CODE)
    assert (result.stdout.split(), result.stderr) == (["eager", "same", "compiler"], "")


def test_a_descent_needs_no_compiler() -> None:
    code = (
        "import sys\n"
        "from gradlab.engine.lab import lab_of\n"
        "from gradlab.engine.run import iterate\n"
        "lab = lab_of('descent')\n"
        "list(iterate(lab, lab.spec(steps=9)))\n"
        "print('torch._dynamo' in sys.modules)"
    )
    assert python("-c", code).stdout.split() == ["False"]


LATER = """
import sys
from gradlab.engine.eager import import_meta, keep_eager, put_meta_off
put_meta_off()
keep_eager()
import torch
from gradlab.engine.lab import lab_of
from gradlab.engine.run import iterate
def rows(name):
    lab, digest = lab_of(name), 0
    for block in iterate(lab, lab.spec(steps=9)):
        digest = hash((digest, *(values.tobytes() for values in block.columns.values())))
    return digest
first = rows("descent"), rows("training")
print("spared" if "torch._prims" not in sys.modules else "whole")
{how}
layer = torch.nn.Conv2d(1, 2, 3, device="meta")
print(*layer(torch.empty(1, 1, 4, 4, device="meta")).shape)
print("spared" if "torch._prims" not in sys.modules else "whole")
print("same" if (rows("descent"), rows("training")) == first else "different")
"""


@pytest.mark.parametrize("how", ["import_meta()", "import torch._dynamo", "torch._meta_registrations.aten"])
def test_what_torch_leaves_for_later_is_there_when_it_is_wanted_and_changes_no_row(how: str) -> None:
    result = python("-W", "ignore", "-c", LATER.format(how=how))
    assert (result.stdout.split(), result.stderr) == (["spared", "1", "2", "2", "2", "whole", "same"], "")


def test_torch_is_left_as_it_is_where_it_has_been_imported() -> None:
    code = (
        "import sys, torch\n"
        "from gradlab.engine.eager import import_meta, put_meta_off\n"
        "before = list(sys.meta_path)\n"
        "put_meta_off()\n"
        "import_meta()\n"
        "print(sys.meta_path == before)"
    )
    assert python("-c", code).stdout.split() == ["True"]


def test_where_less_is_no_help_torch_is_imported_whole() -> None:
    code = (
        "import sys\n"
        "from gradlab.engine import eager\n"
        "eager.put_meta_off()\n"
        "import torch\n"
        "real = torch._C._set_generator_metaclass\n"
        "def gone(_):\n"
        "    torch._C._set_generator_metaclass = real\n"
        "    raise AttributeError\n"
        "torch._C._set_generator_metaclass = gone\n"
        "eager.keep_eager()\n"
        "print(torch.Generator().manual_seed(1).initial_seed(), 'torch._prims' in sys.modules)"
    )
    assert python("-c", code).stdout.split() == ["1", "True"]
