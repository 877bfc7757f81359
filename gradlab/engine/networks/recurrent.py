"""Recurrent networks: a cell that reads a sequence step by step, and a linear layer that answers after the last one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradlab.engine.datasets.base import Form
from gradlab.engine.initializers import DefaultInit, Initializer
from gradlab.engine.model import Advanced, Int, Real

from .base import Module, Network, module_class
from .mlp import linear

if TYPE_CHECKING:
    from torch import Tensor, nn

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class Recurrent(Network):
    """A recurrent network that reads a sequence step by step and answers after the last step, or at the last ones.

    The plain cell forgets through the product of its weights; LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et
    al. 2014) keep a way open for the gradient. Its modules are ``cell`` and ``output``; torch's default is drawn for
    the cell first, then what its initializer draws for each weight in torch's order, then the output's.
    """

    FORMS: ClassVar[tuple[Form, ...]] = ("sequences",)
    kind: Literal["recurrent"] = "recurrent"
    title: ClassVar[str] = "Recurrent network"

    cell: Literal["rnn", "lstm", "gru"] = Field(
        default="lstm",
        description="what happens at a step",
        json_schema_extra={"titles": {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}},
    )
    hidden: Int = Field(default=32, ge=1, le=2048, description="numbers that are remembered")
    layers: Int = Field(default=1, ge=1, le=8, description="cells on top of each other")
    nonlinearity: Literal["tanh", "relu"] = Field(default="tanh", description="activation of the plain RNN cell")
    initializer: Initializer = Field(
        default_factory=DefaultInit, description="how the weights from step to step start, and those from the input"
    )
    forget_bias: Annotated[Real, Field(ge=-10, le=10)] | None = Field(
        default=None,
        description="how far the LSTM's gate for remembering is open at the start",
        json_schema_extra={"none": "torch's random values"},
    )
    dropout: Annotated[Real, Advanced()] = Field(
        default=0.0, ge=0, lt=1, description="share of numbers silenced between two cells on top of each other"
    )
    output_initializer: Annotated[Initializer, Advanced()] = Field(
        default_factory=DefaultInit, description="how the weights of the output start"
    )

    def unavailable(self, data_shape: tuple[int, ...]) -> str:
        """Return why it cannot take samples of ``data_shape``: they must be sequences."""
        if len(data_shape) == 2:
            return ""
        return f"{self.name()} needs sequences (steps, features), not samples of shape {data_shape}"

    def parameters(self, data_shape: tuple[int, ...], outputs: int) -> int:
        """Return the weights and biases."""
        seen = (data_shape[1], *[self.hidden] * (self.layers - 1))
        cells = sum(GATES[self.cell] * self.hidden * (width + self.hidden + 2) for width in seen)
        return cells + outputs * (self.hidden + 1)

    def without_effect(self, data_shape: tuple[int, ...]) -> Mapping[str, str]:
        """Return the fields of other cells that are set."""
        found = {}
        if self.cell != "rnn" and self.nonlinearity != "tanh":
            found["nonlinearity"] = f"changes nothing: {self.cell.upper()} has activations of its own"
        if self.cell != "lstm" and self.forget_bias is not None:
            found["forget_bias"] = f"changes nothing: {self.cell.upper()} has no such gate"
        if self.layers == 1 and self.dropout:
            found["dropout"] = "changes nothing: there is one cell, and nothing on top of it"
        return found

    def build(self, data_shape: tuple[int, ...], outputs: int, answers: int = 1) -> nn.Module:
        """Return the network; its linear layer is the same at each of the last ``answers`` steps."""
        network: Any = super().build(data_shape, outputs // answers)
        network.answers = answers
        return network  # type: ignore[no-any-return]

    def _build(self, data_shape: tuple[int, ...], outputs: int) -> nn.Module:
        cell = self._cell(data_shape[1])
        for name, parameter in cell.named_parameters():
            if name.startswith("weight"):
                self.initializer.apply_(parameter)
            elif self.cell == "lstm" and self.forget_bias is not None:
                _set_forget(parameter, self.forget_bias if name.startswith("bias_ih") else 0.0)
        network: nn.Module = module_class(Reader)(cell, linear(self.hidden, outputs, self.output_initializer))
        return network

    def _cell(self, features: int) -> nn.RNNBase:
        from torch import nn

        facts: dict[str, Any] = {"num_layers": self.layers, "batch_first": True}
        facts["dropout"] = self.dropout if self.layers > 1 else 0.0
        if self.cell == "rnn":
            return nn.RNN(features, self.hidden, nonlinearity=self.nonlinearity, **facts)
        return (nn.LSTM if self.cell == "lstm" else nn.GRU)(features, self.hidden, **facts)


def _set_forget(bias: Tensor, value: float) -> None:
    """Set the second of torch's four gates, i f g o."""
    import torch

    quarter = len(bias) // 4
    with torch.no_grad():
        bias[quarter : 2 * quarter] = value


class Reader(Module):
    """A cell over a whole sequence, and a linear layer on what it remembers at the end, or after the last steps."""

    answers = 1

    def __init__(self, cell: nn.RNNBase, output: nn.Linear) -> None:
        super().__init__()
        self.cell = cell
        self.output = output

    def forward(self, x: Tensor) -> Tensor:
        """Return the answers ``[N, outputs]`` to sequences ``[N, steps, features]``."""
        states, _ = self.cell(x)
        return self._answer(states[:, -self.answers :])

    def _answer(self, states: Tensor) -> Tensor:
        """Return the answers [N, outputs] to what is remembered [N, answers, hidden]."""
        answer: Tensor = self.output(states[:, 0]) if self.answers == 1 else self.output(states).flatten(1)
        return answer

    def unrolled(self, x: Tensor) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
        """Return the answers, and what is remembered after each step: h ``[layers, N, hidden]``, and c in an LSTM.

        The steps are taken one by one and each state is part of the graph that leads to the next ones, so that its
        gradient after ``retain_grad()`` is the whole of backpropagation through time; ``forward`` hides them. Without
        dropout the answers are the same.
        """
        import torch

        memory: Any = None
        states: list[tuple[Tensor, ...]] = []
        for step in range(x.shape[1]):
            _, memory = self.cell(x[:, step : step + 1], memory)
            states.append(memory if isinstance(memory, tuple) else (memory,))
        last = [memory[0][-1] for memory in states[-self.answers :]]
        return self._answer(torch.stack(last, dim=1)), states
