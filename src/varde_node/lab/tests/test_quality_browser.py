"""The quality pages in Chromium: sound with data and empty, wide and narrow."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from browser import assert_page_is_sound, sign_in
from varde.annotation.genes import reference_transcripts
from varde.quality.formats.tests import examples
from varde_node.lab.services import quality_files as services
from varde_node.lab.services import runs
from varde_node.lab.tests.test_quality_files import depth_file, selfsm
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def measured_case(analysed_case, demo, actor_as, run_jobs):
    """An analysed case with reports, a depth file of the child and a run for each of twelve days."""
    case, actor = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    today, known = timezone.localdate(), reference_transcripts(demo.reference).by_gene
    gene = next(one["symbol"] for one in case.row.panel.genes if one["symbol"] in known)
    for number in range(12):
        day = (today - timedelta(days=14 - number)).isoformat()
        run = runs.record_run(actor, name=f"R{number:02}", instrument="NovaSeq A", sequenced_on=day, flow_cell="FC")
        share = 0.09 if number == 11 else 0.01 + number % 3 / 1000
        given = [(f"solberg-barn.{number:02}.selfSM", io.BytesIO(selfsm(share).encode()))]
        services.import_quality(actor, case.id, given, run_id=run)
    runs.note_change(actor, instrument="NovaSeq A", on=(today - timedelta(days=8)).isoformat(), kind="reagent",
                     text="Kit lot 7")  # fmt: skip
    with run_jobs():
        given = [
            ("solberg-barn.per-base.bed.gz", io.BytesIO(depth_file(demo, gene, 25)[0])),
            ("solberg-mor.flagstat", io.BytesIO(examples.FLAGSTAT.encode())),
        ]
        services.import_quality(actor, case.id, given)
    return case, gene


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_every_quality_page_is_sound(width, scheme, measured_case, people, browser_page) -> None:
    case, gene = measured_case
    account = people_services.add_account("reader", "Reader Prøve", demo=True)
    people_services.add_membership(account, Role.SECOND_READER, people.laboratory)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "reader")
    own = f"/lab/cases/{case.id}"
    addresses = (
        *(f"{own}/quality/", f"{own}/quality/files/", f"{own}/coverage/", f"{own}/coverage/?gene={gene}"),
        *("/lab/gates/", "/lab/gates/?assay=panel", "/lab/charts/"),
    )
    for address in addresses:
        page.goto(address)
        assert_page_is_sound(page)
