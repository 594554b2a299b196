"""A new process has opened the waiting cases before anybody asks."""

from __future__ import annotations

from varde_node.lab import opened, services
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role

CACHES = (opened._load, opened._namer, opened._reference, opened._knowledge)


def test_the_first_page_of_a_waiting_case_loads_nothing_more(analysed_case, client_as) -> None:
    case = analysed_case("solberg")
    for one in CACHES:
        one.cache_clear()
    opened._outcomes._kept.clear()
    written = AuditEntry.objects.count()
    services.warm_up()
    assert AuditEntry.objects.count() == written
    assert (opened._load.cache_info().misses, opened._namer.cache_info().misses) == (1, 1)
    made, filtered = [one.cache_info().misses for one in CACHES], list(opened._outcomes._kept)
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/candidates/")
    assert page.status_code == 200
    assert page.context["view"].read > 0
    assert [one.cache_info().misses for one in CACHES] == made
    assert list(opened._outcomes._kept) == filtered


def test_cases_without_an_analysis_and_a_node_without_a_reference_are_left(open_demo_case, settings, tmp_path) -> None:
    open_demo_case("solberg")
    settings.REFERENCES = tmp_path / "none"
    settings.GENE_KNOWLEDGE = tmp_path / "none.tsv"
    services.warm_up()
    assert opened.namer() is None
