"""The wallet's store: what a thief of the database sees, and what fsck sees."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from runtime.database import Database, migrate
from wallet_api.encryption import KEY_BYTES, SealBroken, load_key_file, nonce_of
from wallet_api.errors import Conflict, KeyFileError, NotFound
from wallet_api.model import ErrandKind, Happening, NewCopy, OfferState
from wallet_api.store import MIGRATIONS, check
from wallet_api.store.cards import CardStore, NewCard
from wallet_api.store.errands import ErrandStore
from wallet_api.store.history import HistoryStore
from wallet_api.store.residents import ResidentStore

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


class Wallet:
    """A store on a real database file, with the verbs of a resident's day."""

    def __init__(self, folder):
        self.file = folder / "wallet_api.sqlite3"
        self.key_file = folder / "wallet.kek"
        self.database = Database(f"sqlite:///{self.file}")
        migrate(self.database, MIGRATIONS)
        self.key = load_key_file(self.key_file, may_create=True)
        self.clock = lambda: NOW
        self.residents = ResidentStore(self.database, self.key, self.clock)
        self.errands = ErrandStore(self.database, self.clock)
        self.cards = CardStore(self.database, self.clock)
        self.history = HistoryStore(self.database)

    def register(self, name="Sok Dara", thumbprint="thumbprint-of-a-device"):
        return self.residents.register(thumbprint=thumbprint, display_name=name)

    def preview(self, caller, detail):
        return self.errands.begin(
            caller,
            kind=ErrandKind.OFFER,
            state=OfferState.PREVIEWED,
            expires_at=LATER,
            detail=detail,
        )

    def receive(self, caller, face, *copies):
        offer = self.preview(caller, {"code": "a pre-authorised code"})
        cards = [NewCard(face=face, copies=tuple(copies))]
        (card,) = self.cards.receive(
            caller,
            offer,
            to=OfferState.RECEIVED,
            detail={"code": ""},
            cards=cards,
            told={"label": {"en": "Driving licence"}},
        )
        return card


@pytest.fixture
def wallet(tmp_path):
    return Wallet(tmp_path)


def test_a_database_dump_with_the_configuration_yields_none_of_200_known_values(wallet):
    """S-172: everything personal is sealed; the key file alone opens it."""
    values = []
    for number in range(40):
        claims = {f"claim_{number}_{part}": f"Plain-Value-{number}-{part}" for part in range(5)}
        values += [*claims, *claims.values()]
        name = f"Resident Name {number}"
        caller = wallet.register(name, thumbprint=f"device-{number}")
        values.append(name)
        text = f"credential.text.of.{number}~"
        key = f"holder-thumbprint-{number}"
        wallet.receive(caller, {"claims": claims, "type": "t"}, NewCopy(key=key, text=text))
        wallet.preview(caller, {"token": f"access-token-{number}"})
        values += [text, key, f"access-token-{number}"]
    connection = sqlite3.connect(wallet.file)
    dump = "\n".join(connection.iterdump()).encode()
    connection.close()
    raw = b"".join(path.read_bytes() for path in wallet.file.parent.glob("wallet_api.sqlite3*"))

    assert len(values) >= 200
    for value in values:
        assert value.encode() not in dump
        assert value.encode() not in raw
        assert value.encode().hex().upper().encode() not in dump
    assert wallet.key.secret not in raw
    assert wallet.key.secret.hex().upper().encode() not in dump


def test_every_wrapped_key_and_every_nonce_is_its_own(wallet):
    """S-174"""
    for number in range(200):
        wallet.register(f"Resident {number}", thumbprint=f"device-{number}")
    connection = sqlite3.connect(wallet.file)
    rows = connection.execute("SELECT wrapped_key, display_name_sealed FROM wallet_resident")
    sealed = [value for row in rows for value in row]
    connection.close()

    assert len(sealed) == 400
    assert len(set(sealed)) == 400
    assert len({nonce_of(value) for value in sealed}) == 400


def test_a_ciphertext_opens_only_for_its_resident_its_row_and_its_column(wallet):
    dara = wallet.register("Sok Dara", thumbprint="dara").cipher
    chan = wallet.register("Chan Thy", thumbprint="chan").cipher
    sealed = dara.seal(b"2A-4417", row="row", column="text")

    assert dara.open(sealed, row="row", column="text") == b"2A-4417"
    for cipher, row, column in (
        (chan, "row", "text"),
        (dara, "other", "text"),
        (dara, "row", "face"),
    ):
        with pytest.raises(SealBroken):
            cipher.open(sealed, row=row, column=column)


def test_what_is_received_is_read_back_newest_copy_uses_last(wallet):
    caller = wallet.register()
    card_id = wallet.receive(
        caller,
        {"type": "driving-licence"},
        NewCopy(key="k1", text="t1"),
        NewCopy(key="k2", text="t2"),
    )
    card = wallet.cards.load(caller, card_id)

    assert card.face == {"type": "driving-licence"}
    assert {(copy.key, copy.text, copy.uses) for copy in card.copies} == {
        ("k1", "t1", 0),
        ("k2", "t2", 0),
    }
    assert [line.happening for line in wallet.history.latest(caller)] == [Happening.RECEIVED]


def test_residents_cannot_see_each_others_things(wallet):
    dara = wallet.register("Sok Dara", thumbprint="dara")
    chan = wallet.register("Chan Thy", thumbprint="chan")
    card = wallet.receive(dara, {"type": "residency"}, NewCopy(key="k", text="t"))
    offer = wallet.preview(dara, {})

    assert wallet.cards.all(chan) == ()
    assert wallet.history.latest(chan) == ()
    with pytest.raises(NotFound):
        wallet.cards.load(chan, card)
    with pytest.raises(NotFound):
        wallet.cards.remove(chan, card, told={})
    with pytest.raises(NotFound):
        wallet.errands.load(chan, offer.id, kind=ErrandKind.OFFER)
    with pytest.raises(Conflict):
        wallet.errands.move(chan, offer, to=OfferState.FAILED, detail={})
    with pytest.raises(NotFound):
        wallet.residents.remove_device(chan, dara.device)
    assert len(wallet.cards.all(dara)) == 1


def test_an_offer_moves_on_once_and_a_failed_move_leaves_no_card(wallet):
    caller = wallet.register()
    offer = wallet.preview(caller, {"step": 1})
    wallet.errands.move(caller, offer, to=OfferState.ACCEPTED, detail={"step": 2})

    with pytest.raises(Conflict):
        wallet.cards.receive(
            caller,
            offer,
            to=OfferState.RECEIVED,
            detail={},
            cards=[NewCard(face={}, copies=(NewCopy(key="k", text="t"),))],
            told={},
        )
    assert wallet.cards.all(caller) == ()
    assert wallet.history.latest(caller) == ()


def test_an_expired_errand_is_not_found_and_is_swept_away(wallet):
    caller = wallet.register()
    offer = wallet.preview(caller, {})
    late = ErrandStore(wallet.database, lambda: LATER + timedelta(seconds=1))

    with pytest.raises(NotFound):
        late.load(caller, offer.id, kind=ErrandKind.OFFER)
    late.begin(
        caller,
        kind=ErrandKind.VIEW,
        state="waiting",
        expires_at=LATER + timedelta(hours=1),
        detail={},
    )
    connection = sqlite3.connect(wallet.file)
    rows = connection.execute("SELECT kind FROM wallet_errand").fetchall()
    connection.close()
    assert rows == [("view",)]


def test_a_removed_device_opens_nothing_and_a_key_registers_once(wallet):
    caller = wallet.register(thumbprint="a-device")

    with pytest.raises(Conflict):
        wallet.register(thumbprint="a-device")
    wallet.residents.remove_device(caller, caller.device)
    with pytest.raises(NotFound):
        wallet.residents.find_caller(thumbprint="a-device")


def test_fsck_finds_every_planted_corruption(wallet):
    dara = wallet.register("Sok Dara", thumbprint="dara")
    chan = wallet.register("Chan Thy", thumbprint="chan")
    for caller in (dara, chan):
        wallet.receive(
            caller, {"type": "t"}, NewCopy(key="k", text="t"), NewCopy(key="l", text="u")
        )
        wallet.preview(caller, {})

    assert check(wallet.database) == []
    assert check(wallet.database, wallet.key) == []
    first, second = "SELECT min(id) FROM", "SELECT max(id) FROM"
    card, errand = f"WHERE id = ({first} wallet_card)", f"WHERE id = ({first} wallet_errand)"
    planted = {
        "a copy of another resident's card": "UPDATE wallet_copy SET resident_id = "
        f"(CASE resident_id WHEN '{dara.resident}' THEN '{chan.resident}' ELSE '{dara.resident}' "
        f"END) WHERE id = ({first} wallet_copy)",
        "two ciphertexts exchanged": "UPDATE wallet_copy SET text_sealed = (SELECT text_sealed "
        f"FROM wallet_copy WHERE id = ({second} wallet_copy)) WHERE id = ({first} wallet_copy)",
        "plain text": f"UPDATE wallet_card SET face_sealed = x'7b7d' {card}",
        "an unknown state": f"UPDATE wallet_errand SET state = 'x' {errand}",
        "a flipped bit": "UPDATE wallet_history SET detail_sealed = substr(detail_sealed, 1, "
        f"length(detail_sealed) - 1) || x'00' WHERE id = ({first} wallet_history)",
        "copies lost": f"DELETE FROM wallet_copy WHERE card_id = ({first} wallet_card)",
        "a resident lost": f"DELETE FROM wallet_resident WHERE id = '{dara.resident}'",
        "a wrapped key exchanged": "UPDATE wallet_resident SET wrapped_key = zeroblob(61) "
        f"WHERE id = '{dara.resident}'",
        "negative uses": f"UPDATE wallet_copy SET uses = -1 WHERE id = ({first} wallet_copy)",
        "a name in plain": "UPDATE wallet_resident SET display_name_sealed = x'536f6b' "
        f"WHERE id = '{dara.resident}'",
    }
    found = {
        name: _check_a_copy(wallet, f"planted-{number}", statement)
        for number, (name, statement) in enumerate(planted.items())
    }

    assert [name for name, breaches in found.items() if not breaches] == []
    assert _check_a_copy(wallet, "untouched", "SELECT 1") == []


def _check_a_copy(wallet, name, statement):
    """What fsck says of a copy of the database after this statement."""
    file = wallet.file.with_name(name)
    original, copy = sqlite3.connect(wallet.file), sqlite3.connect(file)
    original.backup(copy)
    copy.execute(statement)
    copy.commit()
    original.close()
    copy.close()
    return check(Database(f"sqlite:///{file}"), wallet.key)


def test_the_key_file_is_made_once_private_and_never_in_production(tmp_path):
    path = tmp_path / "keys" / "wallet.kek"

    with pytest.raises(KeyFileError):
        load_key_file(path, may_create=False)
    made = load_key_file(path, may_create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made.secret) == KEY_BYTES
    assert load_key_file(path, may_create=True) == made
    assert os.listdir(path.parent) == ["wallet.kek"]
    assert "secret" not in repr(made)


@pytest.mark.parametrize("content", ["", "citywallet-kek-v1 AAAA", "other AAAA", "\xff", "a b c"])
def test_a_key_file_that_is_not_ours_is_refused(tmp_path, content):
    path = tmp_path / "wallet.kek"
    path.write_bytes(content.encode("latin-1"))
    path.chmod(0o600)

    with pytest.raises(KeyFileError):
        load_key_file(path, may_create=True)


def test_a_key_file_of_another_database_is_found_at_the_start(wallet, tmp_path):
    wallet.residents.check_key()
    wallet.register()
    wallet.residents.check_key()
    other = load_key_file(tmp_path / "other.kek", may_create=True)

    with pytest.raises(KeyFileError):
        ResidentStore(wallet.database, other, wallet.clock).check_key()


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "wallet.kek"
    load_key_file(path, may_create=True)
    path.chmod(0o644)

    with pytest.raises(KeyFileError):
        load_key_file(path, may_create=True)
