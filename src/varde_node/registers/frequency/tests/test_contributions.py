"""Contributions, withdrawals and imports: exact counts, and byte-equal sums after a withdrawal."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest

from varde.frequency.count import Counting, count
from varde.frequency.lookup import Counts, as_counted
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.simulate.country import FAMILIES
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.frequency import queries, services, store
from varde_node.registers.frequency.models import Contribution

PLAN = FAMILIES[0].plan
REGION_CODES = ("HSO", "HV", "HMN", "HN")


def import_all(manager, country, regions=REGION_CODES):
    return services.import_population(
        manager,
        vcfs={region: country.files.population_vcf(region) for region in regions},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
    )


def contribute(actor, country, samples=None, **changed):
    values = {
        "vcf": country.family,
        "samples": samples or {PLAN.mother: Sex.FEMALE, PLAN.father: Sex.MALE},
        "build": Build.GRCH38,
        "reference": country.reference,
    } | changed
    return services.add_contribution(actor, **values)


def sums(folder):
    return {name: (folder / name).read_bytes() for name in ("manifest.json", "sites.parquet", "callable.parquet")}


def direct_counts(paths):
    """AC and AN per autosomal allele, straight from the text: GQ >= 20, DP >= 10, and the balance of a heterozygote."""
    ac, an = Counter(), Counter()
    for path in paths:
        with gzip.open(path, "rt") as lines:
            for line in lines:
                if line.startswith("#"):
                    continue
                contig, position, _, ref, alt, _, _, _, keys, *people = line.rstrip("\n").split("\t")
                if contig in ("chrX", "chrY", "chrM") or "," in alt:
                    continue
                name = (contig.removeprefix("chr"), int(position), ref, alt)
                for person in people:
                    value = dict(zip(keys.split(":"), person.split(":"), strict=True))
                    alleles = value["GT"].replace("|", "/").split("/")
                    if "." in alleles or int(value["GQ"]) < 20 or int(value["DP"]) < 10:
                        continue
                    depths = [int(depth) for depth in value["AD"].split(",")]
                    if len(set(alleles)) == 2 and depths[1] < 0.2 * int(value["DP"]):
                        continue
                    ac[name] += alleles.count("1")
                    an[name] += 2
    return ac, an


def test_the_nation_is_the_sum_of_its_regions_and_equals_a_direct_count(data, manager, country):
    assert queries.counts_folder() is None
    assert import_all(manager, country) == 48
    ac, an = direct_counts([country.files.population_vcf(region) for region in REGION_CODES])
    counts = Counts(queries.counts_folder())
    assert len(an) > 1000
    assert sum(ac.values()) > 1000
    for (contig, position, ref, alt), number in list(an.items())[::7]:
        written = Variant.parse(Build.GRCH38, f"{contig}-{position}-{ref}-{alt}")
        counted = as_counted(written, country.reference)
        found = counts.lookup(counted)
        assert found.ac == ac[contig, position, ref, alt]
        if counted == written:  # an indel that moves is counted among the people callable where it begins
            assert found.an == number


def test_the_sum_of_regions_has_the_bytes_of_counting_everybody_at_once(data, manager, country, tmp_path):
    import_all(manager, country)
    whole = tmp_path / "whole"
    count(
        [country.files.population_vcf(region) for region in REGION_CODES],
        out=whole,
        counting=Counting(build=Build.GRCH38, reference=country.reference),
        sexes=country.sexes,
    )
    assert sums(store.nation_folder()) == sums(whole)


def test_importing_twice_counts_once(data, manager, country):
    import_all(manager, country, ["HSO"])
    before = sums(store.nation_folder())
    assert import_all(manager, country, ["HSO"]) == 12
    assert sums(store.nation_folder()) == before
    assert Contribution.objects.count() == 1


def test_a_withdrawn_contribution_leaves_the_counts_byte_equal_to_never_added(data, manager, geneticist, country):
    import_all(manager, country, ["HSO", "HV"])
    before = {folder: sums(folder) for folder in (store.nation_folder(), store.region_folder("HSO"))}
    name = contribute(geneticist, country)
    assert Counts(store.nation_folder()).people == 26
    assert Counts(store.region_folder("HSO")).people == 14
    assert sums(store.nation_folder()) != before[store.nation_folder()]
    services.withdraw_contribution(geneticist, name)
    assert {folder: sums(folder) for folder in before} == before
    row = Contribution.objects.get(id=name)
    assert (row.state, row.runs, row.people) == ("withdrawn", [], 2)
    with pytest.raises(InputError, match="No contribution"):
        services.withdraw_contribution(geneticist, name)
    runs = {path.name.split(".")[0] for path in (store.nation_folder() / "runs").iterdir()}
    assert len(runs) == 24


def test_the_store_holds_no_name_of_a_person_or_a_file(data, geneticist, country):
    contribute(geneticist, country)
    for path in store.root().rglob("*"):
        assert PLAN.mother not in path.name
        if path.suffix == ".json":
            text = path.read_text(encoding="utf-8")
            assert PLAN.mother not in text
            assert country.family.name not in text


def test_a_rejected_contribution_changes_no_count_and_stands_in_the_book(data, manager, geneticist, country):
    import_all(manager, country, ["HSO"])
    before = sums(store.nation_folder())
    with pytest.raises(InputError) as caught:
        contribute(geneticist, country, samples={PLAN.mother: Sex.FEMALE, "NOBODY": Sex.MALE})
    assert sums(store.nation_folder()) == before
    assert sums(store.region_folder("HSO")) == before
    row = Contribution.objects.get(state="rejected")
    assert (row.region, row.people, row.runs, row.reason) == ("HSO", 2, [], caught.value.code)


def test_an_organisation_without_a_region_cannot_contribute(data, manager, country):
    with pytest.raises(InputError, match="not a health region"):
        contribute(manager, country)
    assert not store.root().exists()


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PATIENT, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_others_may_not_contribute_nor_withdraw(data, geneticist, actor_as, country, role):
    name = contribute(geneticist, country)
    before = sums(store.nation_folder())
    for refused in (
        lambda: contribute(actor_as(role), country),
        lambda: services.withdraw_contribution(actor_as(role), name),
        lambda: services.rebuild(actor_as(role)),
    ):
        with pytest.raises(AccessDenied):
            refused()
    assert sums(store.nation_folder()) == before
    assert AuditEntry.objects.filter(outcome="refused", role=role.value).count() == 3


def test_a_parent_withdraws_the_childs_and_a_stranger_does_not(data, people, geneticist, actor_as, country):
    name = contribute(geneticist, country)
    with pytest.raises(AccessDenied):
        services.withdraw_contribution(actor_as(Role.PATIENT, person=people.stranger), name, subject=people.child)
    services.withdraw_contribution(actor_as(Role.PATIENT, person=people.mother), name, subject=people.child)
    assert Counts(store.nation_folder()).people == 0


def test_rebuilding_gives_the_same_bytes(data, manager, geneticist, country):
    import_all(manager, country, ["HSO", "HN"])
    contribute(geneticist, country)
    before = sums(store.nation_folder())
    (store.nation_folder() / "sites.parquet").unlink()
    assert services.rebuild(manager) == 26
    assert sums(store.nation_folder()) == before
