"""A random stream of one's own in a process that has one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


class Stream:
    """torch's global generators as one arm sees them: in place while the context is entered, put aside outside it."""

    def __init__(self, seed: int, device: str) -> None:
        import torch

        self._cuda = device != "cpu"
        self._device = torch.device(device)
        self._outside: Any = None
        self._outside = self._get()
        torch.manual_seed(seed)
        self._state = self._get()
        self._set(self._outside)

    def _get(self) -> tuple[Tensor, ...]:
        import torch

        cpu = torch.get_rng_state()
        return (cpu, torch.cuda.get_rng_state(self._device)) if self._cuda else (cpu,)

    def _set(self, state: tuple[Tensor, ...]) -> None:
        import torch

        torch.set_rng_state(state[0])
        if self._cuda:
            torch.cuda.set_rng_state(state[1], self._device)

    def __enter__(self) -> None:
        self._outside = self._get()
        self._set(self._state)

    def __exit__(self, *_: object) -> None:
        self._state = self._get()
        self._set(self._outside)

    def now(self) -> tuple[Tensor, ...]:
        """Return where the stream is while it is in place."""
        return self._get()

    def go(self, state: tuple[Tensor, ...]) -> None:
        """Go to a place of the stream while it is in place."""
        self._set(state)

    def state(self) -> tuple[Tensor, ...]:
        """Return where the stream is."""
        return self._state

    def restore(self, state: tuple[Tensor, ...]) -> None:
        """Go back to a place of the stream."""
        self._state = state
