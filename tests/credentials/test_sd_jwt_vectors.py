"""
SD-JWT: every published test case issued, shown and verified, in both serialisations.

The cases are those of the reference implementation and of both specifications. What a
holder shows is computed here a second time, from the marks in the case alone.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.errors import Malformed
from credentials.jose import parse_jws, verify_jws
from credentials.keys import SoftwareSigner, parse_jwk
from credentials.sd_jwt import (
    attach_key_binding,
    build_key_binding_input,
    issue_sd_jwt,
    parse_sd_jwt,
    processed_claims,
    select_disclosures,
)
from credentials.sd_jwt_json import build_json_sd_jwt, parse_json_sd_jwt
from encoding import base64url
from tests.credentials.workshop import salts

AUDIENCE = "https://example.com/verifier"
TYPES = frozenset({"example+sd-jwt", "dc+sd-jwt"})


@dataclass(frozen=True, eq=False)
class Hidden:
    """A name or an element that is marked `!sd`; each is its own."""

    value: object


class Loader(yaml.SafeLoader):
    """Reads `!sd`."""


def construct_hidden(loader, node):
    if isinstance(node, yaml.MappingNode):
        return Hidden(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Hidden(loader.construct_sequence(node, deep=True))
    # The tag hides what the text would have been: 42, null, true.
    plain = loader.resolve(yaml.ScalarNode, node.value, (node.style is None, False))
    return Hidden(loader.construct_object(yaml.ScalarNode(plain, node.value), deep=True))


Loader.add_constructor("!sd", construct_hidden)


def bare(marked):
    return marked.value if isinstance(marked, Hidden) else marked


def strip(value, path=()):
    """Plain claims and the paths of what is hidden in them."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    plain, paths = [], []
    for key, member in pairs:
        step = bare(key)
        inner = bare(member)
        if isinstance(inner, dict | list):
            inner, below = strip(inner, (*path, step))
            paths += below
        plain.append((step, inner))
        if isinstance(key, Hidden) or isinstance(member, Hidden):
            paths.append((*path, step))
    return (dict(plain) if isinstance(value, dict) else [each for _, each in plain]), paths


def choice_of(choice, step):
    """What the holder chose below: everything, nothing, or a part."""
    if isinstance(choice, dict):
        return choice.get(step)
    if isinstance(choice, list):
        return choice[step] if step < len(choice) else None
    return choice


def expect(value, choice):
    """What a verifier must see."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    seen = []
    for key, member in pairs:
        chosen = choice_of(choice, bare(key))
        is_hidden = isinstance(key, Hidden) or isinstance(member, Hidden)
        if is_hidden and not chosen:
            continue
        inner = bare(member)
        seen.append((bare(key), expect(inner, chosen) if isinstance(inner, dict | list) else inner))
    return dict(seen) if isinstance(value, dict) else [each for _, each in seen]


def choose(value, choice, path=()):
    """The paths to show: where everything is chosen, and a plain place where only the way is."""
    if choice is True or not isinstance(value, dict | list):
        return [path] if choice else []
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found = []
    for key, member in pairs:
        step = bare(key)
        found += choose(bare(member), choice_of(choice, step), (*path, step))
    if choice and not found:
        plain = [key for key, each in pairs if not isinstance(key, Hidden)
                 and not isinstance(each, Hidden)]  # fmt: skip
        found = [(*path, plain[0])] if plain else []
    return found


def load_cases(vectors):
    for folder in ("sd-jwt", "sd-jwt-vc"):
        for file in sorted((vectors / folder).rglob("specification.yml")):
            settings = yaml.safe_load((file.parents[1] / "settings.yml").read_text())
            yield file.parent.name, yaml.load(file.read_text(), Loader), settings


def load_signer(jwk):
    secret = int.from_bytes(base64url.decode(jwk["d"]), "big")
    return SoftwareSigner(ec.derive_private_key(secret, ec.SECP256R1()))


def keys_of(case, settings):
    chosen = case.get("settings_override", settings)["key_settings"]
    issuers = chosen.get("issuer_keys") or [chosen["issuer_key"]]
    return [load_signer(each) for each in issuers], load_signer(chosen["holder_key"])


def issue_case(case, settings):
    """The credential of a case, what it says, and who signed it."""
    issuers, holder = keys_of(case, settings)
    claims, hidden = strip(case["user_claims"])
    if case.get("include_default_claims", True):
        defaults = {"iss": settings["identifiers"]["issuer"]}
        defaults |= {"iat": settings["iat"], "exp": settings["exp"]}
        claims = {**defaults, **claims}
    if case.get("key_binding"):
        claims["cnf"] = {"jwk": dict(holder.public_jwk)}
    header = dict(case.get("extra_header_parameters", {}))
    text = issue_sd_jwt(
        claims,
        disclosable=hidden,
        type=header.pop("typ", "example+sd-jwt"),
        signer=issuers[0],
        header=header,
        salt=salts(),
        decoys=3 if case.get("add_decoy_claims") else 0,
    )
    return text, claims, issuers, holder


def show_case(case, text, *, settings, holder):
    choice = case["holder_disclosed_claims"]
    shown = select_disclosures(text, choose(case["user_claims"], choice), types=TYPES)
    if not case.get("key_binding"):
        return shown
    signing_input = build_key_binding_input(
        shown,
        audience=AUDIENCE,
        nonce=settings["key_binding_nonce"],
        now=datetime.fromtimestamp(settings["iat"], UTC),
        types=TYPES,
    )
    signature = holder.sign(signing_input.encode())
    return attach_key_binding(shown, signing_input=signing_input, signature=signature)


def read_case(case, text, claims, *, issuer, settings):
    """Verify what was shown and give what the user claims have become."""
    sd_jwt = parse_sd_jwt(text, types=TYPES)

    assert verify_jws(sd_jwt.jws, parse_jwk(dict(issuer.public_jwk)))
    verified = processed_claims(sd_jwt)
    if case.get("key_binding"):
        assert verify_jws(sd_jwt.key_binding, parse_jwk(verified["cnf"]["jwk"]))
        assert sd_jwt.key_binding.payload["sd_hash"] == sd_jwt.sd_hash
        assert sd_jwt.key_binding.payload["nonce"] == settings["key_binding_nonce"]
        assert sd_jwt.key_binding.payload["aud"] == AUDIENCE
    else:
        assert sd_jwt.key_binding is None
    added = claims.keys() - {bare(key) for key in case["user_claims"]}
    assert {name: verified[name] for name in added} == {name: claims[name] for name in added}
    return {name: value for name, value in verified.items() if name not in added}


def test_every_published_case_is_issued_shown_and_verified(vectors):
    seen = []
    for name, case, settings in load_cases(vectors):
        text, claims, issuers, holder = issue_case(case, settings)
        shown = show_case(case, text, settings=settings, holder=holder)
        verified = read_case(case, shown, claims, issuer=issuers[0], settings=settings)
        expected = expect(case["user_claims"], case["holder_disclosed_claims"])

        assert processed_claims(parse_sd_jwt(text, types=TYPES)) == claims, name
        assert verified == expected, name
        assert verified == case.get("expect_verified_user_claims", verified), name
        seen.append("expect_verified_user_claims" in case)

    assert (len(seen), sum(seen)) == (26, 8)


def test_sd_v_13_the_cases_in_json_serialisation_are_written_and_read(vectors):
    forms = []
    for name, case, settings in load_cases(vectors):
        if case.get("serialization_format") != "json":
            continue
        text, claims, issuers, holder = issue_case(case, settings)
        payload = text.partition("~")[0].split(".")[1]
        others = [sign_again(payload, signer) for signer in issuers[1:]]
        shown = show_case(case, text, settings=settings, holder=holder)
        data = build_json_sd_jwt(shown, other_tokens=others)
        found = parse_json_sd_jwt(data)

        assert found.text == shown, name
        assert list(found.other_tokens) == others
        for token, signer in zip(found.other_tokens, issuers[1:], strict=True):
            assert verify_jws(parse_jws(token, types=TYPES), parse_jwk(dict(signer.public_jwk)))
        read_case(case, found.text, claims, issuer=issuers[0], settings=settings)
        forms.append("signatures" in json.loads(data))

    assert sorted(forms) == [False, True, True]


def sign_again(payload, signer):
    """Another issuer's token over the same payload."""
    header = base64url.encode(b'{"alg":"ES256","typ":"example+sd-jwt"}')
    signature = signer.sign(f"{header}.{payload}".encode())
    return f"{header}.{payload}.{base64url.encode(signature)}"


DISCLOSURE = base64url.encode(b'["salt-salt-salt-salt-","a",1]')
FLAT = {"payload": "e30", "protected": "e30", "signature": "AA", "header": {}}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {**FLAT, "payload": "a.b"},
        {**FLAT, "payload": "a~b"},
        {**FLAT, "payload": ""},
        {**FLAT, "protected": None},
        {**FLAT, "signature": 7},
        {**FLAT, "header": []},
        {**FLAT, "header": {"disclosures": "x"}},
        {**FLAT, "header": {"disclosures": [7]}},
        {**FLAT, "header": {"disclosures": [""]}},
        {**FLAT, "header": {"disclosures": ["a~b"]}},
        {**FLAT, "header": {"disclosures": ["a"] * 257}},
        {**FLAT, "header": {"kb_jwt": ""}},
        {**FLAT, "header": {"kb_jwt": 7}},
        {**FLAT, "header": {"kb_jwt": "a~b"}},
        {**FLAT, "signatures": [FLAT]},
        {"payload": "e30", "signatures": []},
        {"payload": "e30", "signatures": [7]},
        {"payload": "e30", "signatures": [FLAT] * 9},
        {"payload": "e30", "signatures": [FLAT, {**FLAT, "header": {"disclosures": []}}]},
        {"payload": "e30", "signatures": [FLAT, {**FLAT, "header": {"kb_jwt": "a"}}]},
    ],
)
def test_sd_v_13_a_json_serialisation_that_is_not_whole_is_refused(document):
    with pytest.raises(Malformed) as fault:
        parse_json_sd_jwt(json.dumps(document))
    assert fault.value.detail in {"not_a_jws", "not_an_object"}


def test_sd_v_13_the_twin_of_the_refused_ones_is_read():
    header = {"disclosures": [DISCLOSURE], "kb_jwt": "a.b.c", "kid": "ours"}

    assert parse_json_sd_jwt(json.dumps({**FLAT, "header": header})).text == (
        f"e30.e30.AA~{DISCLOSURE}~a.b.c"
    )


@pytest.mark.parametrize(("text", "others"), [("a.b.c", ()), ("a.b~", ()), ("a.b.c~", ("a.x.c",))])
def test_sd_v_13_what_is_no_sd_jwt_is_not_written(text, others):
    with pytest.raises(Malformed):
        build_json_sd_jwt(text, other_tokens=others)
