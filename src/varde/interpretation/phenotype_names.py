"""Names of phenotype terms in other languages, from a table that the user loads: term, language, label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from varde.genome.errors import InputError
from varde.interpretation.phenotype import is_current_term, replacement_of

_LARGEST_BYTES = 50_000_000
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


@dataclass(frozen=True)
class PhenotypeNames:
    """Labels by language: ``first`` holds the name of a term (the first label of the table), ``labels`` every label in
    one case with its term, the shortest first. ``passed_over`` counts rows of terms that the ontology lacks."""

    first: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, tuple[tuple[str, str, str], ...]]
    passed_over: int = 0

    def name(self, term: str, language: str) -> str | None:
        """The term's name in a language, None where the table has none."""
        return self.first.get(language, {}).get(term)

    def find(self, text: str, language: str, limit: int) -> tuple[tuple[str, str], ...]:
        """(term, label) of at most so many terms with a label that holds every word, the shortest first."""
        words = text.casefold().split()
        found: dict[str, str] = {}
        for folded, term, label in self.labels.get(language, ()) if words else ():
            if len(found) >= limit:
                break
            if term not in found and all(word in folded for word in words):
                found[term] = label
        return tuple(found.items())

    def term_of(self, label: str, language: str) -> str | None:
        """The term with exactly this label, upper and lower case alike; None for one of several terms."""
        wanted = label.strip().casefold()
        terms = {term for folded, term, _label in self.labels.get(language, ()) if folded == wanted}
        return terms.pop() if len(terms) == 1 else None


def read_phenotype_names(path: str | Path) -> PhenotypeNames:
    """The names of a tab-separated table with the columns ``term``, ``language`` (two or three letters) and ``label``.

    A term that is obsolete counts as its successor; one that the ontology lacks is passed over and counted. Raises
    InputError ``unreadable``, ``not_utf8``, ``missing_column`` and ``bad_row`` naming line and field.
    """
    source = Path(path)
    try:
        raw = source.read_bytes()[: _LARGEST_BYTES + 1]
        lines = raw.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(
            "unreadable", f"The file cannot be read: {error.strerror}.", "Check the path.", source=source.name
        ) from None
    except UnicodeDecodeError:
        raise InputError("not_utf8", "The text is not UTF-8.", "Save it as UTF-8.", source=source.name) from None
    heading = [name.strip().lower() for name in lines[0].split("\t")] if lines else []
    for name in ("term", "language", "label"):
        if name not in heading:
            raise InputError(
                "missing_column",
                f"There is no column {name!r}.",
                "Give term, language and label.",
                source.name,
                1,
                name,
            )
    first: defaultdict[str, dict[str, str]] = defaultdict(dict)
    labels: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
    passed_over = 0
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        row = dict(zip(heading, (cell.strip() for cell in line.split("\t")), strict=False))
        written, language, label = (row.get(name, "") for name in ("term", "language", "label"))
        if not _LANGUAGE.match(language) or not label:
            field = "label" if _LANGUAGE.match(language) else "language"
            raise InputError(
                "bad_row", f"The {field} is missing or not one.", "Write for example nb.", source.name, number, field
            )
        term = written if is_current_term(written) else replacement_of(written)
        if term is None:
            passed_over += 1
            continue
        first[language].setdefault(term, label)
        labels[language].add((label.casefold(), term, label))
    ordered = {language: tuple(sorted(rows, key=lambda row: (len(row[0]), row))) for language, rows in labels.items()}
    return PhenotypeNames(dict(first), ordered, passed_over)
