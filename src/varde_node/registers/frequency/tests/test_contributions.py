"""Contributions, withdrawals and imports in a region: exact counts, byte-equal sums, and interruptions made good."""

from __future__ import annotations

import gzip
import os
from collections import Counter

import pytest

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.count import remove_person
from varde.frequency.ledger import compact
from varde.frequency.lookup import Counts, as_counted
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.simulate.country import FAMILIES
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.frequency import outbox, queries, services, store
from varde_node.registers.frequency.models import Contribution

PLAN = FAMILIES[0].plan
REGION_CODES = ("HSO", "HV", "HMN", "HN")
NOTHING_DONE = {"rejections": 0, "withdrawals": 0, "orphans": 0, "missing": 0, "busy": 0, "shards": 0, "releases": 0}


def import_all(manager, country, regions=REGION_CODES, **changed):
    return services.import_population(
        manager,
        vcfs={region: country.files.population_vcf(region) for region in regions},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
        **changed,
    )


def contribute(actor, country, samples=None, **changed):
    values = {
        "vcf": country.family,
        "samples": samples or {PLAN.mother: Sex.FEMALE, PLAN.father: Sex.MALE},
        "build": Build.GRCH38,
        "reference": country.reference,
    } | changed
    return services.add_contribution(actor, **values)


def everything(region):
    """Every file of a region's counts, after its segments were joined."""
    folder = store.region_folder(region)
    compact(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def people(region):
    return Counts(store.region_folder(region)).people


def direct_counts(path):
    """AC and AN per autosomal allele, straight from the text: GQ >= 20, DP >= 10, and the balance of a heterozygote."""
    ac, an = Counter(), Counter()
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            contig, position, _, ref, alt, _, _, _, keys, *genotypes = line.rstrip("\n").split("\t")
            if contig in ("chrX", "chrY", "chrM") or "," in alt:
                continue
            name = (contig.removeprefix("chr"), int(position), ref, alt)
            for genotype in genotypes:
                value = dict(zip(keys.split(":"), genotype.split(":"), strict=True))
                alleles = value["GT"].replace("|", "/").split("/")
                if "." in alleles or int(value["GQ"]) < 20 or int(value["DP"]) < 10:
                    continue
                depths = [int(depth) for depth in value["AD"].split(",")]
                if len(set(alleles)) == 2 and depths[1] < 0.2 * int(value["DP"]):
                    continue
                ac[name] += alleles.count("1")
                an[name] += 2
    return ac, an


def test_a_region_equals_a_direct_count_and_the_nation_is_still_empty(data, manager, country):
    assert import_all(manager, country, ["HV"]) == 12
    ac, an = direct_counts(country.files.population_vcf("HV"))
    counts = Counts(store.region_folder("HV"))
    assert len(an) > 1000
    assert sum(ac.values()) > 1000
    for (contig, position, ref, alt), number in list(an.items())[::7]:
        written = Variant.parse(Build.GRCH38, f"{contig}-{position}-{ref}-{alt}")
        counted = as_counted(written, country.reference)
        found = counts.lookup(counted)
        assert found.ac == ac[contig, position, ref, alt]
        if counted == written:  # an indel that moves is counted among the people callable where it begins
            assert found.an == number
    assert queries.counts_folder() is None


def test_importing_twice_counts_once(data, manager, country):
    import_all(manager, country, ["HSO"])
    before = everything("HSO")
    assert import_all(manager, country, ["HSO"]) == 12
    assert everything("HSO") == before
    assert Contribution.objects.count() == 1


def test_held_out_people_are_in_no_sum_and_keep_their_runs(data, manager, country):
    import_all(manager, country, ["HSO"])
    before = Counts(store.region_folder("HSO")).increment
    assert (
        services.import_population(
            manager,
            vcfs={"HSO": country.files.population_vcf("HN")},
            sexes=country.sexes,
            build=Build.GRCH38,
            reference=country.reference,
            held_out=True,
        )
        == 12
    )
    after = Counts(store.region_folder("HSO"))
    assert after.increment.observations.equals(before.observations)
    assert after.increment.coverage.equals(before.coverage)
    assert Counter(str(run.status) for run in store.stored_runs("HSO")) == {"counted": 12, "held_out": 12}
    assert sorted(Contribution.objects.values_list("people", "held_out")) == [(12, 0), (12, 12)]


def test_group_and_assay_are_counted_apart(data, geneticist, country):
    contribute(geneticist, country, group=DiseaseGroup.DEVELOPMENT, assay=Assay.EXOME)
    assert Counts(store.region_folder("HSO")).people_by_cell == {
        Cell(Sex.FEMALE, DiseaseGroup.DEVELOPMENT, Assay.EXOME): 1,
        Cell(Sex.MALE, DiseaseGroup.DEVELOPMENT, Assay.EXOME): 1,
    }
    assert Contribution.objects.values_list("group", "assay").get() == ("development", "exome")


def test_a_withdrawn_contribution_leaves_the_counts_byte_equal_to_never_added(
    data, manager, geneticist, country, run_jobs
):
    import_all(manager, country, ["HSO", "HV"])
    before = {region: everything(region) for region in ("HSO", "HV")}
    name = contribute(geneticist, country)
    assert people("HSO") == 14
    with run_jobs():
        services.withdraw_contribution(geneticist, name)
        assert Contribution.objects.get(id=name).state == "withdrawing"
        assert people("HSO") == 14  # the files follow what is committed
    assert {region: everything(region) for region in before} == before
    row = Contribution.objects.get(id=name)
    assert (row.state, row.runs, row.people) == ("withdrawn", [], 2)
    with pytest.raises(InputError, match="No contribution"):
        services.withdraw_contribution(geneticist, name)


def test_no_file_keeps_what_was_taken_away(data, manager, geneticist, country, run_jobs):
    """A person's sums are small beside those of the others: they stand apart, added and taken away, until joined."""
    for files in REGION_CODES:
        services.import_population(
            manager,
            vcfs={"HSO": country.files.population_vcf(files)},
            sexes=country.sexes,
            build=Build.GRCH38,
            reference=country.reference,
        )
    before = everything("HSO")
    name = contribute(geneticist, country, {PLAN.mother: Sex.FEMALE})
    runs = Contribution.objects.get(id=name).runs
    remaining = store.region_folder("HSO") / "sums"
    assert len(list(remaining.iterdir())) == 2
    with run_jobs():
        services.withdraw_contribution(geneticist, name)
    files = [path for path in store.root().rglob("*") if path.is_file()]
    assert not [path for path in files for run in runs if run in path.name or run.encode() in path.read_bytes()]
    assert len(list(remaining.iterdir())) == 1
    folder = store.region_folder("HSO")
    assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_store_holds_no_name_of_a_person_or_a_file(data, geneticist, country):
    contribute(geneticist, country)
    for path in store.root().rglob("*"):
        assert PLAN.mother not in path.name
        if path.is_file():
            assert PLAN.mother.encode() not in path.read_bytes()
            assert country.family.name.encode() not in path.read_bytes()


def test_a_rejected_contribution_changes_no_count_and_stands_in_the_book(data, manager, geneticist, country, run_jobs):
    with run_jobs():
        import_all(manager, country, ["HSO"])
    before = everything("HSO")
    with pytest.raises(InputError) as caught:
        contribute(geneticist, country, samples={PLAN.mother: Sex.FEMALE, "NOBODY": Sex.MALE})
    assert everything("HSO") == before
    # The transaction around may be rolled back: the rejection waits outside it, and is entered once.
    assert not Contribution.objects.filter(state="rejected").exists()
    assert services.reconcile() == NOTHING_DONE | {"rejections": 1}
    services.reconcile()
    row = Contribution.objects.get(state="rejected")
    assert (row.region, row.people, row.runs, row.reason) == ("HSO", 2, [], caught.value.code)


def test_an_organisation_without_a_region_cannot_contribute(data, manager, country):
    with pytest.raises(InputError, match="not a health region"):
        contribute(manager, country)
    assert not store.root().exists()


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PATIENT, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_others_may_not_contribute_nor_withdraw(data, geneticist, actor_as, country, role):
    name = contribute(geneticist, country)
    before = everything("HSO")
    for refused in (
        lambda: contribute(actor_as(role), country),
        lambda: services.withdraw_contribution(actor_as(role), name),
        lambda: services.rebuild(actor_as(role)),
    ):
        with pytest.raises(AccessDenied):
            refused()
    assert everything("HSO") == before
    assert AuditEntry.objects.filter(outcome="refused", role=role.value).count() == 3


def test_a_parent_withdraws_the_childs_and_a_stranger_does_not(data, people, geneticist, actor_as, country, run_jobs):
    name = contribute(geneticist, country)
    with pytest.raises(AccessDenied):
        services.withdraw_contribution(actor_as(Role.PATIENT, person=people.stranger), name, subject=people.child)
    with run_jobs():
        services.withdraw_contribution(actor_as(Role.PATIENT, person=people.mother), name, subject=people.child)
    assert store.people_counted("HSO") == 0


def test_rebuilding_gives_the_same_bytes(data, manager, geneticist, country):
    import_all(manager, country, ["HSO", "HN"])
    contribute(geneticist, country)
    before = everything("HSO")
    assert services.rebuild(manager) == 26
    assert everything("HSO") == before


def test_a_run_whose_row_was_never_committed_is_taken_out_again(data, manager, geneticist, country, run_jobs):
    with run_jobs():
        import_all(manager, country, ["HSO"])
    before = everything("HSO")
    Contribution.objects.get(id=contribute(geneticist, country)).delete()  # as a rollback does
    (intent,) = outbox.folder().glob("*.intent")
    assert people("HSO") == 14
    assert services.reconcile() == NOTHING_DONE | {"busy": 1}  # it may be under way
    assert people("HSO") == 14
    os.utime(intent, (0, 0))
    assert services.reconcile() == NOTHING_DONE | {"orphans": 2}
    assert everything("HSO") == before
    assert services.reconcile() == NOTHING_DONE


def test_a_withdrawal_that_was_cut_short_is_finished(data, manager, geneticist, country, run_jobs):
    with run_jobs():
        import_all(manager, country, ["HSO"])
    before = everything("HSO")
    with run_jobs():
        name = contribute(geneticist, country)
    services.withdraw_contribution(geneticist, name)  # the process ends before the files follow
    runs = Contribution.objects.get(id=name).runs
    remove_person(store.region_folder("HSO"), runs[0])  # or in the middle of it
    assert services.reconcile() == NOTHING_DONE | {"withdrawals": 1}
    assert Contribution.objects.get(id=name).state == "withdrawn"
    assert everything("HSO") == before


def test_a_run_that_the_files_lack_is_told_of_and_nothing_is_changed(data, geneticist, country):
    name = contribute(geneticist, country)
    remove_person(store.region_folder("HSO"), Contribution.objects.get(id=name).runs[0])
    assert services.reconcile(older_than_s=0) == NOTHING_DONE | {"missing": 1}
    assert Contribution.objects.get(id=name).state == "counted"
