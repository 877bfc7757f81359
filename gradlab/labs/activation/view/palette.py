"""Which colour and name each activation has: its own where it was given one, else the next that is free."""

from __future__ import annotations

from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.spec import ActivationSpec, Unit


def pinned(spec: ActivationSpec, look: ActivationLook) -> ActivationLook:
    """Return the look with a colour for every unit, so that neighbours that come and go change nobody's."""
    for unit in spec.units:
        if look.of(unit.id).color is None:
            taken = {look.of(other.id).color for other in spec.units}
            free = next(number for number in range(len(spec.units) + 1) if number not in taken)
            look = look.with_unit(look.of(unit.id).replace(color=free))
    return look


def colour(look: ActivationLook, unit: str) -> int | str:
    """Return a trace number of the theme, or a fixed colour."""
    own = look.of(unit).color
    return 0 if own is None else own


def unit_name(spec: ActivationSpec, look: ActivationLook, unit: Unit) -> str:
    """Return what a unit is called: as the user named it, else by its activation, numbered where there are twins."""
    own = look.of(unit.id).name
    if own:
        return own
    name = unit.activation.name()
    twins = [other for other in spec.units if other.activation.name() == name and not look.of(other.id).name]
    return name if len(twins) == 1 else f"{name} {twins.index(unit) + 1}"


def focused(spec: ActivationSpec, look: ActivationLook) -> Unit:
    """Return the unit that the reading follows."""
    return spec.unit(look.focus)


def still(of: ActivationSpec, spec: ActivationSpec) -> tuple[Unit, ...]:
    """Return the units of ``spec`` that a picture of ``of`` may stand for until one of them comes: of the same kind."""
    kinds = {unit.id: unit.activation.kind for unit in of.units}
    return tuple(unit for unit in spec.units if kinds.get(unit.id) == unit.activation.kind)
