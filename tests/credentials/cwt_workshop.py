"""CWT views of the small city, and the judgement of what is presented with lists in CBOR."""

from datetime import timedelta

from credentials.cose import parse_value
from credentials.cwt_issuance import attach_cwt_binding, build_cwt_binding_input, issue_cwt
from credentials.material import ListCopy, Material
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.status import StatusArray, build_status_list_cwt
from credentials.trust_document import parse_trust_registry
from credentials.verification import verify
from encoding import base64url
from encoding.cbor import build_cbor
from tests.vectors.small_city import (
    AGENCIES,
    HOLDER,
    HOUR,
    INSURANCE,
    MINUTE,
    NOW,
    QR_AUDIENCE,
    REGISTRY,
    SIZE,
    TRANSPORT,
    claims_of_view,
    public,
    trust,
    vct,
)

NONCE = base64url.encode(b"forty-two bits!!")
RULE_ID = "taxi_inspection"
PAPERS = (
    ("taxi-permit", TRANSPORT),
    ("driving-licence", TRANSPORT),
    ("vehicle-registration", REGISTRY),
    ("insurance-certificate", INSURANCE),
)


def demo_claims(**changes):
    """The claims of the taxi view as the demo issues it."""
    linked = [
        {"type": name, "list": agency.list, "index": 5 + place}
        for place, (name, agency) in enumerate(PAPERS)
    ]
    return claims_of_view(
        category="taxi", zone="Phnom Penh", until="2027-06-30", linked=linked, **changes
    )


def issue(*, by=None, key_id=None, x5c=(), **changes):
    return issue_cwt(
        claims_of_view(**changes), signer=by or TRANSPORT.credential, key_id=key_id, x5c=x5c
    )


def bind(cwt, *, by=HOLDER, audience=QR_AUDIENCE, nonce=NONCE, at=NOW - timedelta(seconds=5)):
    binding = build_cwt_binding_input(
        cwt, audience=audience, nonce=nonce, now=at, algorithm=by.algorithm
    )
    return attach_cwt_binding(binding, signature=by.sign(binding.signing_input))


def view(**changes):
    """A CWT view with a fresh proof of the phone."""
    return bind(issue(**changes))


def list_cwt(agency, statuses=None, *, by=None, **changes):
    words = {
        "uri": agency.list,
        "issued_at": NOW - 10 * MINUTE,
        "expires_at": NOW + HOUR,
        "ttl": 5 * MINUTE,
        "signer": by or agency.status,
        "key_id": public(by or agency.status).thumbprint,
    }
    array = StatusArray.all_valid(SIZE).with_statuses(statuses or {})
    return build_status_list_cwt(array, **(words | changes))


def judge(
    presentation,
    *,
    lists=None,
    nonce=None,
    audience=QR_AUDIENCE,
    is_replayed=False,
    now=NOW,
    types=("taxi-inspection",),
    status=StatusRule.REQUIRED,
    **trust_changes,
):
    """The verdict on one text or token, with a list in CBOR of every agency."""
    copies = {
        agency.list: (ListCopy(token=base64url.encode(list_cwt(agency)), proof=None),)
        for agency in AGENCIES.values()
    }
    text = presentation if isinstance(presentation, str) else base64url.encode(presentation)
    rule = CredentialRule(
        id=RULE_ID,
        types=frozenset(vct(each) if "-" in each else each for each in types),
        required_claims=(("plate",),),
    )
    policy = Policy(
        credentials=(rule,),
        joins=(),
        status=StatusPolicy(rule=status, max_age=HOUR, require_anchor=False),
        require_holder_binding=True,
        freshness=MINUTE,
        skew=MINUTE,
    )
    material = Material(
        trust=parse_trust_registry(trust(**trust_changes)),
        lists=copies | (lists or {}),
        log=None,
        is_replayed=is_replayed,
    )
    return verify({RULE_ID: text}, material, policy, now=now, audience=audience, nonce=nonce)


def edit(data, change):
    """The same COSE_Sign1 with `change` made to its four parts."""
    value = parse_value(data)
    change(value.value)
    return build_cbor(value)
