"""A browser without scripts at the portal, and an officer's passkey made of software."""

import html
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from issuing_city import BASE
from software_authenticator import SoftwareAuthenticator

from encoding import base64url
from issuer.actors import Actor
from issuer.officers import make_enrolment

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PAGE = {"Accept": "text/html"}


def invite_officer(city, agency="transport", name="Chan Sopheap"):
    """The ticket of a fresh enrolment link."""
    operator = Actor("desk", "operator", None)
    link = make_enrolment(city.office, actor=operator, agency=agency, name=name)
    return link.removeprefix(f"{BASE}/enrol/")


class Browser:
    """A browser at the portal: keeps cookies and reads the token out of forms."""

    def __init__(self, city):
        self.city = city
        self.http = city.app.test_client()
        self.authenticator = SoftwareAuthenticator()

    def get(self, path, **more):
        return self.http.get(path, base_url=BASE, headers=PAGE, **more)

    def post(self, path, fields, *, headers=SAME_SITE, **more):
        return self.http.post(path, base_url=BASE, data=fields, headers={**PAGE, **headers}, **more)

    def say(self, path, value, *, token="", headers=SAME_SITE):
        sent = {**headers, "X-CSRF-Token": token}
        return self.http.post(path, base_url=BASE, json=value, headers=sent)

    def enrol(self, ticket, *, authenticator=None):
        begun = self.say(f"/enrol/{ticket}/begin", {})
        answer = (authenticator or self.authenticator).register(read_challenge(begun))
        token = begun.json["csrf_token"]
        return self.say(f"/enrol/{ticket}/finish", {"response": answer}, token=token)

    def sign_in(self, *, authenticator=None, wait=None):
        begun = self.say("/console/sign-in/begin", {})
        answer = (authenticator or self.authenticator).authenticate(read_challenge(begun))
        if wait:
            self.city.clock.move(**wait)
        token = begun.json["csrf_token"]
        return self.say("/console/sign-in/finish", {"response": answer}, token=token)

    def submit(self, path, fields):
        """Send the form that stands on a page, token and all."""
        return self.post(path, {**fields, "csrf_token": self.token()})

    def token(self):
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console").text)[1]

    def cookie(self):
        return self.http.get_cookie("__Host-portal", domain="localhost")

    def offer(self, type_name="taxi-permit", **more):
        """Fill in the example and send it; answers the page of the offer."""
        form = self.get(f"/console/offers/new/{type_name}?example").text
        return self.submit(f"/console/offers/new/{type_name}", {**read_fields(form), **more})


def read_challenge(begun):
    assert begun.status_code == 200, begun.text
    return base64url.decode(begun.json["options"]["challenge"])


def read_fields(form):
    """What the form holds: inputs and text areas of claims, the format and the request's id."""
    texts = dict(
        re.findall(r'<input type="(?:text|date)"[^>]*value="([^"]*)"[^>]*name="([^"]+)"', form)
    )
    fields = {name: html.unescape(text) for text, name in texts.items()}
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', form):
        fields[name] = html.unescape(text)
    fields["request_id"] = re.search(r'name="request_id" value="([^"]+)"', form)[1]
    return fields
