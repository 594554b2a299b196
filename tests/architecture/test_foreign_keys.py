"""Foreign keys across domains go to people only, and leave no way back."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model


def crossing_keys() -> list[tuple[str, str, bool]]:
    """Every relation that leaves its domain: field, target, whether the target can find its way back."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("varde_node."):
            continue
        for field in model._meta.get_fields():
            target = field.related_model
            if field.auto_created or not isinstance(target, type) or not issubclass(target, Model):
                continue
            if target._meta.app_label != model._meta.app_label:
                hidden = field.remote_field.hidden
                found.append((f"{model._meta.label}.{field.name}", target._meta.label, hidden))
    return found


def test_foreign_keys_across_domains_go_to_people_only_and_are_hidden_there() -> None:
    wrong = [
        (field, target, hidden)
        for field, target, hidden in crossing_keys()
        if not target.startswith("people.") or not hidden
    ]
    assert wrong == []


def test_the_ground_floor_knows_no_one() -> None:
    assert [key for key in crossing_keys() if key[0].startswith("jobs.")] == []
