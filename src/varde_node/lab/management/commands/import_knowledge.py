"""``varde-node import-knowledge``: bring a knowledge source of any size from a file on this machine."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde.annotation.predictor_formats import read_column_description
from varde.genome.errors import InputError
from varde.interpretation.known_sources import DESCRIBED, KINDS
from varde_node.lab.services import knowledge
from varde_node.people.services import Role, actor_named


class Command(BaseCommand):
    """Import a source."""

    help = "Bring a knowledge source (ClinVar, predictors, frequencies, gene tables) from a file on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, what it is, and who answers for it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=KINDS)
        parser.add_argument("--name", required=True, help="For example ClinVar.")
        parser.add_argument("--source-version", required=True, help="The source's own version or date.")
        parser.add_argument("--licence", required=True, help="Under which licence it may be used.")
        parser.add_argument("--columns", type=Path, help="JSON file describing the columns, for --kind described.")
        parser.add_argument("--aliases", type=Path, help="Table of aliases (entrez, alias), for --kind gene_names.")
        parser.add_argument("--by", metavar="USERNAME", required=True, help="The administrator who does this.")
        parser.add_argument("--use", action="store_true", help="Put it to use at once.")

    def handle(self, *_args: object, **given: object) -> None:
        """Import it here and now, written to the trail."""
        try:
            actor = actor_named(str(given["by"]), Role.ADMINISTRATOR)
            told = knowledge.NewSource(
                str(given["kind"]),
                str(given["name"]),
                str(given["source_version"]),
                str(given["licence"]),
                read_columns(given["columns"]) if given["kind"] == DESCRIBED else None,
            )
            aliases = given["aliases"] if isinstance(given["aliases"], Path) else None
            source_id = knowledge.import_file(actor, told, Path(str(given["file"])), aliases)
            if given["use"]:
                knowledge.use_source(actor, source_id)
        except LookupError:
            raise CommandError(f"'{given['by']}' is no administrator here.") from None
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(knowledge.summary(source_id))


def read_columns(path: object) -> dict[str, object]:
    """The description of a described table, checked."""
    from dataclasses import asdict

    if not isinstance(path, Path):
        raise InputError("bad_description", "The columns are not described.", "Give --columns.", field="--columns")
    finite = {name: value for name, value in asdict(read_column_description(path)).items() if value not in LIMITLESS}
    return finite


LIMITLESS = (float("inf"), float("-inf"))
"""Bounds that are none, which JSON cannot hold."""
