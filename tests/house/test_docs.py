"""The documents say what the code does: commands, settings, reasons, routes, links, words."""

import importlib
import json
import re
from pathlib import Path

import pytest

from cityhall.command_line import COMMANDS, ROOT
from credentials.verdict import Reason
from mobile_demo.desk import prepare_operator_keys
from runtime.settings import DEFAULTS, Settings
from tests.support.glossary import LANGUAGES, LOCALES, PAGE, build_page, load_words

DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("ledger/*.md"))
)
DECISIONS = ROOT / "docs" / "decisions"
FACTORIES = {
    "register": "register.app",
    "issuer": "issuer.app",
    "wallet_api": "wallet_api.app",
    "verifier": "verifier.app",
    "witness": "register.witness",
}
NOT_YET: set[str] = set()
OF_THE_FILE_ALONE = {"CITY_SETTINGS_FILE"}
OF_TESTS_ALONE = {"CITY_VECTORS"}
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ROUTE = re.compile(r"`(GET|POST|PUT|DELETE) (/[^`\s]*)`")
A_MACHINES_PATH = re.compile(r"(?<![\w.`/{}])/(?:home|root|tmp|work|var|usr|opt|Users)/")
URL_HOST = re.compile(r"https?://([a-zA-Z0-9.-]+)")
# Documents name no place to fetch from: this machine, examples, and standards bodies only.
KNOWN_HOSTS = re.compile(r"localhost|[a-z.-]*\.example|www\.w3\.org|self-issued\.me")


def read(path):
    return (ROOT / path).read_text()


def words_of(url_rule):
    """A path with each value replaced, so that `{id}` and `<number>` are the same."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", url_rule)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_each_command_in_a_document_exists(path):
    named = set(re.findall(r"\./city ([a-z][a-z-]*)", read(path)))

    assert named - set(COMMANDS) == set()


def test_each_command_is_described():
    named = set(re.findall(r"`\./city ([a-z]+)", read("docs/interfaces.md")))

    assert named == set(COMMANDS)


def test_what_the_readme_calls_missing_is_missing():
    missing = re.search(r"\*\*Commands\*\*: (.*)", read("README.md"))[1].split(". ")[0]

    assert set(re.findall(r"`([a-z]+)`", missing)) == NOT_YET - set(COMMANDS) == NOT_YET


def test_the_settings_page_lists_every_setting_and_no_other():
    listed = re.findall(r"^\| `(CITY_[A-Z0-9_]+)` \|", read("docs/settings.md"), re.MULTILINE)

    assert len(listed) == len(set(listed))
    assert set(listed) == {*DEFAULTS, *OF_THE_FILE_ALONE}


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_no_document_names_a_setting_that_is_none(path):
    named = set(re.findall(r"CITY_[A-Z0-9]+(?:_[A-Z0-9]+)*", read(path)))

    assert named - {*DEFAULTS, *OF_THE_FILE_ALONE, *OF_TESTS_ALONE, "CITY_NAME"} == set()


def test_the_closed_list_of_reasons_is_on_its_page():
    table = read("docs/reasons.md").split("## The closed list")[1].split("## ")[0]

    assert re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE) == [each.value for each in Reason]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_each_link_leads_somewhere(path):
    broken = [link for link in LINK.findall(read(path)) if not leads_somewhere(path, link)]

    assert broken == []


def leads_somewhere(path, link):
    if link.startswith("https://"):
        return True
    name, _, anchor = link.partition("#")
    target = (ROOT / path).parent / name if name else ROOT / path
    if not target.exists():
        return False
    return not anchor or anchor in {slug(each) for each in HEADING.findall(target.read_text())}


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_no_document_names_a_place_of_one_machine_or_a_download_host(path):
    text = read(path)

    assert A_MACHINES_PATH.findall(text) == []
    assert [host for host in URL_HOST.findall(text) if not KNOWN_HOSTS.fullmatch(host)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_each_file_that_a_document_names_exists(path):
    named = re.findall(r"`((?:[a-z_]+/)+[a-zA-Z_.-]+\.(?:py|js|json|md))`", read(path))
    example = "credentials/types/fishing-licence.json"

    assert [name for name in named if not (ROOT / name).exists() and name != example] == []


def test_each_decision_is_numbered_and_in_the_index():
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    numbers = [int(name[:4]) for name in files]
    titles = [(DECISIONS / name).read_text().split("\n")[0] for name in files]
    index = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((.+)\) \|$", read("docs/decisions/README.md"), re.MULTILINE
    )

    assert numbers == list(range(1, len(files) + 1))
    assert [f"# {number}. {title}" for number, title, _ in index] == titles
    assert [name for _, _, name in index] == files


@pytest.mark.parametrize(
    "name", sorted(path.name for path in DECISIONS.glob("[0-9]*.md")), ids=lambda name: name[:4]
)
def test_each_decision_has_a_status_and_is_short(name):
    lines = (DECISIONS / name).read_text().split("\n")

    assert lines[2].startswith("Status: ")
    assert len(lines) <= 30


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    """Every method and path that the five apps answer, described or not."""
    folder = tmp_path_factory.mktemp("city")
    prepare_operator_keys(folder)
    environ = {"CITY_DATA_DIR": str(folder), "CITY_BACKGROUND": "no"}
    found = set()
    for service, module in FACTORIES.items():
        settings = Settings.from_environment(environ, service=service)
        app = importlib.import_module(module).create_app(settings)
        described = app.test_client().get("/openapi.json").json["paths"]
        found |= {
            (method.upper(), words_of(path))
            for path, operations in described.items()
            for method in operations
        }
        found |= {
            (method, words_of(rule.rule))
            for rule in app.url_map.iter_rules()
            for method in rule.methods
        }
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_each_route_that_a_document_names_exists(path, routes):
    shapes = {
        (method, re.compile(re.escape(rule).replace(r"\*", "[^/]+") + r"\Z"))
        for method, rule in routes
    }
    wrong = [
        f"{method} {route}"
        for method, route in ROUTE.findall(read(path))
        if not any(
            method == known and shape.match(words_of(route).replace("*", "x"))
            for known, shape in shapes
        )
    ]

    assert wrong == []


def test_the_page_of_interfaces_names_every_described_path_of_programs(routes):
    """What a script may call is on the page, or it is not promised."""
    page = {
        (method, words_of(route)) for method, route in ROUTE.findall(read("docs/interfaces.md"))
    }
    doors = ("enrolments", "sign-in", "sign-out", "/me", "service-key", "/checks/log")
    promised = {
        (method, rule)
        for method, rule in routes
        if rule.startswith("/api/v1/") and method not in {"HEAD", "OPTIONS"}
        if not any(door in rule for door in doors)
    }

    assert promised - page == set()


@pytest.mark.parametrize("screen", LOCALES)
def test_each_screen_speaks_three_languages(screen):
    words = load_words(screen)

    assert {path.stem for path in LOCALES[screen].glob("*.json")} == set(LANGUAGES)
    for language in LANGUAGES:
        assert words[language].keys() == words["en"].keys(), language
        assert [key for key, word in words[language].items() if not word.strip()] == [], language


@pytest.mark.parametrize("screen", LOCALES)
def test_a_translation_keeps_the_places_for_values(screen):
    words = load_words(screen)

    for language in LANGUAGES:
        wrong = [
            key
            for key, word in words[language].items()
            if set(re.findall(r"\{\w+\}", word)) != set(re.findall(r"\{\w+\}", words["en"][key]))
        ]
        assert wrong == [], language


def test_each_label_of_a_document_is_in_three_languages():
    for path in sorted((ROOT / "credentials" / "types").glob("*.json")):
        document = json.loads(path.read_text())
        for each in (document, *document["claims"]):
            labels = each["labels"]
            assert set(labels) == set(LANGUAGES), path.name
            assert all(label.strip() for label in labels.values()), path.name


def test_the_glossary_is_that_of_the_screens():
    """Changed words? `python -m tests.support.glossary` makes the page anew."""
    assert PAGE.read_text() == build_page()


def test_the_readme_is_short():
    assert len(Path(ROOT / "README.md").read_text().splitlines()) < 250
