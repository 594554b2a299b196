"""The languages' catalogues, without gettext's programs: extraction, update and compilation by Babel.

Each domain keeps ``locale/<language>/LC_MESSAGES/django.po``; message identifiers are the English text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("nb", "nn")
SHARED = ROOT / "site"
"""Words of the site need no second translation in a domain: Django merges the catalogues."""
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

MessageId = str | tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A text to translate, and where it stands."""

    identifier: MessageId
    context: str | None
    place: str


def domains() -> list[Path]:
    """Folders of the domains, each with its own catalogues."""
    return sorted(path.parent for path in ROOT.glob("*/apps.py"))


def texts_of(domain: Path) -> Iterator[Message]:
    """Every text of a domain's Python files and templates."""
    for path in sorted([*domain.rglob("*.py"), *(domain / "templates").rglob("*.html"), *domain.rglob("*.txt")]):
        if {"tests", "migrations", "static"} & set(path.relative_to(domain).parts):
            continue
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Template text becomes filler around gettext calls; its indentation means nothing to Python's tokens.
            source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
        found = extract("python", BytesIO(source.encode()), keywords=KEYWORDS)
        for line, identifier, _comments, context in found:
            if identifier:
                yield Message(identifier, context, f"{path.relative_to(ROOT)}:{line}")


def catalogue_path(domain: Path, language: str) -> Path:
    """Where a domain's catalogue of a language stands."""
    return domain / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(domain: Path, language: str) -> Catalog:
    """A domain's catalogue, empty when there is no file yet."""
    path = catalogue_path(domain, language)
    if not path.exists():
        return Catalog(locale=language, domain="django", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update(names: Sequence[str] = ()) -> dict[str, int]:
    """Add missing texts with an empty translation and drop unused ones, in the named domains (or all); say how many
    lack a translation, by file."""
    untranslated = {}
    for domain in domains():
        if names and domain.name not in names:
            continue
        every = list(texts_of(domain))
        for language in LANGUAGES if every else ():
            old = read_catalogue(domain, language)
            texts = [text for text in every if domain == SHARED or not _translated(text, _shared(language))]
            new = Catalog(locale=language, domain="django", fuzzy=False)
            for text in sorted(texts, key=lambda one: (str(one.identifier), one.context or "")):
                key = text.identifier if isinstance(text.identifier, str) else text.identifier[0]
                known = old.get(key, text.context)
                new.add(text.identifier, known.string if known else None, context=text.context)
            path = catalogue_path(domain, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_written(new, language))
            untranslated[str(path.relative_to(ROOT))] = len(missing(domain, language))
    return untranslated


def _written(catalogue: Catalog, language: str) -> bytes:
    # Babel's own header carries the hour of writing: every update would differ.
    header = (
        "# Texts of Varde.\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    body = BytesIO()
    write_po(body, catalogue, width=120, omit_header=True, no_location=True)
    return header.encode() + body.getvalue()


def missing(domain: Path, language: str) -> list[Message]:
    """Texts of a domain without a translation in a language."""
    catalogues = (read_catalogue(domain, language), _shared(language))
    return [text for text in texts_of(domain) if not any(_translated(text, one) for one in catalogues)]


def _shared(language: str) -> Catalog:
    return read_catalogue(SHARED, language)


def _translated(text: Message, catalogue: Catalog) -> bool:
    key = text.identifier if isinstance(text.identifier, str) else text.identifier[0]
    known = catalogue.get(key, text.context)
    if known is None or known.fuzzy:
        return False
    return all(known.string) if isinstance(known.string, (tuple, list)) else bool(known.string)


def compile_all() -> int:
    """Write the ``.mo`` file beside every ``.po`` file that is newer; return how many were written."""
    written = 0
    for domain in domains():
        for language in LANGUAGES:
            source = catalogue_path(domain, language)
            target = source.with_suffix(".mo")
            if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
                continue
            with target.open("wb") as file:
                write_mo(file, read_catalogue(domain, language))
            written += 1
    return written
