"""Knowledge sources: taken in by a job, put to use by a person, compared with the one in use before that."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_noop

from varde.annotation.predictor_formats import column_description
from varde.annotation.source_folder import Origin
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import ReferenceStore
from varde.interpretation.known_sources import (
    DESCRIBED,
    KINDS,
    OF_ONE_FILE,
    CaseChange,
    Comparison,
    Imported,
    import_source,
    verify_imported,
)
from varde_node.jobs import services as job_services
from varde_node.lab import opened
from varde_node.lab.case_access import current_analysis, in_data_folder
from varde_node.lab.models import (
    Assessment,
    Case,
    KnowledgeComparison,
    KnowledgeEffect,
    KnowledgeSource,
    Scope,
)
from varde_node.lab.services.files import CHUNK_BYTES, ByteStream, safe_label
from varde_node.people.services import Actor, require

IMPORT_JOB, COMPARE_JOB = "lab.knowledge.import", "lab.knowledge.compare"
ROOT = "knowledge"
MOST_CASES = 500
"""Cases that one comparison looks at, the newest first. Varde's proposal: some minutes of work."""
MOST_CHANGES = 50
"""Changes kept of one case; the others are counted."""

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class NewSource:
    """What is told of a source by whoever brings it."""

    kind: str
    name: str
    version: str
    licence: str
    columns: dict[str, Any] | None = None


def bring_source(actor: Actor, told: NewSource, given_name: str, stream: ByteStream) -> UUID:
    """Take in a file and have a job import it; return the source, which is not yet in use.

    Raises InputError ``unknown_kind``, ``bad_name``, ``bad_description``, ``too_large`` and ``out_exists``; nothing is
    then stored. What the import refuses stands in the source's ``problem``.
    """
    require(actor, "lab.knowledge.import", details={"source": told.name, "version": told.version, "kind": told.kind})
    _check(told, OF_ONE_FILE)
    incoming = f"{ROOT}/incoming/{uuid4()}{''.join(Path(safe_label(given_name)).suffixes[-2:])[:20]}"
    path = in_data_folder(incoming)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _take_in(path, safe_label(given_name), stream)
        with transaction.atomic():
            row = _row(actor, told, safe_label(given_name), incoming)
            row.job_id = job_services.enqueue(IMPORT_JOB, row.id, requested_by=actor.account_id)
            row.save(update_fields=["job_id"])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return row.id


def import_file(actor: Actor, told: NewSource, path: Path, aliases: Path | None = None) -> UUID:
    """Import a file of this machine here and now, whatever its size; return the source, which is not yet in use.

    ``aliases`` is the second table of the symbols of genes. The file stays where it is. Raises InputError as
    ``bring_source`` and the import do; nothing is then stored.
    """
    require(actor, "lab.knowledge.import", details={"source": told.name, "version": told.version, "kind": told.kind})
    _check(told, KINDS)
    row = _row(actor, told, safe_label(path.name), "")
    try:
        _import(row, path, lambda _share, _step: None, aliases)
    except BaseException:
        row.delete()
        raise
    return row.id


def summary(source_id: UUID) -> str:
    """What became of an import, in a line."""
    row = _source(source_id)
    left_out = "".join(f", {count:,} {reason.replace('_', ' ')}" for reason, count in sorted(row.dropped.items()))
    use = "in use" if row.active else "not in use"
    return f"{row.name} {row.version}: {row.read:,} rows read, {row.kept:,} kept{left_out}; {use}."


def import_brought(source_id: UUID, report: Report) -> None:
    """Import the file of a source. An InputError is kept as its problem and goes on. Again changes nothing."""
    row = KnowledgeSource.objects.get(id=source_id)
    if row.imported_at is not None or row.problem is not None:
        return
    path = in_data_folder(row.incoming)
    try:
        _import(row, path, report)
    except InputError as error:
        row.problem = asdict(error) | {"source": row.file_name if error.source == path.name else error.source}
        row.save(update_fields=["problem"])
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


def _import(row: KnowledgeSource, path: Path, report: Report, aliases: Path | None = None) -> None:
    report(0.05, gettext_noop("Reading the source"))
    # a worker lost between the import and the row has left a folder that no row names
    shutil.rmtree(in_data_folder(ROOT) / f"{row.name}-{row.version}", ignore_errors=True)
    reference = ReferenceStore(settings.REFERENCES).get(settings.REFERENCE)
    found = import_source(
        in_data_folder(ROOT),
        row.kind,
        path,
        Origin(row.name, row.version, row.licence, row.requested_at.date()),
        reference.build,
        reference=reference,
        described=column_description(row.columns) if row.columns else None,
        aliases=aliases,
        progress=lambda _rows: report(0.5, gettext_noop("Reading the source")),
    )
    _store(row, found)


def use_source(actor: Actor, source_id: UUID) -> None:
    """Make a source the one in use at its place, for analyses from now on. Again changes nothing.

    Raises InputError ``not_imported``, ``wrong_build``, and ``damaged_source`` when a file is not what was written.
    """
    with transaction.atomic():
        row = _source(source_id, lock=True)
        require(actor, "lab.knowledge.use", object_id=row.id, details={"source": row.name, "version": row.version})
        if row.imported_at is None:
            raise InputError("not_imported", "The source is not imported.", "Wait for its import, or bring it again.")
        build = opened.reference()
        if row.build and build is not None and row.build != build.build.value:
            raise InputError(
                "wrong_build", f"The source is of {row.build}, the node of {build.build}.", "Bring the other file."
            )
        verify_imported(in_data_folder(row.folder))  # one that cannot be opened would stop every analysis
        KnowledgeSource.objects.filter(place=row.place, active=True).exclude(id=row.id).update(active=False)
        row.active = True
        row.save(update_fields=["active"])


def stop_using(actor: Actor, source_id: UUID) -> None:
    """Use a source no more; nothing takes its place. Again changes nothing."""
    with transaction.atomic():
        row = _source(source_id, lock=True)
        require(actor, "lab.knowledge.use", object_id=row.id, details={"source": row.name, "stop": True})
        row.active = False
        row.save(update_fields=["active"])


def find_effects(actor: Actor, source_id: UUID) -> UUID:
    """Look through the actor's laboratory's cases for what the source would change, in a job; return the comparison.

    Raises InputError ``not_imported``.
    """
    with transaction.atomic():
        row = _source(source_id)
        require(actor, "lab.knowledge.compare", object_id=row.id, organisation=actor.organisation_id)
        if row.imported_at is None:
            raise InputError("not_imported", "The source is not imported.", "Wait for its import, or bring it again.")
        against = KnowledgeSource.objects.filter(place=row.place, active=True).exclude(id=row.id).first()
        if against is None and row.active:
            against = _before(row)
        found = KnowledgeComparison.objects.create(
            source=row, against=against, laboratory_id=actor.organisation_id, asked_by_id=actor.account_id
        )
        job_services.enqueue(COMPARE_JOB, found.id, requested_by=actor.account_id, organisation=actor.organisation_id)
    return found.id


def compare(comparison_id: UUID, report: Report) -> None:
    """Fill a comparison. Again changes nothing."""
    found = KnowledgeComparison.objects.select_related("source", "against").get(id=comparison_id)
    if found.finished_at is not None:
        return
    old = in_data_folder(found.against.folder) if found.against else None
    asked = Comparison(old, in_data_folder(found.source.folder))
    cases = list(
        Case.objects.filter(laboratory_id=found.laboratory_id, analyses__finished_at__isnull=False)
        .exclude(state="cancelled")
        .select_related("panel")
        .distinct()
        .order_by("-received_at")
    )
    effects = []
    for number, case in enumerate(cases[:MOST_CASES]):
        report(number / max(len(cases[:MOST_CASES]), 1), gettext_noop("Looking through the cases"))
        changes = _of_case(asked, case)
        if changes:
            told = changes[:MOST_CHANGES]
            left_out = len(changes) - len(told)
            effects.append(KnowledgeEffect(comparison=found, case=case, changes=told, left_out=left_out))
    with transaction.atomic():
        found.effects.all().delete()
        KnowledgeEffect.objects.bulk_create(effects)
        found.cases_seen = min(len(cases), MOST_CASES)
        found.cases_left_out = len(cases) - found.cases_seen
        found.finished_at = timezone.now()
        found.save()


def _of_case(asked: Comparison, case: Case) -> list[dict[str, Any]]:
    """What would change in a case, within the genes that it is open for; the gravest first."""
    analysis = current_analysis(case)
    if analysis is None:
        return []
    path = in_data_folder(analysis.folder) / "alleles.parquet"
    if not path.is_file():
        return []
    names = ["key", "contig", "position", "ref", "alt", "gene", "child_carries"]
    alleles = pl.read_parquet(path, columns=names).drop_nulls("key")
    given: dict[int, tuple[str, int, str]] = {}
    for row in Assessment.objects.filter(case=case).order_by("number"):
        key = _key_of(row)
        if key is not None:
            given[key] = (row.variant, row.chosen_class, row.gene)
    if case.scope == Scope.PANEL:
        inside = pl.col("gene").is_in([gene["symbol"] for gene in case.panel.genes])
        alleles = alleles.filter(inside | pl.col("key").is_in(list(given)))
    changes = asked.of_case(alleles, list(given), {gene for _, _, gene in given.values() if gene})
    spelt = {row["key"]: row for row in alleles.filter(pl.col("key").is_in([one.key for one in changes])).to_dicts()}
    told = [_told(change, spelt.get(change.key), given.get(change.key)) for change in changes]
    return sorted(told, key=lambda one: (one["given_class"] is None, not one["matters"], one["gene"] or ""))


def _told(change: CaseChange, allele: dict[str, Any] | None, given: tuple[str, int, str] | None) -> dict[str, Any]:
    variant = ""
    if allele is not None:
        variant = f"{CONTIGS[allele['contig'] - 1]}-{allele['position']}-{allele['ref']}-{allele['alt']}"
    return {
        "variant": given[0] if given else variant,
        "gene": change.gene,
        "change": change.change,
        "matters": change.matters,
        "old": None if change.old is None else asdict(change.old),
        "new": None if change.new is None else asdict(change.new),
        "given_class": given[1] if given else None,
    }


def _key_of(row: Assessment) -> int | None:
    try:
        one = Variant.parse(Build(row.build), row.variant)
        return int(encode_keys([one.contig], [one.position], [one.ref], [one.alt])[0])
    except (InputError, ValueError):  # a structural variant has no key
        return None


def _before(row: KnowledgeSource) -> KnowledgeSource | None:
    earlier = KnowledgeSource.objects.filter(place=row.place, imported_at__lt=row.imported_at)
    return earlier.order_by("-imported_at").first()


def _source(source_id: UUID, *, lock: bool = False) -> KnowledgeSource:
    rows = KnowledgeSource.objects.select_for_update() if lock else KnowledgeSource.objects.all()
    row = rows.filter(id=source_id).first()
    if row is None:
        raise Http404
    return row


def _check(told: NewSource, kinds: tuple[str, ...]) -> None:
    if told.kind not in kinds:
        known = f"Known are {', '.join(kinds)}."
        raise InputError("unknown_kind", f"{told.kind[:40]!r} is no kind of source.", known, field="kind")
    Origin(told.name, told.version, told.licence, timezone.localdate())
    if told.kind == DESCRIBED:
        column_description(told.columns)
    if KnowledgeSource.objects.filter(name=told.name, version=told.version, problem__isnull=True).exists():
        raise InputError(
            "out_exists",
            f"{told.name} {told.version} is there already.",
            "Give another version: a source is never changed.",
            field="version",
        )


def _row(actor: Actor, told: NewSource, label: str, incoming: str) -> KnowledgeSource:
    try:
        with transaction.atomic():
            return KnowledgeSource.objects.create(
                kind=told.kind,
                name=told.name,
                version=told.version,
                licence=told.licence,
                columns=told.columns,
                file_name=label,
                incoming=incoming,
                imported_by_id=actor.account_id,
            )
    except IntegrityError:
        raise InputError(
            "out_exists", f"{told.name} {told.version} is there already.", "Give another version.", field="version"
        ) from None


def _take_in(path: Path, label: str, stream: ByteStream) -> None:
    size = 0
    with path.open("xb") as file:
        path.chmod(0o600)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT_BYTES:
                raise InputError(
                    "too_large",
                    f"The file is larger than the limit of {settings.UPLOAD_LIMIT_BYTES} bytes.",
                    "Import it by the command varde-node import-knowledge.",
                    source=label,
                    field="file",
                )
            file.write(chunk)


def _store(row: KnowledgeSource, found: Imported) -> None:
    try:
        row.folder = str(found.folder.relative_to(settings.DATA))
        row.place, row.build = found.place, "" if found.build is None else found.build.value
        row.sha256, row.read, row.kept = found.sha256, found.read, found.kept
        row.dropped, row.details = found.dropped, found.details
        row.imported_at = timezone.now()
        row.save()
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(found.folder)
        raise
