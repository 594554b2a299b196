"""Other hospitals are told of a patient, asked and answered, only as far as the consent reaches."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde.interpretation.matchmaking import MEDIA_TYPE
from varde_node.consent import services as consent
from varde_node.lab.match_profiles import profile_of
from varde_node.lab.matchmakers import add_service, askable_services
from varde_node.lab.models import Assessment, MatchmakingService, MatchProfile, MatchQuestion
from varde_node.lab.queries.matchmaking import matchmaking
from varde_node.lab.services import matchmaking as services
from varde_node.lab.tests.interpretation_steps import consent_of_parents
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role

REASON = "Two variants in trans in a gene without a known disease."
WITH_MATCH = (Purpose.CARE_PANEL, Purpose.MATCHMAKING)
VARIANT = "2-245474-GC-G"


@pytest.fixture(autouse=True)
def _reachable(settings) -> None:
    settings.MATCHMAKER_CONTACT = "mailto:genetics@proveby.example"
    settings.DEMO = True


@pytest.fixture
def assessed_case(open_demo_case, actor_as, people):
    """``assessed_case("solberg")``: a case with an assessed variant in DEMO17; nobody has agreed to anything."""

    def make(family: str = "solberg"):
        case = open_demo_case(family)
        Assessment.objects.create(
            case_id=case.id,
            number=1,
            variant=VARIANT,
            build="GRCh38",
            gene="DEMO17",
            points=6,
            suggested_class=4,
            chosen_class=4,
            ruleset="points",
            reasoning="because",
            in_answer=True,
            author_id=actor_as(Role.LABORATORY_GENETICIST).account_id,
        )
        return case

    return make


@pytest.fixture
def geneticist(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


def share(actor, case, **changed):
    asked = {"genes": ["DEMO17"], "with_variant": True, "reason": REASON} | changed
    return services.share_profile(actor, case.id, **asked)


def service(actor_as, name="Nordic exchange", **changed):
    told = {"address": "", "countries": ["SE"]} | changed
    return add_service(actor_as(Role.ADMINISTRATOR), name, **told)


def ask(token, gene="DEMO17"):
    patient = {
        "id": "theirs-1",
        "contact": {"name": "Elsewhere", "href": "mailto:a@elsewhere.example"},
        "genomicFeatures": [{"gene": {"id": gene}}],
    }
    return Client().post(
        "/mme/match",
        json.dumps({"patient": patient}),
        content_type=MEDIA_TYPE,
        headers={"X-Auth-Token": token},
    )


def about(case):
    """Entries of the trail about the case, by action and outcome."""
    rows = AuditEntry.objects.filter(object_id=str(case.id), action__startswith="lab.matchmaking")
    return list(rows.order_by("index").values_list("action", "outcome"))


def test_without_consent_nothing_is_told_and_the_refusal_is_written(
    assessed_case, geneticist, people, actor_as
) -> None:
    case = assessed_case()
    consent_of_parents(case, people, actor_as)  # everything but this

    with pytest.raises(InputError) as refused:
        share(geneticist, case)

    assert (refused.value.code, refused.value.field) == ("consent_lacks", "consent")
    assert MatchProfile.objects.count() == 0
    assert about(case) == [("lab.matchmaking.share", "refused")]


def test_what_is_shared_is_found_by_who_may_ask_until_the_family_says_no(
    assessed_case, geneticist, people, actor_as
) -> None:
    case = assessed_case()
    stream = consent_of_parents(case, people, actor_as, WITH_MATCH)
    profile = share(geneticist, case)
    token = service(actor_as)

    said = ask(token)
    body = said.json()
    assert (said.status_code, said["Content-Type"]) == (200, MEDIA_TYPE)
    (result,) = body["results"]
    assert result["patient"]["id"] == str(profile)
    assert result["patient"]["contact"]["href"] == "mailto:genetics@proveby.example"
    assert result["patient"]["genomicFeatures"] == [
        {
            "gene": {"id": "DEMO17"},
            "variant": {
                "assembly": "GRCh38",
                "referenceName": "2",
                "start": 245473,
                "end": 245475,
                "referenceBases": "GC",
                "alternateBases": "G",
            },
        }
    ]
    person = case.row.patient
    told = said.content.decode()
    assert [
        one for one in (person.name, person.national_identifier, str(person.id), case.row.number) if one in told
    ] == []
    assert about(case)[-1] == ("lab.matchmaking.answer", "allowed")
    assert MatchQuestion.objects.get().told == [str(profile)]

    assert ask(token, gene="TTN").json()["results"] == []
    consent.withdraw_consent(actor_as(Role.PATIENT, person=people.mother), stream=stream, decided_by_id=people.mother)
    assert ask(token).json()["results"] == []
    assert about(case)[-1] == ("lab.matchmaking.answer", "allowed")
    assert MatchQuestion.objects.order_by("-at")[0].told == []


def test_a_country_beyond_the_consent_is_told_nothing(assessed_case, geneticist, people, actor_as):
    case = assessed_case()
    consent_of_parents(case, people, actor_as, WITH_MATCH)
    profile = share(geneticist, case)

    assert ask(service(actor_as, "Overseas", countries=["US"])).json()["results"] == []
    assert [one["patient"]["id"] for one in ask(service(actor_as)).json()["results"]] == [str(profile)]


def test_who_may_not_ask_learns_nothing_and_nothing_is_stored(assessed_case, geneticist, people, actor_as):
    case = assessed_case()
    consent_of_parents(case, people, actor_as, WITH_MATCH)
    share(geneticist, case)
    token = service(actor_as)

    assert (ask("").status_code, ask("guess").status_code) == (401, 401)
    wrong = Client().post("/mme/match", b"{", content_type=MEDIA_TYPE, headers={"X-Auth-Token": token})
    typed = Client().post("/mme/match", b"{}", content_type="application/json", headers={"X-Auth-Token": token})
    asked = Client().get("/mme/match", headers={"X-Auth-Token": token})
    assert [(one.status_code, list(one.json())) for one in (wrong, typed, asked)] == [
        (400, ["message"]),
        (415, ["message"]),
        (405, ["message"]),
    ]
    MatchmakingService.objects.update(active=False)
    assert ask(token).status_code == 401
    assert MatchQuestion.objects.count() == 0
    with pytest.raises(AccessDenied):
        services.answer_question(geneticist, profile_of(MatchProfile.objects.get()))


def test_the_service_tells_that_it_lives_and_small_numbers_as_none(assessed_case, geneticist, people, actor_as):
    case = assessed_case()
    consent_of_parents(case, people, actor_as, WITH_MATCH)
    share(geneticist, case)
    asked = {"headers": {"X-Auth-Token": service(actor_as)}}

    beat = Client().get("/mme/heartbeat", **asked).json()["heartbeat"]
    assert (beat["production"], beat["accept"][-1]) == (False, MEDIA_TYPE)
    assert Client().get("/mme/metrics", **asked).json()["metrics"]["numberOfCases"] == 0


@pytest.mark.django_db(transaction=True)
def test_one_node_asks_another_and_shows_what_it_knows(
    assessed_case, geneticist, people, actor_as, live_server
) -> None:
    ours, theirs = assessed_case("solberg"), assessed_case("nilsen")
    for case in (ours, theirs):
        consent_of_parents(case, people, actor_as, WITH_MATCH)
    share(geneticist, theirs, with_variant=False)
    mine = share(geneticist, ours)
    token = service(actor_as, "A node", countries=["NO"])
    service(
        actor_as,
        "The same by address",
        address=f"{live_server.url}/mme",
        countries=["NO"],
        token_to_send=token,
        may_ask=False,
    )
    service(
        actor_as, "Far away", address=f"{live_server.url}/mme", countries=["US"], token_to_send=token, may_ask=False
    )

    (question,) = services.ask_services(geneticist, ours.id)
    assert services.send_question(question) == ours.id

    view = matchmaking(geneticist, ours.id)
    (line,) = [one for one in view.questions if one.results or one.problem]
    assert (line.service, line.ours, line.problem) == ("The same by address", True, "")
    (found,) = line.results
    assert (found.shared_genes, found.profile.contact.name) == (("DEMO17",), "Prøveby hospital, medical genetics")
    assert found.profile.genomic_features[0].variant is None
    assert view.profile.id == mine
    before = MatchQuestion.objects.count()
    services.send_question(question)
    assert MatchQuestion.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_a_service_that_fails_is_named_and_a_late_no_sends_nothing(
    assessed_case, geneticist, people, actor_as, live_server
) -> None:
    case = assessed_case()
    stream = consent_of_parents(case, people, actor_as, WITH_MATCH)
    share(geneticist, case)
    service(actor_as, address=f"{live_server.url}/mme", token_to_send="not-known-there", may_ask=False)

    (question,) = services.ask_services(geneticist, case.id)
    services.send_question(question)
    assert MatchQuestion.objects.get(id=question).problem == "MatchError: the service answered 401"

    first = MatchQuestion.objects.get(id=question)
    late = MatchQuestion.objects.create(service=first.service, profile=first.profile).id
    consent.withdraw_consent(actor_as(Role.PATIENT, person=people.mother), stream=stream, decided_by_id=people.mother)
    services.send_question(late)
    assert MatchQuestion.objects.get(id=late).problem == services.NOT_SENT


def test_the_page_leads_from_gene_to_answer_and_refuses_others(assessed_case, people, client_as, actor_as) -> None:
    case = assessed_case()
    address = f"/lab/cases/{case.id}/matchmaking/"
    client = client_as(Role.LABORATORY_GENETICIST)
    assert "refused" in client.get(address).content.decode()
    consent_of_parents(case, people, actor_as, WITH_MATCH)

    short = client.post(f"{address}share/", {"gene": "DEMO17", "reason": "<script>"})
    assert (short.status_code, MatchProfile.objects.count()) == (422, 0)
    assert "<script>" not in short.content.decode().replace("&lt;script&gt;", "")
    other = client.post(f"{address}share/", {"gene": "TTN", "reason": REASON})
    assert (other.status_code, MatchProfile.objects.count()) == (422, 0)
    assert client.post(f"{address}share/", {"gene": "DEMO17", "reason": REASON}).status_code == 302
    assert "the gene alone" in client.get(address).content.decode()
    assert client.post(f"{address}ask/").status_code == 422  # nobody is set up
    assert client.post(f"{address}share/", {"do": "stop"}).status_code == 302
    assert MatchProfile.objects.get().stopped_at is not None

    stranger = client_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    assert stranger.get(address).status_code == 403
    assert stranger.post(f"{address}share/", {"gene": "DEMO17", "reason": REASON}).status_code == 403
    assert MatchProfile.objects.count() == 1


def test_the_command_makes_a_service_known_and_keeps_its_token_secret(
    actor_as, settings, tmp_path, monkeypatch
) -> None:
    settings.DATA = tmp_path
    administrator = actor_as(Role.ADMINISTRATOR)
    from varde_node.people.models import Account

    by = Account.objects.get(id=administrator.account_id).username
    monkeypatch.setattr("sys.stdin", StringIO("their-token\n"))
    out = StringIO()
    asked = ["--address", "https://mme.example/api/", "--country", "SE", "--by", by, "--token-stdin"]
    call_command("add_matchmaker", "Exchange", *asked, stdout=out)
    token = re.search(r"once: (\S+)", out.getvalue()).group(1)

    (known,) = askable_services()
    kept = tmp_path / "matchmakers" / f"{known.id}.token"
    assert (known.address, kept.read_text()) == ("https://mme.example/api", "their-token")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert token not in json.dumps(list(MatchmakingService.objects.values_list("token_sha256", "name")))
    for wrong in (
        {"address": "http://mme.example"},
        {"address": "https:///x"},
        {"countries": []},
        {"countries": ["Sweden"]},
    ):
        with pytest.raises(InputError):
            service(actor_as, "Other", **wrong)
    assert MatchmakingService.objects.count() == 1
