"""A small city whose public bytes are real: three people; one permit revoked, one suspended."""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "services"))

from issuing_city import AGENCIES, BASE, IssuingCity, build_settings
from registered_city import HOUR, NOON, RegisteredCity

from cityhall.privacy.guesses import Datum, Person
from cityhall.privacy.public_bytes import collect
from cityhall.privacy.views import Piece
from credentials.dids import build_did_jwk, build_did_key
from credentials.keys import parse_jwk
from credentials.model import StatusReference
from credentials.sd_jwt import parse_sd_jwt
from ledger import log
from ledger.chain import LogHead
from ledger.contract import HeadSignature, build_extend, creation_code, log_id
from ledger.cosmos_tx import build_memo
from ledger.opentimestamps import checkpoint_text
from ledger.timestamp_proof import Path as StampPath
from ledger.timestamp_proof import Pending, TimestampProof, build_proof

PEOPLE = [
    {"family_name": "Sovann", "given_name": "Chanthy", "birth_date": "1987-04-19"},
    {"family_name": "សុវណ្ណ", "given_name": "ដារា", "birth_date": "1994-11-02"},
    {"family_name": "Lim", "given_name": "Bo", "birth_date": "2001-01-30"},
]
NUMBERS = ["D-104417", "D-220918", "D-774120"]
PLATES = ["2A-4417", "PP-9031", "1BC-2280"]


class PublicCity:
    """Issuer, register and witness in this process, wired as in a running city."""

    def __init__(self, folder):
        self.folder = folder
        self.register = RegisteredCity(folder / "register")
        settings = build_settings(
            folder / "issuer", register_url=self.register.environ["CITY_REGISTER_URL"]
        )
        self.issuer = IssuingCity(settings)
        self.people, self.staples, self.texts, self.receipts = [], [], [], []
        for name in AGENCIES:
            self.admit(self.issuer.open_agency(name))

    def close(self):
        self.issuer.close()
        self.register.close_down()

    def admit(self, founded):
        """The agency as the operator writes it into the trust registry."""
        since = int((NOON - 24 * HOUR).timestamp())
        entry = {
            "identifiers": [founded["credential_issuer"], founded["did"]],
            "name": {"en": "An agency"},
            "keys": [
                {"jwk": founded[f"{use}_jwk"], "use": use, "valid_from": since}
                for use in ("credential", "status")
            ],
            "accreditations": [{"types": [f"{BASE}/types/x"], "valid_from": since}],
        }
        answer = self.register.post("/api/v1/issuers", {"issuer": entry})
        assert answer.status_code == 201, answer.text

    def issue(self, number):
        """A permit for one person; every word that could give the person away is remembered."""
        person, wallet = PEOPLE[number], self.issuer.wallet()
        claims = {
            **self.issuer.example("taxi-permit"),
            "family_name": person["family_name"],
            "given_name": person["given_name"],
            "driver_number": NUMBERS[number],
            "permit_number": f"TX-2026-{4400 + number}",
            "plate": PLATES[number],
        }
        made = self.issuer.offer("taxi-permit", claims=claims).json
        texts = wallet.receive(made, copies=2)
        self.texts += texts
        self.remember(number, {**claims, **person}, made["credential_id"], wallet, texts)
        return made["credential_id"]

    def remember(self, number, claims, credential, wallet, texts):
        names = ("family_name", "given_name", "birth_date", "driver_number", "permit_number")
        data = [Datum(name, claims[name]) for name in (*names, "plate")]
        data.append(Datum("credential id", credential))
        for key in wallet.keys:
            public_key = parse_jwk(dict(key.public_jwk))
            data.append(Datum("key thumbprint", public_key.thumbprint))
            data.append(Datum("holder's DID", build_did_jwk(public_key)))
            data.append(Datum("holder's DID", build_did_key(public_key)))
        for text in texts:
            data.append(Datum("credential", text))
            status = parse_sd_jwt(text, types=frozenset({"dc+sd-jwt"})).jws.payload["status"][
                "status_list"
            ]
            self.staples.append(StatusReference(status["uri"], status["idx"]))
        self.people.append(Person(f"record {number}", tuple(data)))

    def change(self, credential, status):
        answer = self.issuer.change_status(credential, status)
        assert answer.status_code == 200, answer.text
        self.receipts.append(
            Piece(f"receipt {len(self.receipts)}", answer.json["receipt"].encode())
        )

    def close_epoch(self):
        self.issuer.clock.move(seconds=60)
        self.register.close_epoch()

    def pieces(self):
        """Everything public of this city."""
        return [
            *collect(
                register=self.register.hall.database,
                witness=self.register.witness.extensions["witness"].database,
                staples=self.staples,
                files=[],
            ),
            *self.receipts,
            *self.chain_pieces(),
            *(
                Piece(path, self.register.client.get(path).data)
                for path in ("/checkpoint", "/tile/0/000.p/3", "/tile/entries/000.p/3", "/trust")
            ),
        ]

    def chain_pieces(self):
        """What goes to each kind of chain for each epoch, by the code that sends it."""
        origin = self.register.hall.log_key.name
        yield Piece("contract", creation_code(origin=origin, signer=b"s" * 20, governor=b"g" * 20))
        newest = self.register.hall.publications.published().size
        for number in range(1, newest + 1):
            with self.register.hall.database.reading() as session:
                root = log.root_of(session, number)
                proof = log.consistency(session, old_size=number - 1, size=number)
            head = LogHead(number, number, root)
            signature = HeadSignature(27, 3, 5)
            yield Piece("calldata", build_extend(head, proof=proof, signature=signature))
            yield Piece("memo", build_memo(log_id(origin), head).encode())
            digest = hashlib.sha256(checkpoint_text(origin, head).encode()).digest()
            path = StampPath((), digest, Pending("https://calendar.example"))
            yield Piece(".ots proof", build_proof(TimestampProof(digest, (path,))))


def live_a_day(folder):
    """Issue three permits, revoke one, suspend one; an epoch after each step."""
    city = PublicCity(folder)
    city.close_epoch()
    permits = [city.issue(number) for number in range(3)]
    city.close_epoch()
    city.change(permits[0], "revoked")
    city.change(permits[1], "suspended")
    city.close_epoch()
    return city
