"""
Pages of the portal: templates, words and dates in the officer's language.

Everything is escaped by Jinja; no page carries a script or a style of its own, so the strict
policy of `runtime.headers` holds. Times are shown in UTC; the browser turns them into its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from credentials.verdict import format_instant
from runtime.i18n import Catalog, choose_language

LANGUAGE_COOKIE = "__Host-language"
LANGUAGE_NAMES = (("en", "English"), ("km", "ខ្មែរ"), ("zh-Hans", "中文"))
_HERE = Path(__file__).resolve().parent


class Pages:
    """Renders templates; made once."""

    def __init__(self) -> None:
        self._words = Catalog(_HERE / "locales")
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, values: Mapping[str, object], *, language: str) -> str:
        """The page in a language; `values` are the template's names."""
        speech = Speech(self._words, language)
        return self._templates.get_template(template).render(
            **values,
            language=language,
            languages=LANGUAGE_NAMES,
            text=speech.text,
            label=speech.label,
            instant=speech.instant,
            day=speech.day,
            machine=format_instant,
        )

    def text(self, language: str, key: str, **values: object) -> str:
        """One text, for titles that are put together."""
        return self._words.text(language, key, **values)


@dataclass(frozen=True, slots=True)
class Speech:
    """What templates say things with."""

    words: Catalog
    language: str

    def text(self, key: str, **values: object) -> str:
        """The text of a key."""
        return self.words.text(self.language, key, **values)

    def label(self, labels: Mapping[str, str]) -> str:
        """A label that comes with its languages, English where there is no other."""
        return labels.get(self.language) or labels["en"]

    def day(self, moment: datetime) -> str:
        """A date, with the month in words and the digits in Latin."""
        month = self.text(f"month.{moment.month}")
        return self.text("date", day=moment.day, month=month, year=moment.year)

    def instant(self, moment: datetime) -> str:
        """A date and a time."""
        return f"{self.day(moment)} {moment:%H:%M} UTC"


def read_language(request: Request) -> str:
    """What the officer chose, else what the browser asks for."""
    return choose_language(
        request.headers.get("Accept-Language", ""), chosen=request.cookies.get(LANGUAGE_COOKIE)
    )
