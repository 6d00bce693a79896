"""What a file really is: told by its first bytes, not by its name; and how its text is encoded."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backends.corpora import dialects
from backends.errors import UnreadableFile

HEAD_BYTES = 1 << 18
SUFFIXES = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv"), "csv"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
    **dict.fromkeys((".parquet", ".pq", ".parq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow"),
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
    **dict.fromkeys((".txt", ".md", ".markdown", ".text"), "text"),
    ".npy": "npy",
    ".npz": "npz",
    ".safetensors": "safetensors",
    **dict.fromkeys((".vec", ".glove", ".w2v"), "words"),
    ".bin": "word2vec",
}
TITLES = {
    "csv": "text table", "json": "JSON", "parquet": "Parquet", "arrow": "Arrow",
    "xlsx": "Excel", "text": "text", "npy": "numpy", "npz": "numpy archive",
    "safetensors": "safetensors", "words": "word vectors", "word2vec": "word2vec",
}  # fmt: skip
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),  # a stream, without the file's frame
    (b"\x93NUMPY", "npy"),
)
_FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"),
    (b"\x1f\x8b", "a gzip archive in a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\x89HDF", "an HDF5 file"),
    (b"FEA1", "a Feather file of version 1"),
)
_HINTS = {
    "an old or encrypted Office file": "Save it as .xlsx or .csv without a password.",
    "a gzip archive in a gzip archive": "Unpack it first.",
    "a Feather file of version 1": "Save it again as Feather version 2 or Parquet.",
}
KNOWN = "Embedscope reads csv, tsv, jsonl, json, parquet, arrow, xlsx, txt, md, npy, npz, "
KNOWN += "safetensors and word vectors, and gzip (.gz) of these."
_WORD_LINE = re.compile(r"^\S.*?((?:\s[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?){2,})\s*$")


@contextmanager
def naming_unreadable(path: Path) -> Iterator[None]:
    """Turn what libraries raise while reading into one sentence about `path`.

    Raises: UnreadableFile.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableFile(f"Could not read {path}: {_reason(error)}.", hint=_hint(error)) from (
            error
        )
    except MemoryError as error:
        raise UnreadableFile(f"There is not enough memory to read {path}.") from error
    except UnicodeError as error:
        raise UnreadableFile(
            f"{path.name} is not text in any known encoding.", hint="Save it as UTF-8."
        ) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("duckdb", "_duckdb", "pyarrow"):
            raise
        first = str(error).strip().splitlines()[0][:300] if str(error).strip() else "unknown"
        raise UnreadableFile(
            f"{path.name} is damaged or not what its first bytes say: {first}",
            hint="Check whether it was copied completely, and open it again.",
        ) from error


def _reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.EISDIR: "it is a folder",
        errno.ENOTDIR: "a part of its path is no folder",
        errno.EIO: "the disk reports an error",
        errno.ENAMETOOLONG: "the name is too long",
    }
    return reasons.get(error.errno or 0, error.strerror or str(error).splitlines()[0])


def _hint(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "It may have been moved or deleted; choose it again."
    if error.errno in (errno.EACCES, errno.EPERM):
        return "Give yourself the right to read it, or copy it to your own folder."
    return "Check the disk and open it again."


def read_head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first bytes. Raises: UnreadableFile, also for a pipe or a device: it may never end."""
    with naming_unreadable(path):
        mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise UnreadableFile(
            f"{path.name} is no file but a pipe or a device.",
            hint="Save what comes out of it as a file, and open that.",
        )
    with naming_unreadable(path), path.open("rb") as file:
        return file.read(size)


def suffix_format(path: Path) -> str | None:
    """The format that the name claims, or None."""
    return SUFFIXES.get(path.suffix.lower())


def recognise(path: Path) -> tuple[str, str | None]:
    """The format of a file, one of `TITLES`, and a sentence if its name says another.

    Raises: UnreadableFile if it is empty, or of a kind that nobody here reads.
    """
    head = read_head(path)
    if not head:
        raise UnreadableFile(f"{path.name} is empty.", hint="Choose a file that has items in it.")
    claimed = suffix_format(path)
    found = _by_content(path, head, claimed)
    note = None
    if claimed is not None and found != claimed and {found, claimed} != {"words", "text"}:
        note = f"{path.name} is a {TITLES[found]} file in spite of its name, and was read as one."
    return found, note


def _by_content(path: Path, head: bytes, claimed: str | None) -> str:
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head.startswith(b"PK\x03\x04"):
        return _zip_format(path)
    if re.match(rb'.{7}\x00\{\s*"', head[:64], re.DOTALL):
        return "safetensors"
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            hint = _HINTS.get(what, KNOWN)
            raise UnreadableFile(f"{path.name} is {what}, which cannot be read here.", hint=hint)
    if re.match(rb"\d{1,9} \d{1,5}\n\S", head) and is_binary(head[:4096]):
        return "word2vec"
    if is_binary(head):
        raise UnreadableFile(
            f"{path.name} is no {TITLES.get(claimed or '', 'text')} file, and not of any other "
            "kind that can be read here.",
            hint=KNOWN,
        )
    return _text_format(path, head, claimed)


def _zip_format(path: Path) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        names = []
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    if not names:
        raise UnreadableFile(
            f"{path.name} is incomplete or damaged.", hint="Copy or download it again."
        )
    raise UnreadableFile(f"{path.name} is a zip archive.", hint="Unpack it and open the folder.")


def _text_format(path: Path, head: bytes, claimed: str | None) -> str:
    text = head.decode(guess_encoding(head), errors="replace")
    if claimed in ("text", "words", "word2vec", None) and looks_like_words(text):
        return "words"
    if claimed in ("words", "word2vec"):
        return "words"
    start = text.lstrip()[:1]
    looks_json = start in ("{", "[") and re.match(r'[{\[]\s*(["{\[\d\]}-]|$)', text.lstrip())
    if claimed in ("csv", None) and looks_json and start == "{":
        return "json"
    if claimed == "json":
        return "json" if start in ("{", "[") else "csv"
    if claimed == "text":
        return "csv" if _is_tabbed(text) else "text"
    if claimed == "csv":
        return claimed
    if claimed is not None:  # a table's name, a text's content
        return "csv"
    if looks_json:
        return "json"
    dialect = dialects.guess_dialect(text)
    return "csv" if dialect.fields > 1 else "text"


def _is_tabbed(text: str) -> bool:
    """Whether every line of a .txt has the same number of tabs: a table under that name."""
    counts = {line.count("\t") for line in text.strip("\r\n").split("\n")[:50]}
    return len(counts) == 1 and counts != {0} and "\n" in text.strip()


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text: control characters that no text encoding has."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _utf16_without_bom(head):
        return False
    nul = head.count(b"\0")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        strange = sum(head.count(bytes([code])) for code in (*range(1, 8), 14, 15, *range(16, 27)))
        return strange > max(2, len(head) // 100) or nul > max(2, len(head) // 100)
    return nul > max(512, len(head) // 3)  # valid UTF-8 is hardly ever anything else


def _utf16_without_bom(head: bytes) -> str | None:
    sample = head[: 4096 & ~1]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def guess_encoding(head: bytes) -> str:
    """Name of the codec of a text's first bytes; "cp1252" where they are not UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    wide = _utf16_without_bom(head)
    if wide:
        return wide
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    broken = text.count("\ufffd")
    if not broken:
        return "utf-8"
    # A few broken bytes in a text that is otherwise UTF-8 must not garble all the rest.
    valid = sum(1 for letter in text if letter > "\x7f") - broken
    return "utf-8" if valid > 4 * broken else "cp1252"


def looks_like_words(text: str) -> bool:
    """Whether the first lines are a word and the same number of numbers each."""
    lines = text.split("\n")[:-1] if len(text) > HEAD_BYTES // 2 else text.strip().split("\n")
    if lines and re.fullmatch(r"\d+ \d+\s*", lines[0]):
        lines = lines[1:]
    counts: Counter[int] = Counter()
    for line in lines[:20]:
        match = _WORD_LINE.match(line)
        counts[len(match.group(1).split()) if match else 0] += 1
    if not counts:
        return False
    common, times = counts.most_common(1)[0]
    return common >= 4 and times >= 0.8 * sum(counts.values())


def signature(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds. Raises: UnreadableFile."""
    with naming_unreadable(path):
        found = os.stat(path)  # noqa: PTH116  # the same call for files and folders
    return found.st_size, found.st_mtime_ns


def literal_glob(path: Path) -> str:
    """The path as DuckDB takes it: characters that it would read as a pattern are framed."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def whole_encoding(path: Path) -> str:
    """Decide over the whole file, block by block, between UTF-8 with damage and Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = valid = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            text = decoder.decode(block)
            marks = text.count("\ufffd")
            broken += marks
            valid += len(text) - len(text.encode("ascii", "ignore")) - marks
    return "utf-8" if valid > 4 * broken else "cp1252"


def text_encoding(path: Path) -> tuple[str, bool]:
    """Codec of a whole file, and whether it is UTF-8 with broken bytes in it.

    Raises: OSError.
    """
    with path.open("rb") as file:
        guess = guess_encoding(file.read(HEAD_BYTES))
    if guess != "utf-8":
        return guess, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        found = whole_encoding(path)
        return found, found == "utf-8"
    return "utf-8", False


def encoding_title(encoding: str) -> str:
    """A codec's name as people know it."""
    titles = {"cp1252": "Windows-1252 (latin-1)", "utf-32": "UTF-32", "utf-8-sig": "UTF-8"}
    return titles.get(encoding, "UTF-16")
