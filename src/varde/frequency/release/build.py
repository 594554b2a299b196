"""Building a release: immutable, signed, whole or not at all, and public only as far as the gate lets it be."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from varde.frequency.callable_intervals import Intervals, union
from varde.frequency.increment import COUNTS, write_increment
from varde.frequency.index import index_increment
from varde.frequency.release import layout
from varde.frequency.release.gate import Acceptance, Gate, Verdict, decide
from varde.frequency.release.manifest import manifest_of
from varde.frequency.release.measured import Measured
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.public import all_sites, public_coverage, public_sites
from varde.frequency.release.publish import PublicPart, told_interpretations, write_public
from varde.frequency.release.report import write_report
from varde.frequency.release.sums import artefacts, files_below, seal, write_json
from varde.frequency.release.tables import write_buckets
from varde.frequency.release.words import TEXTS
from varde.frequency.signing import PrivateKey, PublicKey
from varde.frequency.structural_clusters import clusters
from varde.genome.message import message_of
from varde.genome.new_folder import new_folder


def build_release(
    out: str | Path,
    prepared: Prepared,
    measured: Measured,
    key: PrivateKey,
    acceptance: Acceptance | None = None,
) -> Gate:
    """Write the release folder ``out`` and sign it; the decision of the gate.

    When the gate refuses, the folder has no public part, and its manifest says why. The same input gives the same
    bytes. Raises InputError ``out_exists``, ``out_not_writable``, and as ``Acceptance.check``; nothing is then written.
    """
    gate = gate_of(prepared, measured, key.public, acceptance)
    with new_folder(Path(out)) as folder:
        if gate.public:
            write_public(
                folder,
                public_part(prepared, measured.chosen),
                prepared.sources.settings.build,
                prepared.order.name,
                prepared.order.parameters,
            )
        _write_professional(folder / layout.PROFESSIONAL, prepared, key)
        manifest = manifest_of(prepared, measured, gate, key.public, ())
        write_report(folder / layout.REPORT, manifest)
        names = files_below(folder, but=(layout.PROFESSIONAL,))
        manifest["artefacts"] = artefacts(folder, names)
        write_json(manifest, folder / layout.MANIFEST)
        seal(folder, [*names, layout.MANIFEST], key)
    return gate


def gate_of(prepared: Prepared, measured: Measured, register: PublicKey, acceptance: Acceptance | None = None) -> Gate:
    """The decision for a prepared and measured release. Raises InputError as ``Acceptance.check``."""
    order, parameters = prepared.order, prepared.order.parameters
    people = prepared.sources.total.number_of_people
    if people < parameters.least_people:
        told = message_of(TEXTS, "gate_too_few_people", people=people, least=parameters.least_people)
        return Gate(Verdict.REFUSED, None, told)
    if order.previous is not None and not order.correction:
        before = order.previous
        changed = sum(prepared.sources.changed_since(before.manifest))
        least = parameters.least_batch_after(before.manifest["people"]["all"])
        if changed < least:
            told = message_of(TEXTS, "gate_batch_too_small", changed=changed, previous=before.name, least=least)
            return Gate(Verdict.REFUSED, None, told)
    if measured.chosen == 0:
        return Gate(Verdict.REFUSED, None, message_of(TEXTS, "gate_nothing_fits"))
    if acceptance is not None:
        acceptance.check(measured.digest, register)
    return decide(measured.worst, acceptance)


def public_part(prepared: Prepared, sets: int) -> PublicPart:
    """What is published of the first ``sets`` site sets."""
    order, chosen, told = prepared.order, prepared.order.sets[:sets], prepared.chosen(sets)
    in_bin = prepared.sites["key"].to_numpy()[told & (prepared.bins.number > 0)]
    places = union([Intervals.empty(), *(one.places for one in chosen)])
    return PublicPart(
        public_sites(prepared.sites, prepared.bins, told, order.parameters),
        public_coverage(prepared.sources.total, places, order.parameters.coverage_block),
        chosen,
        told_interpretations(order.interpretations, in_bin, order.parameters),
    )


def _write_professional(folder: Path, prepared: Prepared, key: PrivateKey) -> None:
    """Exact counts of everybody: by cell, by site, as an index, and the clustered structural variants."""
    counts, total, name = folder / "counts", prepared.sources.total, prepared.order.name
    counts.mkdir(parents=True)
    write_increment(counts, total)
    exact = all_sites(total).select("contig", "position", "ref", "alt", *COUNTS, "nhet_mt")
    write_buckets(exact, folder / "sites")
    index_increment(folder / "register.index", total, made_from={"release": name, "tier": "professional"})
    _clustered(prepared).write_parquet(folder / "structural.parquet", compression="zstd")
    manifest = {
        "format": layout.PROFESSIONAL_KIND,
        "format_version": layout.FORMAT,
        "release": name,
        "build": str(total.build),
        "personal_data": "Exact counts are personal data: for the health service alone, with purpose and log.",
        "people": total.number_of_people,
        "artefacts": artefacts(folder, files_below(folder)),
    }
    write_json(manifest, folder / layout.MANIFEST)
    seal(folder, files_below(folder), key)


def _clustered(prepared: Prepared) -> pl.DataFrame:
    return clusters(prepared.sources.total)
