"""The access policy: a table of rules, and one pure function that decides. Deny is the default.

A domain registers its rules from ``access.py`` when it starts. A rule allows one action to some roles, for some
purposes, when one of its relations holds (none named: the role is enough).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.people.actors import PURPOSE_OF_ROLE, Actor, Purpose, Relation, Role


@dataclass(frozen=True, init=False)
class Rule:
    """May these roles do this action? ``relations``: at least one must hold, when any is named.

    ``logged`` is false only for pages that show nothing about a person and change nothing. ``purposes`` defaults to the
    roles' own.
    """

    action: str
    roles: frozenset[Role]
    relations: frozenset[Relation] = frozenset()
    purposes: frozenset[Purpose] = field(default=frozenset())
    logged: bool = True

    def __init__(
        self,
        action: str,
        roles: Iterable[Role],
        relations: Iterable[Relation] = (),
        purposes: Iterable[Purpose] = (),
        logged: bool = True,
    ) -> None:
        if action.count(".") < 1 or action != action.lower():
            raise ValueError(f"an action is written domain.object.verb in small letters, not {action!r}")
        roles = frozenset(roles)
        if not roles:
            raise ValueError(f"the rule for {action} names no role")
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "roles", roles)
        object.__setattr__(self, "relations", frozenset(relations))
        object.__setattr__(self, "purposes", frozenset(purposes) or frozenset(PURPOSE_OF_ROLE[role] for role in roles))
        object.__setattr__(self, "logged", logged)

    @property
    def name(self) -> str:
        """Stable name written to the trail."""
        relations = "+".join(sorted(self.relations)) or "role"
        return f"{self.action}/{relations}"


@dataclass(frozen=True)
class Decision:
    """The answer of every access question: allowed or not, by which rule, and a sentence (its key) for a person."""

    allowed: bool
    action: str
    rule: str
    sentence: str

    @property
    def text(self) -> str | Promise:
        """The sentence in the reader's language."""
        return SENTENCES[self.sentence]


SENTENCES: dict[str, str | Promise] = {
    "allowed": _("Your role and your connection to the matter allow this."),
    "not_signed_in": _("Sign in to see this page."),
    "unknown_action": _("Nobody may do this: no rule allows it."),
    "role_not_allowed": _("Your role does not include this."),
    "purpose_not_allowed": _("This is not allowed for the purpose you act for."),
    "no_relation": _("You have no connection to this person or matter that allows it."),
    "protected_person": _("This person's data are shielded; only those with a direct connection may see them."),
}

DIRECT = frozenset({Relation.SELF, Relation.PROXY, Relation.CARE, Relation.ASSIGNED})
_RULES: dict[str, list[Rule]] = {}


def register_rules(rules: Iterable[Rule]) -> None:
    """Make a domain's rules known; the same table may be registered twice."""
    for rule in rules:
        known = _RULES.setdefault(rule.action, [])
        if rule not in known:
            known.append(rule)


def rules_for(action: str) -> tuple[Rule, ...]:
    """The rules of one action."""
    return tuple(_RULES.get(action, ()))


def all_rules() -> dict[str, tuple[Rule, ...]]:
    """Every registered rule, by action."""
    return {action: tuple(rules) for action, rules in sorted(_RULES.items())}


def role_may(role: Role, action: str) -> bool:
    """Whether some rule lets this role do the action, given the right relation: enough to show a link, never data."""
    return any(role in rule.roles for rule in _RULES.get(action, ()))


def is_logged(action: str) -> bool:
    """Whether an allowed use is written to the trail (unknown actions are)."""
    rules = _RULES.get(action, ())
    return not rules or any(rule.logged for rule in rules)


def evaluate(actor: Actor, action: str, relations: frozenset[Relation], *, protected: bool = False) -> Decision:
    """Decide. Among the reasons to refuse, the one that came nearest to being allowed is given."""
    rules = _RULES.get(action, ())
    sentence = "unknown_action" if not rules else "role_not_allowed"
    for rule in rules:
        if actor.role not in rule.roles:
            continue
        if actor.purpose not in rule.purposes:
            sentence = "purpose_not_allowed"
            continue
        held = relations & rule.relations
        if rule.relations and not held:
            sentence = "no_relation"
            continue
        if protected and not held & DIRECT and not relations & DIRECT:
            sentence = "protected_person"
            continue
        return Decision(True, action, rule.name, "allowed")
    return Decision(False, action, "default", sentence)
