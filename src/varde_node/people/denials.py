"""The refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varde_node.people.actors import Actor
    from varde_node.people.policy import Decision
    from varde_node.people.trail import Event


class NoActor(Exception):  # noqa: N818 - a state, not a fault
    """Nobody acts: not signed in, or ``signed_in`` and no role chosen. People are led on, programs get 401 or 403."""

    def __init__(self, *, signed_in: bool) -> None:
        super().__init__("no role is chosen" if signed_in else "nobody is signed in")
        self.signed_in = signed_in


class AccessDenied(Exception):  # noqa: N818 - the word of the field
    """The actor may not do this. Shown as 403 with the decision's sentence; written to the trail exactly once."""

    def __init__(self, decision: Decision, actor: Actor, event: Event) -> None:
        super().__init__(f"{decision.action}: {decision.sentence}")
        self.decision = decision
        self.actor = actor
        self.event = event
        self.recorded = False
