"""Write `faces.json`: what was scanned beside a view, and whether it is the face of its holder."""

from pathlib import Path

from credentials.errors import Malformed
from credentials.face import join_face_texts, read_face, verify_face
from credentials.issuer_judgement import IssuerQuestion, find_signing_key
from credentials.packing import read_qr_text
from credentials.reading import read_presentation
from credentials.trust_document import parse_trust_registry
from tests.vectors.face_cases import CASES
from tests.vectors.make_verification import Shelf, build_text
from tests.vectors.small_city import MINUTE, NOW, seconds

TARGET = Path(__file__).parent / "faces.json"


def build_document():
    """The whole file."""
    shelf = Shelf("t")
    cases = [
        {
            "name": each.name,
            "why": each.why,
            "given": {
                "view": each.view,
                "texts": list(each.texts),
                "trust": shelf.name(each.trust),
                "now": seconds(NOW),
            },
            "expect": each.expect,
            "reason": each.reason,
        }
        for each in CASES
    ]
    return {"trust": shelf.things, "cases": cases}


def judge(case, document):
    """What is found: the expectation and the reason that the case should have."""
    given = case["given"]
    (credential,) = read_presentation(read_qr_text(given["view"]))
    question = IssuerQuestion(
        parse_trust_registry(document["trust"][given["trust"]]), NOW, MINUTE, {}
    )
    try:
        data = join_face_texts(given["texts"])
        if data is None:
            return "waiting", None
        face = read_face(data)
    except Malformed as error:
        return "refused", error.detail
    key = find_signing_key(credential, question)
    is_face = key is not None and verify_face(face, credential=credential, key=key)
    return ("verified" if is_face else "unverified"), None


if __name__ == "__main__":
    TARGET.write_text(build_text(build_document()), encoding="utf-8")
