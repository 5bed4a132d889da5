"""
The preset dictionaries of CQ1 and of CW1, by their id.

A dictionary is what a reader knows before it reads: the city's own credentials, lifted as
`lifting` (CQ1) or `cwt_packing` (CW1) writes them, the likeliest last, where DEFLATE reaches them
with the fewest bits. It only decides how short a code is, never what it says. **A published
dictionary never changes**: codes made with it must stay readable. To teach the codes new words,
add a dictionary with the next id and make it the newest; `credentials/js/dictionaries.js` is
written from here by `tests/vectors/make_dictionaries.py`, and a test compares the two.
"""

from typing import Final

# Latin-1 writes the escape bytes of `lifting` one character each: \xfc opens a nested text, \xf5
# ends it, \xfd \xfe \xff are 64, 32 and 16 bytes, \xc0 and \xc1 numbers, \xfa a certificate.
_WORDS_1 = (
    # Members and values that other credentials and presentations hold.
    '"_sd_alg":"sha-256","_sd":["\xfe","\xfe","\xfe","\xfe"]',
    '~\xfc["\xff","given_name","\xf5~\xfc["\xff","family_name","\xf5~\xfc["\xff","birth_date","',
    '"@context":["https://www.w3.org/ns/credentials/v2","',
    '"type":["VerifiableCredential","DrivingLicence"],"issuer":"did:web:localhost%3A84',
    '","validFrom":"2026-11-22T09:00:00Z","validUntil":"2027-',
    '"credentialSubject":{"id":"did:jwk:\xfc{"crv":"P-256","kty":"EC","x":"\xfe","y":"\xf8"}\xf5",',
    '"credentialStatus":[{"id":"","type":"BitstringStatusListEntry","statusPurpose":"revocation",',
    '"statusListIndex":"\xc0","statusListCredential":"https://',
    '\xfc{"alg":"ES256","typ":"vc+jwt","kid":"did:web:\xfc{"alg":"ES256","typ":"vp+jwt","kid":"',
    '"verifiableCredential":[{"@context":"https://www.w3.org/ns/credentials/v2","id":"data:',
    'application/vc+jwt,","type":"EnvelopedVerifiableCredential"}]',
    '"https://issuer.city.example/agencies/residency/types/residency/types/over-18/types/',
    "property-title/types/business-licence/agencies/land/agencies/business/status/",
    '"age_over_18":true,"nationality":"address":"street":"locality":"postal_code":"resident_since":',
    '"portrait_sha256":"\xfe","birth_date":"19","issue_date":"2026-","expiry_date":"20',
    '"document_number":"licence_number":"permit_number":"plate":"vin":"make":"model":"colour":',
    '"insurer":"policy_number":"valid_until":"2027-01-01","holder":"owner":"categories":["B","',
    '"family_name":"","given_name":"","name_km":"\xf6","vehicle_category":"sedan",',
    # The view that proves an age: what differs from the next one.
    '"iss":"http://localhost:8401/agencies/residency","vct":"http://localhost:8401/types/over-18"',
    '"uri":"http://localhost:8401/agencies/residency/status/1"}},"age_over_18":true,"linked":',
    '[{"type":"residency","list":"http://localhost:8401/agencies/residency/status/1","index":\xc0}]}',
    '"aud":"urn:citywallet:qr:over-18","nonce":"',
    # The view that the inspector scans, whole, in the order in which it is issued.
    '\xfc{"alg":"ES256","typ":"dc+sd-jwt","x5c":["\xfa"]}\xf5.',
    '\xfc{"alg":"ES256","typ":"dc+sd-jwt","kid":"\xfe"}\xf5.',
    '\xfc{"iss":"http://localhost:8401/agencies/transport",',
    '"vct":"http://localhost:8401/types/taxi-inspection","iat":\xc1,"exp":\xc1,',
    '"cnf":{"jwk":{"crv":"P-256","kty":"EC","x":"\xfe","y":"\xf7"}},',
    '"status":{"status_list":{"idx":\xc0,"uri":"http://localhost:8401/agencies/transport/status/1"',
    '}},"name":"Sok ","plate":"2A-","category":"taxi","zone":"Phnom Penh","until":"2027-',
    '06-30","linked":[',
    '{"type":"taxi-permit","list":"http://localhost:8401/agencies/transport/status/1",',
    '"index":\xc0},{"type":"driving-licence",',
    '"list":"http://localhost:8401/agencies/transport/status/1","index":\xc0},',
    '{"type":"vehicle-registration","list":"http://localhost:8401/agencies/registry/status/1",',
    '"index":\xc0},{"type":"insurance-certificate",',
    '"list":"http://localhost:8401/agencies/insurance/status/1","index":\xc0}]}\xf5.\xfd~',
    '\xfc{"alg":"ES256","typ":"kb+jwt"}\xf5.',
    '\xfc{"aud":"urn:citywallet:qr:taxi-inspection","nonce":"\xff","iat":\xc1,"sd_hash":"\xf9"}',
    "\xf5.\xfd",
)

DICTIONARIES: Final[dict[str, bytes]] = {"1": "".join(_WORDS_1).encode("latin-1")}
NEWEST: Final = "1"

# The same for CWT, as `cwt_packing` lifts them: \x7f begins a text and \xff ends it, \xfe is the
# origin, \x5f holds a structure, \x1a and \x1c are numbers, X and P byte strings of a known length.
_CWT_WORDS_1 = (
    "\x7fgiven_name\xff\x7f\xff\x7ffamily_name\xff\x7f\xff\x7fbirth_date\xff\x7f19",
    "\x7fportrait_sha256\xffX \x7fpermit_number\xff\x7fdriver_number\xff\x7fvalid_until\xff",
    "/agencies/land/status/1\xff\x7ftype\xff\x7fproperty-title\xff",
    "/agencies/business/status/1\xff\x7ftype\xff\x7fbusiness-licence\xff",
    "https://issuer.city.example\xff",
    # The view that proves an age, signed with a key that is named.
    "http://localhost:8401\xff\xd2\x84\x5f\xa3\x01&\x0d\xd2\x84\x5f\xa3\x01&\x04X ",
    "\x10\x18=\xa0\x5f\xa8",
    '\x01\x7f\xfe/agencies/residency\xff\x04\x1a\x06\x1a\x08\xa1\x01\xa4\x01\x02 \x01!X "\xf4',
    "\x0b\x7f\xfe/types/over-18\xff\x19\xff\xff\xa1\x7fstatus_list\xff\xa2\x7fidx\xff\x1c\x7furi\xff",
    "\x7f\xfe/agencies/residency/status/1\xff\x7flinked\xff\x81\xa3\x7flist\xff",
    "\x7f\xfe/agencies/residency/status/1\xff\x7ftype\xff\x7fresidency\xff\x7findex\xff\x1c",
    "\x7fage_over_18\xff\xf5X@\x10\x19\x01&\xa0\x5f\xa3\x03\x7furn:citywallet:qr:over-18\xff\x06\x1a",
    "\x18'HX@",
    # The view that the inspector scans, whole, in the order in which it is signed.
    "http://localhost:8401\xff\xd2\x84\x5f\xa3\x01&\x0d\xd2\x84\x5f\xa2\x01&\x10\x18=\xa0\x5f\xac",
    '\x01\x7f\xfe/agencies/transport\xff\x04\x1a\x06\x1a\x08\xa1\x01\xa4\x01\x02 \x01!X "\xf5',
    "\x0b\x7f\xfe/types/taxi-inspection\xff\x19\xff\xff\xa1\x7fstatus_list\xff\xa2\x7fidx\xff\x1c\x7furi",
    "\xff\x7f\xfe/agencies/transport/status/1\xff\x7fname\xff\x7fSok \xff\x7fzone\xff",
    "\x7fPhnom Penh\xff\x7fplate\xff\x7f2A-\xff\x7funtil\xff\x7f2027-06-30\xff\x7flinked\xff\x84",
    "\xa3\x7flist\xff\x7f\xfe/agencies/transport/status/1\xff\x7ftype\xff\x7ftaxi-permit\xff",
    "\x7findex\xff\x1c\xa3\x7flist\xff\x7f\xfe/agencies/transport/status/1\xff\x7ftype\xff",
    "\x7fdriving-licence\xff\x7findex\xff\x1c\xa3\x7flist\xff\x7f\xfe/agencies/registry/status/1\xff",
    "\x7ftype\xff\x7fvehicle-registration\xff\x7findex\xff\x1c\xa3\x7flist\xff",
    "\x7f\xfe/agencies/insurance/status/1\xff\x7ftype\xff\x7finsurance-certificate\xff\x7findex\xff",
    "\x1c\x7fcategory\xff\x7ftaxi\xffX@\x10\x19\x01&\xa0\x5f\xa3",
    "\x03\x7furn:citywallet:qr:taxi-inspection\xff\x06\x1a\x18'PX@",
)

CWT_DICTIONARIES: Final[dict[str, bytes]] = {"1": "".join(_CWT_WORDS_1).encode("latin-1")}
CWT_NEWEST: Final = "1"
