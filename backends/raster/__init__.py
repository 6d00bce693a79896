"""Points are drawn, picked and lassoed without Qt: `Points` once a layout, then `draw` and kin.

`camera` needs numpy alone; `points`, `draw`, `pick` and `lasso` import numba, so they are imported
where they are used. Every kernel is `nogil` and single-threaded: `draw` splits the picture over
its own threads, and never meets the compute lane's parallel kernels (workqueue aborts on that).
"""
