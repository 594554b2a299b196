"""Shards: written, read, refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.increment import Increment
from varde.frequency.shards import Changed, Header, Shard, make_shard, read_shard
from varde.frequency.signing import PrivateKey, PublicKey, new_key
from varde.frequency.tests.people import SETTINGS, crowd, same
from varde.genome.builds import Build
from varde.genome.errors import InputError


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> PrivateKey:
    folder = tmp_path_factory.mktemp("keys")
    new_key(folder / "private", folder / "public", "west")
    return PrivateKey.load(folder / "private")


@pytest.fixture
def trusted(key: PrivateKey) -> dict[str, PublicKey]:
    return {"west": key.public}


def head(key: PrivateKey, added: int, withdrawn: int = 0, corrected: int = 0) -> Header:
    people = Changed(added, withdrawn, corrected)
    return Header(key.name, key.public.identifier, 1, None, "2026-11", SETTINGS, people)


def write(path: Path, key: PrivateKey) -> Shard:
    return make_shard(path, head(key, 6, 2, 1), crowd(range(7), gone=(20, 21, 22)), key)


def refusal(path: Path, trusted: dict[str, PublicKey]) -> str:
    with pytest.raises(InputError) as caught:
        read_shard(path, trusted)
    assert caught.value.source == path.name
    assert caught.value.remedy
    return caught.value.code


def test_what_is_written_is_read(tmp_path: Path, key: PrivateKey, trusted: dict[str, PublicKey]) -> None:
    made = write(tmp_path / "shard", key)
    read = read_shard(tmp_path / "shard", trusted)
    assert (read.header, read.digest) == (made.header, made.digest)
    assert same(read.increment, crowd(range(7), gone=(20, 21, 22)))
    assert read.increment.observations["het"].min() < 0  # it does mix additions with withdrawals
    assert (tmp_path / "shard").stat().st_mode & 0o777 == 0o600


def test_bytes_do_not_depend_on_the_order_of_people(tmp_path: Path, key: PrivateKey) -> None:
    make_shard(tmp_path / "a", head(key, 7), crowd(range(7)), key)
    make_shard(tmp_path / "b", head(key, 7), crowd((5, 2, 6, 0, 1, 4, 3)), key)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 3), min_size=24, max_size=24))
def test_shards_cut_anywhere_merge_to_the_same(cuts: list[int]) -> None:
    everybody = crowd(range(24))
    parts = [crowd(i for i in range(24) if cuts[i] == part) for part in range(4)]
    gone = crowd(range(24, 30))
    merged = Increment.merged(Build.GRCH38, [gone, *reversed(parts), gone.negated()])
    assert same(merged, everybody)


def test_someone_added_and_withdrawn_leaves_no_trace(tmp_path: Path, key: PrivateKey) -> None:
    make_shard(tmp_path / "with", head(key, 7), crowd((*range(7), 99), gone=(99,)), key)
    make_shard(tmp_path / "without", head(key, 7), crowd(range(7)), key)
    assert (tmp_path / "with").read_bytes() == (tmp_path / "without").read_bytes()


@pytest.mark.parametrize(
    ("people", "least", "refused"),
    [((4, 0, 0), 5, True), ((3, 2, 0), 5, False), ((1, 1, 2), 5, True), ((1, 0, 0), 2, True), ((1, 1, 0), 2, False)],
)
def test_too_few_people_are_refused(
    tmp_path: Path, key: PrivateKey, people: tuple[int, int, int], least: int, refused: bool
) -> None:
    added, withdrawn, corrected = people
    increment = crowd(range(added + corrected), gone=range(20, 20 + withdrawn + corrected))
    if not refused:
        make_shard(tmp_path / "shard", head(key, *people), increment, key, least_people=least)
        return
    with pytest.raises(InputError) as caught:
        make_shard(tmp_path / "shard", head(key, *people), increment, key, least_people=least)
    assert caught.value.code == "too_few_people"
    assert list(tmp_path.iterdir()) == []


def test_one_person_is_never_enough(tmp_path: Path, key: PrivateKey) -> None:
    with pytest.raises(ValueError, match="genotype"):
        make_shard(tmp_path / "shard", head(key, 1), crowd([1]), key, least_people=1)
    assert list(tmp_path.iterdir()) == []


def test_a_shard_is_not_overwritten(tmp_path: Path, key: PrivateKey) -> None:
    write(tmp_path / "shard", key)
    before = (tmp_path / "shard").read_bytes()
    with pytest.raises(InputError) as caught:
        make_shard(tmp_path / "shard", head(key, 7), crowd(range(7)), key)
    assert caught.value.code == "out_exists"
    assert (tmp_path / "shard").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_file_cut_off_anywhere_or_changed_anywhere_is_refused(
    tmp_path: Path, key: PrivateKey, trusted: dict[str, PublicKey]
) -> None:
    whole, path = tmp_path / "whole", tmp_path / "shard"
    made = write(whole, key)
    content = whole.read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert refusal(path, trusted) == "damaged_shard"
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        read = _read_or_refused(path, trusted)
        if isinstance(read, str):
            assert read in ("damaged_shard", "wrong_signature", "unknown_region")
        else:  # a byte of the archive's own bookkeeping that says nothing of the content
            assert read.digest == made.digest
            assert same(read.increment, made.increment)
    assert refusal(tmp_path / "absent", trusted) == "no_shard"


def _read_or_refused(path: Path, trusted: dict[str, PublicKey]) -> Shard | str:
    try:
        return read_shard(path, trusted)
    except InputError as error:
        return error.code


def test_unknown_region_and_wrong_key_are_refused(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "shard"
    write(path, key)
    new_key(tmp_path / "private", tmp_path / "public", "west")
    imposter = PrivateKey.load(tmp_path / "private")
    assert refusal(path, {}) == "unknown_region"
    assert refusal(path, {"north": key.public}) == "unknown_region"
    assert refusal(path, {"west": imposter.public}) == "unknown_region"
    rewritten(path, signature=imposter.sign)
    assert refusal(path, {"west": key.public}) == "wrong_signature"


def rewritten(
    path: Path,
    *,
    members: dict[str, bytes] | None = None,
    header: Callable[[dict[str, object]], None] | None = None,
    signature: Callable[[bytes], bytes] | None = None,
) -> None:
    """The shard at ``path`` with other content; a thief can do all of this but sign it."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()} | (members or {})
    if header:
        entries = json.loads(content["header.json"])
        header(entries)
        content["header.json"] = json.dumps(entries).encode()
    if signature:
        content["header.sig"] = signature(content["header.json"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in content.items():
            archive.writestr(name, body)


def test_what_a_thief_changes_is_seen(tmp_path: Path, key: PrivateKey, trusted: dict[str, PublicKey]) -> None:
    path, frame = tmp_path / "shard", tmp_path / "frame"
    write(path, key)
    pl.DataFrame({"a": [1]}).write_parquet(frame)
    rewritten(path, members={"people.parquet": frame.read_bytes()})
    assert refusal(path, trusted) == "damaged_shard"
    path.unlink()
    write(path, key)
    rewritten(path, header=lambda entries: entries["people"].update(added=600))
    assert refusal(path, trusted) == "wrong_signature"
    path.unlink()
    write(path, key)
    rewritten(path, members={"more.parquet": b""})
    assert refusal(path, trusted) == "damaged_shard"


def test_signed_nonsense_of_a_trusted_region_is_refused(
    tmp_path: Path, key: PrivateKey, trusted: dict[str, PublicKey]
) -> None:
    def no_such_month(entries: dict[str, object]) -> None:
        entries["month"] = "2026-13"

    def other_version(entries: dict[str, object]) -> None:
        entries["format_version"] = 2

    def more_people(entries: dict[str, object]) -> None:
        entries["people"] = {"added": 60, "withdrawn": 2, "corrected": 1}

    for change, code in (
        (no_such_month, "unknown_format"),
        (other_version, "unknown_format"),
        (more_people, "implausible_counts"),
    ):
        path = tmp_path / change.__name__
        write(path, key)
        rewritten(path, header=change, signature=key.sign)
        assert refusal(path, trusted) == code


def _with(name: str, frame: pl.DataFrame) -> Callable[[Increment], Increment]:
    return lambda increment: replace(increment, **{name: frame})


@pytest.mark.parametrize(
    "change",
    [
        lambda i: replace(i, observations=i.observations.reverse()),
        lambda i: replace(i, observations=pl.concat([i.observations[:1], i.observations])),
        lambda i: replace(i, observations=i.observations.with_columns(het=pl.col("het") + 8)),
        lambda i: replace(i, observations=i.observations.with_columns(hom=pl.col("hom") - 1)),
        lambda i: replace(i, observations=i.observations.with_columns(cell=pl.lit(15, pl.UInt16))),
        lambda i: replace(i, observations=i.observations.with_columns(key=pl.col("key") % 2**59)),
        lambda i: replace(i, long=i.long[:1]),
        lambda i: replace(i, long=i.long.with_columns(alt=pl.lit("ACGTTGCATTACT"))),
        lambda i: replace(i, coverage=i.coverage[:-1]),
        lambda i: replace(i, coverage=i.coverage.with_columns(change=-pl.col("change"))),
        lambda i: replace(i, coverage=i.coverage.with_columns(place=pl.col("place") + (1 << 37))),
        lambda i: replace(i, structural=i.structural.with_columns(contig=pl.lit(0, pl.UInt8))),
        lambda i: replace(i, people=i.people.with_columns(people=pl.col("people") + 1)),
        lambda i: replace(i, people=i.people.with_columns(structural_people=pl.lit(None, pl.Int32))),
    ],
)
def test_numbers_that_people_cannot_make_are_refused(
    tmp_path: Path, key: PrivateKey, change: Callable[[Increment], Increment]
) -> None:
    with pytest.raises(InputError) as caught:
        make_shard(tmp_path / "shard", head(key, 7), change(crowd(range(7))), key)
    assert caught.value.code == "implausible_counts"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")
def test_a_stranger_checks_a_shard_with_unzip_and_openssl(tmp_path: Path, key: PrivateKey) -> None:
    write(tmp_path / "shard", key)
    with zipfile.ZipFile(tmp_path / "shard") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "key").write_bytes(key.public.pem)
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin"]
    command = [*verify, "-in", "header.json", "-sigfile", "header.sig"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    listed = json.loads((tmp_path / "header.json").read_text())["members"]
    for name, entry in listed.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == entry["sha256"]
