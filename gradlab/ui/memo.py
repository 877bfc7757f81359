"""What has been drawn already, so that a frame draws only what is new."""

from __future__ import annotations


class Memo:
    """Remembers by name from what something was drawn last."""

    def __init__(self) -> None:
        self._drawn: dict[str, object] = {}

    def news(self, name: str, *causes: object) -> bool:
        """Tell whether ``name`` would look different now, and take it as drawn."""
        if name in self._drawn and self._drawn[name] == causes:
            return False
        self._drawn[name] = causes
        return True

    def forget(self, *names: str) -> None:
        """Take these as not drawn; without a name, everything."""
        if names:
            self._drawn = {name: causes for name, causes in self._drawn.items() if name not in names}
        else:
            self._drawn.clear()
