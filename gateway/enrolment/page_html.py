"""The box's own page as HTML: one file without script, so that any browser shows it, a text one too."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from devices.model.claim import LONGEST
from gateway.enrolment.page_words import TAGS, WORDS

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""The Content-Security-Policy: its own style, one form to itself, and nothing else."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim is awaited. `problem`: the code of what was wrong with the one before."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """A claim is being tried."""


@dataclass(frozen=True, slots=True)
class Done:
    """The box is enrolled."""

    gateway: str
    until: str


State = Waiting | Working | Done


def page(state: State, serial: str, language: str, *, photos: bool = False) -> str:
    """The whole page; with `photos` it takes one, too. Nothing in it was typed by anyone."""
    words = WORDS[language]
    other = "zh" if language == "en" else "en"
    refresh = '<meta http-equiv="refresh" content="1">' if isinstance(state, Working) else ""
    return f"""<!doctype html>
<html lang="{TAGS[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{words["title"]}</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<header>
<p>{words["title"]} · {words["box"]} <b>{escape(serial)}</b></p>
<p><a href="/?lang={other}" lang="{TAGS[other]}">{words["other"]}</a></p>
</header>
<main>
{_body(state, words, language, photos=photos)}
</main>
</body>
</html>
"""


def _body(state: State, words: Mapping[str, str], language: str, *, photos: bool) -> str:
    match state:
        case Waiting(problem):
            return _form(problem, words, language) + (_photo_form(words, language) if photos else "")
        case Working():
            return f'<h1>{words["work"]}</h1>\n<p role="status">{words["work-how"]}</p>'
        case Done(gateway, until):
            told = words["done-how"].format(gateway=escape(gateway), until=escape(until))
            return f'<h1 class="done">{words["done"]}</h1>\n<p role="status">{told}</p>'


def _form(problem: str, words: Mapping[str, str], language: str) -> str:
    told = f'<p role="alert">{words[problem]}</p>\n' if problem else ""
    return f"""<h1>{words["wait"]}</h1>
{told}<p id="how">{words["how"]}</p>
<form method="post" action="/?lang={language}">
<label for="claim">{words["claim"]}</label>
<input id="claim" name="claim" type="password" required maxlength="{LONGEST}" autocomplete="off" autofocus
 aria-describedby="how hidden">
<p id="hidden">{words["hidden"]}</p>
<button>{words["go"]}</button>
</form>"""


def _photo_form(words: Mapping[str, str], language: str) -> str:
    return f"""
<form method="post" action="/?lang={language}" enctype="multipart/form-data">
<label for="photo">{words["photo"]}</label>
<input id="photo" name="photo" type="file" accept="image/*" capture="environment" required
 aria-describedby="photo-how">
<p id="photo-how">{words["photo-how"]}</p>
<button class="second">{words["read"]}</button>
</form>"""
