"""Sign-in through a real OpenID Connect issuer: the linked account and no other, and nothing on a false token."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.test import Client

from browser import assert_page_is_sound
from oidc_issuer import CLIENT_ID, CLIENT_SECRET, Issuer, rsa_key, running_issuer
from varde.genome.errors import InputError
from varde_node.people import services
from varde_node.people.links import issuer_name, linked_account
from varde_node.people.models import Account, AuditEntry, Membership, ProviderLink
from varde_node.people.services import AccessDenied, Role

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/oidc/login/"
CALLBACK = "/accounts/oidc/oidc/login/callback/"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_parts: object) -> None:
        return None


def asked_of_issuer(address: str) -> str:
    """Where the issuer sends the browser."""
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(NoRedirect).open(address)
    assert answer.value.code == 302
    return answer.value.headers["Location"]


@pytest.fixture
def issuer(settings) -> Iterator[Issuer]:
    """The node set up with a running issuer."""
    with running_issuer() as running:
        app = {
            "provider_id": "oidc",
            "name": "The hospital's sign-in",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": running.url},
        }
        known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**known, "APPS": [app]}}
        settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"oidc_server_url": running.url})
        yield running


@pytest.fixture
def kari(people, issuer, actor_as) -> Account:
    """A geneticist linked to the subject 'f3a9', beside an administrator whose user name is 'arne'."""
    account = services.add_account("kari", "Kari Lunde")
    services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    arne = services.add_account("arne", "Arne Vik")
    services.add_membership(arne, Role.ADMINISTRATOR, people.national)
    services.link_account(actor_as(Role.ADMINISTRATOR), "kari", issuer.url, "f3a9")
    return Account.objects.get(id=account)


def to_issuer(client: Client, next_address: str = "/") -> str:
    """Press the provider's button; return the address of the page that leads on."""
    page = client.post(LOGIN, {"next": next_address})
    assert page.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    return unescape(found.group(1))


def back(client: Client, address: str) -> object:
    """Follow the issuer's redirect to the node."""
    parts = urlsplit(address)
    assert parts.path == CALLBACK
    return client.get(urlunsplit(("", "", parts.path, parts.query, "")))


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def counts() -> tuple[int, ...]:
    return tuple(table.objects.count() for table in (Account, Membership, ProviderLink, SocialAccount, AuditEntry))


def assert_refused(client: Client, answer: object) -> None:
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert signed_in(client) is None
    assert client.get("/role/").status_code == 302


def test_the_linked_subject_signs_in_as_its_account_in_its_role(kari, issuer, people) -> None:
    client, issuer.subject = Client(), "f3a9"
    assert "Sign in with The hospital&#x27;s sign-in" in client.get("/sign-in/").content.decode()
    answer = back(client, asked_of_issuer(to_issuer(client, "/role/")))
    assert (answer.status_code, answer["Location"]) == (302, "/role/")
    assert signed_in(client) == str(kari.id)
    actor = client.get("/role/").wsgi_request.actor
    assert (actor.account_id, actor.role) == (kari.id, Role.LABORATORY_GENETICIST)
    assert actor.organisation_id == people.laboratory
    assert SocialAccount.objects.count() == 0


def test_the_node_asks_for_the_subject_only_with_challenge_state_and_nonce(kari, issuer) -> None:
    client, issuer.subject = Client(), "f3a9"
    back(client, asked_of_issuer(to_issuer(client)))
    (asked,), (exchange,) = issuer.authorizations, issuer.exchanges
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid", CLIENT_ID)
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["nonce"], asked["state"], asked["code_challenge"], exchange["code_verifier"]}) == 4
    assert issuer.refusals == []


def test_an_unknown_subject_is_refused_and_nothing_is_made(kari, issuer) -> None:
    client, before = Client(), counts()
    issuer.subject = "somebody"
    answer = back(client, asked_of_issuer(to_issuer(client)))
    assert_refused(client, answer)
    assert "No account here is linked to your sign-in." in client.get("/sign-in/").content.decode()
    assert counts() == before


@pytest.mark.parametrize("subject", ["arne", "kari", "F3A9", "f3a9 ", ""])
def test_a_subject_that_reads_like_a_user_name_opens_no_account(subject, kari, issuer) -> None:
    client, before = Client(), counts()
    issuer.subject = subject
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))
    assert counts() == before


def test_names_and_addresses_that_a_provider_tells_open_no_account(kari, issuer) -> None:
    Account.objects.filter(username="arne").update(email="arne@example.no")
    client, issuer.subject = Client(), "somebody"
    told = {"preferred_username": "arne", "email": "arne@example.no", "email_verified": True}
    issuer.spoil = lambda claims: {**claims, **told}
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))


def test_an_ended_account_is_refused(kari, issuer) -> None:
    Account.objects.filter(id=kari.id).update(is_active=False)
    client, issuer.subject = Client(), "f3a9"
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))


def test_a_demo_account_is_refused_outside_the_demo(kari, issuer, settings) -> None:
    Account.objects.filter(id=kari.id).update(is_demo=True)
    settings.DEMO = False
    client, issuer.subject = Client(), "f3a9"
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))


WRONG_CLAIMS = {
    "nonce of another sign-in": lambda claims: {**claims, "nonce": "x" * 43},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "nonce that is no text": lambda claims: {**claims, "nonce": 1},
    "other issuer": lambda claims: {**claims, "iss": "https://elsewhere.example"},
    "other audience": lambda claims: {**claims, "aud": "another node"},
    "ended": lambda claims: {**claims, "exp": int(time.time()) - 60},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "subject that is no text": lambda claims: {**claims, "sub": ["f3a9"]},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_an_id_token_with_wrong_claims_is_refused(wrong, kari, issuer) -> None:
    client, before = Client(), counts()
    issuer.subject, issuer.spoil = "f3a9", WRONG_CLAIMS[wrong]
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))
    assert "The sign-in could not be completed." in client.get("/sign-in/").content.decode()
    assert counts() == before


def test_an_id_token_of_another_key_is_refused(kari, issuer) -> None:
    client, issuer.subject = Client(), "f3a9"
    issuer.signing_key = rsa_key("another")
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))
    assert len(issuer.exchanges) == 1


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_an_id_token_signed_by_no_key_of_the_issuer_is_refused(algorithm, kari, issuer) -> None:
    client, issuer.subject = Client(), "f3a9"
    public = json.dumps(issuer.keys()["keys"][0])
    issuer.algorithm, issuer.signing_key = algorithm, public if algorithm == "HS256" else ""
    assert_refused(client, back(client, asked_of_issuer(to_issuer(client))))
    assert len(issuer.exchanges) == 1


def test_a_wrong_state_is_refused_before_the_code_is_used(kari, issuer) -> None:
    client, issuer.subject = Client(), "f3a9"
    address = urlsplit(asked_of_issuer(to_issuer(client)))
    code = parse_qs(address.query)["code"][0]
    answer = client.get(f"{CALLBACK}?{urlencode({'code': code, 'state': 'x' * 16})}")
    assert_refused(client, answer)
    assert issuer.exchanges == []


def test_a_code_of_one_browser_does_not_sign_another_in(kari, issuer) -> None:
    mine, other = Client(), Client()
    issuer.subject = "f3a9"
    address = asked_of_issuer(to_issuer(mine))
    to_issuer(other)
    assert_refused(other, back(other, address))
    assert signed_in(mine) is None


def test_a_code_put_into_another_sign_in_fails_at_the_verifier(kari, issuer) -> None:
    mine, other = Client(), Client()
    issuer.subject = "f3a9"
    stolen = parse_qs(urlsplit(asked_of_issuer(to_issuer(mine))).query)["code"][0]
    state = parse_qs(urlsplit(asked_of_issuer(to_issuer(other))).query)["state"][0]
    assert_refused(other, other.get(f"{CALLBACK}?{urlencode({'code': stolen, 'state': state})}"))
    assert issuer.refusals == ["verifier"]


def test_a_used_answer_of_the_issuer_is_refused_again(kari, issuer) -> None:
    client, issuer.subject = Client(), "f3a9"
    address = asked_of_issuer(to_issuer(client))
    back(client, address)
    client.post("/sign-out/")
    assert_refused(client, back(client, address))


def test_nobody_connects_a_provider_to_an_account_by_themselves(kari, issuer, client_as) -> None:
    client, before = client_as(Role.ADMINISTRATOR), counts()
    issuer.subject = "somebody"
    page = client.post(f"{LOGIN}?process=connect", {"process": "connect"}).content.decode()
    address = unescape(re.search(r'content="0; url=([^"]+)"', page).group(1))
    assert back(client, asked_of_issuer(address))["Location"] == "/sign-in/"
    assert counts() == before


def test_a_silent_issuer_is_told_to_the_visitor(kari, issuer, settings) -> None:
    app = {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]}
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**known, "APPS": [app]}}
    client = Client()
    assert_refused(client, client.post(LOGIN))


def test_a_provider_that_is_not_set_up_does_not_exist(people) -> None:
    assert Client().post(LOGIN).status_code == 404
    assert Client().get(CALLBACK).status_code == 404


def test_only_an_administrator_links_and_the_trail_tells(people, actor_as) -> None:
    services.add_account("kari", "Kari Lunde")
    with pytest.raises(AccessDenied) as denied:
        services.link_account(actor_as(Role.CLINICIAN), "kari", "https://a.example", "1")
    services.record_denial(denied.value)
    assert ProviderLink.objects.count() == 0
    account = services.link_account(actor_as(Role.ADMINISTRATOR), "kari", "https://a.example/", "1")
    entries = AuditEntry.objects.filter(action="people.account.link").order_by("index")
    assert list(entries.values_list("outcome", "object_id")) == [("refused", str(account)), ("allowed", str(account))]
    assert linked_account("https://a.example", "1").id == account
    assert linked_account("https://b.example", "1") is None


def test_a_subject_belongs_to_one_account_and_a_new_one_replaces_the_old(people, actor_as) -> None:
    actor = actor_as(Role.ADMINISTRATOR)
    for name in ("kari", "nils"):
        services.add_account(name, name.title())
    services.link_account(actor, "kari", "https://a.example", "1")
    with pytest.raises(InputError) as refused:
        services.link_account(actor, "nils", "https://a.example", "1")
    assert refused.value.code == "subject_taken"
    services.link_account(actor, "kari", "https://a.example", "2")
    assert list(ProviderLink.objects.values_list("account__username", "subject")) == [("kari", "2")]
    assert services.unlink_account(actor, "kari", "https://a.example") == 1
    assert services.unlink_account(actor, "kari", "https://a.example") == 0


@pytest.mark.parametrize("subject", ["", "x" * 256, "blåbær", "a\nb"])
def test_a_subject_that_no_provider_writes_is_refused(subject, people, actor_as) -> None:
    services.add_account("kari", "Kari")
    with pytest.raises(InputError) as refused:
        services.link_account(actor_as(Role.ADMINISTRATOR), "kari", "https://a.example", subject)
    assert refused.value.code == "subject"
    assert ProviderLink.objects.count() == 0


def test_the_command_links_and_takes_the_link_away(kari, issuer, capsys) -> None:
    call_command("link_account", "arne", "77c1", by="arne")
    assert linked_account(issuer.url, "77c1").username == "arne"
    call_command("link_account", "arne", by="arne", remove=True)
    assert linked_account(issuer.url, "77c1") is None
    assert capsys.readouterr().out.split("\n")[:2] == ["The account is linked.", "The link was taken away."]
    entry = AuditEntry.objects.order_by("index").last()
    assert (entry.action, entry.role) == ("people.account.unlink", "administrator")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"username": "nobody", "subject": "1", "by": "arne"}, "There is no account 'nobody'."),
        ({"username": "kari", "subject": "1", "by": "kari"}, "'kari' is no administrator here."),
        ({"username": "kari", "subject": None, "by": "arne"}, "Give either a subject or --remove."),
        ({"username": "kari", "subject": "1", "by": "arne", "remove": True}, "Give either a subject or --remove."),
    ],
)
def test_the_command_refuses_and_says_why(arguments, problem, kari, issuer) -> None:
    before = counts()
    chosen = {"remove": False, **arguments}
    with pytest.raises(CommandError, match=re.escape(problem)):
        call_command("link_account", chosen.pop("username"), *filter(None, [chosen.pop("subject")]), **chosen)
    assert counts() == before


def test_the_command_needs_a_provider(people, settings) -> None:
    settings.CONFIGURATION = SimpleNamespace(oidc_server_url=None)
    with pytest.raises(CommandError, match="VARDE_OIDC_SERVER_URL"):
        call_command("link_account", "kari", "1", by="arne")


@pytest.mark.parametrize(
    "address", ["https://a.example/x", "https://a.example/x/", "https://a.example/x/.well-known/openid-configuration"]
)
def test_an_issuer_is_known_by_one_name(address) -> None:
    assert issuer_name(address) == "https://a.example/x"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_browser_goes_to_the_provider_and_comes_back_signed_in(javascript, kari, issuer, browser_page) -> None:
    issuer.subject = "f3a9"
    page = browser_page(javascript=javascript)
    page.goto("/sign-in/?next=/role/")
    page.get_by_role("button", name="Sign in with The hospital's sign-in").click()
    page.wait_for_url("**/role/")
    assert "Kari Lunde" in page.locator(".person-name").inner_text()
    assert [one for one in page.noise if issuer.url not in one] == []
    page.noise.clear()
    if javascript:
        assert_page_is_sound(page)
