"""Codes as an index of faiss: of its own codecs, and of others that have an exact twin there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.codecs.base import Coder, Codes
from backends.codecs.binary import Sign
from backends.codecs.faiss_shared import FaissCoder, fill, metric_of, with_codes
from backends.codecs.rounding import Float16, Int4, Int8
from backends.codecs.two_stage import TwoStage
from backends.files import replacing

HalfOrLevels = Float16 | Int8 | Int4


def factory(coder: Coder) -> str | None:
    """What `faiss.index_factory` calls such an index, or None where faiss has nothing like it.

    Signs are `index_binary_factory(bits, "BFlat")`, which takes packed bits in place of vectors.
    """
    if isinstance(coder, TwoStage):
        first = factory(coder.first)
        # Binary indexes of faiss cannot stand before exact vectors.
        return None if first is None or isinstance(coder.first, Sign) else f"{first},RFlat"
    if isinstance(coder, FaissCoder):
        return coder.factory
    if isinstance(coder, Float16):
        return "SQfp16"
    if isinstance(coder, Int8):
        return "SQ8"
    if isinstance(coder, Int4):
        return "SQ4"
    if isinstance(coder, Sign) and coder.params["scoring"] == "hamming":
        return "BFlat"
    return None


def faiss_index(coder: Coder, codes: Codes) -> Any | None:
    """An index of faiss that holds these codes, in the order of positions, or None without a twin.

    Of two stages it is the first: candidates are found by it, and compared with the vectors by
    whoever has them.
    """
    import faiss

    if isinstance(coder, TwoStage):
        return faiss_index(coder.first, codes)
    if isinstance(coder, FaissCoder):
        return coder.index(codes)
    if isinstance(coder, HalfOrLevels):
        return _scalar(coder, codes.parts["codes"])
    if isinstance(coder, Sign):
        packed = np.ascontiguousarray(codes.parts["codes"])
        binary = faiss.IndexBinaryFlat(8 * packed.shape[1])
        binary.add(packed)
        return binary
    return None


def _scalar(coder: Coder, part: NDArray[Any]) -> Any:
    """The scalar quantiser of faiss that decodes these codes to the same numbers.

    Of c it makes `lower end + (c + 1/2) / (levels - 1) * width`, so half a step is taken off.
    """
    import faiss

    part = np.ascontiguousarray(part)
    kind, ranges = faiss.ScalarQuantizer.QT_fp16, np.empty(0, dtype=np.float32)
    dim = part.shape[1]
    if not isinstance(coder, Float16):
        offset, step = coder.side["offset"], coder.side["step"]
        dim = len(step)
        if isinstance(coder, Int8):
            kind, levels, lowest = faiss.ScalarQuantizer.QT_8bit, 256, -128
            part = part.view(np.uint8) ^ np.uint8(128)  # from -128..127 to 0..255
        else:
            kind, levels, lowest = faiss.ScalarQuantizer.QT_4bit, 16, 0
        ranges = np.concatenate([offset + step * (lowest - 0.5), step * (levels - 1)])
    index = faiss.IndexScalarQuantizer(dim, kind, metric_of(True))
    fill(index.sq.trained, ranges.astype(np.float32))
    index.is_trained = True
    return with_codes(index, part.view(np.uint8))


def write_faiss(coder: Coder, codes: Codes, path: Path) -> bool:
    """Write that index as a file for `faiss.read_index`, or `read_index_binary` of signs.

    Returns False, and writes nothing, where faiss has no such index. Raises: UnwritableFile.
    """
    import faiss

    index = faiss_index(coder, codes)
    if index is None:
        return False
    with replacing(path) as draft:
        if isinstance(index, faiss.IndexBinary):
            faiss.write_index_binary(index, str(draft))
        else:
            faiss.write_index(index, str(draft))
    return True
