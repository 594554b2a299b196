"""Archives: what is inside is read, and every way out of the folder is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from varde.genome.errors import InputError
from varde.quality.archive import is_archive, unpack
from varde.quality.folder import read_files
from varde.quality.formats.tests import examples

LIMIT = 1 << 20


def zipped(path: Path, entries: dict[str, bytes], **changes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in changes.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def refusal(path: Path, into: Path, limit: int = LIMIT) -> str:
    with pytest.raises(InputError) as caught:
        unpack(path, into, limit)
    return caught.value.code


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar"])
def test_the_reports_of_an_archive_are_read_as_those_of_a_folder(kind: str, tmp_path: Path) -> None:
    entries = {f"results/qc/{name}": text.encode() for name, text in examples.FILES.items()}
    path = tmp_path / f"run.{kind}"
    if kind == "zip":
        zipped(path, {"results/": b"", **entries})
    else:
        listed = [(member(name), content) for name, content in entries.items()]
        tarred(path, *listed, mode="w:gz" if kind == "tar.gz" else "w")
    assert is_archive(path)
    files = unpack(path, tmp_path / "out", LIMIT)
    assert [name for _, name in files] == list(entries)
    assert all(one.parent == tmp_path / "out" for one, _ in files)
    assert len(read_files(files, ("barn", "mor", "far"), "run").reports) == len(entries)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "a" * 300])
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    assert refusal(zipped(tmp_path / "x.zip", {name: b"x"}), tmp_path / "a") == "unsafe_archive"
    assert refusal(tarred(tmp_path / "x.tgz", (member(name), b"x")), tmp_path / "b") == "unsafe_archive"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tgz", (member("barn.stats", kind, "/etc/passwd"), b""))
    assert refusal(path, tmp_path / "a") == "unsafe_archive"


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"barn.stats": b"/etc/passwd"}, external_attr=0o120777 << 16)
    assert refusal(path, tmp_path / "a") == "unsafe_archive"


def test_what_unpacks_to_more_than_the_limit_is_refused_whatever_the_header_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"barn.stats": b"\0" * (LIMIT + 1)})
    assert path.stat().st_size < LIMIT // 100
    assert refusal(path, tmp_path / "a") == "too_large"
    assert refusal(tarred(tmp_path / "b.tgz", (member("a"), b"\0" * (LIMIT + 1))), tmp_path / "b") == "too_large"


def test_a_damaged_archive_and_what_is_none(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {name: text.encode() * 50 for name, text in examples.FILES.items()})
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(data)
    assert refusal(path, tmp_path / "a") == "corrupt"
    tar = tarred(tmp_path / "x.tgz", (member("a"), b"x" * 5000))
    tar.write_bytes(tar.read_bytes()[:40])
    assert refusal(tar, tmp_path / "b") == "corrupt"
    (tmp_path / "barn.stats").write_text(examples.SAMTOOLS_STATS)
    assert not is_archive(tmp_path / "barn.stats")
