"""SD-JWTs on which implementations differ, each with the text that decides."""

from encoding.strict_json import build_json
from tests.interop.our_side import DAY, now, seconds
from tests.interop.peer_page import Hostile
from tests.interop.sd_jwt_papers import (
    AGENCY,
    DRIVER,
    bound,
    claims,
    digest,
    disclosure,
    hand_made,
    sign,
)

RFC = "RFC 9901"
VC = "SD-JWT VC"
COLOUR = disclosure("colour", "green")


def hiding(text, **more):
    """A presentation that shows what this one disclosure hides."""
    return hand_made([text], _sd=[digest(text)], **more)


def nothing_wrong():
    return hiding(COLOUR)


def twice_the_same_digest():
    return hand_made([COLOUR], _sd=[digest(COLOUR), digest(COLOUR)])


def a_digest_twice_at_two_levels():
    return hiding(COLOUR, car={"_sd": [digest(COLOUR)]})


def a_disclosure_of_nothing():
    return hand_made([COLOUR])


def a_disclosure_over_a_claim():
    zone = disclosure("zone", "Everywhere")
    return hiding(zone)


def a_disclosure_named_sd():
    hidden = disclosure("_sd", ["x"])
    return hiding(hidden)


def a_disclosure_of_two_in_an_object():
    short = disclosure("green")
    return hiding(short)


def a_disclosure_of_three_in_an_array():
    return hand_made([COLOUR], colours=[{"...": digest(COLOUR)}])


def a_hidden_status():
    hidden = disclosure("status", {"status_list": {"uri": "https://x.example/1", "idx": 1}})
    return hiding(hidden)


def a_hidden_end():
    hidden = disclosure("exp", seconds(now() + DAY))
    return hiding(hidden, exp=None)


def an_unknown_hash():
    return hiding(COLOUR, _sd_alg="sha-257")


def no_algorithm():
    token = sign(claims(DRIVER["ES256"]), by=AGENCY["ES256"], alg="none")
    return bound(token)


def a_critical_header():
    return hand_made(header={"header": {"crit": ["city"], "city": 1}})


def another_typ():
    return hand_made(header={"type_": "JWT"})


def a_binding_without_typ():
    return hand_made(binding={"header": {"type_": None}})


def a_binding_of_another_typ():
    return hand_made(binding={"header": {"type_": "JWT"}})


def a_binding_over_fewer_disclosures():
    return hiding(COLOUR, binding={"kept": []})


def a_binding_for_somebody_else():
    return hand_made(binding={"aud": "x509_san_dns:shop.example"})


def a_binding_of_another_nonce():
    return hand_made(binding={"nonce": "n-of-yesterday-000000"})


def a_binding_of_last_year():
    return hand_made(binding={"iat": seconds(now() - 365 * DAY)})


def a_binding_of_tomorrow():
    return hand_made(binding={"iat": seconds(now() + DAY)})


def no_binding():
    return sign(claims(DRIVER["ES256"]), by=AGENCY["ES256"]) + "~"


def no_tilde():
    return sign(claims(DRIVER["ES256"]), by=AGENCY["ES256"])


def an_end_in_the_past():
    return hand_made(exp=seconds(now() - DAY))


def an_end_that_is_text():
    return hand_made(exp="2099-01-01T00:00:00Z")


def a_beginning_tomorrow():
    return hand_made(nbf=seconds(now() + DAY))


def two_members_of_one_name():
    payload = build_json(claims(DRIVER["ES256"])).decode()
    token = sign(payload.replace("{", '{"zone":"Everywhere",', 1), by=AGENCY["ES256"])
    return bound(token)


def a_padded_disclosure():
    padded = disclosure("colour", "greens") + "="
    return hiding(padded)


def a_disclosure_with_spaces():
    spaced = disclosure("colour", {"paint": "green"}, spaced=True)
    return hiding(spaced)


def a_stronger_hash():
    token = sign(
        claims(DRIVER["ES256"], _sd=[digest(COLOUR, "sha512")], _sd_alg="sha-512"),
        by=AGENCY["ES256"],
    )
    return bound(token, [COLOUR], hash_name="sha512")


def an_unknown_header():
    return hand_made(header={"header": {"city": "Phnom Penh"}})


MAKERS = {
    each.__name__: each
    for each in (
        nothing_wrong,
        twice_the_same_digest,
        a_digest_twice_at_two_levels,
        a_disclosure_of_nothing,
        a_disclosure_over_a_claim,
        a_disclosure_named_sd,
        a_disclosure_of_two_in_an_object,
        a_disclosure_of_three_in_an_array,
        a_hidden_status,
        a_hidden_end,
        an_unknown_hash,
        no_algorithm,
        a_critical_header,
        another_typ,
        a_binding_without_typ,
        a_binding_of_another_typ,
        a_binding_over_fewer_disclosures,
        a_binding_for_somebody_else,
        a_binding_of_another_nonce,
        a_binding_of_last_year,
        a_binding_of_tomorrow,
        no_binding,
        no_tilde,
        an_end_in_the_past,
        an_end_that_is_text,
        a_beginning_tomorrow,
        two_members_of_one_name,
        a_padded_disclosure,
        a_disclosure_with_spaces,
        a_stronger_hash,
        an_unknown_header,
    )
}
_MORE_THAN_ONCE = (
    "If any digest value is encountered more than once [...] the SD-JWT MUST be rejected"
)
_HIDDEN = "MUST NOT be included in Disclosures and therefore MUST NOT be selectively disclosed"
_BOUND = "validating nonce and aud claims"
_KB_TYP = "Check that the typ of the Key Binding JWT is kb+jwt"
_WINDOW = "as determined by the iat claim, is within an acceptable window"
_VALID = "Check that the SD-JWT is valid using claims such as nbf"
ROWS = (
    (
        "nothing_wrong",
        True,
        f"{RFC} 7.3",
        "If any step fails, the presentation is not valid and processing MUST be aborted",
    ),
    ("twice_the_same_digest", False, f"{RFC} 7.1 step 4", _MORE_THAN_ONCE),
    ("a_digest_twice_at_two_levels", False, f"{RFC} 7.1 step 4", _MORE_THAN_ONCE),
    (
        "a_disclosure_of_nothing",
        False,
        f"{RFC} 7.1 step 5",
        "If any Disclosure was not referenced by digest value [...] the SD-JWT MUST be rejected",
    ),
    (
        "a_disclosure_over_a_claim",
        False,
        f"{RFC} 7.1 step 3.3.2.3",
        "If the claim name already exists at the level of the _sd key, the SD-JWT MUST be rejected",
    ),
    (
        "a_disclosure_named_sd",
        False,
        f"{RFC} 7.1 step 3.3.2.2",
        "If the claim name is _sd or ..., the SD-JWT MUST be rejected",
    ),
    (
        "a_disclosure_of_two_in_an_object",
        False,
        f"{RFC} 7.1 step 3.3.2.1",
        "is not a JSON array of three elements [...] the SD-JWT MUST be rejected",
    ),
    (
        "a_disclosure_of_three_in_an_array",
        False,
        f"{RFC} 7.1 step 3.3.3.1",
        "is not a JSON array of two elements [...] the SD-JWT MUST be rejected",
    ),
    ("a_hidden_status", False, f"{VC} 2.2.2.3", _HIDDEN),
    ("a_hidden_end", False, f"{VC} 2.2.2.3", _HIDDEN),
    (
        "an_unknown_hash",
        False,
        f"{RFC} 7.1 step 2.4",
        "Check that the _sd_alg claim value is understood",
    ),
    ("no_algorithm", False, f"{RFC} 7.1 step 2.1", "The none algorithm MUST NOT be accepted"),
    (
        "a_critical_header",
        False,
        "RFC 7515 4.1.11",
        "not understood and supported by the recipient, then the JWS is invalid",
    ),
    ("another_typ", False, f"{VC} 2.2.1", "The value MUST use dc+sd-jwt"),
    ("a_binding_without_typ", False, f"{RFC} 7.3 step 5.4", _KB_TYP),
    ("a_binding_of_another_typ", False, f"{RFC} 7.3 step 5.4", _KB_TYP),
    (
        "a_binding_over_fewer_disclosures",
        False,
        f"{RFC} 7.3 step 5.7",
        "verify that it matches the value of the sd_hash claim",
    ),
    ("a_binding_for_somebody_else", False, f"{RFC} 7.3 step 5.6", _BOUND),
    ("a_binding_of_another_nonce", False, f"{RFC} 7.3 step 5.6", _BOUND),
    ("a_binding_of_last_year", False, f"{RFC} 7.3 step 5.5", _WINDOW),
    ("a_binding_of_tomorrow", False, f"{RFC} 7.3 step 5.5", _WINDOW),
    (
        "no_binding",
        False,
        f"{RFC} 7.3 step 2",
        "If Key Binding is required and the Holder has provided an SD-JWT (without Key Binding), "
        "the Verifier MUST reject the presentation",
    ),
    ("no_tilde", False, f"{RFC} 4", "the last element MUST be an empty string"),
    ("an_end_in_the_past", False, f"{RFC} 7.1 step 6", _VALID),
    ("an_end_that_is_text", False, "RFC 7519 4.1.4", "Its value MUST be a number"),
    ("a_beginning_tomorrow", False, f"{RFC} 7.1 step 6", _VALID),
    (
        "two_members_of_one_name",
        False,
        "RFC 7519 4",
        "The Claim Names within a JWT Claims Set MUST be unique; JWT parsers MUST either reject "
        "[...] or use [...] only the lexically last",
    ),
    ("a_padded_disclosure", False, "RFC 7515 2", "with all trailing '=' characters omitted"),
    (
        "a_disclosure_with_spaces",
        True,
        f"{RFC} 4.2.1",
        "variations in whitespace [...] are allowed in the JSON representation",
    ),
    (
        "a_stronger_hash",
        True,
        f"{RFC} 4.1.1",
        'MUST be a hash algorithm value from the "Hash Name String" column',
    ),
    (
        "an_unknown_header",
        True,
        "RFC 7515 4",
        "all Header Parameters not defined by this specification MUST be ignored when not "
        "understood",
    ),
)
HOSTILE = tuple(Hostile(name.replace("_", " "), *rest) for name, *rest in ROWS)


def make(hostile):
    return MAKERS[hostile.name.replace(" ", "_")]()
