"""`./city ca`: the root stays in its folder, sealed; services get leaves."""

import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cityhall.command_line import main
from credentials.keys import SoftwareSigner
from credentials.x509 import verify_chain

ISSUER = "https://issuer.city.example/agencies/transport"
AGENCY = SoftwareSigner(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def words(tmp_path):
    (tmp_path / "passphrase").write_text("seven rivers and a hill\n")
    (tmp_path / "transport.jwk").write_text(json.dumps(dict(AGENCY.public_jwk)))
    return (
        "--folder", str(tmp_path / "root"),
        "--passphrase-file", str(tmp_path / "passphrase"),
    )  # fmt: skip


def make_root(words):
    return main(["ca", "root", *words, "--name", "City root", "--domain", "city.example"])


def sign_leaf(words, tmp_path, *more, uri=ISSUER):
    key = str(tmp_path / "transport.jwk")
    named = ("--name", "transport", "--role", "agency", "--key", key, "--uri", uri)
    return main(["ca", "leaf", *words, *named, *more])


def test_a_leaf_of_the_offline_root_holds(words, tmp_path, capsys):
    assert make_root(words) == 0
    root = x509.load_pem_x509_certificate(capsys.readouterr().out.encode())
    assert sign_leaf(words, tmp_path) == 0
    leaf = x509.load_pem_x509_certificate(capsys.readouterr().out.encode())
    chain, anchors = [leaf.public_bytes(Encoding.DER)], [root.public_bytes(Encoding.DER)]

    key = verify_chain(chain, anchors=anchors, now=datetime.now(UTC), uri=ISSUER)
    assert key.jwk == dict(AGENCY.public_jwk)


def test_the_key_is_in_its_own_folder_and_sealed(words, tmp_path, capsys):
    make_root(words)
    sign_leaf(words, tmp_path)
    folder = tmp_path / "root"

    assert sorted(path.name for path in folder.iterdir()) == ["leaves", "root.key", "root.pem"]
    assert (folder / "root.key").read_bytes().startswith(b"citywallet sealed 1\n")
    assert (folder / "root.key").stat().st_mode & 0o777 == 0o600
    assert len(list((folder / "leaves").iterdir())) == 1


def test_a_root_is_made_once(words, tmp_path, capsys):
    make_root(words)
    before = (tmp_path / "root" / "root.key").read_bytes()

    assert make_root(words) == 3
    assert (tmp_path / "root" / "root.key").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "uri"),
    [
        ((), "https://issuer.other.example/agencies/transport"),
        (("--days", "5000"), ISSUER),
        (("--dns", "other.example"), ISSUER),
    ],
)
def test_a_leaf_outside_of_the_profile_is_not_signed(words, tmp_path, capsys, more, uri):
    make_root(words)

    assert sign_leaf(words, tmp_path, *more, uri=uri) == 3
    assert "no leaf was signed" in capsys.readouterr().err
    assert not (tmp_path / "root" / "leaves").exists()


def test_a_wrong_passphrase_signs_nothing(words, tmp_path, capsys):
    make_root(words)
    (tmp_path / "passphrase").write_text("seven rivers and a hall")

    assert sign_leaf(words, tmp_path) == 3
    assert "does not open" in capsys.readouterr().err


@pytest.mark.parametrize("more", [("--role", "agency"), ("--key", "transport.jwk")])
def test_a_leaf_without_role_or_key_is_explained(words, capsys, more):
    assert main(["ca", "leaf", *words, "--name", "transport", *more]) == 3
    assert "--role and --key" in capsys.readouterr().err


def test_a_private_key_is_not_taken_for_a_public_one(words, tmp_path, capsys):
    make_root(words)
    (tmp_path / "transport.jwk").write_text(json.dumps({**dict(AGENCY.public_jwk), "d": "AQ"}))

    assert sign_leaf(words, tmp_path) == 3
    assert "no public JWK" in capsys.readouterr().err


def test_without_a_root_there_is_no_leaf(words, tmp_path, capsys):
    assert sign_leaf(words, tmp_path) == 3
    assert "./city ca root" in capsys.readouterr().err
