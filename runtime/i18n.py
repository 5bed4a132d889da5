"""
Words for screens: one JSON file a language, `{key: text}`, with `{name}` for values.

English is complete; a key that another language lacks is shown in English, and an unknown key is a
bug. Texts are plain: escaping is the page's affair.
"""

from pathlib import Path
from typing import Final

from encoding.strict_json import parse_object

LANGUAGES: Final = ("en", "km", "zh-Hans")
DEFAULT: Final = "en"
_CHINESE: Final = ("zh-hans", "zh-cn", "zh-sg", "zh-my", "zh")
_MAX_BYTES: Final = 1_048_576


class Catalog:
    """The texts of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._texts = {language: _read(folder / f"{language}.json") for language in LANGUAGES}

    def text(self, language: str, key: str, **values: object) -> str:
        """The text of `key`, in the language if it has it, else in English."""
        found = self._texts.get(language, {}).get(key) or self._texts[DEFAULT][key]
        return found.format(**values) if values else found

    def texts(self, language: str) -> dict[str, str]:
        """Every text for a page that does its own, English where there is no other."""
        return {**self._texts[DEFAULT], **self._texts.get(language, {})}

    def missing(self) -> dict[str, list[str]]:
        """The keys that each language lacks, and those that English does not know."""
        known = set(self._texts[DEFAULT])
        return {
            language: sorted(known ^ set(texts))
            for language, texts in self._texts.items()
            if known ^ set(texts)
        }


def choose_language(accept_language: str, *, chosen: str | None = None) -> str:
    """What the person chose, else the first language of the browser that the city speaks."""
    if chosen in LANGUAGES:
        return chosen
    for entry in accept_language.lower().split(",")[:20]:
        tag = entry.partition(";")[0].strip()
        if tag in _CHINESE or tag.startswith("zh-hans"):
            return "zh-Hans"
        primary = tag.partition("-")[0]
        if primary in LANGUAGES:
            return primary
    return DEFAULT


def _read(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    texts = parse_object(path.read_bytes(), max_bytes=_MAX_BYTES)
    return {key: text for key, text in texts.items() if isinstance(text, str)}
