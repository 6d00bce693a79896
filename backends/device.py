"""What this machine has: processor, cores, accelerator. Measured facts are remembered by name."""

from __future__ import annotations

import os
import platform
import threading
from functools import lru_cache
from pathlib import Path
from typing import Literal

Device = Literal["cpu", "cuda", "mps"]
BACKGROUND_NICENESS = 1  # enough for the window to come first, and little against other programs


@lru_cache(maxsize=1)
def processor() -> str:
    """Name of the processor with its architecture, as "AMD EPYC 9B14 x86_64 family 25"."""
    facts: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n"):
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    name = facts.get("model name") or platform.processor() or "unknown processor"
    kind = " ".join(facts.get(key, "") for key in ("cpu family", "model", "stepping")).strip()
    # Virtual machines show one name for processors with different instructions.
    half = [flag for flag in facts.get("flags", "").split() if "bf16" in flag or "fp16" in flag]
    return " ".join((name, platform.machine(), kind, *half))


@lru_cache(maxsize=1)
def core_count() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def physical_cores() -> int:
    """Cores that this process may use, hyperthreads counted once; at least 1."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, (os.cpu_count() or 2) // 2)
    cores = set()
    for number in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        try:
            cores.add(siblings.read_text(encoding="ascii").strip())
        except OSError:
            cores.add(str(number))
    return max(1, len(cores))


@lru_cache(maxsize=1)
def accelerator() -> Device:
    """The fastest device that torch can use. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    return "cpu"


def step_back() -> None:
    """Let the current thread give way to the window's: on Linux a thread has its own niceness."""
    if platform.system() == "Linux":
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
        except OSError:  # a sandbox may forbid it; then all threads are equal
            return
