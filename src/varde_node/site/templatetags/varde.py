"""Filters and tags for every template (built in; no ``load`` needed)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from varde_node.formats import day, moment, number, percent
from varde_node.people.services import Actor, role_may

register = template.Library()
SHAPES = {"ok": "success", "warn": "warning", "stop": "danger", "info": "info", "plain": "neutral"}
SIGNS = {"ok": "✓", "warn": "▲", "stop": "■", "info": "i", "plain": "–"}


for written in (number, percent, day, moment):
    register.filter(written.__name__, written)


@register.simple_tag
def status_tag(shape: str, text: object, proposal: bool = False) -> SafeString:
    """A state by word and shape, colour last. ``shape``: ok, warn, stop, info or plain. ``proposal=True`` outlines it:
    a machine's suggestion never looks like a person's decision."""
    attributes = {"class": "ds-tag status-tag", "data-color": SHAPES[shape], "data-shape": shape}
    attributes["data-variant"] = "outline" if proposal else "default"
    return format_html('<span{}><span aria-hidden="true">{}</span> {}</span>', flatatt(attributes), SIGNS[shape], text)


@register.simple_tag
def svg(name: str, title: object = "") -> SafeString:
    """An icon from the static folder ``varde/icons`` set into the page; decorative unless it has a title."""
    text = _svg_text(name)
    label = format_html('role="img" aria-label="{}"', title) if title else mark_safe('aria-hidden="true"')
    return format_html('<span class="icon" {}>{}</span>', label, mark_safe(text))  # noqa: S308 - our own file


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], action: str) -> bool:
    """Whether the actor's role includes an action at all: ``{% may "lab.case.open" as allowed %}``. For links only."""
    actor: Actor | None = context.get("actor")
    return actor is not None and role_may(actor.role, action)


@register.filter
def in_design(field: Any) -> SafeString:
    """A form field's widget in the design, tied to its error text."""
    attributes = {"class": "ds-input"}
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": field_error_id(field)}
    return field.as_widget(attrs=attributes)


@register.filter
def field_error_id(field: Any) -> str:
    """The identifier of a form field's error text, for ``aria-describedby``."""
    return f"{field.id_for_label}-error"


@lru_cache(maxsize=64)
def _svg_text(name: str) -> str:
    path = finders.find(f"varde/icons/{name}.svg")
    if path is None:
        raise LookupError(f"no icon {name!r}")
    return Path(path).read_text(encoding="utf-8").strip()
