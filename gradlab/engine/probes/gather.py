"""Measured values on their way from where they are computed to the rows of a span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Gather:
    """Keeps values until they land in their tables: tensors stay on their device and cross in one copy."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[list[int], list[Any]]] = {}

    def add(self, name: str, place: int, value: Any) -> None:
        """Keep a number, a list or array of numbers, or a tensor for row ``place`` of a table."""
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = ([], [])
        kept[0].append(place)
        kept[1].append(value)

    def land(self, tables: Mapping[str, np.ndarray]) -> None:
        """Write what was kept into ``tables``, arrays whose first axis is the row, and keep nothing."""
        import torch

        kept, self._kept = self._kept, {}
        far = {name: both for name, both in kept.items() if isinstance(both[1][0], torch.Tensor)}
        for name in kept.keys() - far.keys():
            places, values = kept[name]
            tables[name][places] = values
        if far:
            joined = [torch.stack(values).detach().double().reshape(-1) for _, values in far.values()]
            crossed = np.split(torch.cat(joined).cpu().numpy(), np.cumsum([len(part) for part in joined])[:-1])
            for (name, (places, _)), numbers in zip(far.items(), crossed, strict=True):
                tables[name][places] = numbers.reshape(len(places), *tables[name].shape[1:])
