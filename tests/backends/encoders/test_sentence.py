"""The library behind a fair lock, and the same way through `embed` as every other model."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from backends.embed import EmbedRequest, embed, encode_query
from backends.encoders.sentence_ import Turns
from tests.backends.encoders.tiny import SENTENCES, WIDTH, build_model, corpus_of, set_pace


def test_turns_are_taken_in_the_order_of_asking() -> None:
    turns, served, waiting = Turns(), [], []

    def take(number: int) -> None:
        with turns.taken():
            served.append(number)

    with turns.taken():
        for number in range(5):
            thread = threading.Thread(target=take, args=(number,))
            thread.start()
            waiting.append(thread)
            while turns._next < number + 2:  # it has asked
                thread.join(0.001)
    for thread in waiting:
        thread.join()
    assert served == list(range(5))


def test_a_failed_turn_is_passed_on() -> None:
    turns = Turns()
    for _ in range(2):
        try:
            with turns.taken():
                raise KeyError
        except KeyError:
            continue
    with turns.taken():
        assert turns._served == 2


def test_a_library_model_goes_the_same_way(tmp_path: Path) -> None:
    folder = build_model(tmp_path / "model", lower=True, prompts={"query": "find: "})
    texts: list[str | None] = [*SENTENCES, None]
    corpus = corpus_of(texts)
    made = embed(EmbedRequest(corpus, str(folder)))  # measures its pace by itself
    assert made.vectors.shape == (len(texts), WIDTH)
    assert made.made_by.params["engine"] == "sentence-transformers"
    filled = [bool(text and text.strip()) for text in texts]
    assert made.present.tolist() == filled
    query = encode_query(corpus, made, "dog")
    assert np.linalg.norm(query) > 0.99
    set_pace(folder)
    again = build_model(tmp_path / "same", lower=True, prompts={"query": "find: "})
    assert embed(EmbedRequest(corpus, str(again))).count == made.count
