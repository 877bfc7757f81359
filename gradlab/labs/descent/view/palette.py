"""Which colour each racer has: its own where it was given one, else the next that is free; kept by id."""

from __future__ import annotations

from collections.abc import Mapping

from gradlab.labs.descent.look import DescentLook, RacerLook
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.ui import theme
from gradlab.ui.editors import Decoration


def pinned(spec: DescentSpec, look: DescentLook) -> DescentLook:
    """Return the look with a colour for every racer, so that neighbours that come and go change nobody's."""
    for racer in spec.racers:
        if look.of(racer.id).color is None:
            look = look.with_racer(look.of(racer.id).replace(color=_free(spec, look)))
    return look


def _free(spec: DescentSpec, look: DescentLook) -> int:
    taken = {look.of(racer.id).color for racer in spec.racers}
    return next(number for number in range(len(spec.racers) + 1) if number not in taken)


def colour(look: RacerLook) -> int | str:
    """Return a trace number of the theme, or a fixed colour."""
    return 0 if look.color is None else look.color


def racer_name(spec: DescentSpec, look: DescentLook, racer: Racer) -> str:
    """Return what a racer is called: as the user named it, else by its optimizer, told apart by lr where need be."""
    own = look.of(racer.id).name
    if own:
        return own
    name = short_name(racer)
    twins = [other for other in spec.racers if short_name(other) == name and not look.of(other.id).name]
    return name if len(twins) == 1 else f"{name} {twins.index(racer) + 1}"


def short_name(racer: Racer) -> str:
    """Return the optimizer's name; SGD says when it has momentum."""
    momentum = getattr(racer.optimizer, "momentum", 0)
    return f"{racer.optimizer.name()} + momentum" if momentum else racer.optimizer.name()


def decorations(spec: DescentSpec, look: DescentLook) -> Mapping[str, Decoration]:
    """Return how the card of each racer looks."""
    tokens, look, cards = theme.current(), pinned(spec, look), {}
    for racer in spec.racers:
        drawn = look.of(racer.id)
        cards[racer.id] = Decoration(tokens.colour(colour(drawn)).name(), racer_name(spec, look, racer), drawn.visible)
    return cards
