"""What a credential issuer publishes (OpenID4VCI 1.0 section 12.2)."""

import json
from dataclasses import replace

import pytest

from openid4vc.errors import InvalidMetadata
from openid4vc.metadata import (
    ClaimDescription,
    CredentialConfiguration,
    Display,
    IssuerMetadata,
    build_issuer_metadata,
    parse_issuer_metadata,
)

ISSUER = "https://issuer.example/agencies/transport"
LICENCE = CredentialConfiguration(
    id="driving-licence.dc+sd-jwt",
    format="dc+sd-jwt",
    scope="driving-licence",
    vct="https://issuer.example/types/driving-licence",
    types=(),
    contexts=(),
    doctype=None,
    binding_methods=("jwk",),
    signing_algorithms=("ES256",),
    proof_algorithms={"jwt": ("ES256", "EdDSA")},
    display=(
        Display(
            name="Driving licence",
            locale="en",
            description="To drive",
            logo_uri="https://issuer.example/logo.svg",
            background_color="#12107c",
            text_color="#ffffff",
        ),
        Display(name="ប័ណ្ណបើកបរ", locale="km"),
    ),
    claims=(
        ClaimDescription(
            path=("categories", None), mandatory=True, display=(Display("Categories", "en"),)
        ),
    ),
)
W3C = replace(
    LICENCE,
    id="driving-licence.vc+jwt",
    format="vc+jwt",
    vct=None,
    types=("VerifiableCredential", "DrivingLicence"),
    contexts=("https://www.w3.org/ns/credentials/v2",),
    binding_methods=("did:jwk", "did:key"),
    display=(),
    claims=(),
)
UNBOUND = replace(
    LICENCE,
    id="ticket",
    format="mso_mdoc",
    scope=None,
    vct=None,
    doctype="org.city.ticket",
    binding_methods=(),
    proof_algorithms={},
    signing_algorithms=(-7,),
)
METADATA = IssuerMetadata(
    credential_issuer=ISSUER,
    credential_endpoint=f"{ISSUER}/credential",
    nonce_endpoint=f"{ISSUER}/nonce",
    notification_endpoint=f"{ISSUER}/notification",
    authorization_servers=("https://as.example",),
    batch_size=20,
    display=(Display("Transport agency", "en"),),
    configurations={item.id: item for item in (LICENCE, W3C, UNBOUND)},
)
PLAIN = {
    "credential_issuer": ISSUER,
    "credential_endpoint": f"{ISSUER}/credential",
    "credential_configurations_supported": {
        "licence": {"format": "dc+sd-jwt", "vct": "urn:licence"}
    },
}


def read(document, *, expected_issuer=ISSUER, allow_http_loopback=False):
    return parse_issuer_metadata(
        json.dumps(document).encode(),
        expected_issuer=expected_issuer,
        allow_http_loopback=allow_http_loopback,
    )


def changed(**members):
    return {**PLAIN, **members}


def with_configuration(**members):
    configuration = {"format": "dc+sd-jwt", "vct": "urn:licence", **members}
    return changed(credential_configurations_supported={"licence": configuration})


def test_the_wallet_reads_what_the_issuer_writes():
    assert read(build_issuer_metadata(METADATA)) == METADATA


def test_a_configuration_has_the_shape_of_the_final_specification():
    """VCI-I-04, VCI-I-05, VCI-I-06, interop 1."""
    document = build_issuer_metadata(METADATA)["credential_configurations_supported"]

    assert document["driving-licence.dc+sd-jwt"] == {
        "format": "dc+sd-jwt",
        "scope": "driving-licence",
        "vct": "https://issuer.example/types/driving-licence",
        "credential_signing_alg_values_supported": ["ES256"],
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {
            "jwt": {"proof_signing_alg_values_supported": ["ES256", "EdDSA"]}
        },
        "credential_metadata": {
            "display": [
                {
                    "name": "Driving licence",
                    "locale": "en",
                    "description": "To drive",
                    "background_color": "#12107c",
                    "text_color": "#ffffff",
                    "logo": {"uri": "https://issuer.example/logo.svg"},
                },
                {"name": "ប័ណ្ណបើកបរ", "locale": "km"},
            ],
            "claims": [
                {
                    "path": ["categories", None],
                    "mandatory": True,
                    "display": [{"name": "Categories", "locale": "en"}],
                }
            ],
        },
    }
    assert document["driving-licence.vc+jwt"]["credential_definition"] == {
        "type": ["VerifiableCredential", "DrivingLicence"],
        "@context": ["https://www.w3.org/ns/credentials/v2"],
    }
    assert document["driving-licence.vc+jwt"]["credential_metadata"] == {
        "display": [],
        "claims": [],
    }
    assert "proof_types_supported" not in document["ticket"]
    assert document["ticket"]["credential_signing_alg_values_supported"] == [-7]


def test_what_an_issuer_does_not_have_is_left_out():
    """VCI-I-07: no batch, no object."""
    bare = replace(
        METADATA,
        nonce_endpoint=None,
        notification_endpoint=None,
        authorization_servers=(),
        batch_size=None,
        display=(),
        configurations={"w": replace(W3C, id="w", contexts=(), signing_algorithms=())},
    )
    document = build_issuer_metadata(bare)

    assert sorted(document) == [
        "credential_configurations_supported",
        "credential_endpoint",
        "credential_issuer",
    ]
    assert read(document) == bare


def test_unknown_members_and_formats_are_no_reason_to_refuse():
    """S-092."""
    document = with_configuration(x_future={})
    document["credential_configurations_supported"]["odd"] = {"format": "ac_vp", "vct": "urn:x"}
    document["y_future"] = []
    metadata = read(document)

    assert metadata.configurations["odd"].format == "ac_vp"
    assert metadata.configurations["licence"].binding_methods == ()


def test_metadata_speaks_only_for_the_issuer_that_was_asked():
    """VCI-I-02, VCI-W-02, S-099: not one byte may differ."""
    for other in (ISSUER + "/", ISSUER.upper(), "https://issuer.example"):
        with pytest.raises(InvalidMetadata, match="credential_issuer"):
            read(PLAIN, expected_issuer=other)


def test_plain_http_to_this_machine_is_for_development_only():
    local = changed(credential_endpoint="http://localhost:8401/credential")

    assert read(local, allow_http_loopback=True).credential_endpoint == (
        "http://localhost:8401/credential"
    )
    with pytest.raises(InvalidMetadata):
        read(local)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {name: value for name, value in PLAIN.items() if name != "credential_endpoint"},
        {name: value for name, value in PLAIN.items() if "configurations" not in name},
        changed(nonce_endpoint="http://issuer.example/nonce"),
        changed(nonce_endpoint=None),
        changed(notification_endpoint="issuer.example"),
        changed(authorization_servers=[]),
        changed(authorization_servers=["as.example"]),
        changed(batch_credential_issuance={"batch_size": 1}),
        changed(batch_credential_issuance={}),
        changed(batch_credential_issuance=5),
        changed(display={}),
        changed(display=["Transport"]),
        changed(display=[{"name": "a", "locale": "en"}, {"name": "b", "locale": "en"}]),
        changed(display=[{"name": "a", "logo": "https://x"}]),
        changed(credential_configurations_supported=[]),
        changed(credential_configurations_supported={"a": "dc+sd-jwt"}),
        with_configuration(format=None),
        with_configuration(vct=7),
        changed(credential_configurations_supported={"a": {"format": "dc+sd-jwt"}}),
        changed(credential_configurations_supported={"a": {"format": "mso_mdoc"}}),
        changed(credential_configurations_supported={"a": {"format": "vc+jwt"}}),
        with_configuration(credential_definition={"type": []}),
        with_configuration(credential_definition={"type": ["A"], "@context": "x"}),
        with_configuration(cryptographic_binding_methods_supported=["jwk"]),
        with_configuration(proof_types_supported={}),
        with_configuration(
            cryptographic_binding_methods_supported=["jwk"], proof_types_supported={"jwt": {}}
        ),
        with_configuration(credential_signing_alg_values_supported=[]),
        with_configuration(credential_metadata=[]),
        with_configuration(credential_metadata={"claims": {}}),
        with_configuration(credential_metadata={"claims": [{"path": []}]}),
        with_configuration(credential_metadata={"claims": [{"path": ["a"], "mandatory": "no"}]}),
        with_configuration(credential_metadata={"display": "Licence"}),
    ],
)
def test_malformed_metadata_is_refused(document):
    """VCI-I-03 to VCI-I-07."""
    with pytest.raises(InvalidMetadata):
        read(document)


def test_a_display_without_a_name_is_left_out():
    metadata = read(changed(display=[{"locale": "en"}, {"name": "Transport"}]))

    assert metadata.display == (Display(name="Transport"),)


def test_one_megabyte_is_the_limit():
    document = changed(x="y" * 1_048_576)

    with pytest.raises(InvalidMetadata, match="larger than"):
        read(document)


def test_the_example_of_the_specification_is_read(vectors):
    """The long example of appendix I, its key set brought into the form of the errata."""
    folder = vectors / "openid4vci" / "examples"
    document = json.loads((folder / "credential_issuer_metadata_sd_jwt_long.json").read_text())
    metadata = read(document, expected_issuer=document["credential_issuer"])
    one = json.loads((folder / "credential_metadata_sd_jwt_vc.json").read_text())
    merged = read(changed(**one))

    assert [item.format for item in metadata.configurations.values()] == ["dc+sd-jwt"]
    assert merged.configurations["SD_JWT_VC_example_in_OpenID4VCI"].binding_methods == ("jwk",)
