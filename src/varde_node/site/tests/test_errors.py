"""Errors: a page for people, problem details for programs; nothing is stored."""

from __future__ import annotations

import json

import pytest
from django.test import Client, RequestFactory
from django.urls import path

from varde.genome.errors import InputError
from varde_node.people import services
from varde_node.people.services import Role
from varde_node.site import errors
from varde_node.site.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401

pytestmark = pytest.mark.django_db


def refuse_input(_request):
    raise InputError(
        "ref_mismatch", "REF is A, the reference has C.", "Use GRCh38.", source="a.vcf", line=7, field="REF"
    )


def break_down(_request):
    raise RuntimeError("Ada Nordli")


def read_upload(request):
    from django.http import HttpResponse

    return HttpResponse(str(request.FILES["file"].size))


urlpatterns = [
    *urlpatterns,
    path("test/input/", refuse_input),
    path("api/test/input/", refuse_input),
    path("test/broken/", break_down),
    path("api/test/broken/", break_down),
    path("test/upload/", services.page("public")(read_upload)),
]


@pytest.fixture(autouse=True)
def addresses(settings) -> None:
    settings.ROOT_URLCONF = __name__


def test_unusable_input_on_a_page_names_place_problem_and_remedy() -> None:
    response = Client().get("/test/input/")
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("a.vcf", "REF is A, the reference has C.", "Use GRCh38.", "Nothing was stored"):
        assert words in page
    assert page.count("<h1") == 1


def test_unusable_input_for_a_program_is_problem_details() -> None:
    response = Client().get("/api/test/input/")
    assert response.headers["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body.pop("instance").startswith("urn:varde:request:")
    assert body == {
        "type": "about:blank",
        "title": "The input cannot be used",
        "status": 422,
        "detail": "a.vcf, line 7, REF: REF is A, the reference has C. Use GRCh38.",
        "code": "ref_mismatch",
        "problem": "REF is A, the reference has C.",
        "remedy": "Use GRCh38.",
        "source": "a.vcf",
        "line": 7,
        "field": "REF",
    }


def test_part_of_a_page_gets_a_part_in_answer() -> None:
    page = Client().get("/test/input/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "Use GRCh38." in page


def test_an_unexpected_error_tells_a_number_and_nothing_else() -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/test/broken/")
    assert response.status_code == 500
    assert "Ada" not in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()
    assert json.loads(client.get("/api/test/broken/").content)["title"] == "Something went wrong here"


def test_a_missing_page_has_the_header_and_a_way_on(client_as) -> None:
    response = client_as(Role.ADMINISTRATOR).get("/nowhere/")
    assert response.status_code == 404
    assert "To the first page" in response.content.decode()
    program = Client().get("/nowhere/", headers={"Accept": "application/json"})
    assert json.loads(program.content)["status"] == 404


def test_a_form_without_the_token_is_refused() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-out/")
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_a_request_that_announces_too_much_is_refused_unread(settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1000
    response = Client().post("/sign-in/", b"x", content_type="text/plain", headers={"Content-Length": "1001"})
    request = RequestFactory().post("/api/x/", b"x" * 1001, content_type="text/plain")
    assert response.status_code in (413, 422, 403)
    from varde_node.site.middleware import RequestLimitsMiddleware

    answer = RequestLimitsMiddleware(lambda _request: pytest.fail("was read"))(request)
    assert answer.status_code == 413
    assert json.loads(answer.content)["code"] == "too_large"


def test_an_upload_beyond_the_limit_stops_and_leaves_no_file(settings, tmp_path) -> None:
    from io import BytesIO

    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.UPLOAD_LIMIT_BYTES = 300_000
    file = BytesIO(b"x" * 250_000)
    file.name = "a.vcf"
    assert Client().post("/test/upload/", {"file": file}).content == b"250000"
    settings.UPLOAD_LIMIT_BYTES = 10**9
    from varde_node.site import uploads

    original, uploads.settings = uploads.settings, type("S", (), {"UPLOAD_LIMIT_BYTES": 100_000})
    try:
        file.seek(0)
        response = Client().post("/test/upload/", {"file": file})
    finally:
        uploads.settings = original
    assert response.status_code == 413
    assert "100000 bytes" in response.content.decode()
    assert list(tmp_path.iterdir()) == []


def test_refused_input_keeps_its_traceback_through_context_managers() -> None:
    from contextlib import contextmanager

    @contextmanager
    def anything():
        yield

    with pytest.raises(InputError), anything():
        raise InputError("x", "y", "z")


def test_statuses_of_codes() -> None:
    request = RequestFactory().get("/api/x/")
    for code, status in (("too_large", 413), ("empty_body", 400), ("anything", 422)):
        assert errors.input_refused(request, InputError(code, "p", "r")).status_code == status
