"""torch's compiler stays out, and what optimizers compute does not change for it."""

from __future__ import annotations

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
