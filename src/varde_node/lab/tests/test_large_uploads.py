"""Large bodies over a real connection: streamed, limited, and gone when refused."""

from __future__ import annotations

import gzip
import http.client
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as node
from django.test import Client

from varde_node.lab.models import VariantFile
from varde_node.people.services import Role

pytestmark = pytest.mark.django_db(transaction=True)
BLOCK = b"chr1\t1\t.\tA\tC\t.\t.\t.\n" * 50_000
CLEARING_UP_S = 5
LARGE = 64 * len(BLOCK)
MEMORY_BYTES = 24 * 1024**2
BOUNDARY = "a-boundary-of-the-test"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f.vcf"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
FORM = f"multipart/form-data; boundary={BOUNDARY}"
STREAM = "application/octet-stream"


@pytest.fixture
def ready(open_demo_case, receive_all) -> object:
    case = open_demo_case("solberg")
    receive_all(case)
    return case


@pytest.fixture
def send(live_server) -> Callable[..., tuple[int, str, str]]:
    """``send(client, address, kind, parts, announced)``: the parts one after the other; status, type and text."""

    def send_parts(
        client: Client, address: str, kind: str, parts: Iterable[bytes], announced: int
    ) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=60)
        connection.putrequest("POST", address)
        token = "t" * 32
        cookies = {"csrftoken": token, **{name: morsel.value for name, morsel in client.cookies.items()}}
        connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
        connection.putheader("X-CSRFToken", token)
        connection.putheader("Content-Type", kind)
        connection.putheader("Content-Length", str(announced))
        connection.endheaders()
        with suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                connection.send(part)
            connection.sock.shutdown(socket.SHUT_WR)  # no more will come; the answer can still be read
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get_content_type(), text

    return send_parts


def blocks() -> Iterator[bytes]:
    return (BLOCK for _ in range(LARGE // len(BLOCK)))


def form() -> Iterator[bytes]:
    yield HEAD
    yield from blocks()
    yield TAIL


FORM_BYTES = len(HEAD) + LARGE + len(TAIL)


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Client and server run in this process: neither may hold the body."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_BYTES


def stored() -> list[Path]:
    """Every file of an upload, finished or not. The server clears up after its answer: it is given some seconds."""
    folders = (Path(node.FILE_UPLOAD_TEMP_DIR), node.DATA / "cases")
    until = time.monotonic() + CLEARING_UP_S
    while True:
        found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


def test_a_large_body_of_a_program_is_streamed_and_gone_when_refused(ready, client_as, send) -> None:
    client = client_as(Role.LABORATORY_GENETICIST)
    with bounded_memory():
        status, kind, text = send(client, f"/api/lab/cases/{ready.id}/files/", STREAM, blocks(), LARGE)
    assert (status, kind) == (422, "application/problem+json")
    assert '"code": "no_header"' in text
    assert (stored(), VariantFile.objects.count()) == ([], 0)


def test_a_large_form_is_streamed_and_gone_when_refused(ready, client_as, send) -> None:
    client = client_as(Role.LABORATORY_GENETICIST)
    with bounded_memory():
        status, kind, text = send(client, f"/lab/cases/{ready.id}/files/", FORM, form(), FORM_BYTES)
    assert (status, kind) == (422, "text/html")
    assert "header" in text
    assert (stored(), VariantFile.objects.count()) == ([], 0)


@pytest.mark.parametrize("way", ["program", "form"])
def test_a_body_beyond_the_limit_is_refused_with_413(way, ready, client_as, send, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = LARGE // 2
    client = client_as(Role.LABORATORY_GENETICIST)
    if way == "program":
        status, kind, text = send(client, f"/api/lab/cases/{ready.id}/files/", STREAM, blocks(), LARGE)
    else:
        status, kind, text = send(client, f"/lab/cases/{ready.id}/files/", FORM, form(), FORM_BYTES)
    assert status == 413
    assert kind == ("application/problem+json" if way == "program" else "text/html")
    assert f"larger than the limit of {LARGE // 2} bytes" in text
    assert (stored(), VariantFile.objects.count()) == ([], 0)


def test_a_visitor_who_is_not_signed_in_fills_no_disk(people, send) -> None:
    status, kind, text = send(Client(), "/sign-in/", FORM, form(), FORM_BYTES)
    assert (status, kind) == (413, "text/html")
    assert f"larger than the limit of {node.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes" in text
    assert stored() == []


@pytest.mark.parametrize("way", ["program", "form"])
def test_a_connection_that_breaks_off_leaves_nothing(way, ready, client_as, send) -> None:
    """A text VCF that ends at a line's end looks whole: only the announced length tells that it is not."""
    whole = gzip.decompress(ready.vcf.read_bytes())
    cut = whole[: whole.rindex(b"\n", 0, len(whole) // 2) + 1]
    client = client_as(Role.LABORATORY_GENETICIST)
    if way == "program":
        status, _, text = send(client, f"/api/lab/cases/{ready.id}/files/", STREAM, [cut], len(whole))
        assert (status, f"broke off {len(whole) - len(cut)} bytes before the end" in text) == (400, True)
    else:
        announced = len(HEAD) + len(whole) + len(TAIL)
        status, _, _ = send(client, f"/lab/cases/{ready.id}/files/", FORM, [HEAD, cut], announced)
        assert status >= 400
    assert (stored(), VariantFile.objects.count()) == ([], 0)
    assert ready.row.state == "samples_received"
