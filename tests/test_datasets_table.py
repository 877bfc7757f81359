"""Tables of the user's own: what is read, and what is said about a file that is broken."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradlab.engine import own_files
from gradlab.engine.datasets import Csv, Dataset
from gradlab.engine.errors import UserError
from gradlab.labs.training.feed import parted


@pytest.fixture
def table(tmp_path: Path) -> Any:
    """Return a function that writes a table and returns the data set of it, its file chosen."""

    def write(text: str | bytes, **fields: Any) -> Csv:
        path = tmp_path / "my.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        own_files.choose(path)
        return Csv(file=str(path), **{"standardise": False, **fields})

    return write


IRIS = "5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n4.9,3.0,setosa\n"


def test_a_table_without_names_and_classes_as_words(table: Any) -> None:
    data = table(IRIS).sample(0)
    assert np.array_equal(data.x, np.float32([[5.1, 3.5], [7, 3.2], [6.3, 3.3], [4.9, 3]]))
    assert data.y.tolist() == [0, 1, 2, 0]
    assert data.targets == ("setosa", "versicolor", "virginica")
    assert data.names == ("1", "2")
    assert data.task == "classification"


def test_columns_are_chosen_by_name(table: Any) -> None:
    item = table("a,b,c,d\n1,2,3,x\n4,5,6,y\n", target="b", predict="number", features=("c", "a"))
    data = item.sample(0)
    assert item.columns() == ("a", "b", "c", "d")
    assert data.x.tolist() == [[3, 1], [6, 4]]
    assert data.y.tolist() == [[2], [5]]
    assert (data.names, data.targets) == (("c", "a"), ("b",))
    assert data.task == item.task == "regression"


@pytest.mark.parametrize(
    "text",
    [
        "a;b;k\n1,5;2;x\n",
        "a\tb\tk\n1\t2\tx\n3\t4\ty\n",
        "\ufeffa,b,k\r\n1,2,x\r\n3,4,y\r\n",
        '"a","b","k"\n"1","2","x"\n\n , , \n3,4,"y"',
    ],
    ids=["semicolon", "tab", "windows", "quoted"],
)
def test_the_usual_dialects_are_read(table: Any, text: str) -> None:
    if ";" in text:
        with pytest.raises(UserError, match="line 2, column 'a': must be a finite number, not '1,5'"):
            table(text + "3;4;y\n").sample(0)
        text = text.replace("1,5", "1") + "3;4;y\n"
    data = table(text).sample(0)
    assert data.x.tolist() == [[1, 2], [3, 4]]
    assert data.names == ("a", "b")
    assert data.targets == ("x", "y")


def test_classes_that_are_numbers_go_by_value(table: Any) -> None:
    data = table("a,k\n0,10\n1,9\n2,-1\n").sample(0)
    assert data.targets == ("-1", "9", "10")
    assert data.y.tolist() == [2, 1, 0]


def test_features_are_standardised(table: Any) -> None:
    data = table("a,b,k\n1,7,x\n3,7,y\n5,7,x\n", standardise=True).sample(0)
    assert data.x[:, 0] == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)])
    assert not data.x[:, 1].any()


def test_what_is_held_out_has_no_part_in_the_standard(table: Any) -> None:
    rows = [(n, 1e9 + n * n) for n in range(20)]
    data = table("a,b,k\n" + "".join(f"{a},{b},{n % 2}\n" for n, (a, b) in enumerate(rows)), standardise=True).sample(0)
    scaled, train, test = parted(data, 0.4, seed=3)
    assert (len(train), len(test)) == (12, 8)
    raw = np.array(rows)
    known = raw[train]
    np.testing.assert_allclose(scaled.x, (raw - known.mean(0)) / known.std(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scaled.x[train].mean(0), 0, atol=1e-6)
    assert abs(scaled.x.mean(0)).max() > 1e-3, "all rows together are not at 0"
    plain = table("a,k\n1,x\n3,y\n", standardise=False).sample(0)
    assert parted(plain, 0.0, seed=0)[0] is plain


def test_whether_the_first_line_holds_names_can_be_said(table: Any) -> None:
    text = "label,1\nx,2\ny,3\n"
    assert table(text, target="1", header="yes", predict="number", features=("1",), delimiter="comma").columns() == (
        "label",
        "1",
    )
    assert table(text, header="auto").columns() == ("1", "2")
    assert len(table("a,b\nx,2\ny,3\n", target="1", header="no")._table().rows) == 3


BROKEN = {
    "empty": ("", {}, "is empty"),
    "blank": ("\n \n\t\n", {}, "is empty"),
    "names alone": ("a,b\n", {}, "has fewer than 2 rows of data"),
    "short row": ("a,b,k\n1,2,x\n3,4\n", {}, "line 3 has 2 cells, not 3 as the first one"),
    "long row": ("a,k\n1,x\n3,4,y\n", {}, "line 3 has 3 cells, not 2 as the first one"),
    "nan": ("a,k\n1,x\nnan,y\n", {}, "line 3, column 'a': must be a finite number, not 'nan'"),
    "infinite": ("a,k\n1,x\n-inf,y\n", {}, "line 3, column 'a': must be a finite number, not '-inf'"),
    "overflow": ("a,k\n1,x\n1e39,y\n", {}, "line 3, column 'a': must be within ±3.4e+38, not '1e39'"),
    "underscore": ("a,k\n1,x\n1_0,y\n", {}, "line 3, column 'a': must be a finite number, not '1_0'"),
    "missing": ("a,k\n1,x\n,y\n", {}, "line 3, column 'a': must be a finite number, not ''"),
    "word": ("a,k\n\n1,x\n\nseven,y\n", {}, "line 5, column 'a': must be a finite number, not 'seven'"),
    "words": (
        "a,name,k\n1,ann,x\n2,bob,y\n",
        {},
        "column 'name': must be a finite number, not 'ann' (the column holds words: choose the features without it)",
    ),
    "words to predict": (
        "a,k\n1,x\n2,y\n",
        {"predict": "number"},
        "column 'k': must be a finite number, not 'x' (predict a class instead)",
    ),
    "target word": ("a,k\n1,2\n2,x\n", {"predict": "number"}, "line 3, column 'k': must be a finite number, not 'x'"),
    "no class": ("a,k\n1,x\n2,\n", {}, "line 3, column 'k': must name a class, not ''"),
    "one class": ("a,k\n1,x\n2,x\n", {}, "column 'k' has one class; 2 to 1,000 are possible"),
    "many classes": (
        "a,k\n" + "".join(f"1,{n}\n" for n in range(1001)),
        {},
        "has 1,001 different classes; 2 to 1,000 are possible (predict a number instead)",
    ),
    "twice": ("a,a,k\n1,2,x\n3,4,y\n", {}, "two columns are called 'a'"),
    "one column": ("k\nx\ny\n", {}, "has one column; one to predict from is missing"),
    "open quote": ('a,k\n1,x\n2,"y\n', {}, "line 3: unexpected end of data"),
    "long field": ("a,k\n1,x\n2," + "y" * 200_000, {}, "line 3: field larger than field limit"),
    "latin-1": (b"a,k\n1,x\n2,caf\xe9\n", {}, "line 3: is no UTF-8 text (byte 0xe9)"),
    "utf-16": ("a,k\n1,x\n".encode("utf-16"), {}, "line 1: is no UTF-8 text (byte 0xff)"),
    "wide": (",".join("1" * 5000) + "\n", {}, "line 1: has more than 4,096 columns"),
    "wrong target": ("aa,k\n1,x\n2,y\n", {"target": "kk"}, "has no column 'kk'; did you mean 'k'?"),
    "wrong feature": (
        "aa,k\n1,x\n2,y\n",
        {"features": ("zz",)},
        "features: {path} has no column 'zz'; columns: 'aa, k'",
    ),
    "both": ("a,k\n1,x\n2,y\n", {"features": ("k",)}, "column 'k' is both the target and a feature"),
}


@pytest.mark.parametrize(("text", "fields", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_table_is_one_clear_line(table: Any, text: str, fields: dict[str, Any], message: str) -> None:
    item = table(text, **fields)
    with pytest.raises(UserError) as caught:
        item.sample(0)
    assert (
        message.format(path=repr(item.file)) in str(caught.value)
        if "{path}" in message
        else message in str(caught.value)
    )
    assert "my.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_too_large_is_not_read(table: Any, tmp_path: Path) -> None:
    item = table("a")
    with Path(item.file).open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(UserError, match="has 68,157,440 bytes, more than the 67,108,864 that are read"):
        item.sample(0)


def test_no_file_a_folder_a_pipe_and_a_lost_file(table: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="data: no file is chosen"):
        Csv().sample(0)
    item = table(IRIS)
    Path(item.file).unlink()
    with pytest.raises(UserError, match="there is no such file"):
        item.sample(0)
    with pytest.raises(UserError, match="is a folder, not a file"):
        Csv().edited(file=str(tmp_path)).sample(0)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="is a pipe, not a file"):
        Csv().edited(file=str(tmp_path / "pipe")).sample(0)
    with pytest.raises(UserError, match="cannot be read: "):
        Csv().edited(file="/a\0b")


def test_a_changed_file_is_read_again(table: Any) -> None:
    item = table(IRIS)
    assert len(item.sample(0)) == 4
    table(IRIS + "1,2,setosa\n")
    assert len(item.sample(0)) == 5


def test_a_spec_from_elsewhere_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "home" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text(IRIS)
    foreign = Dataset.parse({"kind": "csv", "file": str(secret)})
    with pytest.raises(UserError, match="was not chosen in this session"):
        foreign.sample(0)
    preset = tmp_path / "presets"
    preset.mkdir()
    own_files.beside(preset)
    for name in ("../home/secret.csv", "secret.csv", str(secret), "x/../../home/secret.csv"):
        with pytest.raises(UserError, match=r"is not beside the preset|was not chosen"):
            Csv(file=name).sample(0)
    (preset / "link.csv").symlink_to(secret)
    with pytest.raises(UserError, match="is not beside the preset"):
        Csv(file="link.csv").sample(0)
    (preset / "mine.csv").write_text(IRIS)
    assert len(Csv(file="mine.csv").sample(0)) == 4
    Csv().edited(file=str(secret.parent))
    with pytest.raises(UserError, match="was not chosen in this session"):
        foreign.sample(0)
    assert len(Csv().edited(file=str(secret)).sample(0)) == 4, "typed in the panel"
    assert len(foreign.sample(0)) == 4, "and so chosen"
