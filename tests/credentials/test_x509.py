"""Certificate paths (S-046) and the certificates that the city makes."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA224, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from credentials.errors import CredentialError, Malformed
from credentials.x509 import (
    ChainRefused,
    build_authority_certificate,
    build_leaf_certificate,
    parse_leaf_key,
    verify_chain,
    verify_dns_chain,
)
from tests.credentials.workshop import AGENCY, ISSUER, NOW, STRANGER, public_key, signer

ROOT = signer("city root")
MIDDLE = signer("ministry")
YEAR = timedelta(days=365)
STRONG = SHA256()
ISSUER_NAMES = (x509.UniformResourceIdentifier(ISSUER),)


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def root_certificate(**changes):
    arguments = {
        "common_name": "City of Phnom Penh",
        "public_key": public_key(ROOT),
        "serial": 1,
        "valid_from": NOW - YEAR,
        "validity": 10 * YEAR,
        **changes,
    }
    return build_authority_certificate(**arguments).sign(ROOT.private_key, SHA256())


def leaf_certificate(**changes):
    arguments = {
        "common_name": "Transport",
        "public_key": public_key(AGENCY),
        "authority": root_certificate(),
        "uris": [ISSUER],
        "dns_names": ["issuer.city.example"],
        "serial": 2,
        "valid_from": NOW - timedelta(days=1),
        "validity": YEAR,
        **changes,
    }
    return build_leaf_certificate(**arguments).sign(ROOT.private_key, SHA256())


def verify(*x5c, anchors=None, now=NOW, uri=ISSUER):
    trusted = [der(root_certificate())] if anchors is None else anchors
    return verify_chain([der(each) for each in x5c], anchors=trusted, now=now, uri=uri)


def refusal(*x5c, **expected):
    with pytest.raises(ChainRefused) as refused:
        verify(*x5c, **expected)
    return refused.value.detail


def custom(
    *,
    subject="Transport",
    issuer="City of Phnom Penh",
    by=ROOT,
    key=AGENCY,
    extensions=(),
    names=ISSUER_NAMES,
    hash_algorithm=STRONG,
):
    """A certificate that our builders would not make."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject) if subject is not None else x509.Name([]))
        .issuer_name(_name(issuer))
        .public_key(key.private_key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + YEAR)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(by.private_key, hash_algorithm)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def authority(*, subject="Ministry", issuer="City of Phnom Penh", by=ROOT, key=MIDDLE, more=()):
    constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
    return custom(
        subject=subject, issuer=issuer, by=by, key=key, names=(), extensions=(constraints, *more)
    )


def under_ministry(**changes):
    return custom(issuer="Ministry", by=MIDDLE, **changes)


def wide_root():
    """A root that allows authorities beneath it."""
    return authority(subject="City of Phnom Penh", key=ROOT)


def test_an_agencys_certificate_leads_to_the_city():
    assert verify(leaf_certificate()) == public_key(AGENCY)
    assert parse_leaf_key(der(leaf_certificate())) == public_key(AGENCY)


def test_a_verifiers_certificate_is_for_its_host():
    certificate = leaf_certificate(uris=[], dns_names=["verifier.city.example"])
    anchors = [der(root_certificate())]
    chain = [der(certificate)]

    assert verify_dns_chain(chain, anchors=anchors, now=NOW, dns="verifier.city.example")
    with pytest.raises(ChainRefused) as refused:
        verify_dns_chain(chain, anchors=anchors, now=NOW, dns="city.example")
    assert refused.value.detail == "wrong_name"


def test_a_leaf_never_outlives_its_authority():
    root = root_certificate(validity=YEAR + timedelta(days=10))

    assert leaf_certificate(authority=root).not_valid_after_utc == root.not_valid_after_utc


@pytest.mark.parametrize(
    "uri",
    [
        f"{ISSUER}/",
        ISSUER.upper(),
        ISSUER.replace("https", "http"),
        f"{ISSUER}#x",
        f" {ISSUER}",
        ISSUER.replace("city", "cìty"),
        "https://issuer.city.example",
        "issuer.city.example",
        "",
    ],
)
def test_s_026_the_name_is_compared_exactly(uri):
    assert refusal(leaf_certificate(), uri=uri) == "wrong_name"


def test_a_path_through_a_ministry_holds():
    assert verify(under_ministry(), authority(), anchors=[der(wide_root())]) == public_key(AGENCY)


def test_s_046_nobody_is_trusted_who_is_not_listed():
    assert refusal(leaf_certificate(), anchors=[]) == "untrusted_anchor"
    assert refusal(custom(by=STRANGER)) == "untrusted_anchor"


def test_s_046_the_anchor_is_not_sent_along():
    assert refusal(leaf_certificate(), root_certificate()) == "anchor_included"


def test_a_leaf_is_not_its_own_anchor():
    certificate = leaf_certificate()

    assert refusal(certificate, anchors=[der(certificate)]) == "anchor_included"


def test_s_046_a_self_signed_certificate_is_refused():
    alone = custom(subject="A", issuer="A", by=AGENCY)

    assert refusal(alone) == "self_signed"
    assert refusal(alone, anchors=[der(alone)]) == "self_signed"
    assert refusal(under_ministry(), anchors=[der(under_ministry())]) == "untrusted_anchor"


def test_s_046_the_whole_path_must_be_valid_now():
    certificate = leaf_certificate()

    assert refusal(certificate, now=NOW + 2 * YEAR) == "certificate_expired"
    assert refusal(certificate, now=NOW - timedelta(days=2)) == "certificate_not_yet_valid"
    expired_root = root_certificate(validity=YEAR + timedelta(hours=1))
    assert (
        refusal(certificate, anchors=[der(expired_root)], now=NOW + timedelta(days=1))
        == "certificate_expired"
    )


def test_s_046_only_an_authority_issues():
    plain = custom(subject="Ministry", key=MIDDLE)
    no_constraints = [der(wide_root())]

    assert refusal(under_ministry(), plain, anchors=no_constraints) == "not_an_authority"
    signing_only = authority(more=((_usage(digital_signature=True), True),))
    assert refusal(under_ministry(), signing_only, anchors=no_constraints) == "not_an_authority"


def _usage(**set_bits):
    bits = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**{**bits, **set_bits})


def test_s_046_a_path_is_no_longer_than_its_root_allows():
    assert refusal(under_ministry(), authority()) == "path_length"


def test_s_046_the_order_is_leaf_first_and_complete():
    anchors = [der(wide_root())]

    assert refusal(authority(), under_ministry(), anchors=anchors) == "leaf_is_authority"
    assert refusal(under_ministry(), leaf_certificate(), anchors=anchors) == "broken_chain"
    assert refusal(under_ministry(), anchors=anchors) == "untrusted_anchor"


def test_s_046_a_path_has_one_to_four_certificates():
    assert refusal() == "chain_length"
    assert refusal(*[leaf_certificate()] * 5) == "chain_length"


@pytest.mark.parametrize(
    ("use", "is_fine"),
    [
        (ExtendedKeyUsageOID.SERVER_AUTH, False),
        (ExtendedKeyUsageOID.CODE_SIGNING, False),
        (x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), True),
        (x509.ObjectIdentifier("1.0.18013.5.1.2"), True),
    ],
)
def test_s_046_an_extended_use_must_fit(use, is_fine):
    certificate = custom(extensions=[(x509.ExtendedKeyUsage([use]), False)])

    if is_fine:
        assert verify(certificate)
    else:
        assert refusal(certificate) == "wrong_extended_key_usage"


def test_a_verifiers_certificate_may_be_that_of_its_web_server():
    certificate = custom(
        names=(x509.DNSName("verifier.city.example"),),
        extensions=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)],
    )

    assert verify_dns_chain(
        [der(certificate)], anchors=[der(root_certificate())], now=NOW, dns="verifier.city.example"
    )


def test_s_191_a_key_for_something_else_does_not_sign_documents():
    certificate = custom(extensions=[(_usage(key_agreement=True), True)])

    assert refusal(certificate) == "wrong_key_usage"


def test_a_critical_extension_that_is_unknown_is_refused():
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")

    assert refusal(custom(extensions=[(unknown, True)])) == "unknown_critical_extension"
    assert verify(custom(extensions=[(unknown, False)]))


def test_a_weak_signature_is_refused():
    assert refusal(custom(hash_algorithm=SHA224())) == "weak_certificate"


def test_an_rsa_key_signs_no_credential():
    class Rsa:
        private_key = rsa.generate_private_key(65537, 2048)

    with pytest.raises(Malformed) as fault:
        verify(custom(key=Rsa))
    assert fault.value.detail == "unsupported_key"


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"not a certificate", bytes(9000)])
def test_what_is_no_certificate_is_malformed(data):
    for chain, anchors in (([data], []), ([der(leaf_certificate())], [data])):
        with pytest.raises(CredentialError):
            verify_chain(chain, anchors=anchors, now=NOW, uri=ISSUER)


# Name constraints.


def constrained_root(*, permitted=None, excluded=None):
    limits = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded)
    return [der(authority(subject="City of Phnom Penh", key=ROOT, more=((limits, True),)))]


URI, DNS = x509.UniformResourceIdentifier, x509.DNSName
MAIL = x509.RFC822Name("desk@city.example")


@pytest.mark.parametrize(
    ("permitted", "excluded", "names", "is_fine"),
    [
        ([URI("issuer.city.example")], None, (), True),
        ([URI(".city.example")], None, (), True),
        ([URI("city.example")], None, (), False),
        ([URI(".issuer.city.example")], None, (), False),
        ([URI("other.example")], None, (), False),
        ([DNS("other.example")], None, (), True),
        ([DNS("city.example")], None, (DNS("a.city.example"),), True),
        ([DNS("city.example")], None, (DNS("evilcity.example"),), False),
        (None, [URI(".city.example")], (), False),
        (None, [URI("other.example")], (), True),
        (None, [DNS("city.example")], (DNS("CITY.example"),), False),
        (None, [URI("other.example")], (URI("urn:city:1"),), False),
        ([URI(".city.example")], None, (URI("urn:city:1"),), False),
        ([x509.DirectoryName(_name("Transport"))], None, (), True),
        ([x509.DirectoryName(_name("Land"))], None, (), False),
        (None, [x509.DirectoryName(_name("Transport"))], (), False),
        ([x509.RFC822Name("city.example")], None, (MAIL,), False),
        (None, [x509.RFC822Name("other.example")], (MAIL,), False),
    ],
)
def test_s_046_a_name_outside_of_its_limits_is_refused(permitted, excluded, names, is_fine):
    certificate = custom(names=(URI(ISSUER), *names))
    anchors = constrained_root(permitted=permitted, excluded=excluded)

    if is_fine:
        assert verify(certificate, anchors=anchors)
    else:
        assert refusal(certificate, anchors=anchors) == "name_constraint"


def test_limits_hold_for_every_certificate_below():
    limits = x509.NameConstraints(
        permitted_subtrees=[x509.DirectoryName(_name("Transport"))], excluded_subtrees=None
    )
    root = authority(subject="City of Phnom Penh", key=ROOT, more=((limits, True),))

    assert refusal(under_ministry(), authority(), anchors=[der(root)]) == "name_constraint"


def test_a_certificate_without_names_is_for_nobody():
    limits = [DNS("other.example")]

    assert refusal(custom(names=())) == "wrong_name"
    assert refusal(custom(names=()), anchors=constrained_root(permitted=limits)) == "wrong_name"


def test_a_name_may_stand_in_the_alternative_names_alone():
    certificate = custom(subject=None)
    limits = [x509.DirectoryName(_name("Transport"))]

    assert verify(certificate, anchors=constrained_root(permitted=limits))


def test_curves_that_the_city_does_not_know_sign_no_credential():
    class P224:
        private_key = ec.generate_private_key(ec.SECP224R1())

    with pytest.raises(Malformed):
        verify(custom(key=P224))
