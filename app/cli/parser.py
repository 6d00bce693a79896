"""The words of the command line. Importing this imports nothing but argparse."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.options import (
    FILES,
    add_columns,
    add_encoder,
    add_files,
    add_method,
    add_out,
    npy,
    numbers,
    pairs,
    positive,
    seed,
    share,
    strictness,
)

COMMANDS = {
    "info": "say what is in a file",
    "embed": "turn texts into vectors",
    "project": "lay vectors out in the plane or in space",
    "run": "read, embed, lay out, draw, save: the whole main job",
    "search": "find neighbours of a row, a text or a vector",
    "compress": "measure how small vectors may be: recall against bytes",
    "layers": "measure how few layers and dimensions of a model will do",
    "probe": "find a direction, say how far to trust it and what lies along it",
    "evaluate": "judge word vectors by similarity and analogy files",
    "debias": "take a direction out of vectors and say what that did and did not do",
    "relations": "judge relations between items: offsets, predicted tails, held-out ranks",
    "associate": "test associations between sets of words: WEAT, SEAT, RND, RNSB, MAC, ECT, RIPA",
    "encoders": "list what can turn texts into vectors here",
    "doctor": "check what is missing here and how to get it",
}
ERASING = ("neutralise", "equalise", "hard", "soft", "inlp", "leace")
ERASER_SETTINGS = {
    "weight": "soft: how much losing the axis counts (default: 0.2)",
    "steps": "soft: steps of the search (default: 500)",
    "rounds": "inlp: at most so many classifiers (default: 35)",
    "margin": "inlp: above chance and still guessing (default: 0.01)",
    "tolerance": "leace: share of the largest variance that is none (default: 1e-06)",
}


class _Wide(argparse.HelpFormatter):
    """Help without line breaks inside the words of an option, and with room for them."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=100)


def window_parser() -> argparse.ArgumentParser:
    """The parser of a call without a command."""
    commands = "\n".join(f"  {name:<10} {about}" for name, about in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="embedscope",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Open the window: a microscope for embeddings.",
        epilog=f"commands (no window; `embedscope COMMAND --help` says more):\n{commands}\n\n"
        "A file with the name of a command is opened as ./info.",
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help=f"{FILES}; a folder; a project"
    )
    add_columns(parser)
    add_encoder(parser)
    parser.add_argument("--method", metavar="ID", help="projection: umap, pca, ...")
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="PNG",
        help="save a picture of the finished window and end",
    )
    return parser


def command_parser() -> argparse.ArgumentParser:
    """The parser of a call whose first word is a command."""
    parser = argparse.ArgumentParser(prog="embedscope", formatter_class=_Wide, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    info = _command(commands, "info")
    add_files(info)
    add_columns(info)

    embed = _command(commands, "embed")
    add_files(embed)
    embed.add_argument("--text", metavar="COL", help="column with the text")
    add_encoder(embed)
    add_out(embed, npy, "X.npy")

    project = _command(commands, "project")
    add_files(project, "X.npy")
    project.add_argument("--vectors", metavar="COL", help="column with the vectors")
    add_method(project)
    add_out(project, npy, "L.npy")

    run = _command(commands, "run")
    add_files(run)
    add_columns(run)
    add_encoder(run)
    add_method(run)
    add_out(run, Path, "DIR")

    _search(_command(commands, "search"))
    _compress(_command(commands, "compress"))
    _layers(_command(commands, "layers"))
    _probe(_command(commands, "probe"))
    _evaluate(_command(commands, "evaluate"))
    _debias(_command(commands, "debias"))
    _relations(_command(commands, "relations"))
    _associate(_command(commands, "associate"))
    _command(commands, "encoders")
    _command(commands, "doctor")
    return parser


def _search(search: argparse.ArgumentParser) -> None:
    add_files(search, "FILE|X.npy")
    add_columns(search)
    add_encoder(search)
    asked = search.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--row", type=int, metavar="I", help="neighbours of this row; the first is 0"
    )
    asked.add_argument("--query", metavar="T", help="neighbours of this text")
    asked.add_argument("--vector", type=Path, metavar="Q.npy", help="neighbours of this vector")
    search.add_argument("-k", type=positive, default=10, help="how many (default: 10)")
    search.add_argument(
        "--index", metavar="ID", default="exact", help="how to search (default: exact)"
    )


def _compress(compress: argparse.ArgumentParser) -> None:
    add_files(compress, "X.npy")
    add_columns(compress)
    add_encoder(compress)
    compress.add_argument(
        "--codecs", metavar="A,B", help="codecs or chains such as pca+int8; all; default: the usual"
    )
    compress.add_argument(
        "--budgets",
        metavar="2,4,96B",
        help="times smaller than float32, or bytes a vector (default: 2,4,8,16,32,64)",
    )
    compress.add_argument("-k", type=positive, default=10, help="neighbours (default: 10)")
    compress.add_argument(
        "--queries", type=positive, default=1000, metavar="N", help="rows held out (default: 1000)"
    )
    compress.add_argument("--query-file", type=Path, metavar="Q.npy", help="vectors to ask with")
    compress.add_argument(
        "--relevance", type=Path, metavar="QRELS", help="judgements, for nDCG and MRR"
    )
    compress.add_argument("--labels", metavar="[FILE:]COL", help="a column of labels, for purity")


def _layers(layers: argparse.ArgumentParser) -> None:
    add_files(layers, "FILE|X.npy")
    add_columns(layers)
    add_encoder(layers)
    layers.add_argument(
        "--dims", type=numbers, metavar="32,64,...", help="dimensions (default: powers of two)"
    )
    layers.add_argument(
        "--pairs", type=pairs, metavar="2:32,4:64,...", help="ladder of layer:dimensions"
    )
    layers.add_argument("-k", type=positive, default=10, help="neighbours (default: 10)")
    layers.add_argument(
        "--sample", type=positive, metavar="ROWS", default=2000, help="default: 2000 by chance"
    )


def _probe(probe: argparse.ArgumentParser) -> None:
    add_files(probe, "X")
    add_columns(probe)
    add_encoder(probe)
    given = probe.add_mutually_exclusive_group(required=True)
    given.add_argument("--direction", metavar="NAME", help="pairs that come along, as gender")
    probe.add_argument(
        "--project", type=Path, metavar="P.embedscope", help="take the direction from a project"
    )
    given.add_argument("--pairs", type=Path, metavar="CSV", help="two words a line: from, to")
    given.add_argument(
        "--sets", nargs=2, metavar=("A", "B"), help="from A to B: files of words or names of sets"
    )
    given.add_argument("--prompts", nargs=2, metavar=("A", "B"), help="from one text to another")
    given.add_argument(
        "--category", metavar="COL=A[,B]", help="to A from B, or from all others, of a column"
    )
    probe.add_argument("--method", metavar="ID", help="difference, components, probe")
    probe.add_argument(
        "--components", type=positive, default=1, metavar="K", help="axes to find (default: 1)"
    )
    probe.add_argument(
        "--targets", metavar="FILE", help="words to judge, with numbers to compare with; or a set"
    )
    probe.add_argument("--strictness", type=strictness, default=1.0, metavar="C", help="default: 1")
    probe.add_argument("--template", action="append", metavar="T", help="as “This is {w}.”")
    probe.add_argument("--column", metavar="COL", help="column in which words are looked up")
    probe.add_argument(
        "--top", type=positive, default=15, metavar="N", help="items of each end (default: 15)"
    )
    probe.add_argument(
        "--analogies", type=positive, metavar="N", help="pairs of words that the direction makes"
    )


def _evaluate(evaluate: argparse.ArgumentParser) -> None:
    add_files(evaluate, "X")
    add_columns(evaluate)
    add_encoder(evaluate)
    evaluate.add_argument(
        "--similarity",
        nargs="+",
        type=Path,
        metavar="S",
        help="word, word, score a line: MEN, WordSim-353, SimLex-999, STS, ...",
    )
    evaluate.add_argument(
        "--analogies", nargs="+", type=Path, metavar="A", help="questions-words.txt, MSR, ..."
    )
    evaluate.add_argument(
        "--words", metavar="COL", help="column with the words (default: that of the text or id)"
    )
    evaluate.add_argument(
        "--case",
        choices=("fold", "exact", "spellings"),
        default="fold",
        help="fold: case does not count (default); exact; spellings: try other case and _",
    )
    evaluate.add_argument(
        "--restrict",
        type=positive,
        default=300_000,
        metavar="N",
        help="items that may answer an analogy, the first N (default: 300000)",
    )
    evaluate.add_argument(
        "--reference", type=Path, metavar="Y", help="other word vectors, to give gain as a share"
    )


def _debias(debias: argparse.ArgumentParser) -> None:
    add_files(debias, "X")
    add_columns(debias)
    add_encoder(debias)
    given = debias.add_mutually_exclusive_group(required=True)
    given.add_argument("--pairs", type=Path, metavar="CSV", help="two words a line: from, to")
    given.add_argument("--direction", metavar="NAME", help="pairs that come along, as gender")
    given.add_argument("--labels", metavar="COL=A[,B]", help="to A from B, or from all others")
    debias.add_argument("--how", required=True, choices=ERASING, help="what to do")
    debias.add_argument(
        "--specific", metavar="FILE", help="words that carry it by definition; or a set by name"
    )
    debias.add_argument("--equalise", metavar="CSV", help="pairs of words; or pairs by name")
    debias.add_argument("--column", metavar="COL", help="column in which words are looked up")
    debias.add_argument(
        "--training", type=share, default=0.5, metavar="SHARE", help="to learn from (default: 0.5)"
    )
    for name, about in ERASER_SETTINGS.items():
        debias.add_argument(f"--{name}", type=float, metavar="N", help=about)
    debias.add_argument("--targets", metavar="FILE", help="neutral words to judge by; or a set")
    debias.add_argument(
        "--test",
        action="append",
        metavar="NAME|FILE",
        help="an association test, as “WEAT 7”; again",
    )
    debias.add_argument(
        "--check", nargs="+", type=Path, metavar="FILE", help="similarity and analogy files"
    )
    add_out(debias, Path, "Y")


def _relations(relations: argparse.ArgumentParser) -> None:
    add_files(relations, "X")
    add_columns(relations)
    add_encoder(relations)
    source = relations.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--triples", type=Path, metavar="FILE", help="csv, tsv or jsonl: head, relation, tail"
    )
    source.add_argument("--column", metavar="COL", help="a column whose cells name other items")
    relations.add_argument(
        "--names",
        metavar="COL",
        help="column that names refer to; row: row numbers, the first is 0",
    )
    relations.add_argument("--name", metavar="R", help="name of a relation that has none")
    relations.add_argument(
        "--scorer",
        metavar="ID",
        default="offset",
        help="offset (default), offset-l1, map, distmult, nearest",
    )
    relations.add_argument(
        "--hold-out",
        choices=("pairs", "unseen"),
        default="pairs",
        help="pairs by chance, or such that neither of their items was learnt from",
    )
    relations.add_argument("--share", type=share, default=0.2, help="held out (default: 0.2)")
    relations.add_argument(
        "--tested", type=positive, default=500, metavar="N", help="at most (default: 500)"
    )


def _associate(associate: argparse.ArgumentParser) -> None:
    add_files(associate, "X")
    add_columns(associate)
    add_encoder(associate)
    associate.add_argument(
        "--test",
        action="append",
        required=True,
        metavar="NAME|FILE",
        help="as “WEAT 6”; JSON with tests or CSV with four sets (X, Y, A, B); all; again",
    )
    associate.add_argument(
        "--metric", default="weat", metavar="ID", help="weat (default), rnd, rnsb, mac, ect, ripa"
    )
    associate.add_argument(
        "--ddof",
        type=int,
        choices=(0, 1),
        default=1,
        help="of the deviation that effect sizes are divided by (default: 1, as published)",
    )
    associate.add_argument(
        "--runs",
        type=positive,
        default=100_000,
        metavar="N",
        help="partitions to sample where there are over 20,000 (default: 100000)",
    )
    associate.add_argument(
        "--correction",
        choices=("holm", "bh", "none"),
        default="holm",
        help="of p for the number of tests (default: holm)",
    )
    associate.add_argument("--template", action="append", metavar="T", help="as “This is {w}.”")
    associate.add_argument("--column", metavar="COL", help="column in which words are looked up")


def _command(commands: Any, name: str) -> argparse.ArgumentParser:
    """Add a command with the options that all have."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=COMMANDS[name],
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        formatter_class=_Wide,
        allow_abbrev=False,
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument(
        "--seed", type=seed, metavar="N", help="the same result every time on this machine"
    )
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return command
