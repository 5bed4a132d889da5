"""
The preset dictionaries of CQ1, by their id.

A dictionary is what a reader knows before it reads: lifted texts of the city's own credentials, as
`lifting` writes them, the likeliest last, where DEFLATE reaches them with the fewest bits. It only
decides how short a code is, never what it says. **A published dictionary never changes**: codes
made with it must stay readable. To teach the codes new words, add a dictionary with the next id
and make it `NEWEST`; `credentials/js/dictionaries.js` is written from here by
`tests/vectors/make_dictionaries.py`, and a test compares the two.
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
