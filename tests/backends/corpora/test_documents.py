"""Texts: an item a line, a paragraph or a file."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from backends.corpora.documents import Split
from backends.corpora.reading import ReadOptions, inspect, read_corpus

TEXT = "First line,\nsecond line.\n\n  \nAnother paragraph.\n\nThe last one\nends here."


@pytest.mark.parametrize(
    ("split", "items"),
    [
        (
            "line",
            [
                ("First line,", 1),
                ("second line.", 2),
                ("Another paragraph.", 5),
                ("The last one", 7),
                ("ends here.", 8),
            ],
        ),
        (
            "paragraph",
            [
                ("First line,\nsecond line.", 1),
                ("Another paragraph.", 2),
                ("The last one\nends here.", 3),
            ],
        ),
        ("file", [(TEXT, None)]),
    ],
)
def test_a_text_is_cut_as_asked(
    tmp_path: Path, split: Split, items: list[tuple[str, int | None]]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    corpus = read_corpus([path], ReadOptions(split=split))
    found = corpus.table.to_pylist()
    assert [(row["text"], row.get(split if split != "file" else "")) for row in found] == items
    assert {row["file"] for row in found} == {"a.txt"}
    assert corpus.roles.text == "text"


def test_a_text_of_several_lines_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    assert inspect([path]).question == "split"
    path.write_text("one line only\n")
    assert inspect([path]).question is None


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("a.txt", "one\ntwo\nthree\n", 3),
        ("a.txt", "one\n\ntwo\n\nthree\n", 3),
        ("a.txt", TEXT, 3),
        ("a.md", "# Title\n\nWords.\n", 2),
    ],
)
def test_without_an_answer_the_cut_is_guessed(
    tmp_path: Path, name: str, text: str, rows: int
) -> None:
    (tmp_path / name).write_text(text)
    assert len(read_corpus([tmp_path / name])) == rows


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "UTF-16"), ("cp1252", "Windows-1252"), ("utf-8-sig", None)]
)
def test_texts_in_other_encodings(tmp_path: Path, encoding: str, said: str | None) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Käse\r\nund Brot für alle\r\n".encode(encoding))
    corpus = read_corpus([path], ReadOptions(split="line"))
    assert corpus.table.column("text").to_pylist() == ["Käse", "und Brot für alle"]
    assert [said in note for note in corpus.notes if said] == ([True] if said else [])


def test_a_folder_is_an_item_a_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "b.txt").write_text("second\nfile")
    (tmp_path / "a.md").write_text("first")
    (tmp_path / "sub" / "c.txt").write_text("third")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / ".hidden.txt").write_text("x")
    (tmp_path / ".git" / "x.txt").write_text("x")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "z.pdf").write_bytes(b"%PDF-1")
    corpus = read_corpus([tmp_path])
    assert corpus.table.to_pydict() == {
        "text": ["first", "second\nfile", "third"],
        "file": ["a.md", "b.txt", "sub/c.txt"],
    }
    assert corpus.title == tmp_path.name
    assert any("picture.txt" in note for note in corpus.notes)
    assert any("z.pdf" in note for note in corpus.notes)
    assert inspect([tmp_path]).question is None
    assert len(read_corpus([tmp_path], ReadOptions(split="line"))) == 4


def test_many_files_take_no_longer_each_than_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        (tmp_path / f"{number}.txt").write_text(f"document {number}\n")
    looked_up = []
    plain = PurePath.__hash__

    def counted(path: PurePath) -> int:
        looked_up.append(1)
        return plain(path)

    monkeypatch.setattr(PurePath, "__hash__", counted)
    assert len(read_corpus([tmp_path])) == 200
    assert len(looked_up) < 200 * 40
