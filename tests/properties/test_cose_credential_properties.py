"""mdocs and CWTs: what is issued is read, shown in part, and never changed unnoticed."""

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from credentials.cwt import read_cwt
from credentials.cwt_issuance import attach_cwt_binding, build_cwt_binding_input, issue_cwt
from credentials.keys import verify_signature
from credentials.mdoc import read_device_response, read_issuer_signed
from credentials.mdoc_presenting import select_elements
from credentials.mdoc_values import build_full_date, build_tdate
from credentials.reading import read_credential, read_presentation
from encoding import base64url
from tests.credentials import mdoc_workshop as mdocs
from tests.credentials.workshop import (
    AGENCY,
    DRIVER,
    NONCE,
    NOW,
    VERIFIER,
    permit_claims,
    public_key,
)
from tests.properties.edits import JSON_SCALARS, TEXTS, edited_bytes, refused
from tests.properties.test_document_properties import SECONDS

NAMES = st.text("abcdef_", min_size=1, max_size=6)
DATES = st.dates(date(1900, 1, 1), date(2200, 1, 1))
# A value as CBOR has it, and the JSON that a reader gives.
ELEMENTS = st.one_of(
    JSON_SCALARS.map(lambda value: (value, value)),
    st.binary(max_size=20).map(lambda data: (data, base64url.encode(data))),
    DATES.map(lambda day: (build_full_date(day), day.isoformat())),
    SECONDS.map(lambda at: (build_tdate(at), at.strftime("%Y-%m-%dT%H:%M:%SZ"))).filter(
        lambda pair: len(pair[1]) == 20
    ),
    st.lists(JSON_SCALARS, max_size=3).map(lambda value: (value, value)),
    st.dictionaries(NAMES, JSON_SCALARS, max_size=3).map(lambda value: (value, value)),
)
NAMESPACES = st.dictionaries(
    NAMES, st.dictionaries(NAMES, ELEMENTS, min_size=1, max_size=4), min_size=1, max_size=2
)
PLAIN = st.dictionaries(
    NAMES.map(lambda name: f"x{name}"),
    st.recursive(
        JSON_SCALARS.filter(lambda value: value is not None),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
LICENCE = mdocs.issue()
SHOWN = mdocs.present(LICENCE)
VIEW = issue_cwt(permit_claims(status=None), signer=AGENCY, key_id=b"key")
BINDING = build_cwt_binding_input(
    VIEW, audience=VERIFIER, nonce=NONCE, now=NOW, algorithm=DRIVER.algorithm
)
BOUND = attach_cwt_binding(BINDING, signature=DRIVER.sign(BINDING.signing_input))


def is_signed(credential):
    return verify_signature(
        public_key(AGENCY), credential.signing_input, credential.signature
    ) and (credential.alteration is None)


def issued(namespaces):
    return mdocs.issue(
        namespaces={
            name: {element: pair[0] for element, pair in elements.items()}
            for name, elements in namespaces.items()
        }
    )


@given(NAMESPACES)
def test_an_mdoc_is_read_as_it_was_issued(namespaces):
    (found,) = read_issuer_signed(issued(namespaces))

    assert found.claims == {
        name: {element: pair[1] for element, pair in elements.items()}
        for name, elements in namespaces.items()
    }
    assert found.types == (mdocs.MDL,)
    assert found.holder_key == public_key(DRIVER)
    assert is_signed(found)


@given(NAMESPACES, st.data())
def test_an_mdoc_shows_the_elements_that_were_chosen(namespaces, data):
    chosen = {
        name: data.draw(st.lists(st.sampled_from(sorted(elements)), unique=True))
        for name, elements in namespaces.items()
    }
    (found,) = read_issuer_signed(select_elements(issued(namespaces), chosen))

    assert found.claims == {
        name: {element: namespaces[name][element][1] for element in elements}
        for name, elements in chosen.items()
        if elements
    }
    assert is_signed(found)


@given(edited_bytes(st.sampled_from([LICENCE])))
def test_a_changed_mdoc_is_refused_or_altered_or_says_the_same(data):
    if refused(read_issuer_signed, data):
        return
    (found,) = read_issuer_signed(data)
    (original,) = read_issuer_signed(LICENCE)
    if is_signed(found):
        assert found.types == original.types
        assert found.holder_key == original.holder_key
        for namespace, elements in found.claims.items():
            assert elements.items() <= original.claims[namespace].items()


@given(edited_bytes(st.sampled_from([SHOWN, BOUND, VIEW, LICENCE])))
def test_changed_cbor_is_read_or_refused_by_the_one_door(data):
    text = base64url.encode(data)
    refused(read_presentation, text)
    refused(read_credential, text)
    refused(read_device_response, data)


@given(PLAIN)
def test_a_cwt_is_read_as_it_was_issued(claims):
    (found,) = read_cwt(
        issue_cwt(permit_claims(status=None) | claims, signer=AGENCY, key_id=b"key")
    )
    (base,) = read_cwt(VIEW)

    assert found.claims == {**base.claims, **claims}
    assert found.issuer == base.issuer
    assert found.valid_until == base.valid_until
    assert is_signed(found)


@given(edited_bytes(st.sampled_from([VIEW, BOUND])))
def test_a_changed_cwt_is_refused_or_unsigned_or_the_same(data):
    assume(data not in (VIEW, BOUND))
    if refused(read_cwt, data):
        return
    (found,) = read_cwt(data)
    (original,) = read_cwt(VIEW)
    if is_signed(found):
        assert found.claims == original.claims
        assert found.holder_key == original.holder_key
        binding = found.key_binding
        if binding and verify_signature(
            public_key(DRIVER), binding.signing_input, binding.signature
        ):
            assert (binding.audience, binding.nonce) == (VERIFIER, NONCE)
