import numpy as np
import pyarrow as pa
import pytest

from backends.curate.words import BLOCK, LETTERS, read_tokens
from tests.builders import corpus


def words_of(*texts: str | None) -> list[list[str]]:
    tokens = read_tokens(corpus(columns={"text": list(texts)}), "text", np.arange(len(texts)))
    words = [tokens.vocabulary[i] for i in tokens.words]
    return [
        words[start:stop] for start, stop in zip(tokens.starts[:-1], tokens.starts[1:], strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The tide; it's HIGH!", ["the", "tide", "it", "high"]),
        ("Über-Maß", ["über", "maß"]),
        ("l'homme naïve cafe\u0301", ["l", "homme", "naïve", "cafe\u0301"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("Ёлка_1999", ["ёлка", "1999"]),
        ("日本語 ok", ["ok", "日本", "語", "日", "本語"]),
        ("…", []),
        ("", []),
        (None, []),
    ],
)
def test_words_of_a_text(text: str | None, words: list[str]) -> None:
    assert words_of("before", text, "after") == [["before"], words, ["after"]]


def test_rows_are_picked_over_chunks_and_blocks() -> None:
    n = 3 * BLOCK
    table = corpus(columns={"text": [f"w{i}" for i in range(n)]})
    chunks = [table.table["text"].chunk(0).slice(0, 7), table.table["text"].chunk(0).slice(7)]
    object.__setattr__(table, "table", pa.table({"text": pa.chunked_array(chunks)}))
    rows = np.arange(3, n, 2)
    tokens = read_tokens(table, "text", rows)
    assert [tokens.vocabulary[i] for i in tokens.words] == [f"w{i}" for i in rows]
    assert tokens.per_text == 1


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    (found,) = words_of("tide " * LETTERS)
    assert len(found) == LETTERS // 5


def test_no_rows_have_no_words() -> None:
    tokens = read_tokens(corpus(3), "text", np.zeros(0, np.int64))
    assert len(tokens.words) == 0
    assert tokens.starts.tolist() == [0]
