"""Everything that the page can say, it says in both languages; and it shows only what is its own."""

import re

import pytest

from gateway import errors
from gateway.enrolment.page_html import Done, State, Waiting, Working, page
from gateway.enrolment.page_words import LANGUAGES, WORDS, chosen

CODES = set(re.findall(r"`([a-z-]+)`", errors.EnrolmentError.__doc__ or "")) - {"why", "no-claim"}


def test_both_languages_have_the_same_words_in_their_own_script() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    own = {key for key in WORDS["zh"] if key != "other"}
    assert all(re.search("[一-鿿]", WORDS["zh"][key]) for key in own)
    assert not any(re.search("[一-鿿]", WORDS["en"][key]) for key in own)


def test_every_refusal_has_words() -> None:
    assert len(CODES) == 5
    assert {*CODES, "bad-claim", "unreachable", "failed"} <= WORDS["en"].keys()


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "de-DE,zh-TW;q=0.5", "zh"),
        ("lang=en", "zh-CN", "en"),
        ("lang=<b>", "fr", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browser_s(
    query: str, accepted: str, language: str
) -> None:
    assert chosen(query, accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [Waiting(), Waiting("untrusted"), Working(), Done("ward-a", "2030-01-01")])
def test_every_state_is_a_page_without_script(state: State, language: str) -> None:
    html = page(state, "<i>42</i>", language)
    assert "&lt;i&gt;42&lt;/i&gt;" in html
    assert "script" not in html
    assert ("http-equiv" in html) == isinstance(state, Working)
    assert ('<p role="alert">' in html) == (state == Waiting("untrusted"))
    assert ("<form" in html) == isinstance(state, Waiting)
