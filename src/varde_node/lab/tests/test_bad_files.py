"""Files that cannot be used: each is refused with place and remedy, nothing of it is stored and nothing is lost."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.models import Analysis, CaseState, VariantFile
from varde_node.lab.services.files import NAME_CHARACTERS, safe_label
from varde_node.people.services import Role


@pytest.fixture
def ready(open_demo_case, receive_all):
    """A case whose tubes have come."""
    case = open_demo_case("solberg")
    receive_all(case)
    return case


@pytest.fixture
def lines(demo) -> list[bytes]:
    """The good file, line by line."""
    return gzip.decompress(demo.vcf("solberg").read_bytes()).splitlines(keepends=True)


def bgzip(text: bytes, folder: Path) -> bytes:
    path = folder / "made.vcf.gz"
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(text)
    return path.read_bytes()


def first_record(lines: list[bytes]) -> int:
    return next(number for number, line in enumerate(lines) if not line.startswith(b"#"))


def with_samples(lines: list[bytes], names: list[str]) -> bytes:
    top = first_record(lines)
    fixed = b"\t".join(lines[top - 1].split(b"\t")[:9])
    record = lines[top].rstrip(b"\n").split(b"\t")
    cells = [record[9]] * len(names)
    heading = b"\t".join([fixed, *(name.encode() for name in names)]) + b"\n"
    return b"".join([*lines[: top - 1], heading, b"\t".join(record[:9] + cells) + b"\n"])


def wrong_build(lines: list[bytes]) -> bytes:
    top = first_record(lines)
    kept = [line for line in lines[:top] if not line.startswith((b"##contig", b"##reference", b"##assembly"))]
    return b"".join([kept[0], b"##contig=<ID=1,length=249250621>\n", *kept[1:], *lines[top:]])


AT_ONCE: dict[str, tuple[Callable[[list[bytes], Path], bytes], str, int]] = {
    "empty": (lambda lines, folder: b"", "empty", 422),
    "no header": (lambda lines, folder: b"".join(lines[first_record(lines) :]), "no_header", 422),
    "not a VCF": (lambda lines, folder: b"%PDF-1.7\n" * 40, "no_header", 422),
    "truncated bgzip": (lambda lines, folder: bgzip(b"".join(lines), folder)[:-300], "truncated", 422),
    "gzip cut short": (lambda lines, folder: gzip.compress(b"".join(lines))[:-2000], "truncated", 422),
    "bgzip without its end": (lambda lines, folder: bgzip(b"".join(lines), folder)[:-28], "truncated", 422),
    "wrong build": (lambda lines, folder: wrong_build(lines), "wrong_build", 422),
    "200 people": (
        lambda lines, folder: with_samples(lines, [f"P{number}" for number in range(200)]),
        "samples_not_of_case",
        422,
    ),
    "a stranger": (
        lambda lines, folder: with_samples(lines, ["solberg-barn", "solberg-mor", "hansen-far"]),
        "samples_not_of_case",
        422,
    ),
    "nobody": (lambda lines, folder: with_samples(lines, []).replace(b"\tFORMAT\n", b"\n"), "no_samples", 422),
    "not UTF-8": (lambda lines, folder: lines[0] + b"##source=bl\xe5b\xe6r\n" + b"".join(lines[1:]), "encoding", 422),
}


@pytest.mark.parametrize("kind", AT_ONCE)
def test_a_file_that_shows_its_fault_at_once_is_refused_and_nothing_is_stored(
    kind, ready, lines, tmp_path, client_as, settings
) -> None:
    make, code, status = AT_ONCE[kind]
    content = make(lines, tmp_path)
    with pytest.raises(InputError) as refused:
        services.upload_file(client_as(Role.SECOND_READER).actor, ready.id, "family.vcf", io.BytesIO(content))
    assert refused.value.code == code
    assert refused.value.source == "family.vcf"
    assert refused.value.remedy
    client = client_as(Role.LABORATORY_GENETICIST)
    if content:
        answer = client.post(f"/lab/cases/{ready.id}/files/", {"file": SimpleUploadedFile("family.vcf", content)})
        assert answer.status_code == status
        assert "Nothing was stored" in answer.content.decode()
        assert "family.vcf" in answer.content.decode()
    assert VariantFile.objects.count() == 0
    assert Analysis.objects.count() == 0
    assert ready.row.state == CaseState.SAMPLES_RECEIVED
    assert [path for path in (settings.DATA / "cases").rglob("*") if path.is_file()] == []


def twice(lines: list[bytes]) -> bytes:
    top = first_record(lines)
    return b"".join([*lines[: top + 1], *lines[top:]])


def other_base(lines: list[bytes]) -> bytes:
    top = first_record(lines)
    fields = lines[top].split(b"\t")
    fields[3] = {b"A": b"C", b"C": b"G", b"G": b"T", b"T": b"A"}[fields[3][:1]] + fields[3][1:]
    fields[4] = {b"A": b"G", b"C": b"T", b"G": b"A", b"T": b"C"}[fields[3][:1]]
    return b"".join([*lines[:top], b"\t".join(fields), *lines[top + 1 :]])


def cut_line(lines: list[bytes]) -> bytes:
    return b"".join(lines[:-1]) + lines[-1][:20] + b"\n"


BY_THE_JOB: dict[str, tuple[Callable[[list[bytes]], bytes], str]] = {
    "REF mismatch": (other_base, "ref_mismatch"),
    "duplicate records": (twice, "duplicate_record"),
    "not UTF-8 in a record": (lambda lines: b"".join(lines[:-1]) + b"1\t\xff\xfe\n", "encoding"),
    "a line cut short": (cut_line, "bad_columns"),
}


@pytest.mark.parametrize("kind", BY_THE_JOB)
def test_a_fault_deeper_in_the_file_ends_the_job_and_a_good_file_goes_on(
    kind, ready, lines, client_as, actor_as, run_jobs
) -> None:
    make, code = BY_THE_JOB[kind]
    actor = actor_as(Role.LABORATORY_GENETICIST)
    with run_jobs():
        services.upload_file(actor, ready.id, "family.vcf", io.BytesIO(make(lines)))
    problem = Analysis.objects.get(case_id=ready.id).problem
    assert problem["code"] == code
    assert problem["remedy"]
    assert ready.row.state == CaseState.SAMPLES_RECEIVED
    assert VariantFile.objects.get(case_id=ready.id).superseded is True
    view = queries.case(actor, ready.id)
    assert view.job.state == "failed"
    assert view.job.error_code == code
    assert view.missing_files == ("solberg-barn", "solberg-mor", "solberg-far")
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{ready.id}/").content.decode()
    assert "The last analysis could not use the files" in page
    assert problem["source"] == "family.vcf"
    assert "family.vcf" in page
    with run_jobs(), ready.vcf.open("rb") as stream:
        services.upload_file(actor, ready.id, "family.vcf.gz", stream)
    assert ready.row.state == CaseState.INTERPRETATION
    assert queries.case(actor, ready.id).problem is None


def test_a_file_beyond_the_limit_is_refused_with_413_and_nothing_is_stored(ready, client_as, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10_000
    client = client_as(Role.LABORATORY_GENETICIST)
    content = ready.vcf.read_bytes()
    assert len(content) > 10_000
    answer = client.post(f"/lab/cases/{ready.id}/files/", {"file": SimpleUploadedFile("f.vcf.gz", content)})
    assert answer.status_code == 413
    with pytest.raises(InputError) as refused:
        services.upload_file(client.actor, ready.id, "f.vcf.gz", io.BytesIO(content))
    assert refused.value.code == "too_large"
    assert VariantFile.objects.count() == 0
    assert not list((settings.DATA / "cases").rglob("*.*"))


def test_the_limit_stops_the_reading(ready, actor_as, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 3_000_000

    class Endless:
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(InputError):
        services.upload_file(actor_as(Role.LABORATORY_GENETICIST), ready.id, "a", stream)
    assert stream.read_bytes == 3 * 1024 * 1024


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kari\\family.vcf", "family.vcf"),
        ("<script>alert(1)</script>.vcf", "script>.vcf"),
        ("a\x00b\n\u202egnp.vcf", "abgnp.vcf"),
        ("..", "file"),
        ("", "file"),
        ("blåbær æøå.vcf.gz", "blåbær æøå.vcf.gz"),
        ("x" * 500 + ".vcf", "x" * (NAME_CHARACTERS - 4) + ".vcf"),
    ],
)
def test_a_hostile_name_is_kept_as_a_label_only(given, label) -> None:
    assert safe_label(given) == label


def test_a_hostile_name_names_no_file_on_disk(ready, actor_as, settings, run_jobs, client_as) -> None:
    with ready.vcf.open("rb") as stream:
        file_id = services.upload_file(
            actor_as(Role.LABORATORY_GENETICIST), ready.id, "../<img src=x onerror=1>.vcf.gz", stream
        )
    row = VariantFile.objects.get(id=file_id)
    assert row.given_name == "<img src=x onerror=1>.vcf.gz"
    assert row.stored_as.startswith(f"cases/{ready.id}/files/")
    assert (settings.DATA / row.stored_as).stat().st_size == row.size_bytes == ready.vcf.stat().st_size
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{ready.id}/files/").content.decode()
    assert "<img" not in page
    assert "&lt;img src=x onerror=1&gt;.vcf.gz" in page


def test_the_same_file_twice_is_refused_and_the_first_stays(ready, lines, actor_as, settings) -> None:
    actor = actor_as(Role.LABORATORY_GENETICIST)
    one = with_samples(lines, ["solberg-barn"])
    first = services.upload_file(actor, ready.id, "a.vcf", io.BytesIO(one))
    with pytest.raises(InputError) as refused:
        services.upload_file(actor, ready.id, "b.vcf", io.BytesIO(one))
    assert refused.value.code == "duplicate_file"
    assert list(VariantFile.objects.values_list("id", flat=True)) == [first]
    assert len([path for path in (settings.DATA / "cases").rglob("*") if path.is_file()]) == 1
    assert ready.row.state == CaseState.SAMPLES_RECEIVED
    assert ready.row.missing_files() == ["solberg-far", "solberg-mor"]


def test_a_new_file_of_a_person_sets_the_older_one_aside(ready, lines, actor_as) -> None:
    actor = actor_as(Role.LABORATORY_GENETICIST)
    first = services.upload_file(actor, ready.id, "a.vcf", io.BytesIO(with_samples(lines, ["solberg-barn"])))
    both = with_samples(lines, ["solberg-barn", "solberg-mor"])
    second = services.upload_file(actor, ready.id, "b.vcf", io.BytesIO(both))
    assert dict(VariantFile.objects.values_list("id", "superseded")) == {first: True, second: False}


def test_programs_upload_a_raw_body_and_read_the_state(ready, client_as, run_jobs) -> None:
    client = client_as(Role.LABORATORY_GENETICIST)
    address = f"/api/lab/cases/{ready.id}/"
    with run_jobs():
        answer = client.post(
            f"{address}files/?name=family.vcf.gz", ready.vcf.read_bytes(), content_type="application/octet-stream"
        )
    assert answer.status_code == 201
    assert answer.json()["state"] == "analysing"
    assert answer["Location"] == address
    state = client.get(address).json()
    assert state["state"] == "interpretation"
    assert state["job"]["state"] == "done"
    assert state["problem"] is None
    assert [sample["has_file"] for sample in state["samples"]] == [True, True, True]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "application/octet-stream", 400, "empty_body"),
        (b"a=1", "application/x-www-form-urlencoded", 400, "malformed_request"),
        (b"CHROM\n", "application/octet-stream", 422, "no_header"),
        (b"x" * 5000, "application/octet-stream", 413, "too_large"),
    ],
)
def test_programs_are_refused_by_problem_details(body, kind, status, code, ready, client_as, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 4000
    answer = client_as(Role.LABORATORY_GENETICIST).post(f"/api/lab/cases/{ready.id}/files/", body, content_type=kind)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["remedy"]
    assert VariantFile.objects.count() == 0


def test_another_laboratory_cannot_upload(ready, client_as, people) -> None:
    client = client_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    address = f"/api/lab/cases/{ready.id}/files/"
    answer = client.post(address, ready.vcf.read_bytes(), content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["reason"]) == (403, "no_relation")
    assert VariantFile.objects.count() == 0
