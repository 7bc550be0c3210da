"""The words that the press prints itself: complete in each language, and found by the codes that books use."""

from __future__ import annotations

import pytest

from diptych import words


@pytest.mark.parametrize("language", sorted(words._TABLE))
def test_every_language_has_every_word_and_every_sentence(language):
    assert len(words._TABLE[language]) == len(words._KEYS)
    assert len(words._CREDITS[language]) == len(words._CREDITED)
    assert len(words._MADE[language]) == len(words._MADE_KEYS)
    assert len(words._NOTES_TO[language]) == 2
    assert set(words._SENTENCES[language]) == set(words._SENTENCES["en"])
    assert set(words._REFERENCES[language]) == set(words._REFERENCES["en"])
    assert all(
        "{}" in words._REFERENCES[language][kind] for kind in words._REFERENCES["en"] if kind[-1] != "s"
    )


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("de-AT", "Inhalt"),
        ("zh", "目录"),
        ("zh-Hant", "目錄"),
        ("zh-TW", "目錄"),
        ("he-IL", "תוכן העניינים"),
        ("xx", "Contents"),
    ],
)
def test_words_by_the_code_of_a_language(language, wanted):
    assert words.say("contents", language) == wanted


def test_sentences_tell_in_which_language_they_are():
    assert words.tell(["pages"], "de-AT")[1] == "de-AT"
    assert words.tell(["pages"], "xx")[1] == "en"


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("he", "rtl"),
        ("ar-EG", "rtl"),
        ("az", "ltr"),
        ("az-Arab", "rtl"),
        ("ur-Latn", "ltr"),
        ("en", "ltr"),
        ("zh-Hant", "ltr"),
    ],
)
def test_the_direction_follows_the_script(language, wanted):
    assert words.direction(language) == wanted


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "Translated by A, B and C"),
        ("fr", "Traduit par A, B et C"),
        ("he", "תרגום: A, B וC"),
        ("zh-TW", "A、B、C 譯"),
        ("xx", "Translated by A, B and C"),
    ],
)
def test_people_are_credited_for_what_they_did(language, wanted):
    assert words.credit("trl", ["A", "B", "C"], language) == wanted
    assert words.credit("dte", ["A"], language) == ""


def test_every_credit_has_room_for_the_names():
    assert all(text.count("{}") == 1 for row in words._CREDITS.values() for text in row)


@pytest.mark.parametrize(
    ("language", "wanted"), [("en", ": "), ("fr-CA", "\u00a0: "), ("zh-TW", "："), ("xx", ": ")]
)
def test_a_colon_has_the_white_of_its_language(language, wanted):
    assert words.colon(language) == wanted
