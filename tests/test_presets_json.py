"""JSON from outside: everything doubtful is refused, in one line, with its place."""

from __future__ import annotations

import json
import pickle
import random
import zipfile

import pytest

from gradlab.engine.errors import UserError
from gradlab.engine.presets import strict

REFUSED = [
    ("", "is empty"),
    (" \n\t", "is empty"),
    (b"\xef\xbb\xbf", "is empty"),
    ("{", "line 1, column 2: not JSON: Expecting property name enclosed in double quotes at the end"),
    ('{"a": 1,}', "line 1, column 9: not JSON: Expecting property name enclosed in double quotes at '}'"),
    ('{"a": 1,\n "b": [1 2]}', "line 2, column 10: not JSON: Expecting ',' delimiter at '2]}'"),
    ("[1] x", "line 1, column 5: not JSON: Extra data at 'x'"),
    ("{'a': 1}", "line 1, column 2: not JSON: Expecting property name enclosed in double quotes at \"'a': 1}\""),
    ('{"a": 1, "b": {"a": 1, "c": 2, "a": 3}}', "b: key 'a' appears twice"),
    ('{"a": 1, "a": 1}', "key 'a' appears twice"),
    ('{"a": [0, NaN]}', "a[1]: must be a finite number, not NaN"),
    ('{"a": [0, -Infinity]}', "a[1]: must be a finite number, not -Infinity"),
    ('{"a": {"b": 1e999}}', "a.b: must be a finite number, not 1e999"),
    ("1" * 400, "must be a finite number, not " + "1" * 79 + "…"),
    ("[" * 100_000, "is nested more than 64 deep"),
    ("[" * 100 + "]" * 100, "[0][0][0][0]: is nested more than 64 deep"),
    (json.dumps(list(range(200_000))), "has more than 100,000 values"),
    (json.dumps({"a": "\ud800"}), "a: must not contain the character U+D800"),
    (json.dumps({"a\u202e": 1}), "must not contain the character U+202E"),
    (json.dumps(["nul \0"]), "[0]: must not contain the character U+0000"),
    ('["a\tb"]', "line 1, column 4: not JSON: Invalid control character at 'b\"]'"),
    ('{"a": 1}'.encode("utf-16"), "is UTF-16, not UTF-8 (save it as UTF-8)"),
    ('{"a": 1}'.encode("utf-32"), "is UTF-32, not UTF-8 (save it as UTF-8)"),
    ('{"a": 1}'.encode("utf-16-le"), "line 1, column 2: not JSON: Expecting property name"),
    ('{\n"a": "é"}'.encode("latin-1"), "line 2: byte 0xe9 is not UTF-8 text"),
    (b"\x89PNG\r\n\x1a\n", "line 1: byte 0x89 is not UTF-8 text"),
    (pickle.dumps({"a": 1}, protocol=4), "line 1: byte 0x80 is not UTF-8 text"),
    (b"PK\x03\x04" + bytes(30), "line 1, column 1: not JSON: Expecting value"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_plain_json_is_refused_with_its_place(text, message):
    with pytest.raises(UserError) as caught:
        strict.parse(text)
    assert str(caught.value).startswith(message)
    assert str(caught.value).isprintable()


def test_what_is_json_is_read_as_it_stands():
    text = '\ufeff{"a": [1, -0.0, 1e-320, 0.1, true, null, "é 梯度 \\n"], "b": {"a": {}}}'
    value = {"a": [1, -0.0, 1e-320, 0.1, True, None, "é 梯度 \n"], "b": {"a": {}}}
    assert repr(strict.parse(text.encode())) == repr(value)
    assert strict.parse("[" * 60 + "]" * 60)
    assert strict.parse("12345678901234567890123") == 12345678901234567890123, "no digit is lost"


def random_value(chance: random.Random, depth: int = 0):
    kind = chance.randrange(8 if depth < 5 else 6)
    if kind == 6:
        return [random_value(chance, depth + 1) for _ in range(chance.randrange(6))]
    if kind == 7:
        return {f"key {n} é": random_value(chance, depth + 1) for n in range(chance.randrange(6))}
    floats = (chance.uniform(-1e9, 1e9), chance.random() * 10.0 ** chance.randrange(-323, 308), -0.0)
    return [None, True, chance.randrange(-(10**15), 10**15), 'text "\\\n', "梯度" * 30, chance.choice(floats)][kind]


@pytest.mark.parametrize("seed", range(60))
def test_pretty_text_reads_back_exactly_and_stays_narrow(seed):
    value = {"a": random_value(random.Random(seed)), "b": [1.5]}
    text = strict.pretty(value)
    assert repr(strict.parse(text)) == repr(value)
    assert strict.pretty(strict.parse(text)) == text
    assert all(len(line) <= strict.LINE_WIDTH + 40 or "梯度" in line for line in text.splitlines())


def test_pretty_text_is_for_people():
    value = {"schema": 1, "start": [-4.0, 0.0], "long": [{"id": "adam", "text": "x" * 90}], "none": []}
    assert strict.pretty(value).splitlines() == [
        "{",
        '  "schema": 1,',
        '  "start": [-4.0, 0.0],',
        '  "long": [',
        "    {",
        '      "id": "adam",',
        f'      "text": "{"x" * 90}"',
        "    }",
        "  ],",
        '  "none": []',
        "}",
    ]


def test_a_zip_is_no_preset(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(UserError, match=r"not JSON|not UTF-8"):
        strict.parse(path.read_bytes())
