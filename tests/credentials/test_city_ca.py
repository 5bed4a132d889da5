"""The city's own certificates: the HAIP profile, roles and limits, every refusal of S-046."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from credentials.city_ca import USES, LeafRequest, Role, build_city_leaf, build_city_root
from credentials.errors import Malformed
from credentials.x509 import (
    ChainRefused,
    verify_chain,
    verify_dns_chain,
    verify_document_chain,
)
from tests.credentials.workshop import AGENCY, ISSUER, NOW, STRANGER, public_key, signer

ROOT = signer("offline root of the city")
MINISTRY = signer("a ministry that would like to be an authority")
DAY, YEAR = timedelta(days=1), timedelta(days=365)
HOST = "verifier.city.example"


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def root(**changes):
    words = {
        "common_name": "City root",
        "public_key": public_key(ROOT),
        "domains": ("city.example",),
        "serial": 1,
        "valid_from": NOW - YEAR,
        **changes,
    }
    return build_city_root(**words).sign(ROOT.private_key, SHA256())


def request(**changes):
    words = {
        "role": Role.AGENCY,
        "common_name": "transport credential",
        "key": public_key(AGENCY),
        "uris": (ISSUER,),
        "dns_names": (),
        **changes,
    }
    return LeafRequest(**words)


def leaf(*, validity=YEAR, valid_from=NOW - DAY, authority=None, **changes):
    builder = build_city_leaf(
        request(**changes),
        root=authority or root(),
        serial=2,
        valid_from=valid_from,
        validity=validity,
    )
    return builder.sign(ROOT.private_key, SHA256())


def verifier_leaf(**changes):
    return leaf(role=Role.VERIFIER, uris=(), dns_names=(HOST,), **changes)


def refusal(*x5c, anchors=None, now=NOW, uri=ISSUER):
    with pytest.raises(ChainRefused) as refused:
        verify_chain(
            [der(each) for each in x5c],
            anchors=[der(each) for each in anchors or (root(),)],
            now=now,
            uri=uri,
        )
    return refused.value.detail


def forged(*, subject="transport", issuer="City root", by=ROOT, key=AGENCY, extensions=()):
    """A certificate that the profile forbids."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.private_key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + YEAR)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(by.private_key, SHA256())


def _name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def san(*names):
    return x509.SubjectAlternativeName(names)


CA = x509.BasicConstraints(ca=True, path_length=None)
URI = x509.UniformResourceIdentifier(ISSUER)


@pytest.mark.parametrize("role", [Role.AGENCY, Role.STATUS, Role.WALLET_PROVIDER])
def test_a_leaf_of_each_role_that_signs_documents_leads_to_the_root(role):
    certificate = leaf(role=role)

    assert verify_chain([der(certificate)], anchors=[der(root())], now=NOW, uri=ISSUER)


def test_a_verifiers_leaf_is_for_its_host_and_for_no_documents():
    chain, anchors = [der(verifier_leaf())], [der(root())]

    assert verify_dns_chain(chain, anchors=anchors, now=NOW, dns=HOST) == public_key(AGENCY)
    with pytest.raises(ChainRefused) as refused:
        verify_document_chain(chain, anchors=anchors, now=NOW)
    assert refused.value.detail == "wrong_extended_key_usage"


def test_an_agencys_leaf_is_for_no_verifier():
    certificate = leaf(dns_names=(HOST,))

    with pytest.raises(ChainRefused) as refused:
        verify_dns_chain([der(certificate)], anchors=[der(root())], now=NOW, dns=HOST)
    assert refused.value.detail == "wrong_extended_key_usage"


def test_s_191_no_leaf_of_ours_is_for_a_web_server():
    assert all(ExtendedKeyUsageOID.SERVER_AUTH not in uses for uses in USES.values())


def test_haip_the_profile_of_a_leaf():
    certificate = leaf()
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    key_of_root = root().extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    names_root = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value

    assert certificate.issuer != certificate.subject
    assert (constraints.critical, constraints.value.ca) == (True, False)
    assert (usage.critical, usage.value.digital_signature) == (True, True)
    assert not usage.value.key_cert_sign
    assert names_root.key_identifier == key_of_root.digest
    assert extensions.get_extension_for_class(x509.SubjectAlternativeName).value == san(URI)


def test_haip_the_profile_of_the_root():
    extensions = root().extensions
    limits = extensions.get_extension_for_class(x509.NameConstraints)
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value

    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert limits.critical
    assert x509.DNSName("city.example") in limits.value.permitted_subtrees


@pytest.mark.parametrize(
    "changes",
    [
        {"uris": ("https://issuer.other.example/agencies/transport",)},
        {"uris": ("https://evilcity.example",)},
        {"uris": ("https://city.example.evil.example",)},
        {"uris": ("http://issuer.city.example",)},
        {"uris": ("urn:city:transport",)},
        {"uris": ("https://[",)},
        {"uris": ("did:web:issuer.city.example",)},
        {"uris": ()},
        {"uris": (ISSUER,) * 17},
        {"dns_names": ("other.example",)},
        {"role": Role.VERIFIER},
        {"role": Role.VERIFIER, "uris": (), "dns_names": ()},
        {"role": Role.VERIFIER, "uris": (), "dns_names": ("evilcity.example",)},
        {"key": public_key(ROOT)},
        {"common_name": "City root"},
        {"common_name": ""},
        {"validity": 4 * YEAR},
        {"validity": timedelta(0)},
    ],
    ids=str,
)
def test_a_request_outside_of_the_profile_is_not_signed(changes):
    with pytest.raises(Malformed) as fault:
        leaf(**changes)

    assert fault.value.detail == "invalid_certificate_request"


@pytest.mark.parametrize("domains", [(), ("",), ("City.example",), (".city.example",), ("a b",)])
def test_a_root_without_limits_is_not_made(domains):
    with pytest.raises(Malformed):
        root(domains=domains)


def test_a_leaf_ends_with_its_root_at_the_latest():
    ending = root(validity=YEAR + 10 * DAY)

    assert leaf(authority=ending).not_valid_after_utc == ending.not_valid_after_utc


# S-046, on the city's own chain. tests/credentials/test_x509.py has the rules one by one.


def test_s_046_the_anchor_in_the_chain_is_refused():
    assert refusal(leaf(), root()) == "anchor_included"


def test_s_046_the_anchor_as_the_only_certificate_is_refused():
    assert refusal(root()) == "self_signed"


def test_s_046_a_self_signed_leaf_is_refused_even_as_an_anchor():
    alone = forged(subject="A", issuer="A", by=AGENCY, extensions=[san(URI)])

    assert refusal(alone) == "self_signed"
    assert refusal(alone, anchors=(alone,)) == "self_signed"


def test_s_046_a_leaf_that_only_borrows_the_roots_name_is_refused():
    assert refusal(forged(by=STRANGER, extensions=[san(URI)])) == "untrusted_anchor"


@pytest.mark.parametrize(
    ("now", "detail"),
    [
        (NOW + 2 * YEAR, "certificate_expired"),
        (NOW - 2 * DAY, "certificate_not_yet_valid"),
    ],
)
def test_s_046_a_leaf_outside_of_its_time_is_refused(now, detail):
    assert refusal(leaf(), now=now) == detail


def test_s_046_a_leaf_within_its_time_to_the_second_holds():
    certificate = leaf()
    chain, anchors = [der(certificate)], [der(root())]

    for now in (certificate.not_valid_before_utc, certificate.not_valid_after_utc):
        assert verify_chain(chain, anchors=anchors, now=now, uri=ISSUER)


def test_s_046_an_intermediate_without_ca_is_refused():
    middle = forged(subject="Ministry", key=MINISTRY)
    below = forged(issuer="Ministry", by=MINISTRY, extensions=[san(URI)])
    wide = forged(subject="City root", key=ROOT, extensions=[CA])

    assert refusal(below, middle, anchors=(wide,)) == "not_an_authority"


def test_s_046_the_citys_root_allows_no_authority_below_it():
    middle = forged(subject="Ministry", key=MINISTRY, extensions=[CA])
    below = forged(issuer="Ministry", by=MINISTRY, extensions=[san(URI)])

    assert refusal(below, middle) == "path_length"


def test_s_046_an_authority_may_not_sign_documents():
    assert refusal(forged(extensions=[CA, san(URI)])) == "leaf_is_authority"


def test_s_046_the_order_reversed_is_refused():
    middle = forged(subject="Ministry", key=MINISTRY, extensions=[CA])
    below = forged(issuer="Ministry", by=MINISTRY, extensions=[san(URI)])
    wide = forged(subject="City root", key=ROOT, extensions=[CA])

    assert refusal(middle, below, anchors=(wide,)) == "leaf_is_authority"


def test_s_046_a_name_outside_of_the_city_is_refused_though_the_root_signed():
    other = "https://issuer.other.example"
    name = x509.UniformResourceIdentifier(other)

    assert refusal(forged(extensions=[san(name)]), uri=other) == "name_constraint"
    assert (
        refusal(forged(extensions=[san(URI, x509.DNSName("other.example"))])) == "name_constraint"
    )


@pytest.mark.parametrize("uri", [ISSUER + "/", ISSUER[:-1], ISSUER.upper(), "", "city.example"])
def test_s_046_a_leaf_for_another_name_is_refused(uri):
    assert refusal(leaf(), uri=uri) == "wrong_name"


@pytest.mark.parametrize("count", [5, 6, 40])
def test_s_046_five_certificates_and_more_are_refused(count):
    assert refusal(*[leaf()] * count) == "chain_length"


def test_s_046_no_certificate_at_all_is_refused():
    assert refusal() == "chain_length"


@pytest.mark.parametrize(
    "use",
    [
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ],
)
def test_s_046_a_leaf_for_another_use_is_refused(use):
    certificate = forged(extensions=[san(URI), x509.ExtendedKeyUsage([use])])

    assert refusal(certificate) == "wrong_extended_key_usage"
