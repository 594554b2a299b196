"""Headers, languages, colours, health, jobs page, logs, template tags, front-end files."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from django.test import Client
from django.utils import translation

from varde_node.jobs import registry
from varde_node.jobs.models import Job, JobState
from varde_node.jobs.services import JobKind, register_job
from varde_node.people.services import Role
from varde_node.site import frontend, logs, messages
from varde_node.site.configuration import Configuration
from varde_node.site.templatetags import varde as tags

THIN = "\u202f"


@pytest.mark.django_db
class TestPages:
    """What every page has."""

    def test_the_policy_is_strict_on_every_page(self) -> None:
        policy = dict(
            part.strip().split(" ", 1)
            for part in Client().get("/sign-in/").headers["Content-Security-Policy"].split(";")
        )
        assert policy == {
            "default-src": "'self'",
            "img-src": "'self' data:",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }

    def test_pages_with_personal_data_are_not_cached(self, client_as) -> None:
        assert client_as(Role.ADMINISTRATOR).get("/health/").headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(("language", "heading"), [("nb", "Logg inn"), ("nn", "Logg inn"), ("en", "Sign in")])
    def test_the_language_is_chosen_without_javascript(self, language: str, heading: str) -> None:
        messages.compile_all()
        client = Client()
        client.post("/language/", {"language": language, "next": "/sign-in/"})
        page = client.get("/sign-in/").content.decode()
        assert f'<html lang="{language}"' in page
        assert f"{heading}</h1>" in page

    def test_the_colours_are_chosen_without_javascript(self) -> None:
        client = Client()
        assert 'data-color-scheme="auto"' in client.get("/sign-in/").content.decode()
        assert client.post("/colours/", {"scheme": "dark", "next": "/sign-in/"})["Location"] == "/sign-in/"
        assert 'data-color-scheme="dark"' in client.get("/sign-in/").content.decode()
        client.post("/colours/", {"scheme": '"><script>'})
        assert 'data-color-scheme="auto"' in client.get("/sign-in/").content.decode()
        assert client.post("/colours/", {"scheme": "dark", "next": "//evil.example"})["Location"] == "/"

    def test_staff_pages_are_dense_and_citizens_pages_are_large(self, client_as) -> None:
        staff = client_as(Role.ADMINISTRATOR).get("/health/").content.decode()
        citizen = client_as(Role.PATIENT).get("/", follow=True).content.decode()
        assert 'data-size="sm" data-temper="staff"' in staff
        assert 'data-size="md" data-temper="citizen"' in citizen

    def test_the_demo_says_so_and_a_real_node_does_not(self, settings) -> None:
        assert "every person and every finding here is synthetic" in Client().get("/sign-in/").content.decode()
        settings.DEMO = False
        page = Client().get("/sign-in/").content.decode()
        assert "synthetic" not in page
        assert "not a certified medical device (IVDR)" in page

    def test_health_for_machines_and_for_the_administrator(self, client_as) -> None:
        assert json.loads(Client().get("/health/live").content) == {"status": "live"}
        answer = json.loads(Client().get("/health/ready").content)
        assert answer["checks"]["database"] is True
        assert answer["checks"]["migrations"] is True
        assert "Free disk space" in client_as(Role.ADMINISTRATOR).get("/health/").content.decode()

    def test_a_node_without_a_reachable_part_is_not_ready(self, monkeypatch) -> None:
        monkeypatch.setattr(frontend, "VENDOR", Path("/nowhere"))
        response = Client().get("/health/ready")
        assert response.status_code == 503
        assert json.loads(response.content)["checks"]["front_end"] is False


@pytest.mark.django_db
class TestJobPages:
    """The page of a job: seen by its organisation, polled until it ends."""

    @pytest.fixture(autouse=True)
    def kind(self, monkeypatch) -> None:
        monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
        register_job(JobKind("test.page", "Import of variants", lambda progress: None))

    def test_progress_is_polled_until_the_job_ends(self, client_as, people) -> None:
        job = Job.objects.create(
            kind="test.page", state=JobState.RUNNING, progress=0.42, step="Reading", organisation=people.laboratory
        )
        client = client_as(Role.LABORATORY_GENETICIST)
        page = client.get(f"/jobs/{job.id}/").content.decode()
        assert 'hx-trigger="every 1s"' in page
        assert "42\u00a0% · Reading" in page
        part = client.get(f"/jobs/{job.id}/", headers={"HX-Request": "true"}).content.decode()
        assert part.strip().startswith('<section id="job"')
        Job.objects.update(state=JobState.DONE, progress=1.0)
        assert "hx-trigger" not in client.get(f"/jobs/{job.id}/").content.decode()

    def test_another_organisation_may_neither_see_nor_cancel(self, client_as, people) -> None:
        job = Job.objects.create(kind="test.page", organisation=people.other_laboratory)
        client = client_as(Role.LABORATORY_GENETICIST)
        assert client.get(f"/jobs/{job.id}/").status_code == 403
        assert client.post(f"/jobs/{job.id}/cancel/").status_code == 403
        assert Job.objects.get().state == JobState.QUEUED
        assert str(job.id) not in client.get("/jobs/").content.decode()
        assert client_as(Role.ADMINISTRATOR).get(f"/jobs/{job.id}/").status_code == 200

    def test_the_result_is_linked_for_those_who_may_open_it(self, client_as, people, monkeypatch) -> None:
        register_job(JobKind("test.officer", "Check", lambda progress: None, result_url_name="site:job"))
        register_job(JobKind("test.lab", "Import", lambda progress: None, result_url_name="lab:case"))
        done = {"state": JobState.DONE, "result": [str(uuid4())], "organisation": people.laboratory}
        own, case = (Job.objects.create(kind=kind, **done) for kind in ("test.officer", "test.lab"))
        administrator, geneticist = client_as(Role.ADMINISTRATOR), client_as(Role.LABORATORY_GENETICIST)
        linked = [
            "Open the result" in client.get(f"/jobs/{job.id}/").content.decode()
            for client in (administrator, geneticist)
            for job in (own, case)
        ]
        assert linked == [True, False, True, True]

    def test_a_failed_job_says_what_to_do(self, client_as, people) -> None:
        job = Job.objects.create(
            kind="test.page", state=JobState.FAILED, problem="a.vcf: empty. Send again.", organisation=people.laboratory
        )
        assert "a.vcf: empty. Send again." in (
            client_as(Role.LABORATORY_GENETICIST).get(f"/jobs/{job.id}/").content.decode()
        )

    def test_what_was_wrong_with_the_input_is_for_those_whom_the_result_is_for(self, client_as, people) -> None:
        register_job(JobKind("test.lab", "Import", lambda progress: None, result_url_name="lab:case"))
        failed = {"state": JobState.FAILED, "error_code": "duplicate_record", "organisation": people.laboratory}
        job = Job.objects.create(kind="test.lab", problem="Ada.vcf, line 7: 1:1234 A>T is repeated.", **failed)
        seen, hidden = (
            client_as(role).get(f"/jobs/{job.id}/").content.decode()
            for role in (Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR)
        )
        assert "1:1234 A&gt;T" in seen
        assert "1:1234" not in hidden
        assert "Ada.vcf" not in hidden
        assert "duplicate_record" in hidden

    def test_what_somebody_is_owed_is_not_cancelled(self, client_as, people) -> None:
        job = Job.objects.create(kind="lab.withdraw_count", organisation=people.laboratory)
        client = client_as(Role.LABORATORY_GENETICIST)
        assert f"/jobs/{job.id}/cancel/" not in client.get(f"/jobs/{job.id}/").content.decode()
        client.post(f"/jobs/{job.id}/cancel/")
        assert Job.objects.get().state == JobState.QUEUED

    def test_cancelling_ends_at_the_job_s_page(self, client_as, people) -> None:
        job = Job.objects.create(kind="test.page", organisation=people.laboratory)
        response = client_as(Role.LABORATORY_GENETICIST).post(f"/jobs/{job.id}/cancel/")
        assert response["Location"] == f"/jobs/{job.id}/"
        assert Job.objects.get().state == JobState.CANCELLED


class TestTags:
    """Numbers, dates and states."""

    @pytest.mark.parametrize(
        ("value", "decimals", "language", "expected"),
        [
            (1614202, None, "nb", f"1{THIN}614{THIN}202"),
            (1614202, None, "en", f"1{THIN}614{THIN}202"),
            (0, None, "nb", "0"),
            (-1234.5, 1, "nn", f"−1{THIN}234,5"),
            (-1234.5, 1, "en", f"−1{THIN}234.5"),
            (0.00012, 5, "nb", "0,00012"),
            (None, None, "nb", "–"),
        ],
    )
    def test_number(self, value, decimals, language: str, expected: str) -> None:
        with translation.override(language):
            assert tags.number(value, decimals) == expected

    def test_percent(self) -> None:
        with translation.override("nb"):
            assert tags.percent(0.987) == "98,7\u00a0%"
            assert tags.percent(None) == "–"

    @pytest.mark.parametrize(
        ("language", "day", "moment"),
        [
            ("nb", "22. nov. 2026", "22. nov. 2026, 14:02"),
            ("nn", "22. nov. 2026", "22. nov. 2026, 14:02"),
            ("en", "22 Nov 2026", "22 Nov 2026, 14:02"),
        ],
    )
    def test_dates(self, language: str, day: str, moment: str) -> None:
        with translation.override(language):
            assert tags.day(date(2026, 11, 22)) == day
            assert tags.moment(datetime(2026, 11, 22, 13, 2, tzinfo=UTC)) == moment
            assert tags.moment(None) == tags.day(None) == "–"

    def test_a_status_has_word_and_sign_and_a_proposal_is_outlined(self) -> None:
        decided = tags.status_tag("stop", "<b>Refused</b>")
        assert "&lt;b&gt;Refused&lt;/b&gt;" in decided
        assert "■" in decided
        assert 'data-variant="default"' in decided
        assert 'data-variant="outline"' in tags.status_tag("ok", "Class 5", proposal=True)

    def test_an_icon_is_decorative_unless_it_has_a_title(self) -> None:
        assert 'aria-hidden="true"' in tags.svg("varde")
        assert 'role="img" aria-label="A &quot;mark&quot;"' in tags.svg("varde", 'A "mark"')
        with pytest.raises(LookupError):
            tags.svg("nothing")


class TestLogs:
    """A log line never holds a person or a variant."""

    def written(self, record: logging.LogRecord) -> dict[str, object]:
        handler = next(
            one
            for one in logging.getLogger().handlers
            if isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)
        )
        return json.loads(handler.format(record))

    def test_a_key_that_is_not_listed_is_dropped(self) -> None:
        event = {"event": "read", "patient_id": "14882212345", "variant": "20-1234-A-T", "status": 200}
        assert logs.allow_listed(None, "info", event) == {"event": "read", "status": 200}

    def test_a_foreign_line_keeps_its_template_only(self) -> None:
        record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Not Found: %s", ("/p/14882212345",), None)
        line = self.written(record)
        assert line["event"] == "Not Found: %s"
        assert "14882212345" not in json.dumps(line)

    def test_identifiers_in_a_foreign_text_are_starred(self) -> None:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "person 14882212345 was read", (), None)
        assert self.written(record)["event"] == "person * was read"

    @pytest.mark.parametrize("name", ["hgvs", "hgvs.normalizer", "hgvs.dataproviders.interface", "bioutils.seqfetcher"])
    def test_what_names_variants_writes_nowhere(self, name) -> None:
        heard: list[logging.LogRecord] = []
        listener = logging.Handler()
        listener.emit = heard.append
        logging.getLogger().addHandler(listener)
        try:
            logging.getLogger(name).critical("NC_000020.11:g.1234A>T: coordinates are out-of-bounds")
            logging.getLogger("django.request").error("heard")
        finally:
            logging.getLogger().removeHandler(listener)
        assert [record.getMessage() for record in heard] == ["heard"]


class TestSetup:
    """Configuration and front-end files."""

    def test_hosts_are_split_at_commas(self, monkeypatch) -> None:
        monkeypatch.setenv("VARDE_HOSTS", "a.example, b.example")
        assert Configuration().hosts == ("a.example", "b.example")

    def test_the_signing_key_is_made_once_and_private(self, monkeypatch, tmp_path) -> None:
        monkeypatch.setenv("VARDE_DATA", str(tmp_path))
        monkeypatch.delenv("VARDE_SECRET_KEY", raising=False)
        first = Configuration().signing_key()
        assert len(first) > 50
        assert Configuration().signing_key() == first
        assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600

    def test_the_manifest_names_every_file_with_its_checksum(self) -> None:
        entries = frontend.manifest()
        if not entries:
            pytest.skip("front-end files are not installed (make setup)")
        for entry in entries:
            content = (frontend.VENDOR / entry["file"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        licences = {entry["package"]: (entry["version"], entry["licence"]) for entry in entries}
        assert licences["htmx.org"] == ("4.0.1", "BSD-0-Clause")
        assert licences["@digdir/designsystemet-css"] == ("1.22.0", "MIT")
        assert b"sourceMappingURL" not in (frontend.VENDOR / "designsystemet/designsystemet.js").read_bytes()
