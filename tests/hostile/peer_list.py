"""
The peers, what each reads, and what each leaves to its caller.

A check is left to the caller when the library has no place for what the check needs (whom to trust
for which type, certificate anchors, a session, the time of a key binding) or when it is a library
for tokens and the check is one of documents. To accept what breaks such a check is counted apart:
the library *does not look*. Papers of a format that a library does not claim to read are *not
understood* and not asked. What is left is counted against it, whatever its reasons.
"""

from dataclasses import dataclass
from typing import Final

from tests.hostile.case import HostileCase

TOKEN: Final = frozenset({"S-001", "S-002", "S-004", "S-007", "S-009", "S-010", "S-012", "S-014"})
BINDING: Final = frozenset({"S-036", "S-039", "S-040", "S-042", "S-127"})
DATES: Final = frozenset({"S-028"})
TRUST: Final = frozenset(
    {
        "accreditation",
        "listed_keys",
        "use_of_keys",
        "status_reference",
        "paper_type_accepted",
        "paper_type_accredited",
        "paper_finds_issuer",
    }
)
"""Who may issue what, who takes what, and what a status list says."""
TYP: Final = frozenset({"typ", "kind_of_token", "wrapped_documents", "kind_of_document"})
AGE_OF_BINDING: Final = frozenset({"age_of_code", "future_of_code", "time_of_binding"})
DATES_OF_DOCUMENTS: Final = frozenset(
    {"moments", "dates_agree", "order_of_dates", "order_of_old_dates", "issued_in_time"}
)
CHAIN: Final = frozenset({"certificate_path", "certificate_fits"})
DEVICE: Final = frozenset(
    {
        "paper_holder_bound",
        "proof_signature_of_holder",
        "mdoc_device_is_there",
        "mdoc_device_signed",
        "mdoc_device_detached",
        "mdoc_device_elements",
        "mdoc_device_mac",
        "mdoc_authorizations",
    }
)
OWN_FORMATS: Final = frozenset({"qr_text"})
"""Texts of a QR code as this city packs them."""
CLAIMS_OF_CWT: Final = frozenset(
    {
        "paper_issuer",
        "cwt_claims",
        "cwt_names",
        "cwt_vct",
        "paper_addressee",
        "paper_freshness",
        "paper_holder_bound",
    }
)
LIST_OF_CWT: Final = frozenset({"cwt_of_list"})


@dataclass(frozen=True)
class Peer:
    """
    `said`: what the process calls it, where that is another name. `papers`: how the names of the
    papers begin that it reads. `sids`: the acceptance tests that are its business, `prefixes`: how
    the names of the checks begin that are, each empty for all; `leaves`: the checks and
    acceptance tests that are its caller's all the same.
    """

    name: str
    format: str
    script: str
    said: str = ""
    papers: tuple[str, ...] = ()
    sids: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """For the table."""
        return f"{self.name} {self.format}"

    def reads(self, case: HostileCase) -> bool:
        """Whether it claims to read papers of this kind."""
        paper = case.id.split("/")[1]
        return case.check not in OWN_FORMATS and (not self.papers or paper.startswith(self.papers))

    def looks(self, case: HostileCase) -> bool:
        """Whether the check that the case breaks is its business."""
        if {case.check, case.sid} & self.leaves or (self.sids and case.sid not in self.sids):
            return False
        return not self.prefixes or case.check.startswith(self.prefixes)


PY_TOKENS, JS_TOKENS = "token_peers.py", "token_peers.mjs"
SD_JWT: Final = TOKEN | BINDING
OLD_JWT: Final = TOKEN | DATES
_TEXTS: Final = (
    Peer("openvc-core", "dc+sd-jwt", PY_TOKENS, sids=SD_JWT | DATES, leaves=TRUST),
    Peer(
        "sd-jwt (Python)", "dc+sd-jwt", PY_TOKENS, sids=SD_JWT, leaves=TRUST | TYP | AGE_OF_BINDING
    ),
    Peer(
        "@sd-jwt/sd-jwt-vc",
        "dc+sd-jwt",
        JS_TOKENS,
        sids=SD_JWT | DATES,
        leaves=TRUST | AGE_OF_BINDING | {"audience"},
    ),
    Peer("PyJWT", "vc+jwt", PY_TOKENS, sids=TOKEN, leaves=TRUST | TYP),
    Peer("joserfc", "vc+jwt", PY_TOKENS, sids=TOKEN, leaves=TRUST | TYP),
    Peer("jose (npm)", "vc+jwt", JS_TOKENS, "jose", sids=TOKEN, leaves=TRUST),
    Peer("openvc-core", "jwt_vc_json", PY_TOKENS, "openvc-core VC-JWT", sids=OLD_JWT, leaves=TRUST),
    *(
        Peer(
            name,
            "jwt_vc_json",
            script,
            said,
            sids=OLD_JWT,
            leaves=TRUST | TYP | DATES_OF_DOCUMENTS,
        )
        for name, script, said in (
            ("PyJWT", PY_TOKENS, ""),
            ("joserfc", PY_TOKENS, ""),
            ("jose (npm)", JS_TOKENS, "jose"),
        )
    ),
)
_PROOFS: Final = tuple(
    Peer(name, form, script, papers=papers, leaves=TRUST | leaves)
    for form, papers in (("ldp_vc", ("ldp.e",)), ("ldp_vp", ("ldp-vp.e",)))
    for name, script, leaves in (
        (
            "@digitalbazaar/vc",
            "proof_peers.mjs",
            frozenset({"paper_holder_bound", "paper_freshness"}),
        ),
        ("openvc-core", "proof_peers.py", frozenset({"paper_freshness"})),
    )
)
_RESPONSES: Final = ("mdoc-response", "x5chain.mdoc")
_MDOCS: Final = (
    Peer(
        "isomdoc",
        "mso_mdoc",
        "mdoc_peers.py",
        papers=_RESPONSES,
        leaves=TRUST | CHAIN | {"paper_validity"},
    ),
    Peer(
        "pymdoccbor",
        "mso_mdoc",
        "mdoc_peers.py",
        papers=_RESPONSES,
        leaves=TRUST | DEVICE | {"paper_validity", "S-039"},
    ),
    Peer("@auth0/mdl", "mso_mdoc", "mdoc_peers.mjs", papers=_RESPONSES, leaves=TRUST),
    Peer("openvc-core", "mso_mdoc", "mdoc_peers.py", papers=_RESPONSES, leaves=TRUST),
)
_COSE: Final = (
    Peer("cwt", "cwt", "cose_peers.py", papers=("cwt", "kb-cwt"), leaves=TRUST | CLAIMS_OF_CWT),
    Peer("cwt", "statuslist+cwt", "cose_peers.py", leaves=LIST_OF_CWT),
    Peer(
        "cwt",
        "vc+cose",
        "cose_peers.py",
        "cwt COSE",
        prefixes=("cbor_", "cose_", "proof_"),
        leaves=frozenset({"cose_cwt_claims"}),
    ),
)
PEERS: Final = (*_TEXTS, *_PROOFS, *_MDOCS, *_COSE)
