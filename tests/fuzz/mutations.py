"""Changes bytes, JSON documents and texts at random, the same for the same seed."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

# What means something to one reader or another.
TOKENS = (
    *(b'"', b'""', b'"""', b",", b"\n", b"\r", b"\r\n", b"\n\n", b";", b"\t", b"|", b"'", b"\\"),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", "é".encode()),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b"Infinity", b"-", b"1e999", b"{}"),
    *(b"\\u0000", b"\\ud800", b'\\"', b"\\n", b"0", b"-0", b"1_0", b" ", b"9" * 25, b"[[", b"PAR1"),
    *(b'"captureData"', b'"data"', b'"encoding"', b'"BASE64"', b'"eventMetadata"', b"\x1f\x8b"),
)
TEXTS = (
    *("", " ", "0", "-1", "1.5", "1e999", "nan", "inf", "true", "None", "a,b", "a\nb", '"', "é"),
    *("\x00", "\x1b[31m", "../../x", "no/such/file", "*", "[", "\ud800", "0" * 400, "1_0", "yes"),
    *(
        "2024-13-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "P1D",
        "-PT99999999H",
    ),
    *(
        "a.b",
        "a[",
        "@",
        "[0]",
        "$.x",
        "0.5",
        "Enabled",
        "disabled",
        "START",
        "aws",
        "2024-03-18T15",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**30, 0.5, -0.0, 1e308, 1e-320),
    *(float("nan"), float("inf"), [], {}, [[]], [None], {"": None}, [1, "a"], {"a": {"b": []}}),
    *TEXTS,
)
MOST_CHANGES = 4
_DEEP = 3000


def changed_bytes(content: bytes, random: Random, tokens: Sequence[bytes] = TOKENS) -> bytes:
    """The content after some changes: bytes replaced, left out, repeated, moved, cut off."""
    found = bytearray(content)
    for _ in range(random.randint(1, MOST_CHANGES)):
        _change(found, random, tokens)
    return bytes(found)


def _change(content: bytearray, random: Random, tokens: Sequence[bytes]) -> None:
    start = random.randint(0, len(content))
    stop = min(len(content), start + random.choice((0, 1, 1, 2, 4, 16)))
    kind = random.randrange(6)
    if kind == 0 and content:
        place = random.randrange(len(content))
        content[place] ^= 1 << random.randrange(8)
    elif kind == 1:
        content[start:stop] = random.choice(tokens)
    elif kind == 2:
        content[start:start] = random.choice(tokens)
    elif kind == 3:
        del content[start:stop]
    elif kind == 4:
        content[start:start] = content[start : start + random.randint(1, 40)]
    else:
        del content[random.choice((start, len(content) - 1)) :]


def changed_document(document: Any, random: Random) -> Any:
    """A JSON document with some of its values replaced, left out, renamed or wrapped."""
    found = json.loads(json.dumps(document))
    for _ in range(random.randint(1, 2)):
        found = _changed_value(found, random)
    return found


def _changed_value(document: Any, random: Random) -> Any:
    """Walks to some value and changes it there."""
    if isinstance(document, dict | list) and document and random.random() < 0.85:
        keys = list(document) if isinstance(document, dict) else range(len(document))
        key: Any = random.choice(keys)
        action = random.randrange(12)
        if action == 0:
            del document[key]
        elif action == 1:
            _rename(document, key, random)
        else:
            document[key] = _changed_value(document[key], random)
        return document
    return _other_value(document, random)


def _rename(document: dict[str, Any] | list[Any], key: Any, random: Random) -> None:
    """Calls a value otherwise, or has it twice."""
    if isinstance(document, list):
        document.append(deepcopy(document[key]))
    else:
        name = random.choice((key.upper(), key + "s", "", key[:1]))
        document[name] = document.pop(key)


def _other_value(value: Any, random: Random) -> Any:
    kind = random.randrange(10)
    if kind < 3:
        return (value, [value], {"value": value})[kind]
    if kind == 3 and isinstance(value, int | float):
        return -value
    if kind < 6 and isinstance(value, str):
        place = random.randint(0, len(value))
        return value[:place] + random.choice(TEXTS) + value[place + kind - 4 :]
    # What is changed next must change no other place, nor the cases after this one.
    return str(value) if kind == 6 else deepcopy(random.choice(VALUES))


def document_bytes(document: Any, random: Random) -> bytes:
    """A document changed in its structure, in its bytes, or in both; seldom nested very deep."""
    kind = random.randrange(20)
    if kind == 0:
        return b"[" * _DEEP + b"]" * _DEEP
    if kind < 14:
        document = changed_document(document, random)
    content = json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")
    return changed_bytes(content, random) if kind >= 12 else content


def changed_texts(texts: Mapping[str, str], random: Random) -> dict[str, str]:
    """Variables with some of their values replaced, mutated or left out."""
    found = dict(texts)
    for _ in range(random.randint(1, 3)):
        if not found:
            break
        name = random.choice(sorted(found))
        if random.random() < 0.15:
            del found[name]
        else:
            found[name] = changed_text(found[name], random)
    return found


def changed_text(text: str, random: Random) -> str:
    """A text replaced or mutated; as in an environment, there is no NUL in it."""
    if random.random() < 0.4:
        return random.choice(TEXTS).replace("\x00", "")
    mutated = changed_bytes(text.encode("utf-8", "surrogatepass"), random)
    return mutated.decode("utf-8", "surrogateescape").replace("\x00", "")
