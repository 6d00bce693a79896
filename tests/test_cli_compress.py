"""`compress` on files, in this process."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.cli.output import Meter
from backends import cache
from backends.reporting import Progress
from tests.commands import never

ROWS, DIM = 400, 16


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """Clusters of four, so that neighbours mean something."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((ROWS // 4, DIM), dtype=np.float32).repeat(4, axis=0)
    path = tmp_path / "vectors.npy"
    np.save(path, centres + 0.3 * rng.standard_normal((ROWS, DIM), dtype=np.float32))
    return path


def test_every_codec_has_the_bytes_and_the_recall_that_were_measured(
    ask: Any, vectors: Path
) -> None:
    answer = ask("compress", vectors, "--codecs", "float16", "-k", 3, "--queries", 50)
    assert (answer["rows"], answer["dim"], answer["k"], answer["queries"]) == (ROWS, DIM, 3, 50)
    (cell,) = answer["codecs"]
    assert cell["id"] == "float16"
    assert cell["bytes_per_vector"] == 2 * DIM
    assert cell["recall_at_k"] > 0.99
    assert cell["recall_at_k_interval"][0] <= cell["recall_at_k"]
    assert cell["pareto"]


def test_the_table_is_readable(vectors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compress", str(vectors), "--codecs", "float16"], never) == 0
    out = capsys.readouterr().out
    assert "80 rows held out; 400 vectors of 16 dimensions" in out
    assert "recall@10" in out
    assert "float16" in out


def test_settings_within_settings_are_readable(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--codecs", "truncate+sign+rerank50", "--budgets", "1B")
    assert cli.main(["compress", str(vectors), *words], never) == 0
    out = capsys.readouterr().out
    assert "first (dims 8, first (dims 8), then (scoring " in out
    assert ")), depth 50" in out


def test_queries_of_a_file_with_relevance_give_ndcg(
    ask: Any, vectors: Path, tmp_path: Path
) -> None:
    matrix = np.load(vectors)
    np.save(tmp_path / "queries.npy", matrix[:8] * 2)
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text(
        "query\tdocument\tgrade\n" + "".join(f"{n}\t{n}\t1\n" for n in range(8)), encoding="utf-8"
    )
    asked = ("--query-file", tmp_path / "queries.npy", "--relevance", qrels)
    answer = ask("compress", vectors, "--codecs", "float16", *asked)
    assert answer["queries"] == 8
    assert answer["exact"]["ndcg_at_10"]["mean"] == pytest.approx(1.0)
    assert answer["codecs"][0]["mrr_at_10"]["mean"] == pytest.approx(1.0)


def test_the_table_has_what_was_asked_for_and_what_is_to_be_said(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("".join(f"{n} {n ^ 1} 1\n" for n in range(ROWS)), encoding="utf-8")
    words = ("--codecs", "truncate", "--budgets", "3B", "--relevance", qrels, "--labels", "row")
    assert cli.main(["compress", str(vectors), *map(str, words)], never) == 0
    out = capsys.readouterr().out
    assert "exact search: nDCG@10 0." in out
    head, line = (line.split("  ") for line in out.splitlines()[3:5])
    assert [name.strip() for name in head if name][-3:] == ["nDCG@10", "MRR@10", "purity"]
    assert [value.strip() for value in line if value][-1] == "Pareto"
    assert "Truncation at 3 bytes: One number takes 4 bytes, more than the budget leaves" in out


def test_what_was_measured_before_an_interruption_is_kept(
    ask: Any,
    vectors: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def press(_meter: Meter, progress: Progress) -> None:
        if progress.text == "Measuring int8":
            signal.raise_signal(signal.SIGINT)

    words = ("compress", str(vectors), "--codecs", "float16,int8", "--queries", "50")
    with monkeypatch.context() as pressed:
        pressed.setattr(Meter, "show", press)
        assert cli.main(list(words), never) == 130
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "What was finished is kept" in captured.err
    kept = list((cache.cache_root() / "sweeps").glob("*/kept.npy"))
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns
    assert [cell["id"] for cell in ask(*words)["codecs"]] == ["float16", "int8"]
    assert kept[0].stat().st_mtime_ns == before


def test_labels_of_another_file_give_purity(ask: Any, vectors: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    lines = "".join(f"{row},c{row // 4}\n" for row in range(ROWS))
    labels.write_text(f"row,cluster\n{lines}", encoding="utf-8")
    given = ("--codecs", "float16", "-k", 3, "--labels", f"{labels}:cluster")
    answer = ask("compress", vectors, *given)
    assert answer["exact"]["purity"]["mean"] > 0.8
    assert answer["codecs"][0]["purity"]["mean"] == pytest.approx(
        answer["exact"]["purity"]["mean"], abs=0.02
    )


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (("--codecs", "gzip"), "no codec called “gzip”", "Choose from"),
        (("--budgets", "none"), "“none” is no budget", "96B"),
        (("--budgets", "0"), "“0” is no budget", "96B"),
        (("--labels", "colour"), "no column “colour”", ""),
        (("--labels", ":colour"), "no column “:colour”", ""),
        (("--codecs", "pca+"), "“pca+” is no chain", "pca+int8"),
        (("--codecs", "+"), "“+” is no chain", "pca+int8"),
    ],
)
def test_what_does_not_exist_is_said(
    refuse: Any, vectors: Path, words: tuple[str, ...], what: str, hint: str
) -> None:
    error, advice = refuse("compress", vectors, *words)
    assert what in error
    assert hint in advice


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--codecs", "gzip"), "no codec"),
        (("--budgets", "some"), "no budget"),
        (("--labels", "colour"), "no column “colour”"),
        (("--relevance", "none.txt"), "Could not read none.txt"),
        ((), "no encoder “none”"),
    ],
)
def test_words_that_are_off_are_found_before_texts_are_embedded(
    refuse: Any, tmp_path: Path, words: tuple[str, ...], what: str
) -> None:
    table = tmp_path / "texts.csv"
    table.write_text("text\nsea and sand\nsun and shore\n", encoding="utf-8")
    error, _ = refuse("compress", table, "--text", "text", "--encoder", "none", *words)
    assert what in error


def test_queries_of_other_dimensions_are_refused(
    refuse: Any, vectors: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "queries.npy", np.ones((3, 5), dtype=np.float32))
    error, _ = refuse("compress", vectors, "--query-file", tmp_path / "queries.npy")
    assert error == "The queries in queries.npy have 5 dimensions, the corpus has 16."


def test_a_line_that_is_no_judgement_is_named(refuse: Any, vectors: Path, tmp_path: Path) -> None:
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("0 0 3 1\n1 0 2\nnonsense\n", encoding="utf-8")
    error, hint = refuse("compress", vectors, "--relevance", qrels)
    assert error == "Line 3 of qrels.txt is no judgement of relevance."
    assert "TREC" in hint


def test_labels_of_the_corpus_say_nothing_of_queries_from_a_file(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "queries.npy", np.load(vectors)[:3])
    given = ("--query-file", str(tmp_path / "queries.npy"), "--labels", "row")
    assert cli.main(["compress", str(vectors), "--codecs", "float16", *given], never) == 0
    assert "Purity is left out" in capsys.readouterr().err


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    ask: Any, vectors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "sweeps").write_bytes(b"")  # where a folder should be
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "cache"))
    words = ("compress", vectors, "--codecs", "float16,truncate", "--budgets", "2", "--queries", 50)
    answer = ask(*words)
    assert [cell["id"] for cell in answer["codecs"]] == ["float16", "truncate"]


def test_a_seed_gives_the_same_numbers_and_another_other_queries(ask: Any, vectors: Path) -> None:
    words = ("compress", vectors, "--codecs", "truncate", "--budgets", "8", "--queries", 50)
    one, same, other = (ask(*words, "--seed", seed) for seed in (3, 3, 4))
    assert one["codecs"] == same["codecs"]  # times as well: they are those of the first run
    assert one["codecs"][0]["recall_at_k"] != other["codecs"][0]["recall_at_k"]
