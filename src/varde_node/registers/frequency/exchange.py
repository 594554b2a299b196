"""Commands between regions and nation: make keys, send what waits in a region, take in a shard from anywhere.

A region's own shard goes through the same door as one that came over the network: signature, order, enough people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.frequency.nation import accept_shard, found_nation, recover
from varde.frequency.outbox import SHARD, ship
from varde.frequency.shards import Changed, read_shard
from varde.frequency.shards import Shard as ShardFile
from varde.frequency.signing import PrivateKey, PublicKey, new_key, trusted_keys
from varde.frequency.store import MANIFEST, read_manifest
from varde.genome.errors import InputError
from varde_node.jobs import services as jobs
from varde_node.people import queries as people
from varde_node.people.services import Actor, record_refusal, require
from varde_node.registers.frequency.models import Shard, ShardState
from varde_node.registers.frequency.store import (
    REGIONS,
    code_of,
    counted_regions,
    nation_folder,
    region_folder,
    root,
    scratch_folder,
)

INDEX_JOB = "registers.index_nation"
REGISTER = "register"
"""The name in the key that signs releases."""
CHUNK_BYTES = 1 << 20
SEND, ACCEPT = "registers.shard.send", "registers.shard.accept"

__all__ = ["accept_stream", "make_keys", "private_key", "public_key_path", "recover_shards", "send", "trust"]


class ByteStream(Protocol):
    """What can be read in pieces."""

    def read(self, size: int = -1, /) -> bytes: ...


def make_keys() -> list[str]:
    """Make the keys of the regions here and of the register that are missing, private ones readable by the node alone;
    return the names of the new ones. A key that is there is never replaced."""
    trusted = _keys() / "trusted"
    trusted.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keys().chmod(0o700)
    made = []
    for name in (*(region.lower() for region in REGIONS), REGISTER):
        public = _keys() / f"{name}.public.pem" if name == REGISTER else trusted / f"{name}.public.pem"
        if not _private(name).exists() and not public.exists():
            new_key(_private(name), public, name)
            made.append(name)
    return made


def trust(path: Path) -> str:
    """Accept shards that this public key signs, from a region elsewhere; return its name. Raises InputError as
    ``PublicKey.load``, and ``key_twice`` where another key bears the name."""
    key = PublicKey.load(path)
    known = _trusted().get(key.name)
    if known is not None and known.identifier != key.identifier:
        raise InputError(
            "key_twice",
            f"Another key bears the name {key.name}.",
            "Agree with the region on the key that is valid, and take the other out of keys/trusted.",
            source=path.name,
        )
    (_keys() / "trusted").mkdir(parents=True, exist_ok=True, mode=0o700)
    (_keys() / "trusted" / f"{key.name}.public.pem").write_bytes(key.pem)
    return key.name


def private_key(name: str) -> PrivateKey:
    """The key of a region (its code) or of the register. Raises InputError as ``PrivateKey.load``."""
    return PrivateKey.load(_private(name.lower()))


def register_key() -> PublicKey | None:
    """What readers verify releases with; nothing before the keys are made."""
    path = public_key_path()
    return PublicKey.load(path) if path.is_file() else None


def public_key_path() -> Path:
    """What readers verify releases with."""
    return _keys() / f"{REGISTER}.public.pem"


def send(actor: Actor, region: str) -> Shard:
    """Make a region's next shard, and have the nation take it in; one that was made before and not taken in goes first.

    Raises InputError as ``varde.frequency.outbox.ship`` (``too_few_people``, ``nothing_to_send``) and as
    ``accept_shard``; the region's and the nation's counts are then as before.
    """
    require(actor, SEND, details={"region": region})
    _known(region)
    _own(actor, region)
    waiting = unsent(region)
    if waiting is not None:
        return _offer(waiting, delivered=False)
    month = timezone.localdate().strftime("%Y-%m")
    shipped = ship(region_folder(region), outgoing_folder(region), private_key(region), month)
    return _offer(shipped.path, delivered=False)


def accept_stream(actor: Actor, stream: ByteStream) -> Shard:
    """Take in a shard from another node, streamed to disk up to the node's limit for uploads.

    Raises InputError ``too_large``, and as ``accept_shard``; the refusal with its reason enters the book, and nothing
    of the file stays.
    """
    require(actor, ACCEPT)
    with scratch_folder() as scratch:
        path = scratch / SHARD
        _stream_to(path, stream)
        return _offer(path, delivered=True)


def recover_shards() -> int:
    """Offer the shards again that an interruption left between a region and the nation; return how many were."""
    if (nation_folder() / MANIFEST).is_file():
        recover(nation_folder())
        _book_accepted()
    waiting = [path for region in counted_regions() if (path := unsent(region)) is not None]
    for path in waiting:
        # What the nation refuses stays, with the reason in the book: sending it by hand shows it.
        with suppress(InputError):
            _offer(path, delivered=False)
    return len(waiting)


def outgoing_folder(region: str) -> Path:
    """Where a region's shards are made; it need not exist."""
    return root() / "outgoing" / region


def unsent(region: str) -> Path | None:
    """A shard that was made and that the nation has not answered to."""
    return next(iter(sorted(outgoing_folder(region).glob(f"*/{SHARD}"))), None)


def _offer(path: Path, *, delivered: bool) -> Shard:
    """Let the nation take a shard in. What is taken in, now or before, is deleted: it is personal data in transit."""
    trusted = _trusted()
    try:
        found = _accept(path, trusted)
    except InputError as error:
        if error.code == "replayed_shard" and not delivered:
            found = read_shard(path, trusted)
        else:
            if error.code == "replayed_shard":
                _book_accepted()
            _note_refusal(path, error, trusted, delivered=delivered)
            raise
    row = _note(found, delivered=delivered)
    path.unlink(missing_ok=True)
    jobs.enqueue(INDEX_JOB)
    return row


def _accept(path: Path, trusted: Mapping[str, PublicKey]) -> ShardFile:
    nation = nation_folder()
    if not (nation / MANIFEST).is_file():
        found_nation(nation, read_shard(path, trusted).header.settings)
    return accept_shard(nation, path, trusted)


def _note(found: ShardFile, *, delivered: bool) -> Shard:
    header = found.header
    return _enter(code_of(header.region), header.sequence, found.digest, header.people, delivered=delivered)


def _enter(region: str, sequence: int, digest: str, changed: Changed, *, delivered: bool) -> Shard:
    values = {
        "digest": digest,
        "people_added": changed.added,
        "people_withdrawn": changed.withdrawn,
        "people_corrected": changed.corrected,
        "delivered": delivered,
        "received_on": timezone.localdate(),
    }
    row, _made = Shard.objects.get_or_create(
        region=region, sequence=sequence, state=ShardState.ACCEPTED, defaults=values
    )
    return row


def _book_accepted() -> None:
    """Enter what the nation has taken in and an interruption kept out of the book."""
    known = set(Shard.objects.filter(state=ShardState.ACCEPTED).values_list("digest", flat=True))
    accepted: Sequence[Mapping[str, Any]] = read_manifest(nation_folder()).accepted
    for entry in accepted:
        if entry["digest"] not in known:
            region, changed = code_of(entry["region"]), Changed(**entry["people"])
            own = region in counted_regions()
            _enter(region, entry["sequence"], entry["digest"], changed, delivered=not own)


def _note_refusal(path: Path, error: InputError, trusted: Mapping[str, PublicKey], *, delivered: bool) -> None:
    """In the book, with the region and number only where its signature says so."""
    region, sequence = "", 0
    try:
        header = read_shard(path, trusted).header
        region, sequence = code_of(header.region), header.sequence
    except InputError:
        pass
    Shard.objects.create(
        region=region,
        sequence=sequence,
        state=ShardState.REFUSED,
        reason=error.code,
        delivered=delivered,
        received_on=timezone.localdate(),
    )


def _stream_to(path: Path, stream: ByteStream) -> None:
    size = 0
    with path.open("xb") as file:
        path.chmod(0o600)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT_BYTES:
                raise InputError(
                    "too_large",
                    _("The shard is larger than this node takes in."),
                    _("Have the administrator raise VARDE_UPLOAD_LIMIT_BYTES."),
                )
            file.write(chunk)


def _keys() -> Path:
    return root() / "keys"


def _private(name: str) -> Path:
    return _keys() / f"{name}.private.pem"


def _trusted() -> Mapping[str, PublicKey]:
    return trusted_keys([_keys() / "trusted"])


def _own(actor: Actor, region: str) -> None:
    """A region's own register manager sends for it alone; the national one for every region that counts here."""
    place = people.organisation(actor.organisation_id) if actor.organisation_id else None
    if place is not None and place.region not in ("", region):
        record_refusal(actor, SEND, "other_region", details={"region": region})
        raise InputError(
            "other_region",
            _("You are the register manager of another region."),
            _("Its own register manager sends for it, or the national one."),
            field="region",
        )


def _known(region: str) -> None:
    if region not in counted_regions():
        raise InputError(
            "no_region",
            _("This region has no counts on this node."),
            _("Choose a region that has."),
            field="region",
        )
