"""Templates run under the strict policy: nothing inline, nothing evaluated, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

NODE = Path(__file__).resolve().parents[2] / "src" / "varde_node"
TEMPLATES = sorted(NODE.rglob("templates/**/*.html"))
REFUSED = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "style attribute": re.compile(r"\sstyle\s*=", re.I),
    "event attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
    "js: value": re.compile(r"=\s*[\"']js:", re.I),
    "filter in a trigger": re.compile(r"hx-trigger=\"[^\"]*\[", re.I),
    "another host": re.compile(r"(?:src|srcset|action)\s*=\s*[\"']\s*(?:https?:)?//", re.I),
    "stylesheet from another host": re.compile(r"<link[^>]+href\s*=\s*[\"']\s*(?:https?:)?//", re.I),
    "text marked safe": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(NODE)))
def test_a_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name, pattern in REFUSED.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(NODE)))
def test_every_form_that_changes_something_carries_the_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text, re.I | re.S)
    assert [form[:80] for form in forms if "csrf_token" not in form] == []


def test_the_check_finds_what_it_is_for() -> None:
    bad = '<p style="x"><script>1</script><a onclick="x" href="javascript:1" hx-on:click="x">{{ a|safe }}'
    assert {name for name, pattern in REFUSED.items() if pattern.search(bad)} == {
        "inline script",
        "style attribute",
        "event attribute",
        "hx-on",
        "javascript address",
        "text marked safe",
    }
