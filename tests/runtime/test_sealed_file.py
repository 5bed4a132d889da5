"""A sealed file opens with its passphrase only, and a changed one not at all."""

import pytest

from runtime.errors import KeystoreError
from runtime.sealed_file import read_sealed, write_sealed

SECRET, WORDS = b"the root key of the city", b"seven rivers and a hill"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    path = tmp_path_factory.mktemp("root") / "root.key"
    write_sealed(path, SECRET, passphrase=WORDS)
    return path


def test_what_was_sealed_is_opened_again(sealed):
    assert read_sealed(sealed, passphrase=WORDS) == SECRET
    assert SECRET not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o777 == 0o600


def test_a_wrong_passphrase_opens_nothing(sealed):
    with pytest.raises(KeystoreError, match="does not open"):
        read_sealed(sealed, passphrase=b"seven rivers and a hall")


@pytest.mark.parametrize("place", [25, 40, 50, -1, -20])
def test_a_changed_byte_opens_nothing(sealed, tmp_path, place):
    data = bytearray(sealed.read_bytes())
    data[place] ^= 1
    changed = tmp_path / "root.key"
    changed.write_bytes(data)
    changed.chmod(0o600)

    with pytest.raises(KeystoreError):
        read_sealed(changed, passphrase=WORDS)


@pytest.mark.parametrize("data", [b"", b"citywallet sealed 1\n", b"-----BEGIN PRIVATE KEY-----"])
def test_another_file_is_no_sealed_one(tmp_path, data):
    path = tmp_path / "root.key"
    path.write_bytes(data)
    path.chmod(0o600)

    with pytest.raises(KeystoreError, match="no sealed file"):
        read_sealed(path, passphrase=WORDS)


def test_what_others_can_read_is_not_used(tmp_path):
    path = tmp_path / "root.key"
    path.write_bytes(b"x")
    path.chmod(0o640)

    with pytest.raises(KeystoreError, match="by others"):
        read_sealed(path, passphrase=WORDS)


def test_a_file_that_is_there_is_never_overwritten(sealed):
    before = sealed.read_bytes()
    with pytest.raises(KeystoreError, match="there already"):
        write_sealed(sealed, b"another", passphrase=WORDS)

    assert sealed.read_bytes() == before
    assert [path.name for path in sealed.parent.iterdir()] == ["root.key"]


def test_a_short_passphrase_is_refused(tmp_path):
    with pytest.raises(KeystoreError, match="12 bytes"):
        write_sealed(tmp_path / "root.key", SECRET, passphrase=b"river")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_cannot_be_read(tmp_path):
    with pytest.raises(KeystoreError, match="cannot be read"):
        read_sealed(tmp_path / "root.key", passphrase=WORDS)
