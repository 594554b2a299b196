"""The national store: what it takes in, what it refuses, what it holds; and a region's shards from its own folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
import pytest

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.count import Counting, add_person, remove_person
from varde.frequency.genotypes import Gate
from varde.frequency.increment import COVERAGE, LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment
from varde.frequency.ledger import create
from varde.frequency.nation import accept_shard, found_nation, recover, regions_of
from varde.frequency.outbox import ship
from varde.frequency.shards import Changed, Header, make_shard, read_shard
from varde.frequency.signing import PrivateKey, PublicKey, new_key
from varde.frequency.store import Contents, Settings, read_manifest
from varde.frequency.tests.cohorts import vcf_text
from varde.frequency.tests.people import SETTINGS, crowd, same
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex

Keys = dict[str, PrivateKey]
TREE = dict[str, bytes]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("west", "north"):
        new_key(folder / name, folder / f"{name}.pem", name)
    return {name: PrivateKey.load(folder / name) for name in ("west", "north")}


@pytest.fixture
def trusted(keys: Keys) -> dict[str, PublicKey]:
    return {name: key.public for name, key in keys.items()}


@pytest.fixture
def nation(tmp_path: Path) -> Path:
    found_nation(tmp_path / "nation", SETTINGS)
    return tmp_path / "nation"


class Sender:
    """A region's side, without a folder: numbers its shards and chains them."""

    def __init__(self, folder: Path, key: PrivateKey, settings: Settings = SETTINGS) -> None:
        self.folder, self.key, self.settings, self.sequence = folder, key, settings, 0
        self.digest: str | None = None

    def send(self, coming: Iterable[int], going: Sequence[int] = (), *, corrected: int = 0) -> Path:
        coming = list(coming)
        people = Changed(len(coming) - corrected, len(going) - corrected, corrected)
        self.sequence += 1
        identifier = self.key.public.identifier
        header = Header(self.key.name, identifier, self.sequence, self.digest, "2026-11", self.settings, people)
        path = self.folder / f"{self.key.name}-{self.sequence}.zip"
        shard = make_shard(path, header, crowd(coming, gone=going), self.key, least_people=2)
        self.digest = shard.digest
        return path


def tree(folder: Path) -> TREE:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(nation: Path, shard: Path, trusted: dict[str, PublicKey]) -> str:
    """The code of the refusal, which has changed no byte and added no file."""
    before = tree(nation)
    with pytest.raises(InputError) as caught:
        accept_shard(nation, shard, trusted)
    assert tree(nation) == before
    assert caught.value.remedy
    return caught.value.code


def test_shards_of_two_regions_come_to_the_sum_of_everybody(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    west, north = Sender(tmp_path, keys["west"]), Sender(tmp_path, keys["north"])
    for shard in (
        west.send(range(10)),
        north.send(range(100, 106)),
        west.send(range(10, 16), going=(3, 4)),
        north.send(range(106, 110), going=(100,)),
    ):
        accept_shard(nation, shard, trusted)
    in_west = [i for i in range(16) if i not in (3, 4)]
    in_north = range(101, 110)
    assert same(read_manifest(nation).read_increment(), crowd([*in_west, *in_north]))
    assert same(regions_of(nation)["west"].read_increment(), crowd(in_west))
    assert same(regions_of(nation)["north"].read_increment(), crowd(in_north))
    accepted = read_manifest(nation).accepted
    assert [(entry["region"], entry["sequence"]) for entry in accepted] == [
        ("west", 1),
        ("north", 1),
        ("west", 2),
        ("north", 2),
    ]
    assert read_manifest(nation).people == 23


def test_what_a_shard_took_away_does_not_stand_in_the_nation_by_itself(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    west = Sender(tmp_path, keys["west"])
    accept_shard(nation, west.send(range(40)), trusted)
    accept_shard(nation, west.send(range(40, 42), going=(3, 4, 5)), trusted)
    assert same(read_manifest(nation).read_increment(), crowd(i for i in range(42) if i not in (3, 4, 5)))
    for folder in (nation, nation / "regions" / "west"):
        (held,) = (folder / "sums").iterdir()
        counts = pl.read_parquet(held / "observations.parquet").select("het", "hom", "hemi")
        assert counts.height
        assert min(counts.min().row(0)) >= 0


def test_a_shard_that_was_wrong_is_replaced(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    west = Sender(tmp_path, keys["west"])
    accept_shard(nation, west.send(range(10)), trusted)
    shard = accept_shard(nation, west.send(range(50, 60), going=range(10), corrected=10), trusted)
    assert shard.header.people == Changed(0, 0, 10)
    assert same(read_manifest(nation).read_increment(), crowd(range(50, 60)))


def test_everybody_may_leave(tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]) -> None:
    west = Sender(tmp_path, keys["west"])
    accept_shard(nation, west.send(range(6)), trusted)
    accept_shard(nation, west.send((), going=range(6)), trusted)
    assert same(read_manifest(nation).read_increment(), Increment.empty(Build.GRCH38))


def test_replayed_missing_and_forked_shards_are_refused(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    west = Sender(tmp_path, keys["west"])
    first, second, third = west.send(range(6)), west.send(range(6, 12)), west.send(range(12, 18))
    assert refused(nation, second, trusted) == "missing_shard"
    accept_shard(nation, first, trusted)
    assert refused(nation, first, trusted) == "replayed_shard"
    assert refused(nation, third, trusted) == "missing_shard"
    (tmp_path / "fork").mkdir()
    fork = Sender(tmp_path / "fork", keys["west"])
    other_first, other_second = fork.send(range(20, 26)), fork.send(range(26, 32))
    assert refused(nation, other_first, trusted) == "broken_chain"
    assert refused(nation, other_second, trusted) == "broken_chain"
    accept_shard(nation, second, trusted)
    assert refused(nation, first, trusted) == "replayed_shard"
    accept_shard(nation, third, trusted)
    assert same(read_manifest(nation).read_increment(), crowd(range(18)))


def test_unknown_region_too_few_people_and_negative_counts_are_refused(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    west, north = Sender(tmp_path, keys["west"]), Sender(tmp_path, keys["north"])
    few = north.send(range(3))
    assert refused(nation, few, trusted) == "too_few_people"
    north = Sender(tmp_path / "again", keys["north"])
    north.folder.mkdir()
    assert refused(nation, north.send((), going=range(6)), trusted) == "negative_counts"
    assert sorted(path.name for path in (nation / "regions").iterdir()) == []
    accept_shard(nation, west.send(range(10)), trusted)
    assert refused(nation, west.send(range(20, 23), going=(0, 1, 99)), trusted) == "negative_counts"
    west.sequence, west.folder = 1, north.folder
    west.digest = str(read_manifest(nation).accepted[0]["digest"])
    assert refused(nation, west.send((), going=range(8)), trusted) == "too_few_left"
    assert refused(nation, tmp_path / "west-1.zip", {"north": keys["north"].public}) == "unknown_region"
    cut = tmp_path / "cut.zip"
    cut.write_bytes((tmp_path / "west-1.zip").read_bytes()[:-200])
    assert refused(nation, cut, trusted) == "damaged_shard"


def test_other_build_and_other_gate_are_refused(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    none = Settings.of(Build.GRCH38, Gate.NONE, None, passing_only=False)
    assert refused(nation, Sender(tmp_path, keys["west"], none).send(range(6)), trusted) == "other_settings"
    other = tmp_path / "nation37"
    found_nation(other, Settings.of(Build.GRCH37, Gate.ADJ, None, passing_only=False))
    assert refused(other, Sender(tmp_path, keys["north"]).send(range(6)), trusted) == "other_settings"


def test_a_shard_is_whole_after_an_interruption_between_region_and_nation(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    """The store as a power cut leaves it: the region's sums have the shard, the nation's not yet."""
    west = Sender(tmp_path, keys["west"])
    accept_shard(nation, west.send(range(10)), trusted)
    cut = tmp_path / "cut"
    shutil.copytree(nation, cut)
    second = west.send(range(10, 15), going=(1,))
    accept_shard(nation, second, trusted)
    shutil.rmtree(cut / "regions")
    shutil.copytree(nation / "regions", cut / "regions")
    (cut / "unfinished").touch()
    assert read_manifest(cut).people == 10
    after = tmp_path / "after"
    shutil.copytree(cut, after)
    recover(after)
    assert same(read_manifest(after).read_increment(), read_manifest(nation).read_increment())
    assert read_manifest(after).accepted == read_manifest(nation).accepted
    with pytest.raises(InputError) as caught:
        accept_shard(cut, second, trusted)
    assert caught.value.code == "replayed_shard"
    assert same(read_manifest(cut).read_increment(), read_manifest(nation).read_increment())


# A region with its own folder.

GENOMES = {f"P{i:02}": i for i in range(16)}


def region_folder(folder: Path) -> Path:
    folder.mkdir()
    create(folder, SETTINGS)
    return folder


def join(folder: Path, scratch: Path, number: int, group: DiseaseGroup = DiseaseGroup.HEALTHY) -> str:
    """Add a made-up person by their VCF; the run's identifier."""
    text = vcf_text([f"SECRET{number}"], [_record(place, number) for place in range(1_000, 1_040, 2)])
    path = scratch / f"{number}.vcf"
    path.write_text(text)
    counting = Counting(Build.GRCH38, Gate.ADJ, None, False)
    return add_person(
        folder, [path], sample=f"SECRET{number}", sex=Sex.FEMALE, counting=counting, group=group, assay=Assay.GENOME
    )


def _record(place: int, number: int) -> str:
    genotype = ("0/0", "0/1", "1/1", "0/1")[(place * 7919 + number * 104_729) % 31 % 4]
    depths = {"0/0": "30,0", "0/1": "15,15", "1/1": "0,30"}[genotype]
    return f"20\t{place}\t.\tA\tC\t.\tPASS\t.\tGT:AD:DP:GQ\t{genotype}:{depths}:30:99"


def test_the_nation_has_what_the_region_counts(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    region, outbox = region_folder(tmp_path / "region"), tmp_path / "outbox"
    runs = [join(region, tmp_path, number) for number in range(8)]
    accept_shard(nation, ship(region, outbox, keys["west"], "2026-10").path, trusted)
    assert same(read_manifest(nation).read_increment(), read_manifest(region).read_increment())
    short = join(region, tmp_path, 30)
    remove_person(region, short)  # came and went between two shards
    for run in runs[:2]:
        remove_person(region, run)
    right = [join(region, tmp_path, number) for number in range(8, 12)]
    shipped = ship(region, outbox, keys["west"], "2026-11", replaced={runs[0]: right[0]})
    assert shipped.shard.header.people == Changed(added=3, withdrawn=1, corrected=1)
    accept_shard(nation, shipped.path, trusted)
    assert same(read_manifest(nation).read_increment(), read_manifest(region).read_increment())
    assert short not in (outbox / "000002" / "shipped.json").read_text()
    with pytest.raises(InputError) as caught:
        ship(region, outbox, keys["west"], "2026-12")
    assert caught.value.code == "nothing_to_send"
    remove_person(region, right[3])
    with pytest.raises(InputError) as caught:
        ship(region, outbox, keys["west"], "2026-12")
    assert caught.value.code == "too_few_people"
    assert sorted(path.name for path in outbox.iterdir()) == ["000001", "000002"]


def test_small_cells_wait_until_enough_people_changed_in_them(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    region, outbox = region_folder(tmp_path / "region"), tmp_path / "outbox"
    for number in range(6):
        join(region, tmp_path, number)
    for number in range(6, 9):
        join(region, tmp_path, number, DiseaseGroup.HEART)
    shipped = ship(region, outbox, keys["west"], "2026-10")
    assert (shipped.shard.header.people, shipped.waiting) == (Changed(6), 3)
    accept_shard(nation, shipped.path, trusted)
    heart = Cell(Sex.FEMALE, DiseaseGroup.HEART, Assay.GENOME)
    assert read_manifest(nation).cells == {Cell(Sex.FEMALE, DiseaseGroup.HEALTHY, Assay.GENOME): 6}
    for number in range(9, 11):
        join(region, tmp_path, number, DiseaseGroup.HEART)
    shipped = ship(region, outbox, keys["west"], "2026-11")
    assert (shipped.shard.header.people, shipped.waiting) == (Changed(5), 0)
    accept_shard(nation, shipped.path, trusted)
    assert read_manifest(nation).cells[heart] == 5
    assert same(read_manifest(nation).read_increment(), read_manifest(region).read_increment())


def test_small_cells_go_along_when_asked(tmp_path: Path, keys: Keys, trusted: dict[str, PublicKey]) -> None:
    region = region_folder(tmp_path / "region")
    for number in range(6):
        join(region, tmp_path, number, DiseaseGroup.HEART if number < 2 else DiseaseGroup.HEALTHY)
    shipped = ship(region, tmp_path / "outbox", keys["west"], "2026-10", small_cells=True)
    assert (shipped.shard.header.people, shipped.waiting) == (Changed(6), 0)
    assert same(read_shard(shipped.path, trusted).increment, read_manifest(region).read_increment())


def test_nothing_in_shard_or_nation_has_room_for_a_person(
    tmp_path: Path, nation: Path, keys: Keys, trusted: dict[str, PublicKey]
) -> None:
    region, outbox = region_folder(tmp_path / "region"), tmp_path / "outbox"
    runs = [join(region, tmp_path, number) for number in range(8)]
    shipped = ship(region, outbox, keys["west"], "2026-10")
    accept_shard(nation, shipped.path, trusted)
    shutil.unpack_archive(shipped.path, tmp_path / "unpacked", "zip")
    schemas = [OBSERVATIONS, COVERAGE, STRUCTURAL, PEOPLE, LONG]
    texts = set()
    for path in [*nation.rglob("*"), *(tmp_path / "unpacked").rglob("*")]:
        if not path.is_file():
            continue
        content = path.read_bytes()
        assert not [word for word in (*runs, "SECRET") if word.encode() in content], path
        if path.suffix == ".parquet":
            assert pl.read_parquet_schema(path) in schemas, path
        else:
            texts.add(path.name)
    assert texts == {"manifest.json", "increment.json", "header.json", "header.sig"}
    manifest = json.loads((nation / "manifest.json").read_text())
    assert set(manifest["accepted"][0]) == {"region", "sequence", "digest", "month", "key", "people"}
    assert manifest["holds_runs"] is False
    assert isinstance(read_manifest(nation), Contents)
