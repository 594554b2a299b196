"""Keys and signatures, held against OpenSSL and a published vector."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from varde.frequency.signing import PrivateKey, PublicKey, new_key, trusted_keys
from varde.genome.errors import InputError


def _keys(folder: Path, name: str = "region-west") -> tuple[Path, Path]:
    private, public = folder / f"{name}.private.pem", folder / f"{name}.public.pem"
    new_key(private, public, name)
    return private, public


def test_signature_of_rfc_8032_vector() -> None:
    """RFC 8032, section 7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = PrivateKey("vector", Ed25519PrivateKey.from_private_bytes(seed))
    signature = key.sign(b"\x72")
    assert signature.hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    key.public.verify(b"\x72", signature)


def test_key_files_keep_name_key_and_modes(tmp_path: Path) -> None:
    private, public = _keys(tmp_path)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["region-west.private.pem", "region-west.public.pem"]
    signer, verifier = PrivateKey.load(private), PublicKey.load(public)
    assert signer.name == verifier.name == "region-west"
    assert signer.public.identifier == verifier.identifier
    assert len(verifier.identifier) == 32
    assert verifier.pem == public.read_bytes()
    verifier.verify(b"content", signer.sign(b"content"))


def test_changed_content_changed_signature_and_other_key_are_refused(tmp_path: Path) -> None:
    signer = PrivateKey.load(_keys(tmp_path)[0])
    other = PrivateKey.load(_keys(tmp_path, "other")[0])
    signature = signer.sign(b"content")
    wrong = bytes([signature[0] ^ 1]) + signature[1:]
    for key, content, given in (
        (signer, b"contenT", signature),
        (signer, b"content", wrong),
        (signer, b"content", signature[:-1]),
        (signer, b"content", b""),
        (other, b"content", signature),
    ):
        with pytest.raises(InputError) as caught:
            key.public.verify(content, given, "manifest.json")
        assert caught.value.code == "wrong_signature"
        assert caught.value.source == "manifest.json"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")
def test_openssl_verifies_what_varde_signs_and_the_other_way_round(tmp_path: Path) -> None:
    private, public = _keys(tmp_path)
    content, signature, theirs = tmp_path / "content", tmp_path / "content.sig", tmp_path / "theirs.sig"
    content.write_bytes(bytes(range(256)) * 40)
    signature.write_bytes(PrivateKey.load(private).sign(content.read_bytes()))
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", content, "-sigfile"]
    done = subprocess.run([*verify, signature], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")
    subprocess.run(
        ["openssl", "pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", content, "-out", theirs], check=True
    )
    PublicKey.load(public).verify(content.read_bytes(), theirs.read_bytes())
    content.write_bytes(b"other")
    assert subprocess.run([*verify, signature], capture_output=True, check=False).returncode == 1


def test_keys_are_never_overwritten_and_a_refusal_leaves_nothing(tmp_path: Path) -> None:
    private, public = _keys(tmp_path)
    before = private.read_bytes(), public.read_bytes()
    for paths in ((private, tmp_path / "new"), (tmp_path / "new", public)):
        with pytest.raises(InputError) as caught:
            new_key(*paths, "region-west")
        assert caught.value.code == "key_exists"
    with pytest.raises(InputError) as caught:
        new_key(tmp_path / "new", tmp_path / "no" / "folder", "region-west")
    assert caught.value.code == "key_not_writable"
    assert (private.read_bytes(), public.read_bytes()) == before
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["", "Vest", "a b", "../x", "-a", "a-", "a" * 41, "å", "a\n"])
def test_names_that_could_deceive_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        new_key(tmp_path / "private", tmp_path / "public", name)
    assert caught.value.code == "bad_key_name"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    private, public = _keys(tmp_path)
    (tmp_path / "nameless").write_bytes(public.read_bytes().partition(b"\n")[2])
    (tmp_path / "text").write_text("Name: x\nno key")
    for path, load, code in (
        (private, PublicKey.load, "not_a_public_key"),
        (public, PrivateKey.load, "not_a_private_key"),
        (tmp_path / "text", PublicKey.load, "not_a_public_key"),
        (tmp_path / "nameless", PublicKey.load, "bad_key_name"),
        (tmp_path / "absent", PrivateKey.load, "no_key"),
    ):
        with pytest.raises(InputError) as caught:
            load(path)
        assert caught.value.code == code
    private.chmod(0o640)
    with pytest.raises(InputError) as caught:
        PrivateKey.load(private)
    assert caught.value.code == "key_exposed"


def test_private_key_does_not_show_itself(tmp_path: Path) -> None:
    assert "region-west" not in repr(PrivateKey.load(_keys(tmp_path)[0]))


def test_trusted_keys_are_by_name_and_one_name_has_one_key(tmp_path: Path) -> None:
    trusted, spare = tmp_path / "trusted", tmp_path / "spare"
    trusted.mkdir()
    spare.mkdir()
    for name in ("north", "west"):
        _, public = _keys(spare, name)
        public.rename(trusted / public.name)
    assert sorted(trusted_keys([trusted])) == ["north", "west"]
    assert sorted(trusted_keys([trusted, trusted / "north.public.pem"])) == ["north", "west"]
    _, second = _keys(tmp_path, "west")
    with pytest.raises(InputError) as caught:
        trusted_keys([trusted, second])
    assert caught.value.code == "key_twice"
