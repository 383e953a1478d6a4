"""What is measured of texts is what a plain definition says, however they are held."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.readers import texts as texts_module
from driftkit.readers.texts import MEASURES, measured_texts

TEXTS = st.lists(st.none() | st.text(max_size=12), max_size=12)


def measured(texts: list[str | None], kind: pa.DataType | None = None) -> list[dict[str, Any]]:
    """The measures of each text."""
    table = measured_texts(pa.chunked_array([pa.array(texts, kind or pa.string())]))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def by_definition(text: str | None) -> dict[str, Any]:
    """The measures that Python itself tells."""
    if text is None:
        return dict.fromkeys(("length", "words", "digits_share", "non_ascii_share"))
    of = max(len(text), 1)
    return {
        "length": len(text),
        "words": len(re.findall(r"[^ \t\n\r\f\v]+", text)),
        "digits_share": sum(x in "0123456789" for x in text) / of if text else None,
        "non_ascii_share": sum(not x.isascii() for x in text) / of if text else None,
    }


@settings(max_examples=40)
@given(TEXTS)
def test_counts_are_those_of_python(texts: list[str | None]) -> None:
    found = measured(texts)

    expected = [by_definition(text) for text in texts]
    assert [{name: row[name] for name in of} for row, of in zip(found, expected, strict=True)] == (
        expected
    )


@settings(max_examples=40)
@given(TEXTS, st.integers(0, 12))
def test_how_texts_are_held_changes_nothing(texts: list[str | None], cut: int) -> None:
    whole = measured(texts)
    plain = pa.array(texts, pa.string())
    several = pa.chunked_array([plain.slice(0, cut), plain.slice(cut)], pa.string())

    assert measured_texts(several).to_pylist() == whole
    assert measured_texts(several.dictionary_encode()).to_pylist() == whole
    assert measured(texts, pa.large_string()) == whole
    assert measured(texts, pa.string_view()) == whole


def test_blocks_of_rows_are_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", "eins zwei", None, "три", "x" * 50, "été 12", ""] * 3
    whole = measured(texts)

    monkeypatch.setattr(texts_module, "_BLOCK_BYTES", 7)

    assert measured(texts) == whole


@pytest.mark.parametrize(
    ("text", "script"),
    [
        *[("", "none"), ("12:30 \u2013 14:00 🙂", "none"), ("plain", "latin"), ("Ærø ằ", "latin")],
        *[("λόγος a", "greek"), ("Ёлка OK", "cyrillic"), ("שלום", "hebrew"), ("سلام", "arabic")],
        *[("नमस्ते", "devanagari"), ("สวัสดี", "thai"), ("ひらがな", "kana"), ("中文字 ab", "han")],
        *[("한국어", "hangul"), ("தமிழ்", "other"), ("Հայերեն", "other"), ("中文字 abcd", "latin")],
    ],
)
def test_scripts_are_those_of_most_letters(text: str, script: str) -> None:
    assert measured([text])[0]["script"] == script


def test_scripts_agree_with_the_names_of_characters() -> None:
    # Letters that stand in the block of another script, and what sorts of letters Unicode tells apart.
    named = {"cjk": "han", "hiragana": "kana", "katakana": "kana", "coptic": "greek"}
    for code in range(0xC0, 0xD7A4):
        letter = chr(code)
        if unicodedata.category(letter) not in {"Ll", "Lu", "Lo"}:
            continue
        name = unicodedata.name(letter).split(maxsplit=1)[0].split("-")[0].lower()
        found = texts_module.SCRIPTS[texts_module._SCRIPT_OF[_head(letter)]]
        if found not in {"other", "none"}:
            assert named.get(name, name) == found, (hex(code), letter)


def _head(letter: str) -> int:
    head = letter.encode()
    return head[0] << 8 | head[1]


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        *[("a < b and c > d", 0), ("1 <2> 3", 0), ("Q&A; AT&T", 0), ("<p>a</p>", 2)],
        *[('<a href="x">y</a> &amp; &#39; &#x27;', 5), ("<!-- x -->", 1), ("a<br/>b", 1)],
    ],
)
def test_markup_is_counted(text: str, markup: int) -> None:
    assert measured([text])[0]["markup"] == markup


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    "text", ["café crème", "Größe", "Привет", "日本語", "it\u2019s \u2013 “so”", "🙂 5 €"]
)
def test_text_read_in_a_wrong_encoding_is_found(text: str, encoding: str) -> None:
    wrong = text.encode().decode(encoding, "replace")

    assert measured([wrong])[0]["mojibake"] > 0
    assert measured([text])[0]["mojibake"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "« été »",
        "«\u00a0été\u00a0»",
        "»schön«",
        "„Ähnlich“",
        "5 °C ± 1 µm",
        "¿Qué? ¡Sí!",
        "Łódź \u2013 ½",
    ],
)
def test_good_text_is_no_mojibake(text: str) -> None:
    assert measured([text])[0]["mojibake"] == 0


def test_nothing_has_all_columns() -> None:
    assert measured_texts(pa.chunked_array([], pa.string())).column_names == [*MEASURES]
