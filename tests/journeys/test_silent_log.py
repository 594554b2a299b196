"""No person and no variant in the log: the demo country's whole story, its refusals and failures, read line by line."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from journeys.conftest import Seeding, written_log
from varde.genome.errors import InputError
from varde.simulate.country import FAMILIES
from varde_node.jobs import registry
from varde_node.jobs import services as jobs
from varde_node.jobs.models import Job
from varde_node.lab import queries, services
from varde_node.lab.models import Assessment, Case, CaseState, Sample
from varde_node.people.models import Account, Person
from varde_node.people.services import Actor, Role, actor_named

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATTERNS = {
    "variant": re.compile(r"\b(?:chr)?(?:\d{1,2}|[XYM]|MT)[-:_ ]\d{2,}[-:_ ]?[ACGTN]+[-:_> /]+[ACGTN*]+\b"),
    "HGVS": re.compile(r"\b[cgmnpr]\.\(?[-*]?(?:\d+[\d_+*-]*(?:[ACGT]|del|dup|ins|inv|=)|[A-Z][a-z]{2}\d+)"),
    "national identifier": re.compile(r"(?<![\w.])\d{11}(?!\w)"),
}
FORBIDDEN_EXAMPLES = {
    "variant": ["2-245474-GC-G", "chr2:247146:G:T", "X 1234 A>T"],
    "HGVS": ["NM_000001.1:c.123+1G>A", "c.76_78del", "p.(Arg12Ter)", "p.Gly12Val", "g.5000dup"],
    "national identifier": ["ask for 14882212345 now"],
}


def told_in(text: str, words: set[str]) -> set[str]:
    """What a text tells that no log may: known words, and whatever has the form of a variant or an identifier."""
    found = {f"{name}: {one[0]}" for name, pattern in PATTERNS.items() for one in pattern.finditer(text)}
    return found | {word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)}


@pytest.mark.parametrize(("kind", "example"), [(kind, one) for kind, of in FORBIDDEN_EXAMPLES.items() for one in of])
def test_the_search_finds_what_it_looks_for(kind: str, example: str) -> None:
    assert [one.split(":")[0] for one in told_in(example, set())] == [kind]
    assert told_in("Mari Prøve was here", {"Mari Prøve"}) == {"Mari Prøve"}


def forbidden_words() -> set[str]:
    """Names of everybody, their identifiers, the tubes and the assessed variants."""
    people = list(Person.objects.values_list("name", "national_identifier"))
    names = {name for name, _ in people} | set(Account.objects.values_list("full_name", flat=True))
    surnames = {name.split()[-1] for name in names if len(name.split()[-1]) > 4}
    tubes = set(Sample.objects.values_list("name", flat=True))
    tubes |= {name for one in FAMILIES for name in (one.plan.child, one.plan.mother, one.plan.father)}
    variants = set(Assessment.objects.values_list("variant", flat=True))
    return names | surnames | tubes | variants | {identifier for _, identifier in people}


def signed_in(username: str) -> Client:
    client = Client()
    client.post("/sign-in/demo/", {"username": username})
    return client


def look_around(case: Case, reader: Actor) -> None:
    """The pages of the story, with what is looked for in their addresses and forms."""
    client = signed_in("kari")
    services.open_all_genes(reader, case.id, f"{case.patient.name} has seizures.")
    address = f"/lab/cases/{case.id}"
    variant = queries.candidates(reader, case.id).lines[0].alleles[0].allele.variant
    for page in ("quality/", "candidates/", "trace/", f"variants/{variant}/", f"trace/?text={variant}"):
        assert client.get(f"{address}/{page}").status_code == 200
    assert client.post(f"{address}/variants/{variant}/", {"reasoning": case.patient.name}).status_code == 422


def meet_refusals(case: Case, waiting: Case) -> None:
    """Addresses and files that carry what the log must not."""
    person = case.patient
    kari, ingrid = signed_in("kari"), signed_in("ingrid")
    assert kari.get(f"/nowhere/{person.national_identifier}/{person.name}/").status_code == 404
    assert signed_in("marte").get(f"/lab/cases/{case.id}/?who={person.name}").status_code == 403
    assert ingrid.get(f"/access-log/?text={person.national_identifier}").status_code == 403
    line = f"2\t245474\t{person.name}\tGC\tG\t.\tPASS\t.\tGT\t0/1\n"
    header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tstranger\n"
    file = SimpleUploadedFile(f"{person.name}.vcf", (header + line).encode())
    assert kari.post(f"/lab/cases/{waiting.id}/files/", {"file": file}).status_code == 422
    Client().post("/sign-in/", {"login": person.national_identifier, "password": person.name})


def fail_a_job(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job whose errors speak of the person: an unexpected one, and unusable input."""
    told = f"{case.patient.name} {case.patient.national_identifier} 2-245474-GC-G NM_1.1:c.12del"
    errors = {"test.crash": RuntimeError(told), "test.refuse": InputError("wrong_line", told, told)}

    def fail(_progress: object, name: str) -> None:
        raise errors[name]

    with jobs.immediately():
        for name in errors:
            monkeypatch.setitem(registry._KINDS, name, jobs.JobKind(name, name, fail))
            jobs.enqueue(name, name)


def test_the_story_is_told_without_a_person_or_a_variant_in_the_log(demo_country: Seeding, capfd, monkeypatch) -> None:
    case, waiting = Case.objects.get(number="NO-2026-0001"), Case.objects.get(state=CaseState.SAMPLES_RECEIVED)
    with written_log() as log:
        look_around(case, actor_named("kari", Role.LABORATORY_GENETICIST))
        meet_refusals(case, waiting)
        fail_a_job(case, monkeypatch)
    words = forbidden_words()
    assert len(words) > 50

    assert len(demo_country.log.splitlines()) > 0
    text = demo_country.log + log.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["event"] for line in lines} >= {"request", "job failed"}
    assert len(lines) > 12
    output = capfd.readouterr()
    assert told_in(text, words) | told_in(output.out, words) | told_in(output.err, words) == set()
    assert told_in(demo_country.output, words) == set()
    tails = [f"{job.log_tail} {job.step}" for job in Job.objects.all()]
    assert len(tails) > 5
    assert told_in("\n".join(tails), words) == set()
